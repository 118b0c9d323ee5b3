//! Indexes for lists of a million members: see docs/query-plans.md for what each is there for.

use crate::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: &str = r#"
-- The few who are blocked, among the many who aren't.
CREATE INDEX members_blocked ON members (workspace_id, id) WHERE blocked_at IS NOT NULL;

-- Who has served longest in a role: a forced logout names an admin, and waits for nobody to look at all of them.
CREATE INDEX members_serving ON members (workspace_id, role_id, joined_at, id)
    WHERE state = 'ACTIVE' AND blocked_at IS NULL;

-- Asked of one member at a time: does a word of theirs begin like this? It serves what the one before it did.
CREATE INDEX member_words_of_member ON member_words (workspace_id, member_id, word);
DROP INDEX member_words_member;

-- Who has a role and is in: found, and counted, without looking at the rows.
DROP INDEX members_by_role;
CREATE INDEX members_by_role ON members (workspace_id, role_id, state, id);
"#;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }
}
