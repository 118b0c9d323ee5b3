//! Where mails go: to a mail server, or into the local mailbox, which the operator can read with `rollcall mailbox`
//! (INV-14).
//!
//! Never asks what a letter says.

use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use super::letter::Letter;
use super::outbox::{self, Mail};
use super::smtp::{NotTaken, Smtp};
use crate::platform::database::{Database, query_all};
use crate::primitives::email::EmailKey;
use crate::primitives::ids::MailId;
use crate::primitives::time::Timestamp;

/// How letters leave this server.
#[derive(Clone, Debug)]
pub enum Transport {
    /// Into the database, for the operator to read: what a newcomer without a mail server uses.
    Mailbox(Database),
    /// To a mail server.
    Smtp(Smtp),
}

/// A letter did not leave.
#[derive(Debug, thiserror::Error)]
pub(super) enum HandOverError {
    #[error("the local mailbox can't be written: {0}")]
    Mailbox(#[from] DbErr),
    #[error(transparent)]
    NotTaken(#[from] NotTaken),
}

impl HandOverError {
    /// Would the mail server say the same tomorrow?
    pub(super) const fn is_final(&self) -> bool {
        matches!(self, Self::NotTaken(NotTaken::Refused(_) | NotTaken::Unwritable))
    }
}

/// A letter in the local mailbox.
#[derive(Clone, Debug, serde::Serialize)]
pub struct MailboxLetter {
    pub id: MailId,
    pub to: String,
    pub subject: String,
    pub body: String,
    pub sent_at: Timestamp,
}

impl Transport {
    /// Hands a letter over. Handing the same mail over again, after a courier died between, replaces its letter. `false`:
    /// it was written in vain, for the mail was forgotten or called back meanwhile.
    pub(super) async fn hand_over(
        &self,
        mail: &Mail,
        letter: &Letter,
        now: Timestamp,
    ) -> Result<bool, HandOverError> {
        match self {
            Self::Mailbox(database) => Ok(keep(database, mail, letter, now).await?),
            Self::Smtp(smtp) => Ok(smtp.hand_over(mail, letter, now).await.map(|()| true)?),
        }
    }

    /// Is a refusal for good the mail's own, and not of everything that comes from us?
    pub(super) async fn takes_our_mail(&self) -> bool {
        match self {
            Self::Mailbox(_) => true,
            Self::Smtp(smtp) => smtp.takes_our_mail().await,
        }
    }
}

async fn keep(database: &Database, mail: &Mail, letter: &Letter, now: Timestamp) -> Result<bool, DbErr> {
    let sql = "INSERT INTO mailbox (id, to_address, to_key, subject, body, sent_at, workspace_id, subject_id, \
               names_member_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
               ON CONFLICT (id) DO UPDATE SET subject = $4, body = $5, sent_at = $6, names_member_id = $9";
    let values = [
        mail.id.into(),
        mail.to_address.as_str().into(),
        mail.to_key.clone().into(),
        letter.subject().into(),
        letter.text().into(),
        now.into(),
        mail.workspace.into(),
        mail.subject_id.into(),
        letter.named().into(),
    ];
    let tx = database.begin().await?;
    // Forgotten or called back while it was written (DEL-1): nothing of it may come to lie here.
    let waits = outbox::hold(&tx, mail).await?;
    if waits {
        tx.execute_raw(database.statement(sql, values)).await?;
    }
    tx.commit().await?;
    Ok(waits)
}

/// The letters in the local mailbox, oldest first: all, or those to one address.
pub async fn list<C: ConnectionTrait>(
    connection: &C,
    to: Option<&EmailKey>,
) -> Result<Vec<MailboxLetter>, DbErr> {
    let (condition, values) = match to {
        Some(key) => ("WHERE to_key = $1", vec![key.clone().into()]),
        None => ("", vec![]),
    };
    let sql = format!("SELECT id, to_address, subject, body, sent_at FROM mailbox {condition} ORDER BY id");
    query_all(connection, &sql, values).await?.iter().map(letter).collect()
}

fn letter(row: &QueryResult) -> Result<MailboxLetter, DbErr> {
    Ok(MailboxLetter {
        id: row.try_get("", "id")?,
        to: row.try_get("", "to_address")?,
        subject: row.try_get("", "subject")?,
        body: row.try_get("", "body")?,
        sent_at: row.try_get("", "sent_at")?,
    })
}
