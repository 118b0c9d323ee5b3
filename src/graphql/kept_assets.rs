//! What went with the viewer when they were removed from a workspace, and ending that others have it in reach.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

use super::caller::Asking;
use super::connection::{Connection, page_request};
use super::directives::{SessionKind, requires};
use super::outcome::{answer, outcome};
use super::scalars::{EventCursor, parse_id};
use super::user_errors::{ErrorCode, UserError};
use crate::access::{AccountView, Never};
use crate::assets;
use crate::members::{self, StopSharingRefusal};
use crate::primitives::ids::KeptAssetId;
use crate::primitives::page::PageArguments;

/// An asset that went with the viewer.
pub struct KeptAsset(assets::KeptAsset);

impl From<assets::KeptAsset> for KeptAsset {
    fn from(kept: assets::KeptAsset) -> Self {
        Self(kept)
    }
}

/// An asset that went with you when you were removed from a workspace. Your account holds it; it comes back with you if
/// you accept an invitation with `bringAssets`.
#[Object]
impl KeptAsset {
    /// Its id, for `stopSharingAsset`.
    pub async fn id(&self) -> ID {
        ID(KeptAssetId::from(self.0.asset.id).to_string())
    }

    /// The id of the same asset inside the workspace.
    async fn asset_id(&self) -> ID {
        ID(self.0.asset.id.to_string())
    }

    /// What it is, in the host's own words.
    async fn kind(&self) -> &str {
        &self.0.asset.kind
    }

    /// What it is called.
    async fn name(&self) -> &str {
        &self.0.asset.name
    }

    /// The host's own id of it.
    async fn external_id(&self) -> &str {
        &self.0.asset.external_id
    }

    /// What the workspace is called that it went away from; null where that is deleted. The asset stays yours.
    async fn workspace_name(&self) -> Option<&str> {
        self.0.workspace_name.as_deref()
    }

    /// How many members of that workspace still have it in reach, as they work on it or have it shared.
    async fn shared_with_count(&self) -> i64 {
        self.0.shared_with
    }

    /// Grows with each change; a client ignores what is older than what it has.
    async fn revision(&self) -> i64 {
        self.0.asset.revision
    }
}

/// What `viewer` answers about assets.
pub struct ViewerAssets(pub AccountView);

#[Object]
impl ViewerAssets {
    /// What went with you when you were removed from workspaces, by name, a page at a time.
    #[allow(clippy::too_many_arguments, reason = "the four of a connection")]
    async fn assets(
        &self,
        #[graphql(desc = "How many from the start, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<KeptAsset>>> {
        if self.0.proof().is_none() {
            return Ok(None);
        }
        let arguments = PageArguments { first, last, after: after.as_deref(), before: before.as_deref() };
        let request = page_request(&arguments, assets::KeptAsset::ORDER)?;
        let page = answer(assets::list_kept::<Never>(&self.0, &request).await)?;
        let page = page.map(|kept| (kept.place(), kept.into()));
        let view = self.0.clone();
        Ok(Some(Connection::new(page, move || {
            let view = view.clone();
            async move { answer(assets::count_kept::<Never>(&view).await) }
        })))
    }
}

/// What others are to have in reach no longer.
#[derive(InputObject)]
struct StopSharingAssetInput {
    /// One of `viewer.assets`.
    kept_asset_id: ID,
}

/// What it came to.
#[derive(SimpleObject, Default)]
struct StopSharingAssetPayload {
    /// The asset after the change; null when it was refused.
    kept_asset: Option<KeptAsset>,
    /// What you can put right.
    user_errors: Vec<UserError>,
    /// The workspace's stream after the change; null when it was refused.
    event_cursor: Option<EventCursor>,
}

/// The mutation on what went with the viewer.
#[derive(Default)]
pub struct KeptAssetsMutation;

#[Object]
impl KeptAssetsMutation {
    /// Ends that members of the workspace it went away from still have an asset of yours in reach: when the answer
    /// arrives, none of them does.
    #[graphql(directive = requires::apply(SessionKind::Account, None))]
    async fn stop_sharing_asset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What others are to have in reach no longer.")] input: StopSharingAssetInput,
    ) -> Result<StopSharingAssetPayload> {
        let id = parse_id("input.keptAssetId", &input.kept_asset_id, KeptAssetId::parse)?;
        let done = members::stop_sharing(ctx.gate()?, ctx.account_proof()?, id.into()).await;
        let committed = match outcome(done)? {
            Ok(committed) => committed,
            Err(user_errors) => return Ok(StopSharingAssetPayload { user_errors, ..Default::default() }),
        };
        let mut kept = answer(assets::load_many_kept::<Never>(&ctx.account_view()?, &[id.into()]).await)?;
        Ok(StopSharingAssetPayload {
            kept_asset: kept.remove(&id.into()).map(KeptAsset::from),
            user_errors: Vec::new(),
            event_cursor: Some(committed.cursor.into()),
        })
    }
}

impl From<StopSharingRefusal> for UserError {
    fn from(refusal: StopSharingRefusal) -> Self {
        match refusal {
            StopSharingRefusal::NotShared => Self::at(
                "input.keptAssetId",
                ErrorCode::NotShared,
                "nobody has this asset in reach any more; there is nothing left to do",
            ),
        }
    }
}
