//! `node` and `nodes`: any object by its id.
//!
//! Never tells whether an id exists that is not in the asker's sight: both are null (WSP-8).

mod sight;

use std::sync::Arc;

use async_graphql::{Context, ID, Interface, Object, Result};
use uuid::Uuid;

use self::sight::Sight;
use super::accounts::Account;
use super::api_keys::ApiKey;
use super::assets::Asset;
use super::billing::LedgerEntry;
use super::directives::{SessionKind, requires};
use super::errors::TopLevelError;
use super::invitations::{Invitation, ReceivedInvitation};
use super::kept_assets::KeptAsset;
use super::members::Member;
use super::notices::Notice;
use super::roles::Role;
use super::sessions::{AccountSession, WorkspaceSession};
use super::workspaces::{Membership, Workspace};
use crate::primitives::ids;

/// Most ids in one call.
const NODES_MAX: usize = 100;

/// An object that has an id of its own, by which it can be fetched again.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Its id: what it is, then which one."))]
#[allow(clippy::large_enum_variant, reason = "always behind an `Arc`, and few in an answer")]
pub enum Node {
    Account(Account),
    AccountSession(AccountSession),
    ApiKey(ApiKey),
    Asset(Asset),
    Invitation(Invitation),
    KeptAsset(KeptAsset),
    LedgerEntry(LedgerEntry),
    Member(Member),
    Membership(Membership),
    Notice(Notice),
    ReceivedInvitation(ReceivedInvitation),
    Role(Role),
    Workspace(Workspace),
    WorkspaceSession(WorkspaceSession),
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
        for kind in [
            "Account",
            "AccountSession",
            "ApiKey",
            "Asset",
            "Invitation",
            "KeptAsset",
            "LedgerEntry",
            "Member",
            "Membership",
            "Notice",
            "ReceivedInvitation",
            "Role",
            "Workspace",
            "WorkspaceSession",
        ] {
            let head = format!("type {kind} implements ");
            let line = sdl.lines().find(|line| line.starts_with(&head)).unwrap_or_default();
            assert!(line.contains("Node"), "{kind} in {sdl}");
        }
    }
}
