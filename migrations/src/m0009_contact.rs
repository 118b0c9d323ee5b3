//! What people wrote to the admins of a workspace.

use crate::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: &str = r#"
-- Beside the journal, which never holds what people write; goes with the member (DEL-1).
CREATE TABLE contact_requests (
    workspace_id {uuid} NOT NULL,
    operation_id {uuid} NOT NULL,
    member_id {uuid} NOT NULL,
    message text NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (workspace_id, operation_id),
    FOREIGN KEY (workspace_id, member_id) REFERENCES members (workspace_id, id) ON DELETE CASCADE
);

CREATE INDEX contact_requests_by_member ON contact_requests (workspace_id, member_id, created_at);
"#;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }
}
