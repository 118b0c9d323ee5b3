//! Which room owns which table: it alone writes it. Others may read it in a join.

use std::collections::BTreeSet;

use super::Finding;
use super::source::{Kind, Named, Source};

/// A table, and the folder that alone writes it.
pub const OWNERS: &[(&str, &str)] = &[
    ("installation", "src/platform/journal/"),
    ("streams", "src/platform/journal/"),
    ("events", "src/platform/journal/"),
    ("answers", "src/access/answers/"),
    ("answer_holders", "src/access/answers/"),
    ("outbox", "src/platform/mail/"),
    ("mailbox", "src/platform/mail/"),
    ("accounts", "src/accounts/"),
    ("email_links", "src/accounts/"),
    ("notices", "src/notices/"),
    ("roles", "src/roles/"),
    ("assets", "src/assets/"),
    ("seat_plans", "src/billing/"),
    ("ledger_entries", "src/billing/"),
    ("asset_shares", "src/assets/"),
    ("asset_channels", "src/assets/"),
    ("members", "src/members/"),
    ("member_addresses", "src/members/"),
    ("member_words", "src/members/"),
    ("member_notes", "src/members/"),
    ("contact_requests", "src/members/"),
    ("assignments", "src/members/"),
    ("refused_attempts", "src/members/"),
    ("barred_addresses", "src/members/"),
    ("barred_attempts", "src/members/"),
    ("address_keys", "src/members/"),
    ("invitations", "src/invitations/"),
    ("invitation_links", "src/invitations/"),
    ("account_sessions", "src/sessions/"),
    ("workspace_sessions", "src/sessions/"),
    ("api_keys", "src/api_keys/"),
    ("workspaces", "src/workspaces/"),
];

const CHANGES: &[&str] =
    &["insert", "insert_many", "update", "update_many", "delete", "delete_many", "delete_by_id"];

/// Writes to tables of others, in SQL and through entities.
pub fn writes(source: &Source) -> Vec<Finding> {
    let in_sql = source.tokens.iter().flat_map(|token| match &token.kind {
        Kind::Text(text) => written_in(text).into_iter().map(|table| (token.line, table)).collect(),
        _ => Vec::new(),
    });
    let mut findings = Vec::new();
    for (line, table) in in_sql.chain(through_entities(source)) {
        let Some((_, owner)) = OWNERS.iter().find(|(name, _)| *name == table) else { continue };
        if !source.path.starts_with(owner) {
            let text = format!("writes the table `{table}`, which {owner} owns and alone writes");
            findings.push(Finding::new(source, line, text));
        }
    }
    findings
}

/// `members::Entity::insert(…)`, and every use of `members::ActiveModel`.
fn through_entities(source: &Source) -> Vec<(usize, String)> {
    let named = source.named();
    let mut written = Vec::new();
    for path in &named {
        let words: Vec<&str> = path.segments.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["Entity", change, ..] if CHANGES.contains(change) => {
                written.extend(imported_entities(&named).map(|table| (path.line, table)));
            }
            [.., table, "Entity", change] if CHANGES.contains(change) => {
                written.push((path.line, (*table).into()));
            }
            [.., table, "ActiveModel"] => written.push((path.line, (*table).into())),
            _ => {}
        }
    }
    written
}

/// The tables whose `Entity` the file names without its module.
fn imported_entities(named: &[Named]) -> impl Iterator<Item = String> {
    named.iter().filter_map(|path| match path.segments.as_slice() {
        [.., entities, table, entity] if entities == "entities" && entity == "Entity" => Some(table.clone()),
        _ => None,
    })
}

/// The tables that SQL inserts into, updates or deletes from.
fn written_in(sql: &str) -> Vec<String> {
    let words: Vec<&str> =
        sql.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty()).collect();
    let mut tables = Vec::new();
    for at in 0..words.len() {
        let table = match words[at].to_ascii_uppercase().as_str() {
            "INSERT" | "DELETE" | "REPLACE" | "MERGE" if next_is(&words, at, &["INTO", "FROM"]) => {
                words.get(at + 2)
            }
            "UPDATE" | "TRUNCATE" => words.get(at + 1),
            _ => None,
        };
        tables.extend(table.map(|table| table.to_ascii_lowercase()));
    }
    tables
}

fn next_is(words: &[&str], at: usize, wanted: &[&str]) -> bool {
    words.get(at + 1).is_some_and(|next| wanted.iter().any(|word| word.eq_ignore_ascii_case(next)))
}

/// Every table that a migration makes has an owner here, and every owned table exists.
pub fn ownership(migrations: &[Source]) -> Vec<Finding> {
    let mut made = BTreeSet::new();
    let mut findings = Vec::new();
    for source in migrations {
        for token in &source.tokens {
            let Kind::Text(sql) = &token.kind else { continue };
            for table in sql.split("CREATE TABLE ").skip(1).filter_map(|rest| rest.split_whitespace().next())
            {
                made.insert(table.to_owned());
                if !OWNERS.iter().any(|(owned, _)| *owned == table) {
                    let text =
                        format!("makes the table `{table}`, which no room owns: name its owner in the test");
                    findings.push(Finding::new(source, token.line, text));
                }
            }
        }
    }
    for (table, owner) in OWNERS.iter().filter(|(table, _)| !made.contains(*table)) {
        findings.push(Finding {
            path: (*owner).to_owned(),
            line: 0,
            text: format!("is said to own the table `{table}`, which no migration makes"),
        });
    }
    findings
}
