//! Mails that wait to leave, and the local mailbox.

use crate::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: &str = r#"
-- What is to be mailed. No secret is stored here: links are minted when the mail is sent (INV-5).
CREATE TABLE outbox (
    id {uuid} PRIMARY KEY,
    kind text NOT NULL,
    to_address text NOT NULL,
    to_key {key} NOT NULL,
    workspace_id {uuid},
    -- What the mail is about: an invitation or an account, by kind.
    subject_id {uuid} NOT NULL,
    -- For an invitation, the sending that this mail belongs to.
    sending bigint NOT NULL,
    attempts bigint NOT NULL,
    next_attempt_at bigint NOT NULL,
    created_at bigint NOT NULL
);

CREATE INDEX outbox_due ON outbox (next_attempt_at, id);
CREATE INDEX outbox_by_subject ON outbox (subject_id);

-- Mails kept on this machine where no mail server is set (INV-14).
CREATE TABLE mailbox (
    id {uuid} PRIMARY KEY,
    to_address text NOT NULL,
    to_key {key} NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    sent_at bigint NOT NULL
);

CREATE INDEX mailbox_by_address ON mailbox (to_key, id);
"#;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }
}
