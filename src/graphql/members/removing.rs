//! Removing a member, with what becomes of what they own.

use async_graphql::{Context, Enum, ID, InputObject, Object, Result};

use super::member_error;
use super::payload::{member_payloads, note};
use super::words::ReasonCategory;
use crate::assets::{self, Decisions, Destination, DisposeRefusal, Place};
use crate::graphql::caller::Asking;
use crate::graphql::directives::{Permission, SessionKind, requires};
use crate::graphql::outcome::outcome;
use crate::graphql::scalars::parse_id;
use crate::graphql::user_errors::{AssetsNeedDecision, ErrorCode, UndecidedAsset, UserError, path};
use crate::members::{self, RemoveMember, RemoveRefusal};
use crate::primitives::ids::{AssetId, MemberId};

/// Most assets that are decided on one by one in a call.
const EACH_MAX: usize = 500;
const EVERYTHING: &str = "input.assets.everything";
const EACH: &str = "input.assets.each";

/// Where an asset of a removed member goes.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
enum AssetDestination {
    /// To an active member; name them.
    Member,
    /// With the person: their account holds it, out of the workspace. Who is assigned to it or has it shared keeps it in reach.
    Person,
    /// To the workspace itself; the admins hold it.
    Workspace,
    /// Nowhere: out of everyone's reach at once, whoever worked on it or had it shared, and purged after 30 days.
    Lost,
}

/// Where all goes that isn't named by itself.
#[derive(InputObject)]
pub(super) struct AssetDestinationInput {
    /// Where it goes.
    to: AssetDestination,
    /// With `MEMBER` alone: who gets it, an active member.
    member_id: Option<ID>,
}

/// Where one asset goes.
#[derive(InputObject)]
struct AssetDecisionInput {
    /// The asset, one that the member owns.
    asset_id: ID,
    /// Where it goes.
    to: AssetDestination,
    /// With `MEMBER` alone: who gets it, an active member.
    member_id: Option<ID>,
}

/// What becomes of what a removed member owns.
#[derive(InputObject)]
struct OwnedAssetsInput {
    /// All that isn't named in `each`; left out, the workspace's policy decides, and where that says `LOST` the call is
    /// refused with the list.
    everything: Option<AssetDestinationInput>,
    /// Asset by asset, at most 500.
    each: Option<Vec<AssetDecisionInput>>,
}

/// Whom to remove, why, and what becomes of what they own.
#[derive(InputObject)]
struct RemoveMemberInput {
    /// The member.
    member_id: ID,
    /// Why, by category.
    category: Option<ReasonCategory>,
    /// Why, in your words; for admins alone, at most 2,000 characters.
    note: Option<String>,
    /// What becomes of what they own; left out, the workspace's policy decides.
    assets: Option<OwnedAssetsInput>,
}

member_payloads! {
    /// What removing came to.
    RemoveMemberPayload;
}

/// The mutation that takes somebody out.
#[derive(Default)]
pub struct RemovingMutation;

#[Object]
impl RemovingMutation {
    /// Takes a member out of the workspace: when the answer arrives, no server lets them in, their windows are told, and
    /// the workspace is gone from their list. Their account stays. Role and assignments are kept, in case they come back.
    #[graphql(directive = requires::apply(SessionKind::Workspace, Some(Permission::RemoveMembers)))]
    async fn remove_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom to remove, and what becomes of what they own.")] input: RemoveMemberInput,
    ) -> Result<RemoveMemberPayload> {
        let member = parse_id("input.memberId", &input.member_id, MemberId::parse)?;
        let proof = ctx.workspace_proof()?;
        let (note, assets) = match (note(input.note), decisions(input.assets)?) {
            (Ok(note), Ok(assets)) => (note, assets),
            (note, assets) => {
                let errors = [note.err(), assets.err()].into_iter().flatten().collect();
                return RemoveMemberPayload::of(ctx, Err(errors));
            }
        };
        let request = RemoveMember { member, category: input.category.map(Into::into), note, assets };
        RemoveMemberPayload::of(ctx, outcome(members::remove(ctx.gate()?, proof, request).await)?)
    }
}

/// Where all goes that isn't decided on by itself.
pub(super) fn everything(
    input: Option<AssetDestinationInput>,
) -> Result<Result<Option<Destination>, UserError>> {
    let everything = input.map(|it| destination(EVERYTHING, it.to, it.member_id)).transpose()?;
    Ok(everything.transpose())
}

fn decisions(input: Option<OwnedAssetsInput>) -> Result<Result<Decisions, UserError>> {
    let Some(input) = input else { return Ok(Ok(Decisions::default())) };
    let everything = match everything(input.everything)? {
        Ok(everything) => everything,
        Err(error) => return Ok(Err(error)),
    };
    let given = input.each.unwrap_or_default();
    if given.len() > EACH_MAX {
        return Ok(Err(UserError::invalid(EACH, format!("at most {EACH_MAX} in one call"))));
    }
    let mut each = Vec::with_capacity(given.len());
    for (index, it) in given.into_iter().enumerate() {
        let asset = parse_id(&format!("{EACH}.{index}.assetId"), &it.asset_id, AssetId::parse)?;
        match destination(&format!("{EACH}.{index}"), it.to, it.member_id)? {
            Ok(destination) => each.push((asset, destination)),
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(Ok(Decisions { everything, each }))
}

fn destination(
    field: &str,
    to: AssetDestination,
    member: Option<ID>,
) -> Result<Result<Destination, UserError>> {
    let field = format!("{field}.memberId");
    let member = member.map(|id| parse_id(&field, &id, MemberId::parse)).transpose()?;
    Ok(match (to, member) {
        (AssetDestination::Member, Some(member)) => Ok(Destination::Member(member)),
        (AssetDestination::Member, None) => Err(UserError::invalid(&field, "say which member gets it")),
        (_, Some(_)) => Err(UserError::invalid(&field, "a member is named with `to: MEMBER` alone")),
        (AssetDestination::Person, None) => Ok(Destination::Person),
        (AssetDestination::Workspace, None) => Ok(Destination::Workspace),
        (AssetDestination::Lost, None) => Ok(Destination::Lost),
    })
}

impl From<RemoveRefusal> for UserError {
    fn from(refusal: RemoveRefusal) -> Self {
        match refusal {
            RemoveRefusal::Member(refusal) => member_error(refusal, "input.memberId"),
            RemoveRefusal::Assets(refusal) => assets_error(refusal, "input.assets"),
        }
    }
}

/// What can't be given away; `undecided` is the field that asks for a decision.
pub(super) fn assets_error(refusal: DisposeRefusal, undecided: &str) -> UserError {
    let asset = |index: usize| format!("{EACH}.{index}.assetId");
    match refusal {
        DisposeRefusal::AssetTwice { index } => {
            UserError::invalid(&asset(index), "the same asset stands here twice; name it once")
        }
        DisposeRefusal::AssetUnknown { index } => UserError::not_found(&asset(index)),
        DisposeRefusal::AssetNotOwned { index } => {
            UserError::invalid(&asset(index), "the member doesn't own this asset; leave it out")
        }
        DisposeRefusal::TargetUnknown(place) => UserError::not_found(&target(place)),
        DisposeRefusal::TargetNotActive(place) => UserError::invalid(
            &target(place),
            "only an active member who stays can be given an asset; name another",
        ),
        DisposeRefusal::Undecided { assets, total } => {
            let message = "the workspace's policy loses what nobody decides on; decide on each of these, or with \
                           `everything`";
            UserError::AssetsNeedDecision(AssetsNeedDecision {
                code: ErrorCode::AssetsNeedDecision,
                message: message.into(),
                field: path(undecided),
                assets: assets.into_iter().map(undecided_asset).collect(),
                total_count: i64::try_from(total).unwrap_or(i64::MAX),
            })
        }
    }
}

fn target(place: Place) -> String {
    match place {
        Place::Everything => format!("{EVERYTHING}.memberId"),
        Place::Each(index) => format!("{EACH}.{index}.memberId"),
    }
}

fn undecided_asset(asset: assets::Asset) -> UndecidedAsset {
    UndecidedAsset {
        asset_id: ID(asset.id.to_string()),
        kind: asset.kind,
        name: asset.name,
        external_id: asset.external_id,
    }
}
