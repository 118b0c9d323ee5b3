//! Assets in the schema: the type, what `workspace` answers about them, and their mutation.
//!
//! Never decides: it parses, calls the assets room, and maps what comes back.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

use super::caller::Asking;
use super::connection::{Connection, Edge, page_request};
use super::directives::{Permission, SessionKind, requires};
use super::member_loader::find_member;
use super::members::Member;
use super::outcome::{answer, outcome};
use super::scalars::{DateTime, EventCursor, parse_id};
use super::user_errors::{ErrorCode, UserError, name_at};
use crate::access::{Never, WorkspaceView};
use crate::assets::{self, AssetFilter, RegisterRefusal};
use crate::primitives::ids::{AssetId, MemberId};
use crate::primitives::page::PageArguments;

/// Something of the host application, as somebody in the workspace sees it.
pub struct Asset {
    asset: assets::Asset,
    view: WorkspaceView,
}

impl Asset {
    pub const fn new(asset: assets::Asset, view: WorkspaceView) -> Self {
        Self { asset, view }
    }
}

/// Something of the host application that lives in a workspace and has an owner: a mini program, a flow, a recipe, a
/// conversation.
#[Object]
impl Asset {
    /// Its id.
    pub async fn id(&self) -> ID {
        ID(self.asset.id.to_string())
    }

    /// What it is, in the host's own words.
    async fn kind(&self) -> &str {
        &self.asset.kind
    }

    /// What it is called.
    async fn name(&self) -> &str {
        &self.asset.name
    }

    /// The host's own id of it, unique among the assets of its kind.
    async fn external_id(&self) -> &str {
        &self.asset.external_id
    }

    /// Who owns it; null when the workspace itself does, or when you may not see who does.
    async fn owner(&self, ctx: &Context<'_>) -> Result<Option<Member>> {
        match self.asset.owner {
            Some(owner) => find_member(ctx, &self.view, owner).await,
            None => Ok(None),
        }
    }

    /// When it was registered.
    async fn created_at(&self) -> DateTime {
        self.asset.created_at.into()
    }

    /// Grows with each change; a client ignores what is older than what it has.
    async fn revision(&self) -> i64 {
        self.asset.revision
    }
}

/// What a member owns, by name.
pub async fn owned_by(
    view: &WorkspaceView,
    owner: MemberId,
    arguments: &PageArguments<'_>,
) -> Result<Connection<Asset>> {
    let (view, request) = (view.clone(), page_request(arguments, assets::Asset::ORDER)?);
    let page = answer(assets::list_owned::<Never>(&view, owner, &request).await)?;
    let page = page.map(|asset| (asset.place(), Asset::new(asset, view.clone())));
    Ok(Connection::new(page, move || {
        let view = view.clone();
        async move { answer(assets::count_owned::<Never>(&view, owner).await) }
    }))
}

/// What `workspace` answers about assets.
pub struct WorkspaceAssets(pub WorkspaceView);

#[Object]
impl WorkspaceAssets {
    /// The assets by name, a page at a time. A role for assigned assets sees those alone.
    #[allow(clippy::too_many_arguments, reason = "the four of a connection and the filter")]
    async fn assets(
        &self,
        #[graphql(desc = "Only those of this kind.")] kind: Option<String>,
        #[graphql(desc = "How many from the start, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Asset>> {
        let arguments = PageArguments { first, last, after: after.as_deref(), before: before.as_deref() };
        let request = page_request(&arguments, assets::Asset::ORDER)?;
        let (view, filter) = (self.0.clone(), AssetFilter { kind });
        let page = answer(assets::list::<Never>(&view, &filter, &request).await)?;
        let page = page.map(|asset| (asset.place(), Asset::new(asset, view.clone())));
        Ok(Connection::new(page, move || {
            let (view, filter) = (view.clone(), filter.clone());
            async move { answer(assets::count::<Never>(&view, &filter).await) }
        }))
    }

    /// One asset; null when there is none in your sight.
    async fn asset(&self, #[graphql(desc = "The asset's id.")] id: ID) -> Result<Option<Asset>> {
        let id = parse_id("id", &id, AssetId::parse)?;
        let found = answer(assets::find::<Never>(&self.0, id).await)?;
        Ok(found.map(|asset| Asset::new(asset, self.0.clone())))
    }

    /// One asset by the host's own id of it; null when there is none in your sight.
    async fn asset_by_external_id(
        &self,
        #[graphql(desc = "Its kind.")] kind: String,
        #[graphql(desc = "The host's own id of it.")] external_id: String,
    ) -> Result<Option<Asset>> {
        let found = answer(assets::find_by_external_id::<Never>(&self.0, &kind, &external_id).await)?;
        Ok(found.map(|asset| Asset::new(asset, self.0.clone())))
    }
}

/// What to register.
#[derive(InputObject)]
struct RegisterAssetInput {
    /// What it is, in the host's own words: at most 200 characters.
    kind: String,
    /// What it is called: at most 200 characters.
    name: String,
    /// The host's own id of it, unique among the assets of its kind: at most 200 characters.
    external_id: String,
    /// Who is to own it: an active member. Left out: whoever registers it, or the workspace when an API key does.
    owner_member_id: Option<ID>,
}

impl RegisterAssetInput {
    fn read(self) -> Result<Result<assets::RegisterAsset, Vec<UserError>>> {
        let parse = |id| parse_id("input.ownerMemberId", &id, MemberId::parse);
        let owner = self.owner_member_id.map(parse).transpose()?;
        let kind = name_at("input.kind", &self.kind);
        let name = name_at("input.name", &self.name);
        let external_id = name_at("input.externalId", &self.external_id);
        Ok(match (kind, name, external_id) {
            (Ok(kind), Ok(name), Ok(external_id)) => {
                Ok(assets::RegisterAsset { kind, name, external_id, owner })
            }
            (kind, name, external_id) => {
                Err([kind, name, external_id].into_iter().filter_map(Result::err).collect())
            }
        })
    }
}

/// What registering came to.
#[derive(SimpleObject, Default)]
struct RegisterAssetPayload {
    /// The asset; null when it was refused.
    asset: Option<Asset>,
    /// The asset with its place in `workspace.assets`; null when it was refused.
    asset_edge: Option<Edge<Asset>>,
    /// What you can put right.
    user_errors: Vec<UserError>,
    /// The workspace's stream after the change; null when it was refused.
    event_cursor: Option<EventCursor>,
}

impl RegisterAssetPayload {
    fn of(result: Result<assets::Registered, Vec<UserError>>, view: &WorkspaceView) -> Self {
        let registered = match result {
            Ok(registered) => registered,
            Err(user_errors) => return Self { user_errors, ..Self::default() },
        };
        let place = registered.asset.place();
        Self {
            asset: Some(Asset::new(registered.asset.clone(), view.clone())),
            asset_edge: Some(Edge::new(place, Asset::new(registered.asset, view.clone()))),
            user_errors: Vec::new(),
            event_cursor: Some(registered.cursor.into()),
        }
    }
}

/// The mutations on assets.
#[derive(Default)]
pub struct AssetsMutation;

#[Object]
impl AssetsMutation {
    /// Registers something of the host application in the workspace.
    #[graphql(directive = requires::apply(SessionKind::Workspace, Some(Permission::ManageAssets)))]
    async fn register_asset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to register.")] input: RegisterAssetInput,
    ) -> Result<RegisterAssetPayload> {
        let view = ctx.workspace_view()?;
        let result = match input.read()? {
            Ok(request) => outcome(assets::register(ctx.gate()?, ctx.workspace_proof()?, request).await)?,
            Err(errors) => Err(errors),
        };
        Ok(RegisterAssetPayload::of(result, &view))
    }
}

impl From<RegisterRefusal> for UserError {
    fn from(refusal: RegisterRefusal) -> Self {
        match refusal {
            RegisterRefusal::ExternalIdTaken => Self::at(
                "input.externalId",
                ErrorCode::AlreadyExists,
                "an asset of this kind has this external id already, or had it and was lost or went with its owner; \
                 look it up with `assetByExternalId`",
            ),
            RegisterRefusal::OwnerNotActive => Self::invalid(
                "input.ownerMemberId",
                "only an active member can own an asset; name another, or leave it out",
            ),
        }
    }
}
