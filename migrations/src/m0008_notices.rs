//! What persons are told about workspaces that they can no longer look into.

use crate::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: &str = r#"
-- One row until the person dismisses it (REM-5).
CREATE TABLE notices (
    id {uuid} PRIMARY KEY,
    account_id {uuid} NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    workspace_id {uuid} NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    kind text NOT NULL,
    created_at bigint NOT NULL
);

CREATE INDEX notices_by_account ON notices (account_id, created_at, id);
"#;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }
}
