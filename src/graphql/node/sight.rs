//! What a credential lets somebody look into, and the objects of each kind that they find there.
//!
//! Never asks twice for one kind: ids of a kind share a statement.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{Context, Result};
use uuid::Uuid;

use super::{Node, Wanted};
use crate::access::check::SessionAges;
use crate::access::{AccountView, Entry, Never, WorkspaceView};
use crate::graphql::accounts::Account;
use crate::graphql::api_keys::ApiKey;
use crate::graphql::assets::Asset;
use crate::graphql::billing::LedgerEntry;
use crate::graphql::caller::Asking;
use crate::graphql::invitations::{Invitation, ReceivedInvitation};
use crate::graphql::kept_assets::KeptAsset;
use crate::graphql::members::MemberSight;
use crate::graphql::notices::Notice;
use crate::graphql::outcome::answer;
use crate::graphql::roles::Role;
use crate::graphql::sessions::{Session, WorkspaceSession};
use crate::graphql::workspaces::{Membership, Workspace};
use crate::primitives::ids::{
    AccountId, AccountSessionId, ApiKeyId, AssetId, InvitationId, KeptAssetId, LedgerEntryId, MemberId,
    MembershipId, NoticeId, ReceivedInvitationId, RoleId, WorkspaceId, WorkspaceSessionId,
};
use crate::primitives::rights::Permission;
use crate::sessions::SessionId;
use crate::{
    accounts, api_keys, assets, billing, invitations, members, notices, roles, sessions, workspaces,
};

/// What the asker's credential lets them look into.
pub(super) struct Sight {
    workspace: Option<WorkspaceView>,
    account: Option<AccountView>,
    ages: SessionAges,
}

/// What was found, by kind and UUID.
#[derive(Default)]
struct Found(HashMap<Wanted<'static>, Arc<Node>>);

impl Found {
    fn add(&mut self, kind: &'static str, id: Uuid, node: impl Into<Node>) {
        self.0.insert((kind, id), Arc::new(node.into()));
    }
}

impl Sight {
    pub(super) fn of(ctx: &Context<'_>) -> Result<Self> {
        let ages = ctx.gate()?.checker().ages();
        // An API key is no person, and an account session is in no workspace; without either nobody is signed in.
        match (ctx.workspace_view(), ctx.account_view()) {
            (Err(error), Err(_)) => Err(error),
            (workspace, account) => Ok(Self { workspace: workspace.ok(), account: account.ok(), ages }),
        }
    }

    /// One statement or few for each kind of id, however many ids there are.
    pub(super) async fn load(&self, wanted: &[Wanted<'_>]) -> Result<Vec<Option<Arc<Node>>>> {
        let mut found = Found::default();
        if let Some(view) = &self.workspace {
            found.add(WorkspaceId::KIND, view.workspace().as_uuid(), Workspace::new(view));
            load_members_and_roles(view, wanted, &mut found).await?;
            load_assets_and_keys(view, wanted, &mut found).await?;
            load_invitations(view, wanted, &mut found).await?;
            load_ledger(view, wanted, &mut found).await?;
            load_member_sessions(view, self.ages, wanted, &mut found).await?;
        }
        if let Some(view) = &self.account {
            load_account_and_memberships(view, wanted, &mut found).await?;
            load_notices(view, wanted, &mut found).await?;
            load_kept_assets(view, wanted, &mut found).await?;
            load_received(view, wanted, &mut found).await?;
            load_own_sessions(view, self.ages, wanted, &mut found).await?;
        }
        Ok(wanted.iter().map(|key| found.0.get(key).cloned()).collect())
    }
}

fn of_kind<T>(wanted: &[Wanted<'_>], kind: &str, make: fn(Uuid) -> T) -> Vec<T> {
    wanted.iter().filter(|(found, _)| *found == kind).map(|(_, id)| make(*id)).collect()
}

async fn load_members_and_roles(
    view: &WorkspaceView,
    wanted: &[Wanted<'_>],
    found: &mut Found,
) -> Result<()> {
    let ids = of_kind(wanted, MemberId::KIND, MemberId::from_uuid);
    let sight = MemberSight::new(view.clone());
    for member in answer(members::load_many_visible(view, &ids).await)? {
        found.add(MemberId::KIND, member.id.as_uuid(), sight.member(member));
    }
    let ids = of_kind(wanted, RoleId::KIND, RoleId::from_uuid);
    for (id, role) in answer(roles::load_many_roles::<Never>(view, &ids).await)? {
        found.add(RoleId::KIND, id.as_uuid(), Role::from(role));
    }
    Ok(())
}

async fn load_assets_and_keys(view: &WorkspaceView, wanted: &[Wanted<'_>], found: &mut Found) -> Result<()> {
    let ids = of_kind(wanted, AssetId::KIND, AssetId::from_uuid);
    for (id, asset) in answer(assets::load_many_assets::<Never>(view, &ids).await)? {
        found.add(AssetId::KIND, id.as_uuid(), Asset::new(asset, view.clone()));
    }
    if !view.allows(Permission::ManageApiKeys) {
        return Ok(());
    }
    let ids = of_kind(wanted, ApiKeyId::KIND, ApiKeyId::from_uuid);
    for (id, key) in answer(api_keys::load_many_api_keys::<Never>(view, &ids).await)? {
        found.add(ApiKeyId::KIND, id.as_uuid(), ApiKey::new(key, view.clone()));
    }
    Ok(())
}

async fn load_invitations(view: &WorkspaceView, wanted: &[Wanted<'_>], found: &mut Found) -> Result<()> {
    if !view.allows(Permission::InviteMembers) {
        return Ok(());
    }
    let ids = of_kind(wanted, InvitationId::KIND, InvitationId::from_uuid);
    for invitation in answer(invitations::load_many::<Never>(view, &ids).await)? {
        found.add(InvitationId::KIND, invitation.id.as_uuid(), Invitation::new(invitation, view.clone()));
    }
    Ok(())
}

async fn load_ledger(view: &WorkspaceView, wanted: &[Wanted<'_>], found: &mut Found) -> Result<()> {
    if !view.allows(Permission::ManageSeats) {
        return Ok(());
    }
    let ids = of_kind(wanted, LedgerEntryId::KIND, LedgerEntryId::from_uuid);
    for (id, entry) in answer(billing::load_many_entries::<Never>(view, &ids).await)? {
        found.add(LedgerEntryId::KIND, id.as_uuid(), LedgerEntry::new(entry, view.clone()));
    }
    Ok(())
}

/// Sessions of this workspace, as its admins see them.
async fn load_member_sessions(
    view: &WorkspaceView,
    ages: SessionAges,
    wanted: &[Wanted<'_>],
    found: &mut Found,
) -> Result<()> {
    if !view.allows(Permission::EndMemberSessions) {
        return Ok(());
    }
    let asking = match view.proof().entry {
        Entry::Session { session, .. } => Some(session),
        Entry::Key(_) => None,
    };
    let ids = of_kind(wanted, WorkspaceSessionId::KIND, WorkspaceSessionId::from_uuid);
    for session in answer(sessions::load_many_of_members::<Never>(view, ages, &ids).await)? {
        let id = session.id.as_uuid();
        found.add(WorkspaceSessionId::KIND, id, WorkspaceSession::new(session, asking));
    }
    Ok(())
}

async fn load_account_and_memberships(
    view: &AccountView,
    wanted: &[Wanted<'_>],
    found: &mut Found,
) -> Result<()> {
    if of_kind(wanted, AccountId::KIND, AccountId::from_uuid).contains(&view.account()) {
        let account = answer(accounts::get::<Never>(view).await)?;
        found.add(AccountId::KIND, account.id.as_uuid(), Account::from(account));
    }
    let ids = of_kind(wanted, MembershipId::KIND, |id| MemberId::from(MembershipId::from_uuid(id)));
    for (member, membership) in answer(workspaces::load_many_memberships::<Never>(view, &ids).await)? {
        found.add(MembershipId::KIND, MembershipId::from(member).as_uuid(), Membership::from(membership));
    }
    Ok(())
}

async fn load_notices(view: &AccountView, wanted: &[Wanted<'_>], found: &mut Found) -> Result<()> {
    let ids = of_kind(wanted, NoticeId::KIND, NoticeId::from_uuid);
    let notices = answer(notices::load_many::<Never>(view, &ids).await)?;
    let uuids: Vec<Uuid> = notices.iter().map(|notice| notice.id.as_uuid()).collect();
    for (id, notice) in uuids.into_iter().zip(Notice::of_all(view, notices).await?) {
        found.add(NoticeId::KIND, id, notice);
    }
    Ok(())
}

async fn load_kept_assets(view: &AccountView, wanted: &[Wanted<'_>], found: &mut Found) -> Result<()> {
    // A workspace session sees no assets of the person's.
    if view.proof().is_none() {
        return Ok(());
    }
    let ids = of_kind(wanted, KeptAssetId::KIND, |id| KeptAssetId::from_uuid(id).into());
    for (id, kept) in answer(assets::load_many_kept::<Never>(view, &ids).await)? {
        found.add(KeptAssetId::KIND, id.as_uuid(), KeptAsset::from(kept));
    }
    Ok(())
}

async fn load_received(view: &AccountView, wanted: &[Wanted<'_>], found: &mut Found) -> Result<()> {
    // A workspace session sees no invitations of the person's.
    if view.proof().is_none() {
        return Ok(());
    }
    let ids = of_kind(wanted, ReceivedInvitationId::KIND, |id| ReceivedInvitationId::from_uuid(id).into());
    for offer in answer(invitations::load_many_received::<Never>(view, &ids).await)? {
        let id = offer.id.as_uuid();
        found.add(ReceivedInvitationId::KIND, id, ReceivedInvitation::new(offer, view.clone()));
    }
    Ok(())
}

/// One's own sessions of both kinds, as an account session sees them.
async fn load_own_sessions(
    view: &AccountView,
    ages: SessionAges,
    wanted: &[Wanted<'_>],
    found: &mut Found,
) -> Result<()> {
    let Some(proof) = view.proof() else { return Ok(()) };
    let mut ids =
        of_kind(wanted, AccountSessionId::KIND, |id| SessionId::Account(AccountSessionId::from_uuid(id)));
    ids.extend(of_kind(wanted, WorkspaceSessionId::KIND, |id| {
        SessionId::Workspace(WorkspaceSessionId::from_uuid(id))
    }));
    for session in answer(sessions::load_many_own::<Never>(view, ages, &ids).await)? {
        match Session::of(session, proof.session) {
            Session::Account(session) => found.add(AccountSessionId::KIND, session.uuid(), session),
            Session::Workspace(session) => found.add(WorkspaceSessionId::KIND, session.uuid(), session),
        }
    }
    Ok(())
}
