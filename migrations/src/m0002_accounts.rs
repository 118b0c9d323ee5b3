//! Persons, and the links that are mailed to them.

use crate::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: &str = r#"
CREATE TABLE accounts (
    id {uuid} PRIMARY KEY,
    email text NOT NULL,
    email_key {key} NOT NULL,
    -- Set once a mailed link has proved the address: only then it is held against others (SES-6).
    verified_email_key {key} UNIQUE,
    name text NOT NULL,
    password_hash text NOT NULL,
    -- Raised to end every session at once; `generation_cause` says why it last was.
    generation bigint NOT NULL,
    generation_cause text,
    revision bigint NOT NULL,
    created_at bigint NOT NULL,
    -- The address that the person wants to have, until a mailed link proves it (SES-6).
    new_email text,
    new_email_key {key},
    -- The account session that asked for it; it goes on when the others end.
    new_email_session {uuid},
    -- The generation was raised, and not every workspace tells of it in its log yet.
    untold boolean NOT NULL DEFAULT FALSE,
    -- Name or address are others now, and not every membership has them yet.
    copies_due boolean NOT NULL DEFAULT FALSE
);

CREATE INDEX accounts_email ON accounts (email_key, created_at);
CREATE INDEX accounts_unproved ON accounts (created_at) WHERE verified_email_key IS NULL;
CREATE INDEX accounts_untold ON accounts (id) WHERE untold;
CREATE INDEX accounts_copies_due ON accounts (id) WHERE copies_due;

CREATE TABLE email_links (
    token_hash {bytes} PRIMARY KEY,
    account_id {uuid} NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- What it does: proves the address of a new account, sets a password, or proves a new address.
    purpose text NOT NULL CHECK (purpose IN ('VERIFY', 'RESET', 'CHANGE')),
    -- The address that it was mailed to.
    email_key {key} NOT NULL,
    -- The mail that carries it: one that is written again gets another link.
    mail_id {uuid} NOT NULL,
    minted_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    used_at bigint
);

CREATE INDEX email_links_account ON email_links (account_id, purpose, minted_at);
CREATE INDEX email_links_expiring ON email_links (expires_at);
"#;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }
}
