//! Whose an address is, in a workspace: any that a membership has had, or that its account has now (INV-10).
//!
//! An address that somebody gave up may have become another person's, so it can lead to several members. Which of them is
//! meant is chosen here, once, for whoever asks.

use sea_orm::{ConnectionTrait, DbErr};

use super::bars;
use super::member::{Member, MemberState};
use super::store::{SELECT, member};
use crate::access::WorkspaceTx;
use crate::accounts;
use crate::platform::database::query_all;
use crate::primitives::email::EmailKey;
use crate::primitives::ids::{AccountId, WorkspaceId};

/// Those whom an address leads to: a membership that lasts before all others, then that of whoever has the address, then
/// those who gave it up.
#[derive(Clone, Debug)]
pub struct AddressHolders {
    members: Vec<Member>,
    /// Who has proved the address.
    person: Option<AccountId>,
}

impl AddressHolders {
    fn new(mut members: Vec<Member>, person: Option<AccountId>) -> Self {
        let rank = |member: &Member| match member {
            member if lasts(member) => 0,
            member if is_free_for(member, person) => 1,
            _ => 2,
        };
        // Stable: whoever has the address now stays before those who had it.
        members.sort_by_key(rank);
        Self { members, person }
    }

    /// Whom somebody means who names the address.
    pub fn meant(&self) -> Option<&Member> {
        self.members.first()
    }

    /// The membership that decides whether the address may be invited, and that an invitation goes on with. Somebody who
    /// is out and whose account has another address now is none: what comes to this one is for another person (INV-6).
    pub fn deciding(&self) -> Option<&Member> {
        self.meant().filter(|member| lasts(member) || is_free_for(member, self.person))
    }

    /// The membership that somebody who has proved the address, and is no member, may go on with: nobody else's.
    pub fn unclaimed(&self) -> Option<&Member> {
        self.members.iter().find(|member| member.account.is_none())
    }

    /// Whoever of them was removed while blocked and hasn't been active since: the mark follows every address that they
    /// have had, whoever has it now (BLK-8).
    pub fn marked(&self) -> Option<&Member> {
        self.members.iter().find(|member| member.removed_while_blocked)
    }

    /// Is one of them blocked, or marked?
    pub fn is_held(&self) -> bool {
        self.marked().is_some() || self.members.iter().any(|member| member.block.is_some())
    }
}

fn lasts(member: &Member) -> bool {
    member.state != MemberState::Removed
}

/// No account stands behind the membership, or that of this person.
fn is_free_for(member: &Member, person: Option<AccountId>) -> bool {
    member.account.is_none() || member.account == person
}

/// Those whom an address leads to; whoever has it now comes first.
async fn list_by_address<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
    address: &EmailKey,
) -> Result<Vec<Member>, DbErr> {
    let sql = format!(
        "{SELECT} LEFT JOIN accounts p ON p.id = m.account_id WHERE m.workspace_id = $1 AND m.id IN (\
         SELECT member_id FROM member_addresses WHERE workspace_id = $1 AND email_key = $2 \
         UNION SELECT x.id FROM members x JOIN accounts a ON a.id = x.account_id \
         WHERE x.workspace_id = $1 AND a.verified_email_key = $2 \
         UNION SELECT x.id FROM members x JOIN accounts a ON a.id = x.account_id \
         WHERE x.workspace_id = $1 AND a.ended_email_key = $2) \
         ORDER BY CASE WHEN p.verified_email_key = $2 THEN 0 WHEN m.email_key = $2 THEN 1 ELSE 2 END, m.id DESC"
    );
    let values = vec![workspace.into(), address.clone().into()];
    query_all(db, &sql, values).await?.iter().map(member).collect()
}

/// Every address that leads to a membership: those that it has had, and what its account has proved, were it just ended.
pub(super) async fn list_of(tx: &WorkspaceTx, member: &Member) -> Result<Vec<EmailKey>, DbErr> {
    let sql = "SELECT email_key FROM member_addresses WHERE workspace_id = $1 AND member_id = $2 \
               UNION SELECT m.email_key FROM members m WHERE m.workspace_id = $1 AND m.id = $2 \
               UNION SELECT COALESCE(a.verified_email_key, a.ended_email_key) FROM members m \
               JOIN accounts a ON a.id = m.account_id WHERE m.workspace_id = $1 AND m.id = $2 \
               AND COALESCE(a.verified_email_key, a.ended_email_key) IS NOT NULL";
    let values = vec![tx.workspace().into(), member.id.into()];
    let rows = query_all(tx.reader(), sql, values).await?;
    rows.iter().map(|row| row.try_get("", "email_key")).collect()
}

/// Was somebody removed while blocked whom the address leads to, be they deleted for ever since, other than by this
/// membership? (BLK-8)
pub async fn is_marked_elsewhere(tx: &WorkspaceTx, address: &EmailKey, than: &Member) -> Result<bool, DbErr> {
    // An admin's own hand has asked in whoever is invited and bears the mark.
    if than.removed_while_blocked {
        return Ok(false);
    }
    let found = list_by_address(tx.reader(), tx.workspace(), address).await?;
    let marked = found.iter().any(|member| member.id != than.id && member.removed_while_blocked);
    Ok(marked || bars::is_barred(tx, address).await?)
}

/// Whom an address leads to.
pub async fn find_by_address<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
    address: &EmailKey,
) -> Result<AddressHolders, DbErr> {
    let members = list_by_address(db, workspace, address).await?;
    let person = accounts::find_by_verified_email(db, address).await?.map(|account| account.id);
    Ok(AddressHolders::new(members, person))
}
