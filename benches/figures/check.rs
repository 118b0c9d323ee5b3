//! The check of a session: how many requests share a statement, and what it costs a request alone.

use std::time::Duration;

use rollcall::platform::database::statement;
use sea_orm::Statement;

use super::cores::Core;
use super::house::{Ground, House, Server};
use super::load::Request;
use super::plan::Plan;
use super::report::{Line, Report};
use super::role::Load;
use super::seed::{self, OPERATOR, Seat};
use super::spread::Spread;
use super::storm::Storm;
use super::{caller, limit};

const AT_ONCE: usize = 64;
const SHARE_WANTED: f64 = 0.1;
/// What a request alone may pay beside its statement, in seconds.
const ALONE_WANTED: f64 = 0.0001;
/// PostgreSQL tells its figures with a delay.
const SETTLED: Duration = Duration::from_secs(2);

pub async fn measure(plan: &Plan, report: &mut Report) {
    let house = House::new(Ground::Postgres).await;
    let server = house.serve(plan, Core::Measured, &[]);
    let office = seed::offices(&house, &server, 1).await.remove(0);
    let seats = seed::seats(&house, &[(&office, OPERATOR, AT_ONCE)]).await.remove(0);
    let mut load = Load::start();
    share(plan, report, (&house, &server, &seats), &mut load).await;
    alone(plan, report, (&house, &server, &seats[0]), &mut load).await;
}

fn request(server: &Server, token: Option<&str>) -> Request {
    let body = r#"{"query":"{ __typename }"}"#.to_owned();
    Request { address: server.address.clone(), token: token.map(str::to_owned), body }
}

async fn share(
    plan: &Plan,
    report: &mut Report,
    (house, server, seats): (&House, &Server, &[Seat]),
    load: &mut Load,
) {
    let requests: Vec<Request> = seats.iter().map(|seat| request(server, Some(&seat.token))).collect();
    let unsigned: Vec<Request> = seats.iter().map(|_| request(server, None)).collect();
    let times = plan.size(500, 10);
    load.storm(Storm { requests: requests.clone(), times: 5 });
    let (mut shares, mut rates, mut limits) = (Vec::new(), Vec::new(), Vec::new());
    let (mut source, asked) = ("", (AT_ONCE * times) as f64);
    for _ in 0..plan.size(7, 2) {
        let before = counted(house, server).await;
        let weathered = load.storm(Storm { requests: requests.clone(), times });
        let after = counted(house, server).await;
        shares.push((after.statements - before.statements) / (after.checks - before.checks).unwrap_or(asked));
        source = after.source;
        rates.push(asked / weathered.all);
        limits.push(asked / load.storm(Storm { requests: unsigned.clone(), times }).all);
    }
    let (shares, rates, limits) = (Spread::of(shares), Spread::of(rates), Spread::of(limits));
    eprintln!("  statements counted by {source}");
    report.add(
        "check",
        Line {
            what: format!("session check, {AT_ONCE} requests at once, statements per request"),
            measured: format!("{}, at {:.0} requests per second", shares.told("", 3), rates.median()),
            limit: format!("without a credential {:.0} requests per second", limits.median()),
            ratio: format!("{:.2}", rates.median() / limits.median()),
            target: format!("{SHARE_WANTED} statements per request"),
            reached: Some(shares.median() <= SHARE_WANTED),
        },
    );
}

async fn alone(
    plan: &Plan,
    report: &mut Report,
    (house, server, seat): (&House, &Server, &Seat),
    load: &mut Load,
) {
    let (signed, unsigned) = (request(server, Some(&seat.token)), request(server, None));
    let statement = check_statement(house, load, &signed).await;
    let (mut with, mut without, mut limits) = (Vec::new(), Vec::new(), Vec::new());
    let times = plan.size(100, 10);
    for _ in 0..plan.size(40, 3) {
        with.extend(load.storm(Storm { requests: vec![signed.clone()], times }).took);
        without.extend(load.storm(Storm { requests: vec![unsigned.clone()], times }).took);
        for _ in 0..times {
            limits.push(limit::statement(house, &statement).await);
        }
    }
    let [with, without, limits] = [with, without, limits].map(Spread::of);
    let cost = with.median() - without.median();
    let microseconds = |seconds: f64| seconds * 1e6;
    report.add(
        "check",
        Line {
            what: "what the check costs a request alone, p50".into(),
            measured: format!(
                "{:.0} µs ({:.0} µs with a session, {:.0} µs without)",
                microseconds(cost),
                microseconds(with.median()),
                microseconds(without.median())
            ),
            limit: format!("its statement alone {}", limits.map(microseconds).told(" µs", 0)),
            ratio: format!("{:.2}", cost / limits.median()),
            target: format!("{:.0} µs beside the statement", microseconds(ALONE_WANTED)),
            reached: Some(cost - limits.median() <= ALONE_WANTED),
        },
    );
}

/// The statement as the server sends it, with this session's own token: read from what PostgreSQL says that it ran.
async fn check_statement(house: &House, load: &mut Load, signed: &Request) -> Statement {
    let sql = "SELECT query FROM pg_stat_activity WHERE datname = current_database() \
               AND query LIKE 'SELECT x.token_hash%workspace_sessions x%IN ($1) %' AND pid <> pg_backend_pid()";
    let token = rollcall::primitives::secret::Secret::parse(signed.token.as_deref().expect("signed"));
    let hash = token.expect("a token").hash();
    loop {
        load.storm(Storm { requests: vec![signed.clone()], times: 5 });
        if let Some(row) = house.rows(sql).await.first() {
            let sql: String = row.try_get("", "query").expect("a text");
            let values = vec![hash.as_bytes().to_vec().into(); sql.matches('$').count()];
            return statement(&house.database, &sql, values);
        }
    }
}

/// How many checks and statements there have been.
struct Counted {
    /// Where the server doesn't tell, nothing.
    checks: Count,
    statements: f64,
    source: &'static str,
}

#[derive(Clone, Copy)]
struct Count(Option<f64>);

impl std::ops::Sub for Count {
    type Output = Option<f64>;

    fn sub(self, other: Self) -> Option<f64> {
        Some(self.0? - other.0?)
    }
}

async fn counted(house: &House, server: &Server) -> Counted {
    let figures = caller::get(&server.address, "/metrics").await.expect("the server answers");
    let figure = |name: &str| {
        let lines = figures.lines().filter(|line| !line.starts_with('#') && line.starts_with(name));
        lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).reduce(|sum, it| sum + it)
    };
    let checks = Count(figure("rollcall_checks_total"));
    if let Some(statements) = figure("rollcall_check_statements_total") {
        return Counted { checks, statements, source: "the server's own figures" };
    }
    tokio::time::sleep(SETTLED).await;
    let sql = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()";
    let statements = house.rows(sql).await[0].try_get::<i64>("", "xact_commit").expect("a number") as f64;
    Counted { checks, statements, source: "PostgreSQL: everything that the server does is among them" }
}
