//! Workspaces full of people who are signed in: too many for the product's own ways, of which a password alone takes
//! 15 ms. Workspaces and their roles are made through the API; accounts, members and sessions are written as rows.

use rollcall::primitives::ids::{AccountId, AccountSessionId, MemberId, WorkspaceId, WorkspaceSessionId};
use rollcall::primitives::secret::{Secret, SecretKind};
use rollcall::primitives::time::Clock;
use serde_json::{Value, json};
use uuid::Uuid;

use super::caller::Caller;
use super::house::{Ground, House, Server};
use super::rows::Rows;

/// Somebody who is signed in to a workspace, as a member of it.
#[derive(Clone)]
pub struct Seat {
    pub member: MemberId,
    pub token: String,
}

/// A workspace with its admin.
pub struct Office {
    pub workspace: WorkspaceId,
    pub admin: Seat,
    /// Name and id.
    roles: Vec<(String, Uuid)>,
}

pub const ADMIN: &str = "Workspace admin";
pub const REVIEWER: &str = "Workspace reviewer";
pub const DEVELOPER: &str = "Workspace developer";
pub const OPERATOR: &str = "Workspace operator";

impl Office {
    pub fn role(&self, name: &str) -> Uuid {
        self.roles.iter().find(|role| role.0 == name).unwrap_or_else(|| panic!("no role {name}")).1
    }
}

/// Creates workspaces, one admin in all of them.
pub async fn offices(house: &House, server: &Server, count: usize) -> Vec<Office> {
    let person = people(house, 1).await.remove(0);
    let mut caller = Caller::connect(&server.address).await.expect("the server answers");
    let mut offices = Vec::with_capacity(count);
    for _ in 0..count {
        let input = json!({ "name": "Figures", "kind": "WALLET" });
        let created = call(&mut caller, &person.token, CREATE, &input).await;
        let id = &created["data"]["createWorkspace"]["membership"]["workspaceId"];
        let entered = call(&mut caller, &person.token, ENTER, &json!({ "workspaceId": id })).await;
        let token = entered["data"]["enterWorkspace"]["token"].as_str().expect("let in").to_owned();
        let workspace = WorkspaceId::parse(id.as_str().expect("created")).expect("an id");
        offices.push(office(house, workspace, token).await);
    }
    offices
}

const CREATE: &str = "mutation($input: CreateWorkspaceInput!) { createWorkspace(input: $input) { membership { workspaceId } \
    userErrors { message } } }";
const ENTER: &str = "mutation($input: EnterWorkspaceInput!) { enterWorkspace(input: $input) { token userErrors { message } } }";

/// A body of GraphQL over HTTP.
pub fn body(query: &str, input: &Value) -> String {
    json!({ "query": query, "variables": { "input": input } }).to_string()
}

async fn call(caller: &mut Caller, token: &str, query: &str, input: &Value) -> Value {
    let answer = caller.call(Some(token), &body(query, input)).await.expect("an answer");
    let answer: Value = serde_json::from_str(&answer).expect("JSON");
    assert!(answer.get("errors").is_none(), "{answer}");
    answer
}

/// Things to work on, in a workspace; their ids.
pub async fn assets(server: &Server, office: &Office, count: usize) -> Vec<String> {
    let mut caller = Caller::connect(&server.address).await.expect("the server answers");
    let mut assets = Vec::with_capacity(count);
    for number in 0..count {
        let input = json!({ "kind": "FLOW", "name": "Something", "externalId": format!("figures-{number}") });
        let registered = call(&mut caller, &office.admin.token, REGISTER, &input).await;
        let id = registered["data"]["registerAsset"]["asset"]["id"].as_str().expect("registered").to_owned();
        assets.push(id);
    }
    assets
}

const REGISTER: &str = "mutation($input: RegisterAssetInput!) { registerAsset(input: $input) { asset { id } userErrors { message } } }";

async fn office(house: &House, workspace: WorkspaceId, token: String) -> Office {
    let id = literal(house, workspace.as_uuid());
    let rows = house.rows(&format!("SELECT id, name FROM roles WHERE workspace_id = {id}")).await;
    let role = |row: &sea_orm::QueryResult| {
        (row.try_get("", "name").expect("a text"), row.try_get("", "id").expect("an id"))
    };
    let members = house.rows(&format!("SELECT id FROM members WHERE workspace_id = {id}")).await;
    let member = MemberId::from_uuid(members[0].try_get("", "id").expect("an id"));
    Office { workspace, admin: Seat { member, token }, roles: rows.iter().map(role).collect() }
}

fn literal(house: &House, id: Uuid) -> String {
    match house.ground {
        Ground::Postgres => format!("'{id}'"),
        Ground::Sqlite => format!("x'{}'", id.simple()),
    }
}

struct Person {
    account: AccountId,
    session: AccountSessionId,
    email: String,
    /// Of the account session.
    token: String,
}

/// People with an account session each.
async fn people(house: &House, count: usize) -> Vec<Person> {
    let now = Clock::system().now();
    let until = now.plus_hours(24);
    let mut accounts = Rows::new(
        "accounts (id, email, email_key, verified_email_key, name, password_hash, generation, revision, created_at)",
    );
    let mut streams = Rows::new("streams (id, kind, seq, floor, last_at)");
    let mut sessions = Rows::new(
        "account_sessions (id, account_id, token_hash, generation, created_at, last_used_at, expires_at)",
    );
    let mut people = Vec::with_capacity(count);
    for _ in 0..count {
        let (account, session) = (AccountId::new(), AccountSessionId::new());
        let email = format!("{}@example.com", account.as_uuid().simple());
        let token = Secret::mint(SecretKind::AccountSession);
        let texts = [email.as_str(), &email, &email, "Somebody", "none"];
        accounts.id(account.as_uuid()).texts(&texts).numbers(&[1, 1, now.as_micros()]).end();
        streams.id(account.as_uuid()).texts(&["ACCOUNT"]).numbers(&[0, 0, now.as_micros()]).end();
        sessions.id(session.as_uuid()).id(account.as_uuid()).bytes(token.hash().as_bytes());
        sessions.numbers(&[1, now.as_micros(), now.as_micros(), until.as_micros()]).end();
        people.push(Person { account, session, email, token: token.reveal().to_owned() });
    }
    for rows in [accounts, streams, sessions] {
        rows.insert(house).await;
    }
    people
}

/// People who join a workspace in a role, each with a session in it.
pub async fn seats(house: &House, wanted: &[(&Office, &str, usize)]) -> Vec<Vec<Seat>> {
    let now = Clock::system().now();
    let until = now.plus_hours(24);
    let mut newcomers = people(house, wanted.iter().map(|(_, _, count)| count).sum()).await.into_iter();
    let mut members = Rows::new(
        "members (id, workspace_id, account_id, role_id, email, email_key, name, name_key, state, generation, joined_at, \
         joined_seq, revision, created_at, removed_while_blocked)",
    );
    let mut addresses = Rows::new("member_addresses (workspace_id, member_id, email_key)");
    let mut sessions = Rows::new(
        "workspace_sessions (id, workspace_id, member_id, account_session_id, token_hash, generation, created_at, \
         last_used_at, expires_at)",
    );
    let mut seated = Vec::new();
    for (office, role, count) in wanted {
        let mut seats = Vec::with_capacity(*count);
        for person in newcomers.by_ref().take(*count) {
            let (member, session) = (MemberId::new(), WorkspaceSessionId::new());
            let token = Secret::mint(SecretKind::WorkspaceSession);
            let workspace = office.workspace.as_uuid();
            members.id(member.as_uuid()).id(workspace).id(person.account.as_uuid()).id(office.role(role));
            members.texts(&[&person.email, &person.email, "Somebody", "somebody", "ACTIVE"]);
            members.numbers(&[1, now.as_micros(), 1, 1, now.as_micros()]).no().end();
            addresses.id(workspace).id(member.as_uuid()).texts(&[&person.email]).end();
            sessions.id(session.as_uuid()).id(workspace).id(member.as_uuid()).id(person.session.as_uuid());
            sessions.bytes(token.hash().as_bytes());
            sessions.numbers(&[1, now.as_micros(), now.as_micros(), until.as_micros()]).end();
            seats.push(Seat { member, token: token.reveal().to_owned() });
        }
        seated.push(seats);
    }
    for rows in [members, addresses, sessions] {
        rows.insert(house).await;
    }
    house.execute("ANALYZE").await;
    seated
}

/// The tokens of seats.
pub fn tokens(seats: &[Seat]) -> Vec<String> {
    seats.iter().map(|seat| seat.token.clone()).collect()
}
