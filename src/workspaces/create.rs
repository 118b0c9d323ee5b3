//! Creating a workspace (WSP-1).

use super::events::WorkspaceCreated;
use super::{Membership, Workspace, store};
use crate::access::{AccountProof, Failure, Gate, WorkspaceTx};
use crate::accounts;
use crate::members::{self, Contact, Joiner, Member, SeatsTaken};
use crate::policy::{Kind, Policy};
use crate::primitives::cursor::EventCursor;
use crate::primitives::email::Email;
use crate::primitives::ids::{AccountId, WorkspaceId};
use crate::roles::{self, BuiltIns};

/// The workspace that somebody wants. `name` has been read by [`crate::primitives::name::parse_name`].
#[derive(Clone, Debug)]
pub struct CreateWorkspace {
    pub name: String,
    pub kind: Kind,
}

/// Why a workspace isn't created.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CreateRefusal {
    /// Its admin must be reachable: an address counts once a mailed link has proved it (SES-6).
    EmailNotVerified,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Created {
    /// The founder's own.
    pub membership: Membership,
    pub cursor: EventCursor,
}

/// Creates a workspace whose first admin is the asking person.
pub async fn create_workspace(
    gate: &Gate,
    proof: &AccountProof,
    request: CreateWorkspace,
) -> Result<Created, Failure<CreateRefusal>> {
    let (mut tx, proof) = gate.by_founder(proof, WorkspaceId::new()).await?;
    if !proof.email_verified {
        return Err(Failure::Refused(CreateRefusal::EmailNotVerified));
    }
    // Whoever is deleting their account would leave it without an admin (WSP-6). What becomes of that is known in a moment.
    if accounts::is_ending(tx.reader(), proof.account).await? {
        return Err(Failure::Unavailable);
    }
    let founder = founder(&tx, proof.account).await?;
    let workspace = Workspace {
        id: tx.workspace(),
        name: request.name,
        kind: request.kind,
        revision: 1,
        created_at: tx.now(),
    };
    store::insert(&tx, &workspace, &Policy::of_kind(workspace.kind)).await?;
    let roles = roles::create_built_ins(&tx, workspace.kind).await?;
    tx.announce(WorkspaceCreated::of(&workspace, &roles.all).into_event());
    let member = members::found(&mut tx, founder, roles.admin.clone()).await.map_err(unlimited)?;
    let committed = tx.commit().await.map_err(Failure::widen)?;
    Ok(Created { membership: first_membership(workspace, member, roles), cursor: committed.cursor })
}

async fn founder(tx: &WorkspaceTx, account: AccountId) -> Result<Joiner, Failure<CreateRefusal>> {
    let person = accounts::find(tx.reader(), account).await?.ok_or(Failure::Unauthenticated(None))?;
    let email = Email::parse(&person.email)
        .map_err(|error| Failure::Internal(format!("{account} holds no address: {error}")))?;
    Ok(Joiner { account, email, name: person.name })
}

/// A workspace that nobody has limited has a seat for its founder.
fn unlimited(failure: Failure<SeatsTaken>) -> Failure<CreateRefusal> {
    match failure {
        Failure::Refused(taken) => Failure::Internal(format!("a new workspace is full: {taken:?}")),
        failure => failure.map(|_| CreateRefusal::EmailNotVerified),
    }
}

/// Nobody has set a contact yet, so it is the founder.
fn first_membership(workspace: Workspace, member: Member, roles: BuiltIns) -> Membership {
    Membership {
        member: member.id,
        status: member.status(workspace.created_at),
        joined_at: member.joined_at,
        revision: member.revision,
        created_at: member.created_at,
        contact: Contact { text: Some(member.name), email: Some(member.email) },
        role: roles.admin,
        workspace,
    }
}
