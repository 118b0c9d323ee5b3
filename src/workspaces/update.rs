//! Changing what a workspace is called and whom people turn to in it (WSP-9).
//!
//! Never keeps a contact that says nothing: without text and address the longest-serving active admin stands in again.

use super::events::WorkspaceUpdated;
use super::{Workspace, store};
use crate::access::{Committed, Failure, Gate, Never, WorkspaceProof};
use crate::members::Contact;
use crate::primitives::rights::Permission;

/// What is to be other; what is not named stays.
#[derive(Clone, Debug, Default)]
pub struct UpdateWorkspace {
    pub name: Option<String>,
    /// `Some(None)`: there is to be none.
    pub contact_text: Option<Option<String>>,
    pub contact_email: Option<Option<String>>,
}

/// Takes them over. Where nothing is other than before, nothing happens.
pub async fn update_workspace(
    gate: &Gate,
    proof: &WorkspaceProof,
    request: UpdateWorkspace,
) -> Result<Committed, Failure<Never>> {
    let mut tx = gate.by_permission(proof, Permission::ManageWorkspace).await?;
    let gone = || Failure::Internal(format!("{} is gone under its own lock", proof.workspace));
    let before = store::find(tx.reader(), tx.workspace()).await?.ok_or_else(gone)?;
    let contact_before = store::find_set_contact(&tx).await?;
    let contact = Contact {
        text: request.contact_text.unwrap_or_else(|| contact_before.text.clone()),
        email: request.contact_email.unwrap_or_else(|| contact_before.email.clone()),
    };
    let name = request.name.unwrap_or_else(|| before.name.clone());
    let contact_changed = contact != contact_before;
    if name != before.name || contact_changed {
        let after = Workspace { name, revision: before.revision + 1, ..before.clone() };
        store::save(&tx, &after, &contact).await?;
        tx.announce(WorkspaceUpdated::of(&before, &after, contact_changed).into_event());
    }
    tx.commit().await
}
