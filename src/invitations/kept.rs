//! What is kept for a removed person, and given back when they return (REM-4).
//!
//! Never gives the admin role back unasked: whoever invites has to name it, as for anybody (WSP-4).

use super::refusal::RowRefusal;
use super::rules::Row;
use crate::access::{Failure, WorkspaceTx};
use crate::assets;
use crate::members::{self, Assignment, Member, MemberState};
use crate::primitives::actor::AssetScope;
use crate::primitives::ids::{AssetId, RoleId};
use crate::roles;

/// The role and the assets that a row means: what it names, else what is kept for the person. Assets that are named alone
/// go with the kept role.
pub(super) async fn fill_in(
    tx: &WorkspaceTx,
    row: &Row,
    previous: Option<&Member>,
) -> Result<(Option<RoleId>, Vec<AssetId>), Failure<RowRefusal>> {
    let returning = previous.filter(|member| {
        member.state == MemberState::Removed
            && !member.role.is_admin
            && !row.gives_up_kept
            && row.role.is_none()
    });
    let Some(member) = returning else { return Ok((row.role, row.assets.clone())) };
    // A role that is gone is no promise; the workspace's default is.
    let Some(role) = roles::find(tx.reader(), tx.workspace(), member.role.id).await? else {
        return Ok((None, row.assets.clone()));
    };
    if !row.assets.is_empty() {
        return Ok((Some(role.id), row.assets.clone()));
    }
    if role.scope == AssetScope::All {
        return Ok((Some(role.id), Vec::new()));
    }
    let kept = assignments(tx, member).await?.into_iter().map(|assignment| assignment.asset).collect();
    Ok((Some(role.id), assets::retain_existing(tx, kept).await?))
}

/// What is given with an acceptance: the promised assets, each with the host's role that the person had on it.
pub(super) async fn give_back<R>(
    tx: &WorkspaceTx,
    member: &Member,
    promised: &[AssetId],
) -> Result<Vec<Assignment>, Failure<R>> {
    let kept = assignments(tx, member).await?;
    let role = |asset| kept.iter().find(|kept| kept.asset == asset).and_then(|kept| kept.role.clone());
    Ok(promised.iter().map(|asset| Assignment { asset: *asset, role: role(*asset) }).collect())
}

async fn assignments<R>(tx: &WorkspaceTx, member: &Member) -> Result<Vec<Assignment>, Failure<R>> {
    let found = members::load_many_assignments(tx.reader(), tx.workspace(), &[member.id]).await?;
    Ok(found.into_iter().map(|(_, assignment)| assignment).collect())
}
