//! What the service refuses to start on: a database that may lose what it has acknowledged, wherever that was set.

use crate::support::binary::run;
use crate::support::own_postgres::{OwnPostgres, execute};

async fn starts(url: &str, more: &[&str]) -> (bool, String) {
    run(&[&["migrate", "--database-url", url], more].concat()).await
}

async fn is_refused(url: &str, setting: &str) {
    // The command that serves, and the others.
    for arguments in [&["serve", "--listen", "127.0.0.1:0"][..], &["migrate"], &["restored"]] {
        let (well, said) = run(&[arguments, &["--database-url", url]].concat()).await;
        assert!(!well && said.contains("isn't durable") && said.contains(setting), "{arguments:?}: {said}");
    }
    let (well, said) = starts(url, &["--allow-non-durable"]).await;
    assert!(well, "{said}");
}

/// Sets it for the whole server, and waits until new connections see it.
async fn system(postgres: &OwnPostgres, setting: &str, value: &str) {
    let url = postgres.url("postgres");
    execute(&url, &format!("ALTER SYSTEM SET {setting} = {value}")).await.expect("set");
    execute(&url, "SELECT pg_reload_conf()").await.expect("read again");
    let sees = format!("DO $$ BEGIN ASSERT current_setting('{setting}') = '{value}'; END $$");
    while execute(&url, &sees).await.is_err() {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgresql_that_may_lose_what_it_acknowledged_is_refused_wherever_that_was_set() {
    let postgres = OwnPostgres::start();
    execute(&postgres.url("postgres"), "CREATE DATABASE rollcall").await.expect("made");
    let url = postgres.url("rollcall");
    for setting in ["fsync", "full_page_writes", "synchronous_commit"] {
        system(&postgres, setting, "off").await;
        is_refused(&url, &format!("{setting}=off")).await;
        system(&postgres, setting, "on").await;
        let (well, said) = starts(&url, &[]).await;
        assert!(well, "{setting}: {said}");
    }
    // For one database, for one role, for one connection: all that counts is what a session gets.
    let set = async |sql: &str| execute(&postgres.url("postgres"), sql).await.expect("set");
    set("ALTER DATABASE rollcall SET synchronous_commit = off").await;
    is_refused(&url, "synchronous_commit=off").await;
    set("ALTER DATABASE rollcall RESET synchronous_commit").await;
    set("ALTER ROLE rollcall SET synchronous_commit = off").await;
    is_refused(&url, "synchronous_commit=off").await;
    set("ALTER ROLE rollcall RESET synchronous_commit").await;
    is_refused(&format!("{url}?options=-c%20synchronous_commit%3Doff"), "synchronous_commit=off").await;
    // Its own disk is enough for one server; more than that is welcome.
    for enough in ["local", "remote_write", "remote_apply"] {
        set(&format!("ALTER DATABASE rollcall SET synchronous_commit = {enough}")).await;
        let (well, said) = starts(&url, &[]).await;
        assert!(well, "{enough}: {said}");
    }
}

/// Whatever a SQLite file was left in, the service writes it through to the disk.
#[tokio::test]
async fn sqlite_is_run_with_full_synchronous_writes() {
    use sea_orm::ConnectionTrait;

    use crate::support::storage;

    let folder = tempfile::tempdir().expect("a temporary folder");
    let database = storage::in_folder(folder.path()).await;
    let tx = database.begin().await.expect("a transaction");
    for (sql, wanted) in [("PRAGMA synchronous", "2"), ("PRAGMA journal_mode", "wal")] {
        let row = tx.query_one_raw(database.statement(sql, [])).await.expect("it answers").expect("a row");
        let found = row.try_get_by_index::<i64>(0).map(|it| it.to_string());
        assert_eq!(found.or_else(|_| row.try_get_by_index::<String>(0)).expect("a value"), wanted, "{sql}");
    }
}
