//! Answers that were given under an idempotency key (LIF-6), and the indexes that the event log is filtered by (EVT-3).

use crate::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: &str = r#"
-- One row for each key of a credential, from the call's beginning on; for a day.
CREATE TABLE answers (
    -- The session or API key that the idempotency key belongs to.
    credential_id {uuid} NOT NULL,
    -- With whom it counts: the person, whatever session it came by; an API key by itself.
    holder_id {uuid} NOT NULL,
    -- SHA-256, each: of the idempotency key, and of the key with the body that it came with.
    key_hash {bytes} NOT NULL,
    body_hash {bytes} NOT NULL,
    -- The run that may commit under the key. A commit under any other is refused.
    run_id {uuid} NOT NULL UNIQUE,
    -- Whose answer it is, so that it is found when they are purged (DEL-1).
    account_id {uuid} NOT NULL,
    workspace_id {uuid},
    -- What the run committed; written by the transaction itself. Empty: nothing has taken effect.
    operation_id {uuid},
    -- Has the run ended? Then `answer` is what it answered, where that is kept.
    settled boolean NOT NULL,
    answer text,
    -- Somebody whom the answer may name was deleted for ever (DEL-1): it is not kept.
    sealed boolean NOT NULL,
    -- Until then a run without an end counts as under way.
    held_until bigint NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (credential_id, key_hash)
);

-- How many rows of `answers` each holder has. Counted along with them, so that a bound holds however many come at once,
-- and costs a lookup however many there are.
CREATE TABLE answer_holders (
    holder_id {uuid} NOT NULL PRIMARY KEY,
    held bigint NOT NULL
);

-- Which of a holder's keys is over next.
CREATE INDEX answers_by_holder ON answers (holder_id, expires_at);
CREATE INDEX answers_by_expiry ON answers (expires_at);
CREATE INDEX answers_by_workspace ON answers (workspace_id);
CREATE INDEX answers_by_account ON answers (account_id);

-- One for each filter of the log; `events_subject` stands since the beginning. Each ends with the number, so that a page
-- is read in order and from its cursor on.
CREATE INDEX events_type ON events (stream_id, type, seq);
CREATE INDEX events_actor ON events (stream_id, actor_id, seq);
CREATE INDEX events_origin ON events (stream_id, origin, seq);
CREATE INDEX events_time ON events (stream_id, occurred_at, seq);
"#;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }
}
