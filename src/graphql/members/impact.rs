//! What blocking, deactivating or removing a member would do, asked before it is done (REM-3).
//!
//! Never changes anything, and never says whether it would be allowed: `availableActions` does.

use async_graphql::{Context, Enum, Object, Result};

use super::member::{Member, MemberSight};
use crate::access::Never;
use crate::graphql::api_keys::ApiKey;
use crate::graphql::billing::{self, DeletionQuote};
use crate::graphql::caller::Asking;
use crate::graphql::invitations::Invitation;
use crate::graphql::outcome::answer;
use crate::graphql::workspaces::UndecidedAssets;
use crate::members::{self, MemberFilter, MemberOrder};
use crate::primitives::actor::MemberStatus;
use crate::primitives::ids::MemberId;
use crate::primitives::page::{PageArguments, PageRequest};
use crate::primitives::rights::Permission;
use crate::{api_keys, assets, invitations, sessions, workspaces};

/// Most members that are shown as takers, besides the one who goes.
const TAKERS_MAX: usize = 20;

/// What is to be done.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
pub enum ImpactOf {
    /// `blockMember`.
    Block,
    /// `deactivateMember`.
    Deactivate,
    /// `removeMember`.
    Remove,
}

/// What it would do, as of this answer.
pub struct MemberImpact {
    sight: MemberSight,
    member: MemberId,
    /// The member holds a seat.
    seated: bool,
    of: ImpactOf,
}

impl MemberImpact {
    pub fn new(sight: MemberSight, member: &members::Member, of: ImpactOf) -> Self {
        let seated = member.status(sight.view.now()) == MemberStatus::Active;
        Self { sight, member: member.id, seated, of }
    }
}

/// What blocking, deactivating or removing a member would do, as of this answer.
#[Object]
impl MemberImpact {
    /// How many sessions of the member in this workspace would end.
    async fn ending_session_count(&self, ctx: &Context<'_>) -> Result<u64> {
        let ages = ctx.gate()?.checker().ages();
        answer(sessions::count_member_sessions::<Never>(&self.sight.view, self.member, ages).await)
    }

    /// How many assets the member owns; `ownedAssets` of the member shows them. Only a removal needs a new holder for
    /// each.
    async fn owned_asset_count(&self) -> Result<u64> {
        answer(assets::count_owned::<Never>(&self.sight.view, self.member).await)
    }

    /// What would become of those that the call doesn't decide on; null when nothing changes hands.
    async fn undecided_assets(&self) -> Result<Option<UndecidedAssets>> {
        if self.of != ImpactOf::Remove {
            return Ok(None);
        }
        let policy = answer(workspaces::policy::<Never>(&self.sight.view).await)?;
        Ok(Some(policy.undecided_assets.into()))
    }

    /// Who could take the assets: active members by name, the first 20; `members` finds others. Empty when nothing
    /// changes hands.
    async fn asset_takers(&self) -> Result<Vec<Member>> {
        if self.of != ImpactOf::Remove {
            return Ok(Vec::new());
        }
        let filter = MemberFilter { statuses: vec![MemberStatus::Active], ..MemberFilter::default() };
        let request = first(TAKERS_MAX + 1);
        let page = answer(members::list(&self.sight.view, &filter, MemberOrder::BY_NAME, &request).await)?;
        let others = page.rows.into_iter().filter(|member| member.id != self.member);
        Ok(others.take(TAKERS_MAX).map(|member| self.sight.member(member)).collect())
    }

    /// How many seats it would free: one where the member is active.
    async fn freed_seats(&self) -> i32 {
        i32::from(self.seated)
    }

    /// What would come back as credit if the member, once they are out, were deleted for ever today: none of these three
    /// gives anything back. Null where nothing would. For admins in their own session.
    async fn deletion_quote(&self, ctx: &Context<'_>) -> Result<Option<DeletionQuote>> {
        if !self.sight.view.allows(Permission::ManageSeats) {
            return Ok(None);
        }
        billing::deletion_quote(ctx, &self.sight.view, self.member).await
    }

    /// The open invitations that the member answers for, the oldest 50: nobody can accept them until another admin takes
    /// them over with `updateInvitation`, or the member is back.
    async fn open_invitations(&self) -> Result<Vec<Invitation>> {
        let view = &self.sight.view;
        let found = answer(invitations::list_answered_for::<Never>(view, self.member).await)?;
        Ok(found.into_iter().map(|invitation| Invitation::new(invitation, view.clone())).collect())
    }

    /// The API keys of the member that would stop, the oldest 50: until they are back, and after a removal for good. For
    /// admins in their own session; null for an API key.
    async fn stopping_api_keys(&self) -> Result<Option<Vec<ApiKey>>> {
        let view = &self.sight.view;
        if !view.allows(Permission::ManageApiKeys) {
            return Ok(None);
        }
        let found = answer(api_keys::list_of_maker::<Never>(view, self.member).await)?;
        Ok(Some(found.into_iter().map(|key| ApiKey::new(key, view.clone())).collect()))
    }
}

fn first(rows: usize) -> PageRequest {
    let arguments = PageArguments { first: i32::try_from(rows).ok(), ..PageArguments::default() };
    PageRequest::new(&arguments, &MemberOrder::BY_NAME.name()).expect("a page of this size may be asked for")
}
