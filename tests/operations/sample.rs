//! The sample people on servers in processes of their own: signed in, inside, listening.
//!
//! Takes no way that a client could not take.

use serde_json::{Value, json};

use crate::support::binary::Process;
use crate::support::people::{mutation, text};
use crate::support::servers::Postgres;

pub const ADA: &str = "ada@example.com";
pub const GRACE: &str = "grace@example.com";
const PASSWORD: &str = "correct horse battery staple";

/// Where the servers of a test keep their data.
pub struct Place {
    pub url: String,
    name: Option<String>,
    _folder: Option<tempfile::TempDir>,
}

impl Place {
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("rollcall.db").display());
        Self { url, name: None, _folder: Some(folder) }
    }

    /// An empty database of the shared server.
    pub async fn postgres() -> Self {
        let name = format!("place_{}", uuid::Uuid::now_v7().simple());
        Postgres::shared().create_database_from_template(&name, "empty_template", async |_| {}).await;
        Self { url: Postgres::shared().url(&name), name: Some(name), _folder: None }
    }

    pub async fn close(self) {
        if let Some(name) = &self.name {
            Postgres::shared().drop_database(name).await;
        }
    }
}

pub async fn sign_in(server: &Process, email: &str) -> String {
    let input = json!({ "email": email, "password": PASSWORD });
    text(&server.done(None, &mutation("signIn", "token"), input).await["token"])
}

/// Into the wallet, by an account session.
pub async fn enter_wallet(server: &Process, account: &str) -> String {
    let query = "{ viewer { memberships(first: 50) { nodes { workspaceId workspaceKind } } } }";
    let answer = server.ask(Some(account), query, json!({})).await;
    let memberships =
        answer["data"]["viewer"]["memberships"]["nodes"].as_array().cloned().unwrap_or_default();
    let wallet = memberships.iter().find(|it| it["workspaceKind"] == "WALLET").expect("the sample wallet");
    let input = json!({ "workspaceId": wallet["workspaceId"] });
    text(&server.done(Some(account), &mutation("enterWorkspace", "token"), input).await["token"])
}

/// Everybody's member id in the wallet, by address.
pub async fn member(server: &Process, admin: &str, email: &str) -> String {
    let query = "{ workspace { members(first: 50) { nodes { id email } } } }";
    let answer = server.ask(Some(admin), query, json!({})).await;
    let members = answer["data"]["workspace"]["members"]["nodes"].as_array().cloned().unwrap_or_default();
    let found = members.iter().find(|it| it["email"] == email);
    text(&found.unwrap_or_else(|| panic!("{answer:#}"))["id"])
}

pub async fn cursor(server: &Process, token: &str) -> String {
    let answer = server.ask(Some(token), "{ workspace { eventCursor } }", json!({})).await;
    text(&answer["data"]["workspace"]["eventCursor"])
}

/// The extensions of the error that a request is refused with.
pub async fn refusal(server: &Process, token: &str) -> Value {
    let answer = server.ask(Some(token), "{ viewer { eventCursor } }", json!({})).await;
    answer["errors"][0]["extensions"].clone()
}
