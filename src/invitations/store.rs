//! The SQL of the room. It owns `invitations` and `invitation_links`, and reads workspaces, roles, members and accounts
//! in its joins.
//!
//! Never finds anything without its workspace, but by the hash of a link, by an address that was proved, and for the
//! job that looks what has expired.

mod offers;

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IdenStatic, IntoActiveModel, Iterable,
    ModelTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Value,
};

pub(super) use self::offers::{count_received, find_many_received, find_offer, list_received};
use super::invitation::{Invitation, InvitationOutcome, MailState};
use crate::access::WorkspaceTx;
use crate::entities::invitation_links;
use crate::entities::invitations::{Column, Entity, Model};
use crate::entities::values::StoredActor;
use crate::platform::database::{Database, execute, placeholders, query_one, statement, value_rows};
use crate::primitives::email::EmailKey;
use crate::primitives::ids::{InvitationId, MemberId, RoleId, WorkspaceId};
use crate::primitives::secret::SecretHash;
use crate::primitives::time::Timestamp;

/// A link that was mailed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    pub workspace: WorkspaceId,
    pub invitation: InvitationId,
    pub sending: i64,
}

fn unreadable(what: &str) -> DbErr {
    DbErr::Type(format!("unreadable {what} of an invitation"))
}

fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, DbErr> {
    serde_json::from_str(text).map_err(|error| DbErr::Json(error.to_string()))
}

fn to_json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("it is plain data")
}

fn invitation(row: Model) -> Result<Invitation, DbErr> {
    let outcome = match &row.outcome {
        Some(word) => Some(InvitationOutcome::parse(word).ok_or_else(|| unreadable("outcome"))?),
        None => None,
    };
    Ok(Invitation {
        id: row.id,
        workspace: row.workspace_id,
        member: row.member_id,
        email_key: row.email_key,
        role: row.role_id,
        assets: from_json(&row.assets)?,
        invited_by: row.invited_by.0,
        inviter: row.inviter_member_id,
        sent_at: row.sent_at,
        expires_at: row.expires_at,
        expiry_announced: row.expiry_announced,
        sending: row.sending,
        mail: match MailState::parse(&row.mail_state).ok_or_else(|| unreadable("mail state"))? {
            MailState::Failing if row.mail_given_up => MailState::GivenUp,
            mail => mail,
        },
        before: row.before.as_deref().map(from_json).transpose()?,
        gives_up_kept: row.gives_up_kept,
        refusals: from_json(&row.refusals)?,
        ended: outcome.zip(row.ended_at),
        revision: row.revision,
        created_at: row.created_at,
    })
}

fn model(invitation: &Invitation) -> Model {
    Model {
        id: invitation.id,
        workspace_id: invitation.workspace,
        member_id: invitation.member,
        email_key: invitation.email_key.clone(),
        role_id: invitation.role,
        assets: to_json(&invitation.assets),
        invited_by: StoredActor(invitation.invited_by),
        inviter_member_id: invitation.inviter,
        sent_at: invitation.sent_at,
        expires_at: invitation.expires_at,
        expiry_announced: invitation.expiry_announced,
        sending: invitation.sending,
        // The release before knows no other word for a mail that did not leave.
        mail_state: match invitation.mail {
            MailState::GivenUp => MailState::Failing.as_str().to_owned(),
            mail => mail.as_str().to_owned(),
        },
        mail_given_up: invitation.mail == MailState::GivenUp,
        before: invitation.before.as_ref().map(to_json),
        gives_up_kept: invitation.gives_up_kept,
        refusals: to_json(&invitation.refusals),
        ended_at: invitation.ended.map(|(_, at)| at),
        outcome: invitation.ended.map(|(outcome, _)| outcome.as_str().to_owned()),
        revision: invitation.revision,
        created_at: invitation.created_at,
    }
}

pub(super) async fn find<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
    id: InvitationId,
) -> Result<Option<Invitation>, DbErr> {
    let one = Entity::find().filter(Column::WorkspaceId.eq(workspace)).filter(Column::Id.eq(id));
    one.one(db).await?.map(invitation).transpose()
}

/// The same, while its workspace stands: a deleted one asks nobody in (WSP-10).
pub(super) async fn find_answerable<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
    id: InvitationId,
) -> Result<Option<Invitation>, DbErr> {
    let sql = "SELECT i.* FROM invitations i JOIN workspaces w ON w.id = i.workspace_id \
               WHERE i.workspace_id = $1 AND i.id = $2 AND w.deleted_at IS NULL";
    let select = statement(db, sql, vec![workspace.into(), id.into()]);
    Entity::find().from_raw_sql(select).one(db).await?.map(invitation).transpose()
}

/// The open invitations of these members.
pub(super) async fn find_open<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
    members: &[MemberId],
) -> Result<Vec<Invitation>, DbErr> {
    let open = Entity::find()
        .filter(Column::WorkspaceId.eq(workspace))
        .filter(Column::MemberId.is_in(members.iter().copied()))
        .filter(Column::EndedAt.is_null());
    open.all(db).await?.into_iter().map(invitation).collect()
}

/// The open invitations that a member answers for, the oldest first.
pub(super) async fn list_answered_for<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
    inviter: MemberId,
    limit: u64,
) -> Result<Vec<Invitation>, DbErr> {
    let open = Entity::find()
        .filter(Column::WorkspaceId.eq(workspace))
        .filter(Column::InviterMemberId.eq(inviter))
        .filter(Column::EndedAt.is_null())
        .order_by_asc(Column::Id)
        .limit(limit);
    open.all(db).await?.into_iter().map(invitation).collect()
}

/// Invitations by id, in no order.
pub(super) async fn find_many<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
    ids: &[InvitationId],
) -> Result<Vec<Invitation>, DbErr> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids = ids.iter().copied();
    let many = Entity::find().filter(Column::WorkspaceId.eq(workspace)).filter(Column::Id.is_in(ids));
    many.all(db).await?.into_iter().map(invitation).collect()
}

/// Where an invitation to this address stands: for the invited person, who is in no workspace yet.
pub(super) async fn find_workspace_of<C: ConnectionTrait>(
    db: &C,
    id: InvitationId,
    address: &EmailKey,
) -> Result<Option<WorkspaceId>, DbErr> {
    let one = Entity::find()
        .select_only()
        .column(Column::WorkspaceId)
        .filter(Column::Id.eq(id))
        .filter(Column::EmailKey.eq(address.clone()));
    one.into_tuple().one(db).await
}

pub(super) async fn find_link<C: ConnectionTrait>(db: &C, hash: SecretHash) -> Result<Option<Link>, DbErr> {
    let row = invitation_links::Entity::find_by_id(hash).one(db).await?;
    Ok(row.map(|row| Link {
        workspace: row.workspace_id,
        invitation: row.invitation_id,
        sending: row.sending,
    }))
}

pub(super) async fn insert(tx: &WorkspaceTx, invitation: &Invitation) -> Result<(), DbErr> {
    Entity::insert(model(invitation).into_active_model()).exec_without_returning(tx.writer()).await?;
    Ok(())
}

pub(super) async fn save(tx: &WorkspaceTx, invitation: &Invitation) -> Result<(), DbErr> {
    save_all(tx, std::slice::from_ref(invitation)).await
}

/// The same of several at once, each once.
pub(super) async fn save_all(tx: &WorkspaceTx, invitations: &[Invitation]) -> Result<(), DbErr> {
    if invitations.is_empty() {
        return Ok(());
    }
    let columns: Vec<Column> = Column::iter().collect();
    let names: Vec<&str> = columns.iter().map(IdenStatic::as_str).collect();
    let set: Vec<String> = names.iter().map(|name| format!("{name} = v.{name}")).collect();
    let sql = format!(
        "WITH v ({}) AS (VALUES {}) UPDATE invitations SET {} FROM v \
         WHERE invitations.workspace_id = $1 AND invitations.id = v.id",
        names.join(", "),
        value_rows(2, invitations.len(), columns.len()),
        set.join(", ")
    );
    let rows = invitations.iter().flat_map(|invitation| {
        let row = model(invitation);
        columns.iter().map(move |column| row.get(*column)).collect::<Vec<Value>>()
    });
    let values = std::iter::once(tx.workspace().into()).chain(rows).collect();
    execute(tx.writer(), &sql, values).await?;
    Ok(())
}

/// Gives open invitations another role in the place of one that goes, and what they would give back likewise.
pub(super) async fn hand_over_role(tx: &WorkspaceTx, from: RoleId, to: RoleId) -> Result<(), DbErr> {
    let sql = "UPDATE invitations SET role_id = CASE WHEN role_id = $2 THEN $3 ELSE role_id END, \
               before = REPLACE(before, $4, $5), revision = revision + 1 \
               WHERE workspace_id = $1 AND ended_at IS NULL AND (role_id = $2 OR before LIKE $6)";
    let (old, new) = (from.as_uuid().to_string(), to.as_uuid().to_string());
    let kept = format!("%{old}%");
    let values = vec![tx.workspace().into(), from.into(), to.into(), old.into(), new.into(), kept.into()];
    execute(tx.writer(), sql, values).await?;
    Ok(())
}

/// Which invitations have expired without it having been announced, oldest first, after that place in this order.
pub(super) async fn list_expired<C: ConnectionTrait>(
    db: &C,
    now: Timestamp,
    after: Option<(Timestamp, InvitationId)>,
    limit: u64,
) -> Result<Vec<(WorkspaceId, InvitationId, Timestamp)>, DbErr> {
    let beyond = after.map(|(at, id)| {
        let same = Condition::all().add(Column::ExpiresAt.eq(at)).add(Column::Id.gt(id));
        Condition::any().add(Column::ExpiresAt.gt(at)).add(same)
    });
    let due = Entity::find()
        .select_only()
        .columns([Column::WorkspaceId, Column::Id, Column::ExpiresAt])
        .filter(Column::EndedAt.is_null())
        .filter(Column::ExpiryAnnounced.eq(false))
        .filter(Column::ExpiresAt.lte(now))
        .apply_if(beyond, QueryFilter::filter)
        .order_by_asc(Column::ExpiresAt)
        .order_by_asc(Column::Id)
        .limit(limit);
    due.into_tuple().all(db).await
}

/// How many mails the workspace has asked for since: the newest sending of each invitation, and of the sendings before
/// it those whose mail was written. (A mail that a newer sending has overtaken in the outbox never leaves.)
pub(super) async fn count_sendings(tx: &WorkspaceTx, since: Timestamp) -> Result<u64, DbErr> {
    let sql = "SELECT (SELECT COUNT(*) FROM invitations WHERE workspace_id = $1 AND sent_at > $2) \
               + (SELECT COUNT(*) FROM (SELECT DISTINCT l.invitation_id, l.sending FROM invitation_links l \
               JOIN invitations i ON i.workspace_id = l.workspace_id AND i.id = l.invitation_id \
               WHERE l.workspace_id = $1 AND l.created_at > $2 AND l.sending < i.sending) AS earlier) AS it";
    let values = vec![tx.workspace().into(), since.into()];
    let row = query_one(tx.reader(), sql, values).await?;
    let count: i64 = row.map_or(Ok(0), |row| row.try_get("", "it"))?;
    Ok(count.unsigned_abs())
}

/// Stores a link of an invitation's newest sending, if somebody still waits for it. Like a session's row it carries
/// what it was made under, so it needs no lock: whoever comes with it is held against the invitation as it is then.
pub(super) async fn insert_link(
    database: &Database,
    hash: SecretHash,
    link: &Link,
    now: Timestamp,
) -> Result<bool, DbErr> {
    let sql = "INSERT INTO invitation_links (token_hash, workspace_id, invitation_id, sending, created_at) \
               SELECT $1, i.workspace_id, i.id, i.sending, $5 FROM invitations i WHERE i.workspace_id = $2 \
               AND i.id = $3 AND i.sending = $4 AND i.ended_at IS NULL AND i.expires_at > $5";
    let values =
        [hash.into(), link.workspace.into(), link.invitation.into(), link.sending.into(), now.into()];
    let tx = database.begin().await?;
    let done = tx.execute_raw(database.statement(sql, values)).await?;
    tx.commit().await?;
    Ok(done.rows_affected() > 0)
}

/// Deletes the invitations of a member, and those to these addresses that made nobody a member.
pub(super) async fn delete_of(
    tx: &WorkspaceTx,
    member: MemberId,
    addresses: &[EmailKey],
) -> Result<(), DbErr> {
    let sql = format!(
        "DELETE FROM invitations WHERE workspace_id = $1 AND (member_id = $2 OR (email_key IN ({}) \
         AND NOT EXISTS (SELECT 1 FROM members m WHERE m.workspace_id = $1 AND m.id = invitations.member_id)))",
        placeholders(3, addresses.len())
    );
    let keys = addresses.iter().map(|key| Value::from(key.clone()));
    let values = [tx.workspace().into(), member.into()].into_iter().chain(keys).collect();
    execute(tx.writer(), &sql, values).await?;
    Ok(())
}

/// Those that were sent to one of these addresses.
pub(super) async fn list_to(tx: &WorkspaceTx, addresses: &[EmailKey]) -> Result<Vec<InvitationId>, DbErr> {
    let of_workspace = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::WorkspaceId.eq(tx.workspace()))
        .filter(Column::EmailKey.is_in(addresses.iter().cloned()));
    of_workspace.into_tuple().all(tx.reader()).await
}

/// The open invitations that offer a role.
pub(super) async fn find_offering(tx: &WorkspaceTx, role: RoleId) -> Result<Vec<Invitation>, DbErr> {
    let open = Entity::find()
        .filter(Column::WorkspaceId.eq(tx.workspace()))
        .filter(Column::RoleId.eq(role))
        .filter(Column::EndedAt.is_null());
    open.all(tx.reader()).await?.into_iter().map(invitation).collect()
}

/// With the workspace all of them go, and what hangs on them (WSP-10).
pub async fn delete_all(tx: &WorkspaceTx) -> Result<(), DbErr> {
    let sql = "DELETE FROM invitations WHERE workspace_id = $1";
    execute(tx.writer(), sql, vec![tx.workspace().into()]).await?;
    Ok(())
}

/// None of the workspace's links works any more; each invitation may be sent again. Its expiry is announced like any.
pub async fn expire_all(tx: &WorkspaceTx) -> Result<(), DbErr> {
    let sql = "UPDATE invitations SET expires_at = $2, revision = revision + 1 \
               WHERE workspace_id = $1 AND ended_at IS NULL AND expires_at > $2";
    let values = vec![tx.workspace().into(), tx.now().into()];
    execute(tx.writer(), sql, values).await?;
    Ok(())
}
