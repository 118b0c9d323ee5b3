//! The `Member` type: one person's membership, filled from the database or from an event's after-state.
//!
//! Never shows more than the asker may see: addresses, reasons and records are for admins (contract.md), and an event
//! answers only what it carries.

use std::sync::Arc;

use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::{Context, ID, Object, Result, SimpleObject};
use serde::Deserialize;
use tokio::sync::OnceCell;

use super::actor::Actor;
use super::available::AvailableAction;
use super::loaders::{Assignments, Attempts, LoadFailure, Notes, OfMember};
use super::words::{MemberAction, MemberDisplayStatus, MemberStatus, Origin, ReasonCategory};
use crate::access::{Failure, WorkspaceView};
use crate::graphql::assets::{self as graphql_assets, Asset};
use crate::graphql::connection::{Connection, NestedPages};
use crate::graphql::errors::TopLevelError;
use crate::graphql::invitations::{self, Invitation};
use crate::graphql::outcome::answer;
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

/// What all members of one answer share: the asker's view, and what available actions depend on, read at most once.
#[derive(Clone)]
pub struct MemberSight {
    pub view: WorkspaceView,
    actions: Arc<OnceCell<members::Sight>>,
}

impl MemberSight {
    pub fn new(view: WorkspaceView) -> Self {
        Self { view, actions: Arc::default() }
    }

    pub fn member(&self, member: members::Member) -> Member {
        Member(Source::Stored { member: Arc::new(member), sight: self.clone() })
    }
}

/// A hold that only an admin's own hand lifts.
#[derive(SimpleObject)]
pub struct Block {
    /// Since when.
    at: DateTime,
    /// Who blocked.
    by: Actor,
    /// Why, by category.
    category: Option<ReasonCategory>,
    /// Why, in an admin's words.
    note: Option<String>,
}

/// A rest that ends through ordinary ways.
#[derive(SimpleObject)]
pub struct Deactivation {
    /// Since when.
    at: DateTime,
    /// Who put the member to rest.
    by: Actor,
    /// Why, by category.
    category: Option<ReasonCategory>,
    /// Why, in an admin's words.
    note: Option<String>,
}

/// How a membership ended.
#[derive(SimpleObject)]
pub struct Removal {
    /// When.
    at: DateTime,
    /// Who removed the member; the member, where they left by themselves.
    by: Actor,
    /// Why, by category.
    category: Option<ReasonCategory>,
    /// Why, in an admin's words.
    note: Option<String>,
    /// From when on the person may be invited again; null where they may at any time.
    reinvite_allowed_at: Option<DateTime>,
    /// Were they blocked then? Only an admin directly invites who was.
    while_blocked: bool,
}

/// Access to one asset.
#[derive(SimpleObject)]
pub struct Assignment {
    /// The asset's id, for `workspace.asset`.
    asset_id: ID,
    /// The host's own role on the asset.
    role: Option<String>,
}

/// What an admin wrote beside an operation.
#[derive(SimpleObject)]
pub struct MemberNote {
    /// What was done.
    action: MemberAction,
    /// The note.
    text: String,
    /// When.
    created_at: DateTime,
}

/// Who or what tried to bring a blocked member back, within one hour.
#[derive(SimpleObject)]
pub struct RefusedAttempt {
    /// Who tried.
    actor: Actor,
    /// How it was asked.
    origin: Origin,
    /// What was tried last.
    action: MemberAction,
    /// How often within the hour.
    attempts: i64,
    /// When it was tried last.
    last_at: DateTime,
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
            Source::Event(_) => {
                Err(TopLevelError::bad_input("member", "an event doesn't carry this field").into())
            }
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
    let found = found.map_err(|failure| match &*failure {
        Failure::Unavailable => TopLevelError::unavailable(),
        other => TopLevelError::internal(format!("{other:?}")),
    })?;
    Ok(found.unwrap_or_default())
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
            Source::Event(member) => Role::from_event(member.role.id, &member.role.name, member.role.admin),
        }
    }

    /// The assets that the member works on, where the role has the scope `ASSIGNED`. For admins and the member.
    async fn assignments(&self, ctx: &Context<'_>) -> Result<Vec<Assignment>> {
        let (member, sight) = self.stored()?;
        if member.id != sight.view.proof().member && !sight.view.allows(Permission::ManageMembers) {
            return Ok(Vec::new());
        }
        let found = loaded::<Assignments, _>(ctx, sight, member.id).await?;
        Ok(found
            .into_iter()
            .map(|it| Assignment { asset_id: ID(it.asset.to_string()), role: it.role })
            .collect())
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
        Ok(block.map(|block| Block {
            at: block.at.into(),
            by: block.by.into(),
            category: block.category.map(Into::into),
            note: block.note,
        }))
    }

    /// The deactivation, also while a block lies over it. For admins.
    async fn deactivation(&self) -> Result<Option<Deactivation>> {
        let deactivation = self.for_admins()?.and_then(|(member, _)| member.deactivation().cloned());
        Ok(deactivation.map(|it| Deactivation {
            at: it.at.into(),
            by: it.by.into(),
            category: it.category.map(Into::into),
            note: it.note,
        }))
    }

    /// How the membership ended; also while the person is asked in again, and null once they are back. For admins.
    async fn removal(&self) -> Result<Option<Removal>> {
        let Some((member, _)) = self.for_admins()? else { return Ok(None) };
        Ok(member.removal().cloned().map(|it| Removal {
            at: it.at.into(),
            by: it.by.into(),
            category: it.category.map(Into::into),
            note: it.note,
            reinvite_allowed_at: member.reinvite_allowed_at.map(Into::into),
            while_blocked: member.removed_while_blocked,
        }))
    }

    /// What admins wrote beside operations on this member, newest first, at most 50. For admins.
    async fn notes(&self, ctx: &Context<'_>) -> Result<Vec<MemberNote>> {
        let Some((member, sight)) = self.for_admins()? else { return Ok(Vec::new()) };
        let notes = loaded::<Notes, _>(ctx, sight, member.id).await?;
        let shown = notes.into_iter().map(|note| MemberNote {
            action: note.operation.into(),
            text: note.text,
            created_at: note.created_at.into(),
        });
        Ok(shown.collect())
    }

    /// Who or what tried to bring a blocked member back, newest first, at most 50. For admins.
    async fn refused_attempts(&self, ctx: &Context<'_>) -> Result<Vec<RefusedAttempt>> {
        let Some((member, sight)) = self.for_admins()? else { return Ok(Vec::new()) };
        let attempts = loaded::<Attempts, _>(ctx, sight, member.id).await?;
        let shown = attempts.into_iter().map(|attempt| RefusedAttempt {
            actor: attempt.actor.into(),
            origin: attempt.origin.into(),
            action: attempt.operation.into(),
            attempts: attempt.attempts,
            last_at: attempt.last_at.into(),
        });
        Ok(shown.collect())
    }

    /// Every operation with allowed or refused, for the asking credential, at this moment; whoever isn't an admin
    /// gets what they may do to themselves.
    async fn available_actions(&self) -> Result<Vec<AvailableAction>> {
        let (member, sight) = self.stored()?;
        let load = || async { members::Sight::load(&sight.view).await };
        let actions = answer(sight.actions.get_or_try_init(load).await)?;
        let found = actions.available_actions(&sight.view, member);
        Ok(found.into_iter().map(AvailableAction::from).collect())
    }

    /// Grows with each change; a client ignores what is older than what it has.
    async fn revision(&self) -> i64 {
        match &self.0 {
            Source::Stored { member, .. } => member.revision,
            Source::Event(member) => member.revision,
        }
    }
}
