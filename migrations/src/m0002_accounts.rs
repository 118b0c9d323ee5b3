//! Persons, and the links that prove their e-mail addresses.

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
    created_at bigint NOT NULL
);

CREATE INDEX accounts_email ON accounts (email_key, created_at);

CREATE TABLE email_links (
    token_hash {bytes} PRIMARY KEY,
    account_id {uuid} NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    email_key {key} NOT NULL,
    expires_at bigint NOT NULL,
    used_at bigint
);

CREATE INDEX email_links_account ON email_links (account_id);
"#;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }
}
