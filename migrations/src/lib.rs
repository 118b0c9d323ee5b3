//! The changes that build Rollcall's database: one file per change, SQLite and PostgreSQL in the same file.
//!
//! Never removes what the release before still reads: a change first expands, a later release contracts.

#![expect(
    elided_lifetimes_in_paths,
    reason = "the trait leaves them out, and an implementation must match it"
)]

pub use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

mod m0001_journal;
mod m0002_accounts;
mod m0003_workspaces;
mod m0004_members;
mod m0005_sessions;
mod m0006_invitations;
mod m0007_mail;
mod m0008_notices;
mod m0009_contact;
mod m0010_billing;
mod m0011_sharing;
mod m0012_ends;
mod m0013_answers;
mod m0014_indexes;
mod m0015_forgetting;
mod m0016_what_stays;

/// Every change in its order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_journal::Migration),
            Box::new(m0002_accounts::Migration),
            Box::new(m0003_workspaces::Migration),
            Box::new(m0004_members::Migration),
            Box::new(m0005_sessions::Migration),
            Box::new(m0006_invitations::Migration),
            Box::new(m0007_mail::Migration),
            Box::new(m0008_notices::Migration),
            Box::new(m0009_contact::Migration),
            Box::new(m0010_billing::Migration),
            Box::new(m0011_sharing::Migration),
            Box::new(m0012_ends::Migration),
            Box::new(m0013_answers::Migration),
            Box::new(m0014_indexes::Migration),
            Box::new(m0015_forgetting::Migration),
            Box::new(m0016_what_stays::Migration),
        ]
    }
}

/// Runs statements that name types by what they hold: `{uuid}`, `{bytes}`, and `{key}` for text that is ordered or
/// searched (bytewise on both databases: PostgreSQL's `"C"`, SQLite's default). Times are microseconds in a `bigint`.
pub(crate) async fn run(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    let (uuid, bytes, key) = match manager.get_database_backend() {
        DbBackend::Postgres => ("uuid", "bytea", "text COLLATE \"C\""),
        _ => ("blob", "blob", "text"),
    };
    let sql = sql.replace("{uuid}", uuid).replace("{bytes}", bytes).replace("{key}", key);
    manager.get_connection().execute_unprepared(&sql).await?;
    Ok(())
}
