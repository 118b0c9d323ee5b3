//! Members, their addresses, and what they work on.

use crate::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: &str = r#"
CREATE TABLE members (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL REFERENCES workspaces (id),
    -- Empty until the invitation is accepted.
    account_id {uuid} REFERENCES accounts (id),
    email text NOT NULL,
    email_key {key} NOT NULL,
    name text NOT NULL,
    name_key {key} NOT NULL,
    -- What lies under a block: a block is a hold, not a stage (rules.md, "Blocking").
    state text NOT NULL CHECK (state IN ('INVITED', 'ACTIVE', 'DEACTIVATED', 'REMOVED')),
    blocked_at bigint,
    block_category text,
    block_note text,
    -- The actor who blocked, as JSON.
    blocked_by text,
    block_review_at bigint,
    -- Why the state is `DEACTIVATED` or `REMOVED`: since when, by whom, and the reason. Empty again once it is `ACTIVE`.
    departure_at bigint,
    departure_category text,
    departure_note text,
    departure_by text,
    -- When the open invitation expires; a copy that lists and counts compare with the time.
    invitation_expires_at bigint,
    role_id {uuid} NOT NULL,
    -- Raised to end every session of the member at once; `generation_cause` says why it last was.
    generation bigint NOT NULL,
    generation_cause text,
    -- BLK-8: was removed while blocked, and has not been active since.
    removed_while_blocked boolean NOT NULL,
    removed_at bigint,
    reinvite_allowed_at bigint,
    joined_at bigint,
    -- The stream's number at joining: replays for those who may not read the audit trail begin here (EVT-8).
    joined_seq bigint,
    last_active_at bigint,
    revision bigint NOT NULL,
    created_at bigint NOT NULL,
    UNIQUE (workspace_id, id),
    UNIQUE (workspace_id, account_id),
    FOREIGN KEY (workspace_id, role_id) REFERENCES roles (workspace_id, id)
);

CREATE INDEX members_by_email ON members (workspace_id, email_key, id);
CREATE INDEX members_by_name ON members (workspace_id, name_key, id);
CREATE INDEX members_by_joined ON members (workspace_id, COALESCE(joined_at, 0), id);
CREATE INDEX members_by_last_active ON members (workspace_id, COALESCE(last_active_at, 0), id);
CREATE INDEX members_by_state ON members (workspace_id, state, id);
CREATE INDEX members_by_role ON members (workspace_id, role_id, id);
CREATE INDEX members_by_account ON members (account_id, id);
CREATE INDEX members_by_address ON members (email_key, workspace_id);
CREATE INDEX members_expiring ON members (invitation_expires_at) WHERE state = 'INVITED';

-- Every address that a membership has had (INV-10). One that somebody gave up may be another member's by now.
CREATE TABLE member_addresses (
    workspace_id {uuid} NOT NULL,
    email_key {key} NOT NULL,
    member_id {uuid} NOT NULL,
    PRIMARY KEY (workspace_id, email_key, member_id),
    FOREIGN KEY (workspace_id, member_id) REFERENCES members (workspace_id, id) ON DELETE CASCADE
);

CREATE INDEX member_addresses_member ON member_addresses (workspace_id, member_id);

-- The words of a member's name, for search by the beginning of each.
CREATE TABLE member_words (
    workspace_id {uuid} NOT NULL,
    word {key} NOT NULL,
    member_id {uuid} NOT NULL,
    PRIMARY KEY (workspace_id, word, member_id),
    FOREIGN KEY (workspace_id, member_id) REFERENCES members (workspace_id, id) ON DELETE CASCADE
);

CREATE INDEX member_words_member ON member_words (workspace_id, member_id);

CREATE TABLE assets (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL REFERENCES workspaces (id),
    kind text NOT NULL,
    name text NOT NULL,
    name_key {key} NOT NULL,
    -- The host's own id of it.
    external_id {key} NOT NULL,
    -- Empty: the workspace itself holds it.
    owner_member_id {uuid},
    -- It went with this person (REM-6): out of the workspace, but for those who are assigned to it.
    held_by_account_id {uuid} REFERENCES accounts (id),
    -- In nobody's reach since then, and to be purged (REM-7).
    lost_at bigint,
    revision bigint NOT NULL,
    created_at bigint NOT NULL,
    UNIQUE (workspace_id, id),
    UNIQUE (workspace_id, kind, external_id),
    FOREIGN KEY (workspace_id, owner_member_id) REFERENCES members (workspace_id, id)
);

CREATE INDEX assets_by_name ON assets (workspace_id, name_key, id);
CREATE INDEX assets_by_owner ON assets (workspace_id, owner_member_id, id);
CREATE INDEX assets_by_holder ON assets (held_by_account_id, name_key, id) WHERE held_by_account_id IS NOT NULL;
CREATE INDEX assets_lost ON assets (lost_at, workspace_id) WHERE lost_at IS NOT NULL;

CREATE TABLE assignments (
    workspace_id {uuid} NOT NULL,
    member_id {uuid} NOT NULL,
    asset_id {uuid} NOT NULL,
    -- A string of the host's.
    role text,
    PRIMARY KEY (workspace_id, member_id, asset_id),
    FOREIGN KEY (workspace_id, member_id) REFERENCES members (workspace_id, id) ON DELETE CASCADE,
    FOREIGN KEY (workspace_id, asset_id) REFERENCES assets (workspace_id, id) ON DELETE CASCADE
);

CREATE INDEX assignments_by_asset ON assignments (workspace_id, asset_id, member_id);

-- The free notes of reasons (LIF-4). They lie beside the journal, which never holds what people write, and go when a
-- member is deleted for ever (DEL-1).
CREATE TABLE member_notes (
    workspace_id {uuid} NOT NULL,
    member_id {uuid} NOT NULL,
    -- The operation whose events the note belongs to.
    operation_id {uuid} NOT NULL,
    operation text NOT NULL,
    note text NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (workspace_id, member_id, operation_id),
    FOREIGN KEY (workspace_id, member_id) REFERENCES members (workspace_id, id) ON DELETE CASCADE
);

-- Who or what tried to bring a blocked member back (BLK-10): one row per actor, member and hour.
CREATE TABLE refused_attempts (
    workspace_id {uuid} NOT NULL,
    member_id {uuid} NOT NULL,
    hour bigint NOT NULL,
    actor_kind text NOT NULL,
    actor_id {uuid} NOT NULL,
    -- What was tried last.
    operation text NOT NULL,
    origin text NOT NULL,
    attempts bigint NOT NULL,
    last_at bigint NOT NULL,
    PRIMARY KEY (workspace_id, member_id, hour, actor_kind, actor_id),
    FOREIGN KEY (workspace_id, member_id) REFERENCES members (workspace_id, id) ON DELETE CASCADE
);
"#;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }
}
