//! Forgetting mails: those of somebody, or of a workspace, that is gone for good (DEL-1, WSP-10).
//!
//! Never a mail of another workspace, nor an account's own: those are other people's matter.

use std::fmt::Write;

use sea_orm::{ConnectionTrait, DbErr, Value};
use uuid::Uuid;

use super::outbox;
use crate::platform::database::{execute, placeholders};
use crate::primitives::email::EmailKey;
use crate::primitives::ids::{MemberId, WorkspaceId};
use crate::primitives::time::Timestamp;

/// Which mails of a workspace are a member's, who is gone for good.
#[derive(Clone, Copy, Debug)]
pub struct MailsOf<'a> {
    pub workspace: WorkspaceId,
    pub member: MemberId,
    /// Every address that they have had.
    pub to: &'a [EmailKey],
    /// What is somebody else's, who has such an address by now, by the thing that the mail is about.
    pub spared: &'a [Uuid],
}

/// What waits goes first: a courier keeps a letter in the mailbox only while its mail still waits.
const TABLES: [&str; 2] = ["DELETE FROM outbox", "DELETE FROM mailbox"];

/// Forgets what was or is to be mailed to a member, and the kept letters that name them. What waits for others stays, for
/// the outbox names nobody; a letter to them that was written under the member's name just now is written anew.
pub async fn forget<C: ConnectionTrait>(
    connection: &C,
    mails: MailsOf<'_>,
    now: Timestamp,
) -> Result<(), DbErr> {
    let MailsOf { workspace, member, to, spared } = mails;
    let mut values: Vec<Value> = vec![workspace.into()];
    let mut theirs =
        format!("workspace_id = $1 AND to_key IN ({})", placeholders(values.len() + 1, to.len()));
    values.extend(to.iter().map(|key| Value::from(key.clone())));
    if !spared.is_empty() {
        let _ = write!(theirs, " AND subject_id NOT IN ({})", placeholders(values.len() + 1, spared.len()));
        values.extend(spared.iter().map(|id| Value::from(*id)));
    }
    if !to.is_empty() {
        everywhere(connection, &theirs, values).await?;
    }
    outbox::call_back(connection, workspace, now).await?;
    let naming = "DELETE FROM mailbox WHERE workspace_id = $1 AND names_member_id = $2";
    execute(connection, naming, vec![workspace.into(), member.into()]).await?;
    Ok(())
}

/// Forgets every mail of a workspace.
pub async fn forget_workspace<C: ConnectionTrait>(
    connection: &C,
    workspace: WorkspaceId,
) -> Result<(), DbErr> {
    everywhere(connection, "workspace_id = $1", vec![workspace.into()]).await
}

/// Forgets the mails of a person's own account to these addresses.
pub async fn forget_person<C: ConnectionTrait>(connection: &C, addresses: &[EmailKey]) -> Result<(), DbErr> {
    if addresses.is_empty() {
        return Ok(());
    }
    let which = format!("workspace_id IS NULL AND to_key IN ({})", placeholders(1, addresses.len()));
    everywhere(connection, &which, addresses.iter().map(|key| Value::from(key.clone())).collect()).await
}

async fn everywhere<C: ConnectionTrait>(
    connection: &C,
    which: &str,
    values: Vec<Value>,
) -> Result<(), DbErr> {
    for delete in TABLES {
        execute(connection, &format!("{delete} WHERE {which}"), values.clone()).await?;
    }
    Ok(())
}
