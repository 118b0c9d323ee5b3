//! Entering a workspace: an account session becomes the parent of a workspace session.
//!
//! Never waits for the workspace's lock: the row is inserted only if session and membership hold in that statement's
//! own snapshot, and carries the generations that it saw. A block that commits at the same time raises them, and the
//! row is dead before anybody uses it (REV-1).

use super::session::{Footprint, Lifetimes, WorkspaceSession};
use super::store::{self, Liveness, NewSession, Standing};
use crate::access::{AccountProof, Failure, Gate, SessionEnd};
use crate::members::{self, Contact};
use crate::primitives::ids::{WorkspaceId, WorkspaceSessionId};
use crate::primitives::request::Client;
use crate::primitives::secret::{Secret, SecretKind};

/// Who wants in where, and from what.
#[derive(Clone, Debug)]
pub struct EnterWorkspace {
    pub workspace: WorkspaceId,
    pub client: Client,
}

/// Somebody is in. The token is told this once.
#[derive(Clone, Debug)]
pub struct Entered {
    pub token: Secret,
    pub session: WorkspaceSession,
}

/// Why a membership lets nobody in, and who can help.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum EnterRefusal {
    /// BLK-3.
    Blocked(Contact),
    /// DEA-2.
    Deactivated(Contact),
}

pub async fn enter_workspace(
    gate: &Gate,
    lifetimes: Lifetimes,
    proof: &AccountProof,
    request: EnterWorkspace,
) -> Result<Entered, Failure<EnterRefusal>> {
    let now = gate.clock().now();
    let token = Secret::mint(SecretKind::WorkspaceSession);
    let footprint = Footprint {
        device: request.client.device,
        address: request.client.address.map(|address| address.to_string()),
        created_at: now,
        last_used_at: now,
        expires_at: now.plus_seconds(lifetimes.workspace_seconds),
    };
    let new = NewSession { id: WorkspaceSessionId::new(), token: token.hash(), footprint: &footprint };
    let liveness = Liveness::at(now, gate.checker().ages());
    let entry = (proof.session, request.workspace);
    match store::insert_workspace_session(gate.database(), &new, entry, liveness).await? {
        Some(session) => Ok(Entered { token, session }),
        None => Err(why_not(gate, proof, request.workspace).await?),
    }
}

/// The statement said no; this says why, as of a moment later.
async fn why_not(
    gate: &Gate,
    proof: &AccountProof,
    workspace: WorkspaceId,
) -> Result<Failure<EnterRefusal>, Failure<EnterRefusal>> {
    let reader = gate.database().reader();
    let liveness = Liveness::at(gate.clock().now(), gate.checker().ages());
    // Whoever isn't a member is told what a workspace that doesn't exist would be told (WSP-8).
    let nowhere = Failure::NotFound { field: "input.workspaceId" };
    Ok(match store::find_standing(reader, proof.account, workspace).await? {
        Standing::Nobody => nowhere,
        Standing::Blocked => Failure::Refused(EnterRefusal::Blocked(contact(gate, workspace).await?)),
        Standing::Deactivated => Failure::Refused(EnterRefusal::Deactivated(contact(gate, workspace).await?)),
        // The membership holds, so the account session did not.
        Standing::Active => match store::find_end(reader, proof.session, liveness).await? {
            Some(cause) => Failure::Unauthenticated(Some(SessionEnd { cause, workspace: None })),
            // Something changed between the two statements; asked again, it is answered.
            None => Failure::Unavailable,
        },
    })
}

async fn contact(gate: &Gate, workspace: WorkspaceId) -> Result<Contact, Failure<EnterRefusal>> {
    Ok(members::find_contact(gate.database().reader(), workspace).await?.unwrap_or_default())
}
