//! `node` and `nodes`: any object by its id.
//!
//! Never tells whether an id exists that is not in the asker's sight: both are null (WSP-8).

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{Context, ID, Interface, Object, Result};
use uuid::Uuid;

use super::api_keys::ApiKey;
use super::assets::Asset;
use super::caller::Asking;
use super::directives::{SessionKind, requires};
use super::errors::TopLevelError;
use super::invitations::{Invitation, ReceivedInvitation};
use super::members::{Member, MemberSight};
use super::outcome::answer;
use super::roles::Role;
use super::workspaces::{Membership, Workspace};
use crate::access::{AccountView, Never, WorkspaceView};
use crate::primitives::ids::{
    self, ApiKeyId, AssetId, InvitationId, MemberId, MembershipId, ReceivedInvitationId, RoleId, WorkspaceId,
};
use crate::primitives::rights::Permission;
use crate::{api_keys, assets, invitations, members, roles, workspaces};

/// Most ids in one call.
const NODES_MAX: usize = 100;

/// An object that has an id of its own, by which it can be fetched again.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Its id: what it is, then which one."))]
pub enum Node {
    ApiKey(ApiKey),
    Asset(Asset),
    Invitation(Invitation),
    Member(Member),
    Membership(Membership),
    ReceivedInvitation(ReceivedInvitation),
    Role(Role),
    Workspace(Workspace),
}

/// Finds objects by id.
#[derive(Default)]
pub struct NodesQuery;

#[Object]
impl NodesQuery {
    /// An object by its id; null when there is none in your sight.
    #[graphql(directive = requires::apply(SessionKind::Any, None))]
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The object's id.")] id: ID,
    ) -> Result<Option<Arc<Node>>> {
        let wanted = [split("id", &id)?];
        Ok(Sight::of(ctx)?.load(&wanted).await?.pop().flatten())
    }

    /// Objects by their ids, in the same order; null for each that is not in your sight.
    #[graphql(directive = requires::apply(SessionKind::Any, None))]
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The objects' ids, at most 100.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Arc<Node>>>> {
        if ids.len() > NODES_MAX {
            let message = format!("at most {NODES_MAX} in one call");
            return Err(TopLevelError::bad_input("ids", &message).into());
        }
        let wanted = ids.iter().enumerate().map(|(at, id)| split(&format!("ids.{at}"), id));
        Sight::of(ctx)?.load(&wanted.collect::<Result<Vec<_>>>()?).await
    }
}

/// An id's kind and its UUID.
type Wanted<'a> = (&'a str, Uuid);

fn split<'a>(field: &str, id: &'a ID) -> Result<Wanted<'a>> {
    let known = ids::split(id.as_str()).filter(|(kind, _)| ids::KINDS.contains(kind));
    let message = "not an id; pass one back exactly as it was received";
    known.ok_or_else(|| TopLevelError::bad_input(field, message).into())
}

/// What the asker's credential lets them look into.
struct Sight {
    workspace: Option<WorkspaceView>,
    account: Option<AccountView>,
}

type Found = HashMap<Wanted<'static>, Arc<Node>>;

impl Sight {
    fn of(ctx: &Context<'_>) -> Result<Self> {
        // An API key is no person, and an account session is in no workspace; without either nobody is signed in.
        match (ctx.workspace_view(), ctx.account_view()) {
            (Err(error), Err(_)) => Err(error),
            (workspace, account) => Ok(Self { workspace: workspace.ok(), account: account.ok() }),
        }
    }

    /// One statement or few for each kind of id, however many ids there are.
    async fn load(&self, wanted: &[Wanted<'_>]) -> Result<Vec<Option<Arc<Node>>>> {
        let mut found = Found::new();
        if let Some(view) = &self.workspace {
            load_members_and_roles(view, wanted, &mut found).await?;
            load_assets_and_keys(view, wanted, &mut found).await?;
            load_invitations(view, wanted, &mut found).await?;
            if !of_kind(wanted, WorkspaceId::KIND, |id| id).is_empty() {
                let own = view.workspace().as_uuid();
                found.insert((WorkspaceId::KIND, own), Arc::new(Workspace::new(view).into()));
            }
        }
        if let Some(view) = &self.account {
            load_memberships(view, wanted, &mut found).await?;
            load_received(view, wanted, &mut found).await?;
        }
        Ok(wanted.iter().map(|key| found.get(key).cloned()).collect())
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
        found.insert((MemberId::KIND, member.id.as_uuid()), Arc::new(sight.member(member).into()));
    }
    let ids = of_kind(wanted, RoleId::KIND, RoleId::from_uuid);
    for (id, role) in answer(roles::load_many_roles::<Never>(view, &ids).await)? {
        found.insert((RoleId::KIND, id.as_uuid()), Arc::new(Role::from(role).into()));
    }
    Ok(())
}

async fn load_assets_and_keys(view: &WorkspaceView, wanted: &[Wanted<'_>], found: &mut Found) -> Result<()> {
    let ids = of_kind(wanted, AssetId::KIND, AssetId::from_uuid);
    for (id, asset) in answer(assets::load_many_assets::<Never>(view, &ids).await)? {
        found.insert((AssetId::KIND, id.as_uuid()), Arc::new(Asset::new(asset, view.clone()).into()));
    }
    if !view.allows(Permission::ManageApiKeys) {
        return Ok(());
    }
    let ids = of_kind(wanted, ApiKeyId::KIND, ApiKeyId::from_uuid);
    for (id, key) in answer(api_keys::load_many_api_keys::<Never>(view, &ids).await)? {
        found.insert((ApiKeyId::KIND, id.as_uuid()), Arc::new(ApiKey::new(key, view.clone()).into()));
    }
    Ok(())
}

async fn load_memberships(view: &AccountView, wanted: &[Wanted<'_>], found: &mut Found) -> Result<()> {
    let ids = of_kind(wanted, MembershipId::KIND, |id| MemberId::from(MembershipId::from_uuid(id)));
    for (member, membership) in answer(workspaces::load_many_memberships::<Never>(view, &ids).await)? {
        let id = MembershipId::from(member).as_uuid();
        found.insert((MembershipId::KIND, id), Arc::new(Membership::from(membership).into()));
    }
    Ok(())
}

async fn load_invitations(view: &WorkspaceView, wanted: &[Wanted<'_>], found: &mut Found) -> Result<()> {
    if !view.allows(Permission::InviteMembers) {
        return Ok(());
    }
    let ids = of_kind(wanted, InvitationId::KIND, InvitationId::from_uuid);
    for invitation in answer(invitations::load_many::<Never>(view, &ids).await)? {
        let key = (InvitationId::KIND, invitation.id.as_uuid());
        found.insert(key, Arc::new(Invitation::new(invitation, view.clone()).into()));
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
        let key = (ReceivedInvitationId::KIND, offer.id.as_uuid());
        found.insert(key, Arc::new(ReceivedInvitation::new(offer, view.clone()).into()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use async_graphql::{EmptyMutation, EmptySubscription, MergedObject, Schema};

    use super::*;
    use crate::graphql::workspaces::WorkspacesQuery;

    /// The queries that lead to nodes.
    #[derive(MergedObject, Default)]
    struct Query(NodesQuery, WorkspacesQuery);

    #[test]
    fn every_object_with_an_id_of_its_own_is_a_node() {
        let sdl = Schema::new(Query::default(), EmptyMutation, EmptySubscription).sdl();
        for kind in ["ApiKey", "Asset", "Member", "Membership", "Role", "Workspace"] {
            assert!(sdl.contains(&format!("type {kind} implements Node {{")), "{kind} in {sdl}");
        }
    }
}
