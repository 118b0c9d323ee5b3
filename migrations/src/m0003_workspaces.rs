//! Workspaces, their roles and their assets.

use crate::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: &str = r#"
CREATE TABLE workspaces (
    id {uuid} PRIMARY KEY,
    name text NOT NULL,
    kind text NOT NULL,
    -- The settings of the rule book that a workspace may change, as JSON.
    policy text NOT NULL,
    contact_text text,
    contact_email text,
    revision bigint NOT NULL,
    created_at bigint NOT NULL,
    deleted_at bigint
);

CREATE TABLE roles (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL REFERENCES workspaces (id),
    name text NOT NULL,
    name_key {key} NOT NULL,
    asset_scope text NOT NULL CHECK (asset_scope IN ('ALL', 'ASSIGNED')),
    is_admin boolean NOT NULL,
    is_built_in boolean NOT NULL,
    is_default boolean NOT NULL,
    -- A JSON array of permissions beyond those that every member has.
    permissions text NOT NULL,
    revision bigint NOT NULL,
    created_at bigint NOT NULL,
    UNIQUE (workspace_id, id),
    UNIQUE (workspace_id, name_key)
);

CREATE UNIQUE INDEX roles_one_default ON roles (workspace_id) WHERE is_default;
CREATE UNIQUE INDEX roles_one_admin ON roles (workspace_id) WHERE is_admin;
"#;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }
}
