//! Changing an open invitation: name, role, assets (INV-11). Whoever does answers for it from here on, which is how an
//! admin takes over the invitation of one who has gone (INV-7).
//!
//! Never changes the address, and never sends anything: the link that is out stays as it is.

use super::change::{self, ChangedInvitation};
use super::promise;
use super::refusal::InvitationRefusal;
use super::rules;
use crate::access::{Failure, Gate, WorkspaceProof};
use crate::members;
use crate::members::lifecycle::Operation;
use crate::primitives::actor::AssetScope;
use crate::primitives::ids::{AssetId, InvitationId};
use crate::roles::Role;

/// What is to be other; what is not named stays.
#[derive(Clone, Debug)]
pub struct UpdateInvitation {
    pub invitation: InvitationId,
    pub name: Option<String>,
    pub role: Option<String>,
    pub assets: Option<Vec<String>>,
}

pub async fn update(
    gate: &Gate,
    proof: &WorkspaceProof,
    request: UpdateInvitation,
) -> Result<ChangedInvitation, Failure<InvitationRefusal>> {
    let malformed = |(field, message)| Failure::Refused(InvitationRefusal::Malformed { field, message });
    let name = rules::read_name(request.name.as_deref()).map_err(malformed)?;
    let role = rules::read_role(request.role.as_deref()).map_err(malformed)?;
    let assets = request.assets.as_deref().map(rules::read_assets).transpose().map_err(malformed)?;

    let mut change = change::open(gate, proof, request.invitation, Operation::UpdateInvitation).await?;
    let promised = async {
        let role = promise::choose_role(&change.tx, Some(role.unwrap_or(change.invitation.role))).await?;
        let assets = keep_fitting(&role, assets, &change.invitation.assets);
        promise::check(&change.tx, &role, &assets).await?;
        Ok((role, assets))
    };
    let (role, assets) =
        promised.await.map_err(|failure: Failure<_>| failure.map(InvitationRefusal::from))?;
    change.take_over();
    change.invitation.role = role.id;
    change.invitation.assets = assets;
    let name = name.unwrap_or_else(|| change.member.name.clone());
    change.member = members::update_invited(&change.tx, change.member, name, role).await?;
    change.commit("InvitationUpdated").await
}

/// Moving to a role that works on all assets drops those that were promised (WSP-2).
fn keep_fitting(role: &Role, named: Option<Vec<AssetId>>, before: &[AssetId]) -> Vec<AssetId> {
    match (named, role.scope) {
        (Some(named), _) => named,
        (None, AssetScope::All) => Vec::new(),
        (None, AssetScope::Assigned) => before.to_vec(),
    }
}
