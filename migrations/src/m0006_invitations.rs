//! Invitations and the links that their mails hold.

use crate::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: &str = r#"
-- The invitation of a member: kept after it ended, so that a late click is told what became of it (INV-6).
CREATE TABLE invitations (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL REFERENCES workspaces (id),
    -- Without a foreign key: withdrawing the first invitation of a person deletes their row (INV-3).
    member_id {uuid} NOT NULL,
    -- Whom it was sent to: what tells the invited person's own answers apart once the member's row is gone. Goes
    -- with the person (DEL-1).
    email_key {key} NOT NULL,
    role_id {uuid} NOT NULL,
    -- A JSON array of asset ids, as they were promised.
    assets text NOT NULL,
    -- Who invited, as JSON, and the member who answers for it: the inviter, or the maker of the key (INV-7).
    invited_by text NOT NULL,
    inviter_member_id {uuid} NOT NULL,
    sent_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    expiry_announced boolean NOT NULL,
    -- How often it was sent; a mail that waits for an older sending is dropped.
    sending bigint NOT NULL,
    mail_state text NOT NULL CHECK (mail_state IN ('QUEUED', 'HANDED_OVER', 'FAILING')),
    -- What a removed person's membership was, as JSON: it is that again when this comes to nothing (INV-3). Goes with
    -- the person (DEL-1).
    before text,
    -- The admin gave up what was kept for a removed person, so that they needn't wait (REM-4). It is gone once this is
    -- accepted, and not before.
    gives_up_kept boolean NOT NULL,
    -- A JSON array: why acceptances were refused that admins have been told of (INV-7).
    refusals text NOT NULL,
    ended_at bigint,
    outcome text CHECK (outcome IN ('ACCEPTED', 'DECLINED', 'WITHDRAWN')),
    revision bigint NOT NULL,
    created_at bigint NOT NULL,
    UNIQUE (workspace_id, id)
);

-- What a workspace has sent within the hour is counted under its lock.
CREATE INDEX invitations_by_sending ON invitations (workspace_id, sent_at);
CREATE UNIQUE INDEX invitations_one_open ON invitations (workspace_id, member_id) WHERE ended_at IS NULL;
CREATE INDEX invitations_by_member ON invitations (workspace_id, member_id, id);
CREATE INDEX invitations_by_inviter ON invitations (workspace_id, inviter_member_id, id) WHERE ended_at IS NULL;
CREATE INDEX invitations_by_address ON invitations (email_key, id) WHERE ended_at IS NULL;
CREATE INDEX invitations_expiring ON invitations (expires_at) WHERE ended_at IS NULL AND NOT expiry_announced;

CREATE TABLE invitation_links (
    token_hash {bytes} PRIMARY KEY,
    workspace_id {uuid} NOT NULL,
    invitation_id {uuid} NOT NULL,
    -- Which sending it belongs to; older ones are dead (INV-4).
    sending bigint NOT NULL,
    created_at bigint NOT NULL,
    FOREIGN KEY (workspace_id, invitation_id) REFERENCES invitations (workspace_id, id) ON DELETE CASCADE
);

CREATE INDEX invitation_links_by_invitation ON invitation_links (workspace_id, invitation_id);
CREATE INDEX invitation_links_by_age ON invitation_links (workspace_id, created_at);
"#;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }
}
