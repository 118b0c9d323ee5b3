//! Registering an asset.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

use super::Asset;
use crate::access::WorkspaceView;
use crate::assets;
use crate::graphql::caller::Asking;
use crate::graphql::connection::Edge;
use crate::graphql::directives::{Permission, SessionKind, requires};
use crate::graphql::outcome::outcome;
use crate::graphql::scalars::{EventCursor, parse_id};
use crate::graphql::user_errors::{UserError, name_at};
use crate::primitives::ids::MemberId;

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

/// The mutation by which assets come in.
#[derive(Default)]
pub struct RegisteringMutation;

#[Object]
impl RegisteringMutation {
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
