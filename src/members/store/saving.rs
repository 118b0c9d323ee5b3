//! Writing a member's row and the words that it is found by: adding it, and saving what has changed of one or of many at
//! once.
//!
//! Never decides what changes.

use sea_orm::{DbErr, Value};

use super::note_address;
use crate::access::WorkspaceTx;
use crate::entities::values::StoredActor;
use crate::members::member::{Member, ReasonCategory};
use crate::platform::database::{execute, placeholders, value_rows};
use crate::primitives::actor::EndCause;
use crate::primitives::ids::MemberId;
use crate::primitives::name::{name_key, name_words};

/// Adds the row of a person who is new to the workspace, with address and words.
pub(in crate::members) async fn insert(tx: &WorkspaceTx, member: &Member) -> Result<(), DbErr> {
    let sql = "INSERT INTO members (id, workspace_id, account_id, email, email_key, name, name_key, state, \
               invitation_expires_at, role_id, generation, removed_while_blocked, joined_at, joined_seq, revision, \
               created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
    let values = vec![
        member.id.into(),
        tx.workspace().into(),
        member.account.into(),
        member.email.clone().into(),
        member.email_key.clone().into(),
        member.name.clone().into(),
        name_key(&member.name).into(),
        member.state.as_str().into(),
        member.invitation_expires_at.into(),
        member.role.id.into(),
        member.generation.into(),
        member.removed_while_blocked.into(),
        member.joined_at.into(),
        member.joined_seq.into(),
        member.revision.into(),
        member.created_at.into(),
    ];
    execute(tx.writer(), sql, values).await?;
    note_address(tx, member.id, &member.email_key).await?;
    write_words(tx, member).await
}

/// Saves what has changed of a member and raises its revision. `cause` is given where the generation was raised.
pub(in crate::members) async fn save(
    tx: &WorkspaceTx,
    member: &mut Member,
    cause: Option<EndCause>,
) -> Result<(), DbErr> {
    member.revision += 1;
    save_all(tx, &[(member.clone(), cause)]).await
}

/// The columns of [`saved_values`] after the id, in its order.
const SAVED: &[&str] = &[
    "account_id",
    "email",
    "email_key",
    "name",
    "name_key",
    "state",
    "invitation_expires_at",
    "role_id",
    "generation",
    "removed_while_blocked",
    "removed_at",
    "reinvite_allowed_at",
    "joined_at",
    "joined_seq",
    "revision",
    "blocked_at",
    "blocked_by",
    "block_category",
    "block_note",
    "departure_at",
    "departure_by",
    "departure_category",
    "departure_note",
    "block_review_at",
    "block_review_told",
];

/// Saves several members at once, each once, as they are: whoever changed them has raised their revisions.
pub(in crate::members) async fn save_all(
    tx: &WorkspaceTx,
    members: &[(Member, Option<EndCause>)],
) -> Result<(), DbErr> {
    if members.is_empty() {
        return Ok(());
    }
    let set: Vec<String> = SAVED.iter().map(|column| format!("{column} = v.{column}")).collect();
    let sql = format!(
        "WITH v (id, cause, {}) AS (VALUES {}) UPDATE members SET \
         generation_cause = COALESCE(v.cause, members.generation_cause), {} FROM v \
         WHERE members.workspace_id = $1 AND members.id = v.id",
        SAVED.join(", "),
        value_rows(2, members.len(), SAVED.len() + 2),
        set.join(", ")
    );
    let rows = members.iter().flat_map(|(member, cause)| saved_values(member, *cause));
    let values = std::iter::once(tx.workspace().into()).chain(rows).collect();
    execute(tx.writer(), &sql, values).await?;
    Ok(())
}

fn saved_values(member: &Member, cause: Option<EndCause>) -> Vec<Value> {
    let (block, departure) = (member.block.as_ref(), member.departure.as_ref());
    vec![
        member.id.into(),
        cause.into(),
        member.account.into(),
        member.email.clone().into(),
        member.email_key.clone().into(),
        member.name.clone().into(),
        name_key(&member.name).into(),
        member.state.as_str().into(),
        member.invitation_expires_at.into(),
        member.role.id.into(),
        member.generation.into(),
        member.removed_while_blocked.into(),
        member.removed_at.into(),
        member.reinvite_allowed_at.into(),
        member.joined_at.into(),
        member.joined_seq.into(),
        member.revision.into(),
        block.map(|block| block.at).into(),
        block.map(|block| StoredActor(block.by)).into(),
        block.and_then(|block| block.category).map(ReasonCategory::as_str).into(),
        block.and_then(|block| block.note.clone()).into(),
        departure.map(|departure| departure.at).into(),
        departure.map(|departure| StoredActor(departure.by)).into(),
        departure.and_then(|departure| departure.category).map(ReasonCategory::as_str).into(),
        departure.and_then(|departure| departure.note.clone()).into(),
        block.and_then(|block| block.review_at).into(),
        block.is_some_and(|block| block.review_told).into(),
    ]
}

/// Rewrites the words that search finds a member by.
pub(in crate::members) async fn write_words(tx: &WorkspaceTx, member: &Member) -> Result<(), DbErr> {
    write_all_words(tx, std::slice::from_ref(member)).await
}

/// Words that one statement writes.
const WORDS_AT_ONCE: usize = 5000;

/// The same of several members at once.
pub(in crate::members) async fn write_all_words(tx: &WorkspaceTx, members: &[Member]) -> Result<(), DbErr> {
    if members.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "DELETE FROM member_words WHERE workspace_id = $1 AND member_id IN ({})",
        placeholders(2, members.len())
    );
    let ids = members.iter().map(|member| member.id.into());
    let values = std::iter::once(tx.workspace().into()).chain(ids).collect();
    execute(tx.writer(), &sql, values).await?;
    let words: Vec<(MemberId, String)> =
        members.iter().flat_map(|it| name_words(&it.name).into_iter().map(|word| (it.id, word))).collect();
    for some in words.chunks(WORDS_AT_ONCE) {
        let sql = format!(
            "INSERT INTO member_words (workspace_id, member_id, word) VALUES {}",
            value_rows(1, some.len(), 3)
        );
        let rows =
            some.iter().flat_map(|(id, word)| [tx.workspace().into(), (*id).into(), word.clone().into()]);
        execute(tx.writer(), &sql, rows.collect()).await?;
    }
    Ok(())
}
