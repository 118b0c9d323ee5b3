//! What the ends of members, accounts and workspaces leave behind, and what finds them.

use crate::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: &str = r#"
-- What addresses are hashed with that may not be known any more. One row, drawn when it is first needed.
CREATE TABLE address_keys (
    id smallint PRIMARY KEY CHECK (id = 1),
    key {bytes} NOT NULL,
    created_at bigint NOT NULL
);

-- The keyed hashes of the addresses of people who were removed while blocked and then deleted for ever (BLK-8).
CREATE TABLE barred_addresses (
    workspace_id {uuid} NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    address_hash {bytes} NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (workspace_id, address_hash)
);

-- Whose matter a kept mail is: it goes with the member, or the workspace (DEL-1, WSP-10).
ALTER TABLE mailbox ADD COLUMN workspace_id {uuid};
ALTER TABLE mailbox ADD COLUMN subject_id {uuid};

CREATE INDEX mailbox_by_workspace ON mailbox (workspace_id) WHERE workspace_id IS NOT NULL;
CREATE INDEX outbox_by_workspace ON outbox (workspace_id) WHERE workspace_id IS NOT NULL;
CREATE INDEX invitations_by_past_address ON invitations (workspace_id, email_key);

-- The admins have been told that a block is to be looked at again (BLK-11).
ALTER TABLE members ADD COLUMN block_review_told boolean NOT NULL DEFAULT FALSE;

CREATE INDEX members_block_review ON members (block_review_at, workspace_id)
    WHERE block_review_at IS NOT NULL AND NOT block_review_told;

-- How far the end of an account has come (SES-7): `ASKED`, while it is looked whether somebody is a last admin, then
-- `ENDING`, until every membership is over.
ALTER TABLE accounts ADD COLUMN ending text CHECK (ending IN ('ASKED', 'ENDING'));
ALTER TABLE accounts ADD COLUMN ending_since bigint;

CREATE INDEX accounts_ending ON accounts (id) WHERE ending IS NOT NULL;

-- The last member whose person was told that the workspace is deleted (WSP-10), and whether all have been.
ALTER TABLE workspaces ADD COLUMN told_up_to {uuid};
ALTER TABLE workspaces ADD COLUMN told boolean NOT NULL DEFAULT FALSE;

CREATE INDEX workspaces_deleted ON workspaces (deleted_at, id) WHERE deleted_at IS NOT NULL;
"#;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }
}
