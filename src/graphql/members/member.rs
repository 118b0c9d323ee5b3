//! The `Member` type: one person's membership, filled from the database or from an event's after-state.
//!
//! Never shows more than the asker may see: addresses, reasons and records are for admins (WSP-3), and an event
//! answers only what it carries.

use std::sync::Arc;

use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::{Context, ID, Object, Result};
use serde::Deserialize;

use super::available::AvailableAction;
use super::impact::{ImpactOf, MemberImpact};
use super::loaders::{
    Assignments, Attempts, LoadFailure, Notes, OfMember, OfWorkspace, Requests, Sights, not_loaded,
};
use super::record::{Assignment, Block, ContactRequest, Deactivation, MemberNote, RefusedAttempt, Removal};
use super::words::{MemberDisplayStatus, MemberStatus};
use crate::access::WorkspaceView;
use crate::graphql::assets::{self as graphql_assets, Asset};
use crate::graphql::audit::{self, AuditEntry};
use crate::graphql::billing::{self, DeletionQuote, SeatQuote};
use crate::graphql::connection::{Connection, NestedPages};
use crate::graphql::errors::not_carried;
use crate::graphql::invitations::{self, Invitation};
use crate::graphql::roles::Role;
use crate::graphql::scalars::DateTime;
use crate::graphql::sessions::{self, WorkspaceSession};
use crate::members;
use crate::primitives::actor;
use crate::primitives::ids::{MemberId, RoleId};
use crate::primitives::page::PageArguments;
use crate::primitives::rights::Permission;
use crate::primitives::time::Timestamp;

/// One person's membership of one workspace, from the first invitation on.
#[derive(Clone)]
pub struct Member(Source);

#[derive(Clone)]
enum Source {
    Stored { member: Arc<members::Member>, sight: MemberSight },
    Event(Arc<MemberInEvent>),
}

/// A member's state after a change, as events carry it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MemberInEvent {
    pub id: MemberId,
    pub status: actor::MemberStatus,
    pub role: RoleInEvent,
    pub revision: i64,
    pub joined_at: Option<Timestamp>,
}

/// The role in a member's after-state.
#[derive(Clone, Debug, Deserialize)]
pub struct RoleInEvent {
    pub id: RoleId,
    pub name: String,
    pub admin: bool,
}

impl RoleInEvent {
    pub fn to_role(&self) -> Role {
        Role::from_event(self.id, &self.name, self.admin)
    }
}

/// What all members of one answer share: the asker's view.
#[derive(Clone)]
pub struct MemberSight {
    pub view: WorkspaceView,
}

impl MemberSight {
    pub const fn new(view: WorkspaceView) -> Self {
        Self { view }
    }

    pub fn member(&self, member: members::Member) -> Member {
        Member(Source::Stored { member: Arc::new(member), sight: self.clone() })
    }
}

impl Member {
    /// From an event: what it carries, and nothing that would need the database.
    pub fn from_event(member: MemberInEvent) -> Self {
        Self(Source::Event(Arc::new(member)))
    }

    pub fn member_id(&self) -> MemberId {
        match &self.0 {
            Source::Stored { member, .. } => member.id,
            Source::Event(member) => member.id,
        }
    }

    /// The member as the room has it; none of an event.
    pub fn stored_member(&self) -> Option<&members::Member> {
        match &self.0 {
            Source::Stored { member, .. } => Some(member),
            Source::Event(_) => None,
        }
    }

    /// The stored member, with what the asker may see of it.
    fn stored(&self) -> Result<(&members::Member, &MemberSight)> {
        match &self.0 {
            Source::Stored { member, sight } => Ok((member, sight)),
            // Refused when subscribing, by name; this is the second line.
            Source::Event(_) => Err(not_carried("member")),
        }
    }

    /// The stored member for an admin or an API key; none for others.
    fn for_admins(&self) -> Result<Option<(&members::Member, &MemberSight)>> {
        let (member, sight) = self.stored()?;
        Ok(sight.view.allows(Permission::ManageMembers).then_some((member, sight)))
    }
}

/// What a loader has of one member: one statement for all members of an answer.
async fn loaded<L, T>(ctx: &Context<'_>, sight: &MemberSight, member: MemberId) -> Result<Vec<T>>
where
    L: Loader<OfMember, Value = Vec<T>, Error = LoadFailure>,
    T: Clone + Send + Sync + 'static,
{
    let loader = ctx.data::<DataLoader<L>>()?;
    let found = loader.load_one(OfMember::new(&sight.view, member)).await;
    Ok(found.map_err(not_loaded)?.unwrap_or_default())
}

/// One person's membership of one workspace, from the first invitation on. One id, kept over removal and return.
#[Object]
impl Member {
    /// Its id.
    pub async fn id(&self) -> ID {
        ID(self.member_id().to_string())
    }

    /// The person's name.
    async fn name(&self, ctx: &Context<'_>) -> Result<String> {
        match &self.0 {
            Source::Stored { member, .. } => Ok(member.name.clone()),
            Source::Event(member) => super::names::name_of(ctx, member.id, member.revision).await,
        }
    }

    /// The person's e-mail, as it was typed. For admins and the member; null for others.
    async fn email(&self) -> Result<Option<&str>> {
        let (member, sight) = self.stored()?;
        let own = sight.view.proof().member == member.id;
        Ok((own || sight.view.allows(Permission::ManageMembers)).then_some(member.email.as_str()))
    }

    /// Where the membership stands at this moment.
    async fn status(&self) -> MemberStatus {
        match &self.0 {
            Source::Stored { member, sight } => member.status(sight.view.now()).into(),
            Source::Event(member) => member.status.into(),
        }
    }

    /// What a list shows of the status.
    async fn display_status(&self) -> MemberDisplayStatus {
        match &self.0 {
            Source::Stored { member, sight } => member.display_status(sight.view.now()).into(),
            Source::Event(member) => members::DisplayStatus::of(member.status).into(),
        }
    }

    /// The role that the member holds; for an invitation, the one that is promised.
    async fn role(&self) -> Role {
        match &self.0 {
            Source::Stored { member, .. } => Role::from(member.role.clone()),
            Source::Event(member) => member.role.to_role(),
        }
    }

    /// The assets that the member works on, where the role has the scope `ASSIGNED`. For admins and the member.
    async fn assignments(&self, ctx: &Context<'_>) -> Result<Vec<Assignment>> {
        let (member, sight) = self.stored()?;
        if member.id != sight.view.proof().member && !sight.view.allows(Permission::ManageMembers) {
            return Ok(Vec::new());
        }
        let found = loaded::<Assignments, _>(ctx, sight, member.id).await?;
        Ok(found.into_iter().map(Into::into).collect())
    }

    /// When the person joined; null until they have.
    async fn joined_at(&self) -> Option<DateTime> {
        match &self.0 {
            Source::Stored { member, .. } => member.joined_at,
            Source::Event(member) => member.joined_at,
        }
        .map(DateTime)
    }

    /// When the person last used a session of this workspace, to about a minute. For admins.
    async fn last_active_at(&self) -> Result<Option<DateTime>> {
        Ok(self.for_admins()?.and_then(|(member, _)| member.last_active_at).map(DateTime))
    }

    /// The sessions that the member has in this workspace now, the newest first, a page at a time. For admins.
    #[allow(clippy::too_many_arguments, reason = "the four of a connection")]
    async fn sessions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<WorkspaceSession>>> {
        let (member, sight) = self.stored()?;
        if !sight.view.allows(Permission::EndMemberSessions) {
            return Ok(None);
        }
        ctx.data::<NestedPages>()?.take("sessions")?;
        let arguments = PageArguments { first, last, after: after.as_deref(), before: before.as_deref() };
        sessions::of_member(ctx, &sight.view, member.id, &arguments).await.map(Some)
    }

    /// What the member owns, by name, a page at a time. For admins and the member.
    #[allow(clippy::too_many_arguments, reason = "the four of a connection")]
    async fn owned_assets(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<Asset>>> {
        let (member, sight) = self.stored()?;
        if member.id != sight.view.proof().member && !sight.view.allows(Permission::ManageMembers) {
            return Ok(None);
        }
        ctx.data::<NestedPages>()?.take("ownedAssets")?;
        let arguments = PageArguments { first, last, after: after.as_deref(), before: before.as_deref() };
        graphql_assets::owned_by(&sight.view, member.id, &arguments).await.map(Some)
    }

    /// The open invitation, while the person is invited. For admins.
    async fn invitation(&self, ctx: &Context<'_>) -> Result<Option<Invitation>> {
        let (member, sight) = self.stored()?;
        invitations::find_open(ctx, &sight.view, member.id).await
    }

    /// The block on the membership. For admins.
    async fn block(&self) -> Result<Option<Block>> {
        let block = self.for_admins()?.and_then(|(member, _)| member.block.clone());
        Ok(block.map(Into::into))
    }

    /// The deactivation, also while a block lies over it. For admins.
    async fn deactivation(&self) -> Result<Option<Deactivation>> {
        let deactivation = self.for_admins()?.and_then(|(member, _)| member.deactivation().cloned());
        Ok(deactivation.map(Into::into))
    }

    /// How the membership ended; also while the person is asked in again, and null once they are back. For admins.
    async fn removal(&self) -> Result<Option<Removal>> {
        Ok(self.for_admins()?.and_then(|(member, _)| Removal::of(member)))
    }

    /// What an operation would do, asked before it is done. For admins.
    async fn impact(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which operation.")] of: ImpactOf,
    ) -> Result<Option<MemberImpact>> {
        let Some((member, sight)) = self.for_admins()? else { return Ok(None) };
        ctx.data::<NestedPages>()?.take("impact")?;
        Ok(Some(MemberImpact::new(sight.clone(), member, of)))
    }

    /// What the member's seat will cost if they become active now, in whichever way; null for who is active, and where
    /// seats cost nothing. For admins in their own session.
    async fn reactivation_quote(&self, ctx: &Context<'_>) -> Result<Option<SeatQuote>> {
        let (member, sight) = self.stored()?;
        let active = member.status(sight.view.now()) == actor::MemberStatus::Active;
        if active || !sight.view.allows(Permission::ManageSeats) {
            return Ok(None);
        }
        billing::seat_quote(ctx, &sight.view, member.id).await
    }

    /// What will come back as credit if the member is deleted for ever now; null where nothing does, and for who is
    /// neither deactivated nor removed. For admins in their own session.
    async fn deletion_quote(&self, ctx: &Context<'_>) -> Result<Option<DeletionQuote>> {
        use actor::MemberStatus::{Deactivated, Removed};
        let (member, sight) = self.stored()?;
        let status = member.status(sight.view.now());
        if !matches!(status, Deactivated | Removed) || !sight.view.allows(Permission::ManageSeats) {
            return Ok(None);
        }
        billing::deletion_quote(ctx, &sight.view, member.id).await
    }

    /// What admins wrote beside operations on this member, newest first, at most 50. For admins.
    async fn notes(&self, ctx: &Context<'_>) -> Result<Vec<MemberNote>> {
        let Some((member, sight)) = self.for_admins()? else { return Ok(Vec::new()) };
        let notes = loaded::<Notes, _>(ctx, sight, member.id).await?;
        Ok(notes.into_iter().map(Into::into).collect())
    }

    /// What the member wrote to the admins with `contactAdmins`, newest first, at most 50. For admins.
    async fn contact_requests(&self, ctx: &Context<'_>) -> Result<Vec<ContactRequest>> {
        let Some((member, sight)) = self.for_admins()? else { return Ok(Vec::new()) };
        let requests = loaded::<Requests, _>(ctx, sight, member.id).await?;
        Ok(requests.into_iter().map(Into::into).collect())
    }

    /// Who or what tried to bring a blocked member back, newest first, at most 50. For admins.
    async fn refused_attempts(&self, ctx: &Context<'_>) -> Result<Vec<RefusedAttempt>> {
        let Some((member, sight)) = self.for_admins()? else { return Ok(Vec::new()) };
        let attempts = loaded::<Attempts, _>(ctx, sight, member.id).await?;
        Ok(attempts.into_iter().map(Into::into).collect())
    }

    /// What the event log says about the member, the newest first, a page at a time. For admins.
    #[allow(clippy::too_many_arguments, reason = "the four of a connection")]
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<AuditEntry>>> {
        let (member, sight) = self.stored()?;
        if !sight.view.allows(Permission::ReadAudit) {
            return Ok(None);
        }
        ctx.data::<NestedPages>()?.take("events")?;
        let arguments = PageArguments { first, last, after: after.as_deref(), before: before.as_deref() };
        audit::of_member(ctx, &sight.view, member.id, &arguments).await.map(Some)
    }

    /// Every operation with allowed or refused, for the asking credential, at this moment; whoever isn't an admin
    /// gets what they may do to themselves.
    async fn available_actions(&self, ctx: &Context<'_>) -> Result<Vec<AvailableAction>> {
        let (member, sight) = self.stored()?;
        let loader = ctx.data::<DataLoader<Sights>>()?;
        let loaded = loader.load_one(OfWorkspace(sight.view.clone())).await.map_err(not_loaded)?;
        let actions = loaded.map(|loaded| loaded.available_actions(&sight.view, member));
        Ok(actions.unwrap_or_default().into_iter().map(AvailableAction::from).collect())
    }

    /// Grows with each change; a client ignores what is older than what it has.
    async fn revision(&self) -> i64 {
        match &self.0 {
            Source::Stored { member, .. } => member.revision,
            Source::Event(member) => member.revision,
        }
    }
}
