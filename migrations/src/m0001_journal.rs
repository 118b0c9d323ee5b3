//! The journal: the installation's id, the streams and their events (delivery.md, "The journal").

use crate::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: &str = r#"
CREATE TABLE installation (
    id smallint PRIMARY KEY CHECK (id = 1),
    -- Which history the numbers of streams belong to.
    epoch {uuid} NOT NULL,
    created_at bigint NOT NULL
);

-- Every writer of a stream locks its row first. Nothing has a foreign key to it, so that nobody else locks it.
CREATE TABLE streams (
    id {uuid} PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('WORKSPACE', 'ACCOUNT')),
    seq bigint NOT NULL,
    -- Events up to this number have been archived by the operator.
    floor bigint NOT NULL DEFAULT 0,
    last_at bigint NOT NULL
);

CREATE TABLE events (
    stream_id {uuid} NOT NULL,
    seq bigint NOT NULL,
    id {uuid} NOT NULL UNIQUE,
    stream_kind text NOT NULL,
    type text NOT NULL,
    version smallint NOT NULL,
    operation_id {uuid} NOT NULL,
    occurred_at bigint NOT NULL,
    actor_kind text NOT NULL,
    actor_id {uuid},
    origin text NOT NULL,
    audience text NOT NULL,
    subject_kind text,
    subject_id {uuid},
    effect text,
    payload text NOT NULL,
    PRIMARY KEY (stream_id, seq)
);

CREATE INDEX events_operation ON events (operation_id);
CREATE INDEX events_subject ON events (stream_id, subject_id, seq);
"#;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }
}
