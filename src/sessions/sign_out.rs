//! Signing out: the session that asks ends.

use super::end;
use crate::access::{Committed, Entry, Failure, Gate, Never, Proof};
use crate::primitives::actor::EndCause;

/// Ends the account session with all that hangs on it, or the one workspace session. An API key has no session: it is
/// revoked.
pub async fn sign_out(gate: &Gate, proof: &Proof) -> Result<Option<Committed>, Failure<Never>> {
    match proof {
        Proof::Account(proof) => {
            let (tx, fresh) = gate.own_account(proof).await?;
            end::end_account_sessions(gate, tx, vec![fresh.session], EndCause::SignedOut).await?;
            Ok(None)
        }
        Proof::Workspace(proof) => {
            let Entry::Session { session, .. } = proof.entry else { return Err(Failure::Forbidden) };
            let tx = gate.by_membership(proof).await?;
            end::end_workspace_session(tx, session, EndCause::SignedOut).await.map(Some)
        }
    }
}
