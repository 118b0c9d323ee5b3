//! Giving assets another owner, and putting them away.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

use super::Asset;
use crate::assets::{self, ReassignAssets};
use crate::graphql::caller::Asking;
use crate::graphql::directives::{Permission, SessionKind, requires};
use crate::graphql::outcome::outcome;
use crate::graphql::scalars::{EventCursor, parse_id};
use crate::graphql::user_errors::UserError;
use crate::members;
use crate::primitives::ids::{AssetId, MemberId};

/// Most assets of one call.
const ASSETS_MAX: usize = 500;

/// What is to have another owner.
#[derive(InputObject)]
struct ReassignAssetsInput {
    /// The assets, 1 to 500.
    asset_ids: Vec<ID>,
    /// Who is to own them: an active member. Null: the workspace itself, in the admins' hands.
    to_member_id: Option<ID>,
}

impl ReassignAssetsInput {
    fn read(self) -> Result<Result<ReassignAssets, Vec<UserError>>> {
        if !(1..=ASSETS_MAX).contains(&self.asset_ids.len()) {
            let error = UserError::invalid("input.assetIds", format!("name 1 to {ASSETS_MAX} assets"));
            return Ok(Err(vec![error]));
        }
        let asset = |(index, id)| parse_id(&format!("input.assetIds.{index}"), id, AssetId::parse);
        let assets = self.asset_ids.iter().enumerate().map(asset).collect::<Result<_, _>>()?;
        let to = self.to_member_id.map(|id| parse_id("input.toMemberId", &id, MemberId::parse));
        Ok(Ok(ReassignAssets { assets, to: to.transpose()? }))
    }
}

/// What reassigning came to.
#[derive(SimpleObject, Default)]
struct ReassignAssetsPayload {
    /// The assets after the change, in the order they were named; empty when it was refused.
    assets: Vec<Asset>,
    /// What you can put right.
    user_errors: Vec<UserError>,
    /// The workspace's stream after the change; null when it was refused.
    event_cursor: Option<EventCursor>,
}

/// What to put away.
#[derive(InputObject)]
struct ArchiveAssetInput {
    /// The asset.
    asset_id: ID,
}

/// What archiving came to.
#[derive(SimpleObject, Default)]
struct ArchiveAssetPayload {
    /// The asset after the change; null when it was refused.
    asset: Option<Asset>,
    /// How many members work on assigned assets and have none any more; null when it was refused. Admins hear of each
    /// with a `MemberAssignmentsSet`.
    emptied_member_count: Option<usize>,
    /// What you can put right.
    user_errors: Vec<UserError>,
    /// The workspace's stream after the change; null when it was refused.
    event_cursor: Option<EventCursor>,
}

/// The mutations by which assets change hands and go out of use.
#[derive(Default)]
pub struct HandingMutation;

#[Object]
impl HandingMutation {
    /// Gives assets another owner, up to 500 at once: all of them, or none.
    #[graphql(directive = requires::apply(SessionKind::Workspace, Some(Permission::ManageAssets)))]
    async fn reassign_assets(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to have another owner.")] input: ReassignAssetsInput,
    ) -> Result<ReassignAssetsPayload> {
        let view = ctx.workspace_view()?;
        let result = match input.read()? {
            Ok(request) => outcome(assets::reassign(ctx.gate()?, ctx.workspace_proof()?, request).await)?,
            Err(errors) => Err(errors),
        };
        Ok(match result {
            Ok(done) => ReassignAssetsPayload {
                assets: done.assets.into_iter().map(|asset| Asset::new(asset, view.clone())).collect(),
                user_errors: Vec::new(),
                event_cursor: Some(done.committed.cursor.into()),
            },
            Err(user_errors) => ReassignAssetsPayload { user_errors, ..Default::default() },
        })
    }

    /// Takes an asset out of use, for good: nobody works on it and nobody has it shared any more. It can be looked at, and
    /// its external id stays taken.
    #[graphql(directive = requires::apply(SessionKind::Workspace, Some(Permission::ManageAssets)))]
    async fn archive_asset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to put away.")] input: ArchiveAssetInput,
    ) -> Result<ArchiveAssetPayload> {
        let view = ctx.workspace_view()?;
        let asset = parse_id("input.assetId", &input.asset_id, AssetId::parse)?;
        let archived = members::archive_asset(ctx.gate()?, ctx.workspace_proof()?, asset).await;
        Ok(match outcome(archived)? {
            Ok(archived) => ArchiveAssetPayload {
                asset: Some(Asset::new(archived.asset, view)),
                emptied_member_count: Some(archived.emptied),
                user_errors: Vec::new(),
                event_cursor: Some(archived.committed.cursor.into()),
            },
            Err(user_errors) => ArchiveAssetPayload { user_errors, ..Default::default() },
        })
    }
}
