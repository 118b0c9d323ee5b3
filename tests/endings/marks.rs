//! Looks for what a person could be known by, wherever the product keeps anything.

use rollcall::primitives::ids::WorkspaceId;
use sea_orm::QueryResult;

use crate::support::app::Stage;

/// The tables that the database has, and their columns.
async fn columns(stage: &Stage) -> Vec<(String, String)> {
    let sql = if stage.here().app.gate.database().is_postgres() {
        "SELECT table_name AS of_table, column_name AS of_column FROM information_schema.columns \
         WHERE table_schema = 'public'"
    } else {
        "SELECT m.name AS of_table, c.name AS of_column FROM sqlite_schema m, pragma_table_info(m.name) c \
         WHERE m.type = 'table'"
    };
    let column = |row: &QueryResult, name: &str| row.try_get::<String>("", name).expect("a name");
    let rows = stage.sql(sql).await;
    rows.iter().map(|row| (column(row, "of_table"), column(row, "of_column"))).collect()
}

/// Where one of the marks stands in a row, as `table.column`: in every column of every table. Letters to an account
/// itself are not the workspace's; they are told apart as `mailbox of accounts`.
pub async fn found_in_rows(stage: &Stage, marks: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let columns = columns(stage).await;
    assert!(columns.len() > 100, "the tables are read: {}", columns.len());
    for (table, column) in columns {
        for mark in marks {
            let of_accounts = ["mailbox", "outbox"].contains(&table.as_str());
            let owner = if of_accounts { "workspace_id IS NULL" } else { "TRUE" };
            let shown = if stage.here().app.gate.database().is_postgres() {
                format!("LOWER(encode(convert_to({column}::text, 'UTF8'), 'escape'))")
            } else {
                format!("LOWER(CAST({column} AS text))")
            };
            let sql = format!(
                "SELECT DISTINCT {owner} AS own FROM {table} WHERE {shown} LIKE '%{}%'",
                mark.to_lowercase()
            );
            for row in stage.sql(&sql).await {
                let own = of_accounts && row.try_get::<bool>("", "own").expect("a truth");
                found.push(format!("{table}{}.{column}: {mark}", if own { " of accounts" } else { "" }));
            }
        }
    }
    found
}

/// Which of the marks stand anywhere in SQLite's files: the database, its log, its index. Letters of either case.
pub fn found_in_files(stage: &Stage, marks: &[&str]) -> Vec<String> {
    let url = stage.config.database.database_url.expose().to_owned();
    let Some(path) = url.strip_prefix("sqlite://").and_then(|rest| rest.split('?').next()) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let Ok(bytes) = std::fs::read(format!("{path}{suffix}")) else { continue };
        let bytes = bytes.to_ascii_lowercase();
        for mark in marks {
            let mark = mark.to_ascii_lowercase();
            if bytes.windows(mark.len()).any(|window| window == mark.as_bytes()) {
                found.push(format!("rollcall.db{suffix}: {mark}"));
            }
        }
    }
    found
}

/// Rows of the tables that belong to a workspace, by table; the journal apart.
pub async fn rows_of(stage: &Stage, workspace: &str) -> Vec<String> {
    let id = WorkspaceId::parse(workspace).expect("an id").as_uuid();
    let literal = if stage.here().app.gate.database().is_postgres() {
        format!("'{id}'")
    } else {
        format!("x'{}'", id.simple())
    };
    let mut found = Vec::new();
    for (table, column) in columns(stage).await {
        let names_it = column == "workspace_id" || (table == "workspaces" && column == "id");
        if names_it
            && !stage.sql(&format!("SELECT 1 AS it FROM {table} WHERE {column} = {literal}")).await.is_empty()
        {
            found.push(table);
        }
    }
    found
}
