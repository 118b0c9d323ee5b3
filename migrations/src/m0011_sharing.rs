//! Sharing assets, and putting them away.

use crate::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: &str = r#"
-- Out of use since then, for good.
ALTER TABLE assets ADD COLUMN archived_at bigint;

-- Members who see an asset without working on it.
CREATE TABLE asset_shares (
    workspace_id {uuid} NOT NULL,
    asset_id {uuid} NOT NULL,
    member_id {uuid} NOT NULL,
    PRIMARY KEY (workspace_id, asset_id, member_id),
    FOREIGN KEY (workspace_id, asset_id) REFERENCES assets (workspace_id, id) ON DELETE CASCADE,
    FOREIGN KEY (workspace_id, member_id) REFERENCES members (workspace_id, id) ON DELETE CASCADE
);

CREATE INDEX asset_shares_by_member ON asset_shares (workspace_id, member_id, asset_id);

-- Channels of the host's that an asset is shared with; who is in them the host knows.
CREATE TABLE asset_channels (
    workspace_id {uuid} NOT NULL,
    asset_id {uuid} NOT NULL,
    channel {key} NOT NULL,
    PRIMARY KEY (workspace_id, asset_id, channel),
    FOREIGN KEY (workspace_id, asset_id) REFERENCES assets (workspace_id, id) ON DELETE CASCADE
);

CREATE INDEX assets_by_kind ON assets (workspace_id, kind, name_key, id);
"#;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }
}
