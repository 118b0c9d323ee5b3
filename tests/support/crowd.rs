//! Many people in a workspace at once, written as rows: the way through the API takes a password's 15 ms for each.
//!
//! Holds no rule: what stands in the rows is what joining leaves behind.

use std::fmt::Write;

use rollcall::primitives::ids::{AccountId, MemberId, WorkspaceId};
use rollcall::primitives::name::{name_key, name_words};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::app::Stage;

/// Rows of one INSERT.
const ROWS_AT_ONCE: usize = 500;

impl Stage {
    /// So many active members in a role, by name in their order; their ids.
    pub async fn crowd(&self, workspace: &str, role: &str, count: usize) -> Vec<String> {
        let workspace = WorkspaceId::parse(workspace).expect("an id").as_uuid();
        let sql = format!("SELECT id, name FROM roles WHERE workspace_id = {}", self.id(workspace));
        let roles = self.sql(&sql).await;
        let named = roles.iter().find(|row| row.try_get::<String>("", "name").unwrap() == role);
        let role: Uuid = named.unwrap_or_else(|| panic!("no role {role}")).try_get("", "id").unwrap();
        let mut rows = Rows::default();
        let members = (0..count).map(|number| rows.add(self, (workspace, role), number)).collect();
        rows.insert(self).await;
        members
    }

    /// An id as this database writes it.
    pub fn id(&self, id: Uuid) -> String {
        if self.here().app.gate.database().is_postgres() {
            format!("'{id}'::uuid")
        } else {
            format!("x'{}'", id.simple())
        }
    }

    /// Runs statements that change rows behind the doors' back.
    pub async fn execute(&self, sql: &str) {
        let tx = self.here().app.gate.database().begin().await.unwrap();
        tx.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql:.500}: {error}"));
        tx.commit().await.unwrap();
    }
}

#[derive(Default)]
struct Rows {
    accounts: Vec<String>,
    streams: Vec<String>,
    members: Vec<String>,
    addresses: Vec<String>,
    words: Vec<String>,
}

impl Rows {
    fn add(&mut self, stage: &Stage, (workspace, role): (Uuid, Uuid), number: usize) -> String {
        let (account, member) = (AccountId::new(), MemberId::new());
        let now = stage.clock.now().as_micros();
        let name = format!("Guest{number:04} of {}", if number.is_multiple_of(2) { "Even" } else { "Odd" });
        let email = format!("{}@crowd.example", account.as_uuid().simple());
        let (workspace, role) = (stage.id(workspace), stage.id(role));
        let (person, id) = (stage.id(account.as_uuid()), stage.id(member.as_uuid()));
        self.accounts
            .push(format!("({person}, '{email}', '{email}', '{email}', '{name}', 'none', 1, 1, {now})"));
        self.streams.push(format!("({person}, 'ACCOUNT', 0, 0, {now})"));
        let key = name_key(&name);
        self.members.push(format!(
            "({id}, {workspace}, {person}, {role}, '{email}', '{email}', '{name}', '{key}', 'ACTIVE', 1, {now}, 1, 1, \
             {now}, FALSE)"
        ));
        self.addresses.push(format!("({workspace}, '{email}', {id})"));
        let words = name_words(&name).into_iter();
        self.words.extend(words.map(|word| format!("({workspace}, '{word}', {id})")));
        member.to_string()
    }

    async fn insert(self, stage: &Stage) {
        let account = "accounts (id, email, email_key, verified_email_key, name, password_hash, generation, revision, \
                       created_at)";
        let member = "members (id, workspace_id, account_id, role_id, email, email_key, name, name_key, state, \
                      generation, joined_at, joined_seq, revision, created_at, removed_while_blocked)";
        for (table, rows) in [
            (account, self.accounts),
            ("streams (id, kind, seq, floor, last_at)", self.streams),
            (member, self.members),
            ("member_addresses (workspace_id, email_key, member_id)", self.addresses),
            ("member_words (workspace_id, word, member_id)", self.words),
        ] {
            for some in rows.chunks(ROWS_AT_ONCE) {
                let mut sql = String::new();
                write!(sql, "INSERT INTO {table} VALUES {}", some.join(", ")).unwrap();
                stage.execute(&sql).await;
            }
        }
    }
}
