//! Calling an asset otherwise, and sharing it.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

use super::Asset;
use crate::assets::{self, ShareAsset, UpdateAsset};
use crate::graphql::caller::Asking;
use crate::graphql::directives::{Permission, SessionKind, requires};
use crate::graphql::outcome::outcome;
use crate::graphql::scalars::{EventCursor, parse_id};
use crate::graphql::user_errors::{UserError, name_at};
use crate::primitives::ids::{AssetId, MemberId};

/// Most members, and most channels, of one list of a call.
const SHARES_MAX: usize = 100;

/// What an asset is to be called.
#[derive(InputObject)]
struct UpdateAssetInput {
    /// The asset.
    asset_id: ID,
    /// What it is to be called: at most 200 characters.
    name: String,
}

/// What calling it otherwise came to.
#[derive(SimpleObject, Default)]
struct UpdateAssetPayload {
    /// The asset after the change; null when it was refused.
    asset: Option<Asset>,
    /// What you can put right.
    user_errors: Vec<UserError>,
    /// The workspace's stream after the change; null when it was refused.
    event_cursor: Option<EventCursor>,
}

/// With whom to share an asset, and from whom to take it back. What is so already stays as it is.
#[derive(InputObject)]
struct ShareAssetInput {
    /// The asset.
    asset_id: ID,
    /// Active members who are to see it, whatever their role; at most 100.
    #[graphql(default)]
    with_member_ids: Vec<ID>,
    /// Channels of the host's, at most 200 characters each; at most 100. Who is in a channel the host knows.
    #[graphql(default)]
    with_channels: Vec<String>,
    /// Members to take it back from; at most 100.
    #[graphql(default)]
    back_from_member_ids: Vec<ID>,
    /// Channels to take it back from; at most 100.
    #[graphql(default)]
    back_from_channels: Vec<String>,
}

impl ShareAssetInput {
    fn read(self) -> Result<Result<ShareAsset, Vec<UserError>>> {
        let asset = parse_id("input.assetId", &self.asset_id, AssetId::parse)?;
        let lists = [
            ("input.withMemberIds", self.with_member_ids.len()),
            ("input.withChannels", self.with_channels.len()),
            ("input.backFromMemberIds", self.back_from_member_ids.len()),
            ("input.backFromChannels", self.back_from_channels.len()),
        ];
        let long = lists.into_iter().filter(|(_, count)| *count > SHARES_MAX);
        let mut errors: Vec<UserError> = long
            .map(|(field, _)| UserError::invalid(field, format!("too many: at most {SHARES_MAX}")))
            .collect();
        let request = ShareAsset {
            asset,
            with_members: members("input.withMemberIds", &self.with_member_ids)?,
            with_channels: channels("input.withChannels", &self.with_channels, &mut errors),
            back_from_members: members("input.backFromMemberIds", &self.back_from_member_ids)?,
            back_from_channels: channels("input.backFromChannels", &self.back_from_channels, &mut errors),
        };
        Ok(if errors.is_empty() { Ok(request) } else { Err(errors) })
    }
}

fn members(field: &str, ids: &[ID]) -> Result<Vec<MemberId>> {
    let read =
        ids.iter().enumerate().map(|(index, id)| parse_id(&format!("{field}.{index}"), id, MemberId::parse));
    Ok(read.collect::<Result<_, _>>()?)
}

fn channels(field: &str, given: &[String], errors: &mut Vec<UserError>) -> Vec<String> {
    let mut read = Vec::new();
    for (index, channel) in given.iter().enumerate() {
        match name_at(&format!("{field}.{index}"), channel) {
            Ok(channel) => read.push(channel),
            Err(error) => errors.push(error),
        }
    }
    read
}

/// What sharing came to.
#[derive(SimpleObject, Default)]
struct ShareAssetPayload {
    /// The asset after the change; null when it was refused.
    asset: Option<Asset>,
    /// What you can put right.
    user_errors: Vec<UserError>,
    /// The workspace's stream after the change; null when it was refused.
    event_cursor: Option<EventCursor>,
}

/// The mutations that change single assets.
#[derive(Default)]
pub struct ChangingMutation;

#[Object]
impl ChangingMutation {
    /// Calls an asset otherwise.
    #[graphql(directive = requires::apply(SessionKind::Workspace, Some(Permission::ManageAssets)))]
    async fn update_asset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What an asset is to be called.")] input: UpdateAssetInput,
    ) -> Result<UpdateAssetPayload> {
        let view = ctx.workspace_view()?;
        let asset = parse_id("input.assetId", &input.asset_id, AssetId::parse)?;
        let result = match name_at("input.name", &input.name) {
            Ok(name) => {
                let request = UpdateAsset { asset, name };
                outcome(assets::update(ctx.gate()?, ctx.workspace_proof()?, request).await)?
            }
            Err(error) => Err(vec![error]),
        };
        Ok(match result {
            Ok(updated) => UpdateAssetPayload {
                asset: Some(Asset::new(updated.asset, view)),
                user_errors: Vec::new(),
                event_cursor: Some(updated.committed.cursor.into()),
            },
            Err(user_errors) => UpdateAssetPayload { user_errors, ..Default::default() },
        })
    }

    /// Shares an asset with members, who see it from then on without working on it, and with channels of the host's; and
    /// takes shares back.
    #[graphql(directive = requires::apply(SessionKind::Workspace, Some(Permission::ManageAssets)))]
    async fn share_asset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "With whom to share an asset, and from whom to take it back.")]
        input: ShareAssetInput,
    ) -> Result<ShareAssetPayload> {
        let view = ctx.workspace_view()?;
        let result = match input.read()? {
            Ok(request) => outcome(assets::share(ctx.gate()?, ctx.workspace_proof()?, request).await)?,
            Err(errors) => Err(errors),
        };
        Ok(match result {
            Ok(shared) => ShareAssetPayload {
                asset: Some(Asset::new(shared.asset, view)),
                user_errors: Vec::new(),
                event_cursor: Some(shared.committed.cursor.into()),
            },
            Err(user_errors) => ShareAssetPayload { user_errors, ..Default::default() },
        })
    }
}
