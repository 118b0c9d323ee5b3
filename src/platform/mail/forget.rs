//! Forgetting mails: those of somebody, or of a workspace, that is gone for good (DEL-1, WSP-10).
//!
//! Never a mail of another workspace, nor an account's own: those are other people's matter.

use sea_orm::{ConnectionTrait, DbErr, Value};
use uuid::Uuid;

use crate::platform::database::{execute, placeholders};
use crate::primitives::email::EmailKey;
use crate::primitives::ids::WorkspaceId;

/// Which mails of a workspace: to one of these addresses, or about one of these things.
#[derive(Clone, Debug)]
pub struct MailsOf<'a> {
    pub workspace: WorkspaceId,
    pub to: &'a [EmailKey],
    pub subjects: &'a [Uuid],
}

/// What waits goes first: a courier keeps a letter in the mailbox only while its mail still waits.
const TABLES: [&str; 2] = ["DELETE FROM outbox", "DELETE FROM mailbox"];

/// Forgets these mails, whether they wait or lie in the local mailbox.
pub async fn forget<C: ConnectionTrait>(connection: &C, mails: MailsOf<'_>) -> Result<(), DbErr> {
    let MailsOf { workspace, to, subjects } = mails;
    let mut values: Vec<Value> = vec![workspace.into()];
    let mut which = Vec::new();
    if !to.is_empty() {
        which.push(format!("to_key IN ({})", placeholders(values.len() + 1, to.len())));
        values.extend(to.iter().map(|key| Value::from(key.clone())));
    }
    if !subjects.is_empty() {
        which.push(format!("subject_id IN ({})", placeholders(values.len() + 1, subjects.len())));
        values.extend(subjects.iter().map(|id| Value::from(*id)));
    }
    if which.is_empty() {
        return Ok(());
    }
    everywhere(connection, &format!("workspace_id = $1 AND ({})", which.join(" OR ")), values).await
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
        let sql = format!("{delete} WHERE {which}");
        execute(connection, &sql, values.clone()).await?;
    }
    Ok(())
}
