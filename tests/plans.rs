//! How lists, searches and counts of members are answered: every statement that they run is taken from the running
//! service and explained by its database. In the suite some thousand members show that nothing goes through all of them;
//! `bin/plans` does the same with a million and writes the plans and their times down (docs/query-plans-million.md).

use std::collections::HashSet;
use std::fmt::Write;
use std::fs;
use std::time::{Duration, Instant};

use rollcall::platform::database;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::architecture::root;
use crate::on_both_stages;
use crate::support::app::Stage;
use crate::support::cast::{Person, Seat, text};
use crate::support::statements::Statements;

/// How many members the workspace has that is asked about; `bin/plans` sets it.
const MEMBERS: &str = "ROLLCALL_PLANS_MEMBERS";
const MEMBERS_IN_THE_SUITE: usize = 2_000;
/// Other workspaces, whose members must not be looked at.
const NEIGHBOURS: usize = 6;
const NEIGHBOURS_MEMBERS: usize = 1_500;
/// Tables that grow with the members of all workspaces: none may be gone through from one end to the other.
const LARGE: &[&str] = &[
    "members",
    "member_words",
    "member_addresses",
    "assignments",
    "assets",
    "accounts",
    "invitations",
    "events",
    "workspace_sessions",
    "account_sessions",
    "refused_attempts",
    "member_notes",
    "notices",
];
/// The names that statements give to those.
const ALIASES: &[&str] = &["m", "w", "g", "a", "i", "x", "k", "n", "s", "t"];

/// Where `bin/plans` writes what it has seen.
const PAGE: &str = "docs/query-plans-million.md";
/// How often a statement is timed; the middle counts.
const TIMES: usize = 3;

/// One question, as a client asks it.
struct Question {
    name: String,
    token: String,
    query: String,
    variables: Value,
}

/// What a database says of one statement.
struct Plan {
    sql: String,
    lines: Vec<String>,
    milliseconds: f64,
}

/// The statements that answer the question, explained.
async fn explain(stage: &Stage, statements: &Statements, question: &Question) -> Vec<Plan> {
    statements.take();
    ask(stage, question).await;
    let ran = statements.take();
    let mut plans = Vec::new();
    for statement in ran.into_iter().filter(|it| it.sql.starts_with("SELECT")) {
        plans.push(plan(stage, statement).await);
    }
    statements.take();
    plans
}

/// As slow as it may be among a million members on a small machine: what is to be seen is how slow.
const PATIENCE: Duration = Duration::from_secs(300);

async fn ask(stage: &Stage, question: &Question) {
    let body = json!({ "query": question.query, "variables": question.variables });
    let request = stage.http.post(format!("http://{}/graphql", stage.here().address)).timeout(PATIENCE);
    let request = request.header("accept", "application/graphql-response+json").bearer_auth(&question.token);
    let answer: Value = request.json(&body).send().await.expect("an answer").json().await.expect("JSON");
    assert!(answer.get("errors").is_none(), "{}: {answer:#}", question.name);
}

async fn plan(stage: &Stage, statement: Statement) -> Plan {
    let db = stage.here().app.gate.database();
    let how = match (db.is_postgres(), wanted() == MEMBERS_IN_THE_SUITE) {
        (true, true) => "EXPLAIN (COSTS OFF)",
        (true, false) => "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF)",
        _ => "EXPLAIN QUERY PLAN",
    };
    let values = statement.values.clone().map(|values| values.0).unwrap_or_default();
    let explaining = database::statement(db.reader(), &format!("{how} {}", statement.sql), values);
    let column = if db.is_postgres() { "QUERY PLAN" } else { "detail" };
    let tx = db.begin().await.expect("a transaction");
    if db.is_postgres() && wanted() == MEMBERS_IN_THE_SUITE {
        // A table of some hundred rows is read as a whole, whatever indexes it has; here it counts whether there is one.
        tx.execute_unprepared("SET LOCAL enable_seqscan = off").await.expect("it is set");
    }
    let rows = tx.query_all_raw(explaining).await.expect("it explains");
    tx.rollback().await.expect("nothing was changed");
    let lines = rows.iter().map(|row| row.try_get::<String>("", column).expect("a text")).collect();
    let mut times = Vec::new();
    for _ in 0..TIMES {
        let started = Instant::now();
        db.reader().query_all_raw(statement.clone()).await.expect("it runs");
        times.push(started.elapsed().as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    Plan { sql: statement.sql, lines, milliseconds: times[TIMES / 2] }
}

impl Plan {
    /// Goes through a large table from one end to the other, other tenants' rows among them.
    fn scan(&self) -> Option<&str> {
        let goes_through = |line: &&String| {
            let line = line.trim_start_matches([' ', '-', '>']);
            if let Some(rest) = line.strip_prefix("SCAN ") {
                let table = rest.split(' ').next().unwrap_or_default();
                return LARGE.contains(&table) || ALIASES.contains(&table);
            }
            let scanned = line.split_once("Seq Scan on ").map(|(_, rest)| rest);
            scanned.is_some_and(|rest| LARGE.contains(&rest.split(' ').next().unwrap_or_default()))
        };
        self.lines.iter().find(goes_through).map(String::as_str)
    }

    /// The indexes that it goes by.
    fn indexes(&self) -> String {
        let mut found = Vec::new();
        for line in &self.lines {
            let words: Vec<&str> = line.split_whitespace().collect();
            for pair in words.windows(2) {
                let named = match pair[0] {
                    "using" | "INDEX" => true,
                    "on" => line.contains("Bitmap Index Scan"),
                    _ => false,
                };
                let name = pair[1].trim_start_matches("sqlite_autoindex_");
                if named && pair[1] != "(" && !found.contains(&name) {
                    found.push(name);
                }
            }
        }
        found.join(", ")
    }
}

/// Members of a workspace, as many as wanted, by statements that make all of them at once: seven in ten active, some
/// resting, invited and removed, one in ten thousand blocked, two in a hundred developers with an asset, one in fifty
/// thousand with a rare one.
async fn fill(stage: &Stage, (workspace, [role, rare]): (&str, [&str; 2]), assets: [&str; 2], count: usize) {
    let id = |text: &str| stage.id(rollcall::primitives::ids::split(text).expect("an id").1);
    let (workspace, role, rare, assets) = (id(workspace), id(role), id(rare), assets.map(id));
    let fresh =
        if stage.here().app.gate.database().is_postgres() { "gen_random_uuid()" } else { "randomblob(16)" };
    let now = stage.clock.now().as_micros();
    let numbers = format!(
        "(WITH RECURSIVE s(n) AS (SELECT CAST(1 AS bigint) UNION ALL SELECT n + 1 FROM s WHERE n < {count}) SELECT n FROM s)"
    );
    stage.execute(&format!(
        "INSERT INTO members (id, workspace_id, role_id, email, email_key, name, name_key, state, blocked_at, \
         invitation_expires_at, generation, removed_while_blocked, removed_at, joined_at, joined_seq, last_active_at, \
         revision, created_at) SELECT {fresh}, {workspace}, CASE WHEN n % 50 = 2 THEN {rare} ELSE {role} END, \
         'p' || n || '@crowd.example', 'p' || n || '@crowd.example', \
         'name' || (10000 + n * 31 % 5003) || ' fam' || (100000 + n * 17 % 20011), \
         'name' || (10000 + n * 31 % 5003) || ' fam' || (100000 + n * 17 % 20011), \
         CASE WHEN n % 100 < 70 THEN 'ACTIVE' WHEN n % 100 < 75 THEN 'DEACTIVATED' WHEN n % 100 < 80 THEN 'INVITED' \
         ELSE 'REMOVED' END, CASE WHEN n % 10007 = 7 THEN {now} END, \
         CASE WHEN n % 100 BETWEEN 75 AND 79 THEN {now} + (n - {count} / 2) * 1000000 END, 1, FALSE, \
         CASE WHEN n % 100 > 79 THEN {now} END, \
         CASE WHEN n % 100 BETWEEN 75 AND 79 THEN NULL ELSE {now} - n * 1000000 END, 1, \
         CASE WHEN n % 3 > 0 THEN {now} - (n % 86400) * 1000000 END, 1, {now} FROM {numbers} AS s"
    ))
    .await;
    stage.execute(&format!(
        "INSERT INTO assets (id, workspace_id, kind, name, name_key, external_id, revision, created_at) \
         SELECT {fresh}, {workspace}, 'FLOW', 'Flow ' || n, 'flow ' || n, 'flow-' || n, 1, {now} FROM {numbers} AS s \
         WHERE n % 3 = 0"
    ))
    .await;
    stage.execute(&format!(
        "INSERT INTO accounts (id, email, email_key, name, password_hash, generation, revision, created_at) \
         SELECT {fresh}, 'p' || n || '@elsewhere.example', 'p' || n || '@elsewhere.example', 'Somebody', 'none', 1, 1, {now} \
         FROM {numbers} AS s WHERE n % 3 = 0"
    ))
    .await;
    for (from, length) in [(1, 9), (11, 9)] {
        stage.execute(&format!(
            "INSERT INTO member_words (workspace_id, word, member_id) SELECT workspace_id, substr(name_key, {from}, {length}), \
             id FROM members WHERE workspace_id = {workspace} AND email LIKE '%@crowd.example'"
        ))
        .await;
    }
    stage.execute(&format!(
        "INSERT INTO member_addresses (workspace_id, email_key, member_id) SELECT workspace_id, email_key, id FROM members \
         WHERE workspace_id = {workspace} AND email LIKE '%@crowd.example'"
    ))
    .await;
    // Among the neighbours everybody works on theirs.
    let common = if count == NEIGHBOURS_MEMBERS { "TRUE".into() } else { format!("role_id = {rare}") };
    for (asset, which) in assets.iter().zip([common, "name LIKE 'name10000%'".into()]) {
        stage.execute(&format!(
            "INSERT INTO assignments (workspace_id, member_id, asset_id) SELECT workspace_id, id, {asset} FROM members \
             WHERE workspace_id = {workspace} AND {which}"
        ))
        .await;
    }
}

/// A workspace with a crowd, others beside it; and somebody who is in many.
async fn world(stage: &Stage, count: usize) -> (Person, Seat, [String; 2]) {
    if !stage.here().app.gate.database().is_postgres() {
        // For the one connection that writes, so that a million rows are soon there; those that read have their own.
        stage.execute("PRAGMA cache_size = -1000000").await;
    }
    let ada = stage.person("Ada").await;
    let mut wanted = None;
    for number in 0..=NEIGHBOURS {
        let admin = stage.workspace(&ada, "WALLET").await;
        let assets = [stage.asset(&admin, "Common").await, stage.asset(&admin, "Rare").await];
        let roles =
            [stage.role(&admin, "Workspace operator").await, stage.role(&admin, "Workspace developer").await];
        let size = if number == 0 { count } else { NEIGHBOURS_MEMBERS };
        let roles = [roles[0].as_str(), roles[1].as_str()];
        fill(stage, (&admin.workspace_id, roles), [&assets[0], &assets[1]], size).await;
        wanted = wanted.or(Some((admin, assets)));
    }
    if stage.here().app.gate.database().is_postgres() {
        // What its autovacuum does in life: the tests' server has none.
        stage.sql("VACUUM (ANALYZE)").await;
    }
    let (admin, assets) = wanted.expect("at least one");
    (ada, admin, assets)
}

fn question(name: impl Into<String>, token: &str, query: &str, variables: Value) -> Question {
    Question { name: name.into(), token: token.into(), query: query.into(), variables }
}

const LIST: &str = "query($filter: MembersFilter, $order: MemberOrder, $first: Int, $after: String, $last: Int, \
                    $before: String) { workspace { members(filter: $filter, orderBy: $order, first: $first, after: $after, \
                    last: $last, before: $before) { pageInfo { endCursor startCursor } nodes { id } } } }";
const COUNT: &str =
    "query($filter: MembersFilter) { workspace { members(filter: $filter, first: 1) { totalCount } } }";

async fn questions(stage: &Stage, admin: &Seat, assets: &[String; 2]) -> Vec<Question> {
    let token = &admin.token;
    let mut all = Vec::new();
    for order in ["NAME", "EMAIL", "JOINED_AT", "LAST_ACTIVE_AT"] {
        for (way, size, bound, cursor) in
            [("", "first", "after", "endCursor"), (", backwards", "last", "before", "startCursor")]
        {
            let first = json!({ "order": { "field": order }, size: 20 });
            let page = stage.data(Some(token), LIST, first.clone()).await;
            let place = &page["workspace"]["members"]["pageInfo"][cursor];
            all.push(question(format!("by {order}{way}"), token, LIST, first));
            all.push(question(
                format!("by {order}{way}, next page"),
                token,
                LIST,
                json!({ "order": { "field": order }, size: 20, bound: place }),
            ));
        }
    }
    for (name, filter) in filters(stage, admin, assets).await {
        let list = json!({ "filter": filter, "first": 20 });
        all.push(question(name.clone(), token, LIST, list));
        let backwards = json!({ "filter": filter, "last": 20, "order": { "field": "LAST_ACTIVE_AT" } });
        all.push(question(format!("{name}, by LAST_ACTIVE_AT, backwards"), token, LIST, backwards));
        all.push(question(format!("{name}, counted"), token, COUNT, json!({ "filter": filter })));
    }
    for (name, query) in [
        ("everybody, counted", "{ workspace { members(first: 1) { totalCount } } }"),
        ("memberCounts", "{ workspace { memberCounts { active } } }"),
        (
            "availableActions",
            "{ workspace { members(first: 20) { nodes { availableActions { action } } } } }",
        ),
        ("memberByEmail", r#"{ workspace { memberByEmail(email: "p7@crowd.example") { id } } }"#),
        ("contact", "{ workspace { contact { email } } }"),
        ("assets", "{ workspace { assets(first: 20) { totalCount nodes { id } } } }"),
    ] {
        all.push(question(name, token, query, json!({})));
    }
    let memberships = "{ viewer { memberships(first: 20) { totalCount nodes { id contact { email } } } } }";
    all.push(question("memberships of a person", &admin.person.token, memberships, json!({})));
    all
}

async fn filters(stage: &Stage, admin: &Seat, assets: &[String; 2]) -> Vec<(String, Value)> {
    let statuses = ["INVITATION_SENT", "INVITATION_EXPIRED", "ACTIVE", "DEACTIVATED", "BLOCKED", "REMOVED"];
    let mut filters: Vec<(String, Value)> =
        statuses.iter().map(|status| ((*status).to_owned(), json!({ "statuses": [status] }))).collect();
    filters.push(("INACTIVE".into(), json!({ "displayStatuses": ["INACTIVE"] })));
    for role in ["Workspace admin", "Workspace developer", "Workspace operator"] {
        filters.push((role.into(), json!({ "roleId": stage.role(admin, role).await })));
    }
    filters.push(("an asset of two in a hundred".into(), json!({ "assetId": assets[0] })));
    filters.push(("an asset of few".into(), json!({ "assetId": assets[1] })));
    for search in ["name10000 fam100000", "fam10000", "fam10", "na", "p77", "p", "nobody"] {
        filters.push((format!("search `{search}`"), json!({ "search": search })));
    }
    filters
}

fn wanted() -> usize {
    std::env::var(MEMBERS).ok().and_then(|text| text.parse().ok()).unwrap_or(MEMBERS_IN_THE_SUITE)
}

/// What `bin/plans` writes down: a table, and then each plan.
fn told(plans: &[(String, Vec<Plan>)]) -> String {
    let mut told = String::from("| question | statements | ms | indexes |\n| --- | --- | --- | --- |\n");
    for (name, plans) in plans {
        let time: f64 = plans.iter().map(|plan| plan.milliseconds).sum();
        let mut indexes: Vec<String> = plans.iter().map(Plan::indexes).filter(|it| !it.is_empty()).collect();
        indexes.dedup();
        writeln!(told, "| {name} | {} | {time:.1} | {} |", plans.len(), indexes.join("; ")).unwrap();
    }
    let mut shown = HashSet::new();
    for (name, plans) in plans {
        for plan in plans {
            let text = format!("{}\n    {}", shortened(&plan.sql), plan.lines.join("\n    "));
            let text = without_ids(&text);
            if shown.insert(text.clone()) {
                write!(told, "\n{name}: {:.1} ms\n\n```text\n{text}\n```\n", plan.milliseconds).unwrap();
            }
        }
    }
    told.trim_end().to_owned()
}

/// A statement without the long list of columns that it selects.
fn shortened(sql: &str) -> String {
    const COLUMNS_MAX: usize = 120;
    let sql = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    match sql.strip_prefix("SELECT ").and_then(|rest| rest.split_once(" FROM ")) {
        Some((columns, rest)) if columns.len() > COLUMNS_MAX && !columns.contains("SELECT") => {
            format!("SELECT ... FROM {rest}")
        }
        _ => sql,
    }
}

/// Ids are others each time.
fn without_ids(text: &str) -> String {
    let is_id = |part: &str| part.len() == 36 && part.bytes().filter(|byte| *byte == b'-').count() == 4;
    text.split('\'').map(|part| if is_id(part) { "..." } else { part }).collect::<Vec<_>>().join("'")
}

/// Puts it into the page, in the place of what stood there for this database.
fn write_down(stage: &Stage, plans: &[(String, Vec<Plan>)]) {
    let database = if stage.here().app.gate.database().is_postgres() { "postgresql" } else { "sqlite" };
    let (begin, end) =
        (format!("<!-- {database}: written by bin/plans -->\n"), format!("\n<!-- end of {database} -->"));
    let page = fs::read_to_string(root().join(PAGE)).expect("the page");
    let (before, rest) = page.split_once(&begin).expect("where it begins");
    let (_, after) = rest.split_once(&end).expect("where it ends");
    let told = told(plans);
    fs::write(root().join(PAGE), format!("{before}{begin}{told}{end}{after}")).expect("it can be written");
}

on_both_stages! {
    /// No list, search or count of members goes through a table that grows with everybody's members, and none skips rows.
    async fn no_list_goes_through_all_members(stage) {
        let count = wanted();
        let (_, admin, assets) = world(stage, count).await;
        let questions = questions(stage, &admin, &assets).await;
        let statements = Statements::of(stage);
        let mut all = Vec::new();
        for question in questions {
            let plans = explain(stage, &statements, &question).await;
            if count != MEMBERS_IN_THE_SUITE {
                let time: f64 = plans.iter().map(|plan| plan.milliseconds).sum();
                eprintln!("{}: {time:.1} ms", question.name);
            }
            assert!(!plans.is_empty(), "{}", question.name);
            all.push((question.name, plans));
        }
        let mut scans = Vec::new();
        for (name, plans) in &all {
            for plan in plans {
                assert!(!text(&json!(plan.sql)).contains("OFFSET"), "{name}: {}", plan.sql);
                scans.extend(plan.scan().map(|line| format!("{name}: {line}\n    {}", plan.sql)));
            }
        }
        if count == MEMBERS_IN_THE_SUITE {
            assert!(scans.is_empty(), "{}", scans.join("\n"));
        } else {
            write_down(stage, &all);
        }
    }
}
