//! Making somebody the admin of a workspace that has none who could act (WSP-11): a door for `endings`, inside its
//! transaction.
//!
//! Never decides whether that may be.

use serde_json::json;

use super::assignments;
use super::events;
use super::joining::{self, Joiner};
use super::member::{Member, MemberState};
use super::seats::SeatsTaken;
use super::store;
use crate::access::{Failure, WorkspaceTx};
use crate::primitives::email::Email;
use crate::primitives::ids::{AccountId, MemberId};
use crate::roles;

/// The person, and the membership that they have or had.
#[derive(Clone, Debug)]
pub struct NewAdmin {
    pub account: AccountId,
    pub email: Email,
    pub name: String,
    pub member: Option<Member>,
    /// The operator declared that the active admins there are can't be used: on record.
    pub admins_unusable: bool,
}

/// Is there an active admin whose account goes on?
pub async fn has_active_admin<R>(tx: &WorkspaceTx) -> Result<bool, Failure<R>> {
    // Nobody has a new id: all are counted.
    Ok(store::count_other_active_admins(tx, MemberId::new()).await? > 0)
}

/// The person is in, and an admin, whatever they were before. Whoever isn't active yet needs a seat (SEAT-2).
pub async fn make_admin(tx: &mut WorkspaceTx, new: NewAdmin) -> Result<Member, Failure<SeatsTaken>> {
    let role = roles::find_admin(tx.reader(), tx.workspace()).await?;
    let role = role.ok_or_else(|| Failure::Internal(format!("{} has no admin role", tx.workspace())))?;
    let was = new.member.as_ref().map(|member| (member.status(tx.now()), member.role.id));
    let joiner = Joiner { account: new.account, email: new.email, name: new.name };
    let member = match new.member {
        None => joining::found(tx, joiner, role).await?,
        Some(mut member) if member.state == MemberState::Active => {
            member.role = role;
            store::save(tx, &mut member, None).await?;
            assignments::replace(tx, member.id, &[]).await?;
            events::tell_person(tx, "MembershipRoleSet", &member);
            member
        }
        Some(mut member) => {
            member.role = role;
            joining::join(tx, member, joiner, &[]).await?
        }
    };
    let now = tx.now();
    let before = json!({ "status": was.map(|was| was.0), "role": was.map(|was| json!({ "id": was.1 })) });
    tx.announce(events::admin_granted(&member, new.admins_unusable, now).with_before(before));
    Ok(member)
}
