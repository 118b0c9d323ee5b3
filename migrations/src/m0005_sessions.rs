//! Sessions of both kinds, and API keys.

use crate::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: &str = r#"
CREATE TABLE account_sessions (
    id {uuid} PRIMARY KEY,
    account_id {uuid} NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    token_hash {bytes} NOT NULL UNIQUE,
    -- The account's generation that it was made under; it holds while they are equal.
    generation bigint NOT NULL,
    device text,
    address text,
    created_at bigint NOT NULL,
    last_used_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    ended_at bigint,
    end_cause text,
    -- It has ended, and not every workspace that it had sessions in has told so in its log yet.
    unfinished boolean NOT NULL DEFAULT FALSE
);

CREATE INDEX account_sessions_by_account ON account_sessions (account_id, id);
CREATE INDEX account_sessions_expiring ON account_sessions (expires_at);
CREATE INDEX account_sessions_unfinished ON account_sessions (id) WHERE unfinished;

CREATE TABLE workspace_sessions (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL,
    member_id {uuid} NOT NULL,
    account_session_id {uuid} NOT NULL REFERENCES account_sessions (id) ON DELETE CASCADE,
    token_hash {bytes} NOT NULL UNIQUE,
    -- The member's generation that it was made under; it holds while they are equal.
    generation bigint NOT NULL,
    device text,
    address text,
    created_at bigint NOT NULL,
    last_used_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    ended_at bigint,
    end_cause text,
    UNIQUE (workspace_id, id),
    FOREIGN KEY (workspace_id, member_id) REFERENCES members (workspace_id, id) ON DELETE CASCADE
);

CREATE INDEX workspace_sessions_by_member ON workspace_sessions (workspace_id, member_id, id);
CREATE INDEX workspace_sessions_expiring ON workspace_sessions (expires_at);
CREATE INDEX workspace_sessions_by_parent ON workspace_sessions (account_session_id, id);

CREATE TABLE api_keys (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL,
    -- Who made it: the key works only while that member is an active admin (API-2).
    member_id {uuid} NOT NULL,
    -- Which spell of that membership it was made in: removal ends it for good, whoever comes back (API-2).
    maker_joined_seq bigint NOT NULL,
    name text NOT NULL,
    token_hash {bytes} NOT NULL UNIQUE,
    created_at bigint NOT NULL,
    last_used_at bigint,
    revoked_at bigint,
    UNIQUE (workspace_id, id),
    FOREIGN KEY (workspace_id, member_id) REFERENCES members (workspace_id, id)
);

CREATE INDEX api_keys_by_member ON api_keys (workspace_id, member_id, id);
"#;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }
}
