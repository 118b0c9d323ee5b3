//! Section 3 of the rule book, rule by rule, on both databases.

mod answer;
mod change;
mod holders;
mod invite;
mod mail;
mod over_http;
pub mod porch;
mod promise;
mod races;
mod sending;

use rollcall::access::{Failure, WorkspaceProof};
use rollcall::invitations::{
    self, BringAssets, InviteMembers, InviteRow, InvitedMember, InvitedRow, Newcomer, RowRefusal,
    invite_members,
};
use rollcall::primitives::ids::{AssetId, RoleId};

use crate::support::gate::{SENDING, client};
use porch::Porch;

/// A row that names nothing but an address.
pub fn row(email: &str) -> InviteRow {
    InviteRow { email: email.into(), ..InviteRow::default() }
}

pub fn row_as(email: &str, role: RoleId, assets: &[AssetId]) -> InviteRow {
    let assets = assets.iter().map(AssetId::to_string).collect();
    InviteRow { role: Some(role.to_string()), assets, ..row(email) }
}

/// Invites in one call.
pub async fn invite_rows(house: &Porch, admin: &WorkspaceProof, rows: Vec<InviteRow>) -> Vec<InvitedRow> {
    let request = InviteMembers { rows, ..InviteMembers::default() };
    invite_members(&house.gate, SENDING, admin, request).await.expect("the call is answered").rows
}

/// Invites one person, who may be invited.
pub async fn invite(house: &Porch, admin: &WorkspaceProof, row: InviteRow) -> InvitedMember {
    invite_rows(house, admin, vec![row]).await.remove(0).result.expect("invited")
}

/// Invites one person, who may not.
pub async fn refused(house: &Porch, admin: &WorkspaceProof, row: InviteRow) -> RowRefusal {
    invite_rows(house, admin, vec![row]).await.remove(0).result.expect_err("refused")
}

pub fn newcomer(name: &str) -> Option<Newcomer> {
    Some(Newcomer { name: name.into(), password: "a long enough secret".into(), client: client() })
}

/// The refusal of a call that was refused.
pub fn refusal<T: std::fmt::Debug, R: std::fmt::Debug>(result: Result<T, Failure<R>>) -> R {
    match result {
        Err(Failure::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

/// Accepts by the newest link in the mailbox of an address, as somebody new.
pub async fn accept(house: &Porch, email: &str) -> invitations::Accepted {
    let link = house.mailed_link(email).await;
    invitations::accept_by_link(&house.gate, &house.entrance, &link, newcomer("Joe"), BringAssets::No)
        .await
        .expect("accepted")
}
