//! What is still to be known of things and persons after their end.

use crate::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: &str = r#"
-- Who owned it when it was lost: if they are deleted for ever, it goes with them (DEL-1).
ALTER TABLE assets ADD COLUMN lost_by_member_id {uuid};

CREATE INDEX assets_lost_by ON assets (workspace_id, lost_by_member_id) WHERE lost_by_member_id IS NOT NULL;

-- All that is left of it is what persons took with them (REM-6): it has no name any more.
ALTER TABLE workspaces ADD COLUMN purged_at bigint;

-- The deletion that barred it. What one barred was one person's, and their mark ends for all of it at once (BLK-8).
ALTER TABLE barred_addresses ADD COLUMN operation_id {uuid};

-- The address that an ended account had, until its memberships have ended: each remembers it (BLK-8).
ALTER TABLE accounts ADD COLUMN ended_email_key {key};

CREATE INDEX accounts_by_ended_address ON accounts (ended_email_key) WHERE ended_email_key IS NOT NULL;
"#;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }
}
