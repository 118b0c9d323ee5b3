//! Invitations that come to nothing: the persons are what they were before, with what the invitation had laid over them
//! taken off again (INV-3). Gathered row by row, written at once.
//!
//! Never ends an invitation: whoever does calls this.

use std::collections::HashMap;

use super::invitation::{Before, Invitation};
use crate::access::WorkspaceTx;
use crate::members::{Invited, Member};
use crate::platform::database::DatabaseError;
use crate::primitives::ids::RoleId;
use crate::roles::{self, Role};

pub(super) struct PuttingBack {
    /// What people had as a role before.
    roles: HashMap<RoleId, Role>,
    invited: Invited,
}

impl PuttingBack {
    pub(super) async fn begin(tx: &WorkspaceTx, invitations: &[&Invitation]) -> Result<Self, DatabaseError> {
        let held = invitations.iter().filter_map(|it| it.before.as_ref()).map(|before| before.role);
        let held: Vec<RoleId> = held.collect();
        let found = roles::find_many(tx.reader(), tx.workspace(), &held).await?;
        let roles = found.into_iter().map(|role| (role.id, role)).collect();
        Ok(Self { roles, invited: Invited::default() })
    }

    /// None: they never were more than invited.
    pub(super) fn put_back(&mut self, invitation: &Invitation, mut member: Member) -> Option<Member> {
        if let Some(before) = invitation.before.clone() {
            let Before { name, email, email_key, role, removed_while_blocked } = before;
            (member.name, member.email, member.email_key) = (name, email, email_key);
            member.removed_while_blocked = removed_while_blocked.unwrap_or(member.removed_while_blocked);
            // A role that has gone since has left its successor to the invitation.
            if let Some(role) = self.roles.get(&role) {
                member.role = role.clone();
            }
        }
        self.invited.put_back(member)
    }

    pub(super) async fn write(self, tx: &WorkspaceTx) -> Result<(), DatabaseError> {
        self.invited.write(tx).await
    }
}

/// The same for one invitation.
pub(super) async fn put_back(
    tx: &WorkspaceTx,
    invitation: &Invitation,
    member: Member,
) -> Result<Option<Member>, DatabaseError> {
    let mut putting_back = PuttingBack::begin(tx, &[invitation]).await?;
    let member = putting_back.put_back(invitation, member);
    putting_back.write(tx).await?;
    Ok(member)
}
