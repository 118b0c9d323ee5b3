//! The outbox: what is to be mailed, written in the transaction that made it necessary.
//!
//! Never holds a secret or a text; both are made when the mail is sent (INV-5).

use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Value};
use uuid::Uuid;

use crate::platform::database::{Database, execute, placeholders, query_all, query_one, value_rows};
use crate::primitives::email::{Email, EmailKey};
use crate::primitives::ids::{MailId, WorkspaceId};
use crate::primitives::time::Timestamp;

/// Mails that one statement writes.
const WRITTEN_AT_ONCE: usize = 1000;

/// A mail to be sent once the transaction that asks for it has committed.
#[derive(Clone, Debug)]
pub struct NewMail {
    /// Which composer writes it.
    pub kind: &'static str,
    pub to: Email,
    pub workspace: Option<WorkspaceId>,
    /// What it is about, in its composer's terms.
    pub subject_id: Uuid,
    /// Which sending of it this is; the composer drops one that is no longer the newest.
    pub sending: i64,
}

/// A mail that waits to leave.
#[derive(Clone, Debug)]
pub struct Mail {
    pub id: MailId,
    pub kind: String,
    pub to_address: String,
    pub to_key: EmailKey,
    pub workspace: Option<WorkspaceId>,
    pub subject_id: Uuid,
    pub sending: i64,
    /// How often it was tried, this time included.
    pub attempts: i64,
    /// When it was asked for.
    pub created_at: Timestamp,
}

/// Puts a mail into the outbox, due at once. Call it in the mutation's own transaction.
pub async fn enqueue<C: ConnectionTrait>(
    connection: &C,
    mail: NewMail,
    now: Timestamp,
) -> Result<MailId, DbErr> {
    let id = MailId::new();
    insert(connection, &[(id, mail)], now).await?;
    Ok(id)
}

/// The same for several at once; they leave in this order.
pub async fn enqueue_all<C: ConnectionTrait>(
    connection: &C,
    mails: Vec<NewMail>,
    now: Timestamp,
) -> Result<(), DbErr> {
    let mails: Vec<(MailId, NewMail)> = mails.into_iter().map(|mail| (MailId::new(), mail)).collect();
    for some in mails.chunks(WRITTEN_AT_ONCE) {
        insert(connection, some, now).await?;
    }
    Ok(())
}

async fn insert<C: ConnectionTrait>(
    connection: &C,
    mails: &[(MailId, NewMail)],
    now: Timestamp,
) -> Result<(), DbErr> {
    let sql = format!(
        "INSERT INTO outbox (id, kind, to_address, to_key, workspace_id, subject_id, sending, attempts, \
         next_attempt_at, created_at) VALUES {}",
        value_rows(1, mails.len(), 10)
    );
    let values = mails.iter().flat_map(|(id, mail)| -> [Value; 10] {
        [
            (*id).into(),
            mail.kind.into(),
            mail.to.as_typed().into(),
            mail.to.key().clone().into(),
            mail.workspace.into(),
            mail.subject_id.into(),
            mail.sending.into(),
            0i64.into(),
            now.into(),
            now.into(),
        ]
    });
    execute(connection, &sql, values.collect()).await.map(|_| ())
}

/// The same where nothing is changed beside it: what is asked for may concern nobody, and then its composer drops it.
pub async fn enqueue_alone(database: &Database, mail: NewMail, now: Timestamp) -> Result<MailId, DbErr> {
    let tx = database.begin().await?;
    let id = enqueue(&tx, mail, now).await?;
    tx.commit().await?;
    Ok(id)
}

/// Is there anything to do? Asked of the readers' pool, so that an empty outbox never takes SQLite's one writer.
pub(super) async fn has_due<C: ConnectionTrait>(connection: &C, now: Timestamp) -> Result<bool, DbErr> {
    let sql = "SELECT 1 AS it FROM outbox WHERE next_attempt_at <= $1 LIMIT 1";
    let found = query_one(connection, sql, vec![now.into()]).await?;
    Ok(found.is_some())
}

/// Which mails a courier takes at once, and for how long they are its own.
pub(super) struct Claim<'a> {
    pub kinds: &'a [&'static str],
    pub count: u32,
    pub until: Timestamp,
}

/// Takes due mails of the kinds that this server can write, oldest first. A mail that another server holds is passed
/// over; one whose courier died is due again when the claim ends.
pub(super) async fn claim<C: ConnectionTrait>(
    connection: &C,
    claim: &Claim<'_>,
    now: Timestamp,
) -> Result<Vec<Mail>, DbErr> {
    let skip =
        if connection.get_database_backend() == DbBackend::Postgres { "FOR UPDATE SKIP LOCKED" } else { "" };
    let kinds = placeholders(4, claim.kinds.len());
    let sql = format!(
        "WITH due AS MATERIALIZED (SELECT id FROM outbox WHERE next_attempt_at <= $1 AND kind IN ({kinds}) \
         ORDER BY next_attempt_at, id LIMIT $3 {skip}) UPDATE outbox SET attempts = attempts + 1, \
         next_attempt_at = $2 WHERE id IN (SELECT id FROM due) \
         RETURNING id, kind, to_address, to_key, workspace_id, subject_id, sending, attempts, created_at"
    );
    let mut values: Vec<Value> = vec![now.into(), claim.until.into(), i64::from(claim.count).into()];
    values.extend(claim.kinds.iter().map(|kind| Value::from(*kind)));
    let rows = query_all(connection, &sql, values).await?;
    let mut mails = rows.iter().map(mail).collect::<Result<Vec<Mail>, DbErr>>()?;
    // RETURNING promises no order; ids are ordered by time.
    mails.sort_by_key(|mail| mail.id);
    Ok(mails)
}

fn mail(row: &QueryResult) -> Result<Mail, DbErr> {
    Ok(Mail {
        id: row.try_get("", "id")?,
        kind: row.try_get("", "kind")?,
        to_address: row.try_get("", "to_address")?,
        to_key: row.try_get("", "to_key")?,
        workspace: row.try_get("", "workspace_id")?,
        subject_id: row.try_get("", "subject_id")?,
        sending: row.try_get("", "sending")?,
        attempts: row.try_get("", "attempts")?,
        created_at: row.try_get("", "created_at")?,
    })
}

/// Does it still wait, taken by nobody since? Until the transaction ends nobody forgets it or calls it back.
pub(super) async fn hold<C: ConnectionTrait>(connection: &C, mail: &Mail) -> Result<bool, DbErr> {
    // SQLite's write transactions are alone from their beginning.
    let lock = if connection.get_database_backend() == DbBackend::Postgres { "FOR UPDATE" } else { "" };
    let sql = format!("SELECT 1 AS it FROM outbox WHERE id = $1 AND attempts = $2 {lock}");
    let found = query_one(connection, &sql, vec![mail.id.into(), mail.attempts.into()]).await?;
    Ok(found.is_some())
}

/// Forgets a mail that was handed over, or that nobody waits for any more; unless it was taken again, or called back,
/// meanwhile.
pub(super) async fn remove<C: ConnectionTrait>(connection: &C, mail: &Mail) -> Result<(), DbErr> {
    let sql = "DELETE FROM outbox WHERE id = $1 AND attempts = $2";
    execute(connection, sql, vec![mail.id.into(), mail.attempts.into()]).await.map(|_| ())
}

/// Calls back whatever couriers are writing or have tried of a workspace's mails: what they have written by now is kept
/// nowhere, and each is written anew at once.
pub(super) async fn call_back<C: ConnectionTrait>(
    connection: &C,
    workspace: WorkspaceId,
    now: Timestamp,
) -> Result<(), DbErr> {
    let sql = "UPDATE outbox SET attempts = attempts + 1, next_attempt_at = $2 \
               WHERE workspace_id = $1 AND attempts > 0";
    execute(connection, sql, vec![workspace.into(), now.into()]).await.map(|_| ())
}

/// Tries a mail again at that time, unless another server has taken it meanwhile.
pub(super) async fn postpone<C: ConnectionTrait>(
    connection: &C,
    mail: &Mail,
    until: Timestamp,
) -> Result<(), DbErr> {
    let sql = "UPDATE outbox SET next_attempt_at = $3 WHERE id = $1 AND attempts = $2";
    execute(connection, sql, vec![mail.id.into(), mail.attempts.into(), until.into()]).await.map(|_| ())
}
