//! Attempts on the addresses of people who are known by nothing else, mails that were given up, and whom a kept letter
//! names.

use crate::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: &str = r#"
-- Who or what tried to invite somebody who was removed while blocked and then deleted for ever (BLK-10): one row per actor
-- and hour. Not even a hash says whom.
CREATE TABLE barred_attempts (
    workspace_id {uuid} NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    hour bigint NOT NULL,
    actor_kind text NOT NULL,
    actor_id {uuid} NOT NULL,
    -- What was tried last.
    operation text NOT NULL,
    origin text NOT NULL,
    attempts bigint NOT NULL,
    last_at bigint NOT NULL,
    PRIMARY KEY (workspace_id, hour, actor_kind, actor_id)
);

-- Its mail is tried no more (INV-13). Beside `mail_state`, which is `FAILING` then: the release before knows no other word.
ALTER TABLE invitations ADD COLUMN mail_given_up boolean NOT NULL DEFAULT FALSE;

-- The member whom a kept letter names in its text: it goes with them (DEL-1). Of the letters that lie here already:
-- whoever answers for the invitation now, and whoever wrote to the admins.
ALTER TABLE mailbox ADD COLUMN names_member_id {uuid};
UPDATE mailbox SET names_member_id = COALESCE(
    (SELECT i.inviter_member_id FROM invitations i
        WHERE i.workspace_id = mailbox.workspace_id AND i.id = mailbox.subject_id),
    (SELECT q.member_id FROM contact_requests q
        WHERE q.workspace_id = mailbox.workspace_id AND q.operation_id = mailbox.subject_id)
) WHERE workspace_id IS NOT NULL;
"#;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }
}
