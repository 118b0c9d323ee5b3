//! Who plays: workspaces with admins that stay, people who are put out again and again, and people who only listen.
//!
//! Made through the API before the first fault, so every step has to succeed.

use serde_json::{Value, json};
use uuid::Uuid;

use super::castle::Household;
use super::line::Root;
use super::reading::Place;
use super::{Answer, Token, World, seq, uuid};
use crate::faults::record::{Holder, Reader, Sight, What};
use crate::support::cast::{
    ACCEPT, CREATE_WORKSPACE, ENTER, INVITE, PASSWORD, SIGN_IN, SIGN_UP, VERIFY_EMAIL, text,
};

pub const VIEWER: &str = "{ viewer { account { id } session { id } eventCursor } }";
pub const WHERE: &str = "{ workspace { eventCursor viewerMember { id } } }";

/// Somebody with an account session that stays.
#[derive(Clone, Debug)]
pub struct Person {
    pub email: String,
    pub account: Uuid,
    /// Never signed out.
    pub phone: Token,
}

/// Somebody in a workspace.
#[derive(Clone, Debug)]
pub struct Seat {
    pub person: Person,
    pub workspace: Uuid,
    pub workspace_id: String,
    pub member: Uuid,
    pub member_id: String,
    pub token: Token,
}

/// A workspace and its people.
pub struct Office {
    /// Admins who stay.
    pub admins: Vec<Seat>,
    /// Who only listens, with the plain role.
    pub plain: Seat,
    /// Who is put out: admins when the run begins.
    pub drilled: Vec<Seat>,
    /// Whose role is edited, with sessions that stay.
    pub holders: Vec<Seat>,
    /// Whose membership is deleted for ever, again and again: their account stays.
    pub lodgers: Vec<Person>,
    /// The reserve of those who forget their passwords and delete their accounts.
    pub mortals: Vec<Seat>,
    /// A workspace of its own that is deleted and brought back.
    pub household: Option<Household>,
    pub admin_role: String,
    pub plain_role: String,
}

/// How many play in an office, beside those that every office has.
#[derive(Clone, Copy, Debug)]
pub struct Staff {
    pub drilled: usize,
    pub holders: usize,
    pub lodgers: usize,
    pub mortals: usize,
    pub household: bool,
}

impl World {
    /// A step of the preparation.
    async fn must(&self, token: Option<&Token>, query: &str, variables: Value) -> Value {
        let Answer { outcome, payload } =
            self.send(0, token.map(|token| &*token.secret), query, variables.clone()).await;
        assert!(
            matches!(outcome, crate::faults::record::Outcome::Done(_)),
            "{query} {variables}: {outcome:?}"
        );
        payload
    }

    async fn person(&self, email: &str, secret: String) -> Person {
        let mut phone = Token { id: crate::faults::record::CredentialId(usize::MAX), secret: secret.into() };
        let viewer = self.must(Some(&phone), VIEWER, json!({})).await;
        let account = uuid(&viewer["account"]["id"]);
        let holder = Holder::Account { account, session: uuid(&viewer["session"]["id"]) };
        let floor = seq(&viewer["eventCursor"]).expect("a cursor");
        phone.id = self.recorder.credential(holder, floor);
        Person { email: email.to_owned(), account, phone }
    }

    async fn founder(&self, email: &str) -> Person {
        let input = json!({ "email": email, "name": "Somebody", "password": PASSWORD });
        self.must(None, SIGN_UP, json!({ "input": input })).await;
        let secret = self.mailed_secret(email).await.expect("a mail");
        let input = json!({ "token": secret, "password": PASSWORD });
        self.must(None, VERIFY_EMAIL, json!({ "input": input })).await;
        let signed_in =
            self.must(None, SIGN_IN, json!({ "input": { "email": email, "password": PASSWORD } })).await;
        self.person(email, text(&signed_in["token"])).await
    }

    async fn seat(&self, person: Person, workspace_id: &str) -> Seat {
        let input = json!({ "workspaceId": workspace_id });
        let entered = self.must(Some(&person.phone), ENTER, json!({ "input": input })).await;
        let mut token = Token { id: person.phone.id, secret: text(&entered["token"]).into() };
        let place = self.must(Some(&token), WHERE, json!({})).await;
        let member_id = text(&place["viewerMember"]["id"]);
        let (workspace, member) = (uuid(&json!(workspace_id)), uuid(&json!(member_id)));
        let session = uuid(&entered["workspaceSession"]["id"]);
        let holder = Holder::Member { workspace, member, session, parent: person.phone.id };
        token.id = self.recorder.credential(holder, seq(&place["eventCursor"]).expect("a cursor"));
        Seat { person, workspace, workspace_id: workspace_id.to_owned(), member, member_id, token }
    }

    /// Invited by mail, with a new account, and entered.
    async fn join(&self, admin: &Seat, email: &str, role: &str) -> Seat {
        let input = json!({ "members": [{ "email": email, "roleId": role }] });
        self.must(Some(&admin.token), INVITE, json!({ "input": input })).await;
        let secret = self.mailed_secret(email).await.expect("a mail");
        let input = json!({ "token": secret, "name": "Somebody", "password": PASSWORD });
        let accepted = self.must(None, ACCEPT, json!({ "input": input })).await;
        let person = self.person(email, text(&accepted["token"])).await;
        self.seat(person, &admin.workspace_id).await
    }

    async fn role(&self, admin: &Seat, name: &str) -> String {
        let query = "{ workspace { roles(first: 50) { nodes { id name } } } }";
        let workspace = self.must(Some(&admin.token), query, json!({})).await;
        let roles = workspace["roles"]["nodes"].as_array().expect("roles").clone();
        text(&roles.iter().find(|role| role["name"] == name).expect("the role")["id"])
    }

    /// A workspace with two admins and a plain member, whom nobody meets elsewhere.
    async fn household(&self, number: usize) -> Household {
        let name = format!("Castle {number}");
        let address = |who: &str| format!("{who}.castle{number}@example.com");
        let founder = self.founder(&address("founder")).await;
        let input = json!({ "name": name, "kind": "TEAM" });
        let created = self.must(Some(&founder.phone), CREATE_WORKSPACE, json!({ "input": input })).await;
        let founder = self.seat(founder, &text(&created["membership"]["workspaceId"])).await;
        let admin_role = self.role(&founder, "Admin").await;
        let plain_role = self.role(&founder, "Member").await;
        let second = self.join(&founder, &address("second"), &admin_role).await;
        let plain = self.join(&founder, &address("plain"), &plain_role).await;
        Household { name, seats: vec![founder, second, plain] }
    }

    pub async fn office(&self, number: usize, staff: Staff) -> Office {
        let address = |who: &str| format!("{who}.{number}@example.com");
        let founder = self.founder(&address("founder")).await;
        let input = json!({ "name": format!("Office {number}"), "kind": "TEAM" });
        let created = self.must(Some(&founder.phone), CREATE_WORKSPACE, json!({ "input": input })).await;
        let workspace_id = text(&created["membership"]["workspaceId"]);
        let founder = self.seat(founder, &workspace_id).await;
        let admin_role = self.role(&founder, "Admin").await;
        let plain_role = self.role(&founder, "Member").await;
        let second = self.join(&founder, &address("second"), &admin_role).await;
        let plain = self.join(&founder, &address("plain"), &plain_role).await;
        let (mut drilled, mut holders) = (Vec::new(), Vec::new());
        for at in 0..staff.drilled {
            drilled.push(self.join(&founder, &address(&format!("drilled{at}")), &admin_role).await);
        }
        for at in 0..staff.holders {
            holders.push(self.join(&founder, &address(&format!("holder{at}")), &plain_role).await);
        }
        let (mut lodgers, mut mortals) = (Vec::new(), Vec::new());
        for at in 0..staff.lodgers {
            lodgers.push(self.founder(&address(&format!("lodger{at}"))).await);
        }
        for at in 0..staff.mortals {
            mortals.push(self.join(&founder, &address(&format!("mortal{at}")), &plain_role).await);
        }
        let household = if staff.household { Some(self.household(number).await) } else { None };
        let admins = vec![founder, second];
        Office { admins, plain, drilled, holders, lodgers, mortals, household, admin_role, plain_role }
    }

    /// A reader of a workspace's stream, from now on.
    pub async fn workspace_place(&self, name: String, seat: &Seat, admin: bool, stays: bool) -> Place {
        let place = self.must(Some(&seat.token), WHERE, json!({})).await;
        let cursor = text(&place["eventCursor"]);
        let first = seq(&place["eventCursor"]).expect("a cursor");
        // Everybody joined before the run began; what was before their joining they don't ask for.
        let sight = Sight::Member { member: seat.member, admin, joined: 0 };
        let reader = self.recorder.reader(Reader { name, stream: seat.workspace, sight, first, stays });
        Place { reader, root: Root::Workspace, cursor }
    }

    /// A reader of a person's own stream, from now on.
    pub async fn viewer_place(&self, name: String, person: &Person) -> Place {
        let viewer = self.must(Some(&person.phone), VIEWER, json!({})).await;
        let cursor = text(&viewer["eventCursor"]);
        let first = seq(&viewer["eventCursor"]).expect("a cursor");
        let sight = Sight::Account(person.account);
        let stream = person.account;
        let reader = self.recorder.reader(Reader { name, stream, sight, first, stays: true });
        Place { reader, root: Root::Viewer, cursor }
    }

    /// A new account session of a person, and what it is in the record.
    pub async fn sign_in(&self, server: usize, person: &Person) -> Option<Token> {
        let input = json!({ "email": person.email, "password": PASSWORD });
        let answer = self.send(server, None, SIGN_IN, json!({ "input": input })).await;
        let secret = answer.payload["token"].as_str()?.to_owned();
        let session = uuid(&answer.payload["session"]["id"]);
        let holder = Holder::Account { account: person.account, session };
        let id = self.recorder.credential(holder, i64::MAX);
        let viewer = self.send(server, Some(&secret), VIEWER, json!({})).await;
        if let Some(floor) = viewer.payload.get("eventCursor").and_then(seq) {
            self.recorder.with().credentials[id.0].floor = floor;
        }
        Some(Token { id, secret: secret.into() })
    }

    /// The token and the id of a new workspace session.
    pub async fn enter_workspace(
        &self,
        server: usize,
        by: &Token,
        workspace_id: &str,
    ) -> Result<(String, Uuid), Answer> {
        let variables = json!({ "input": { "workspaceId": workspace_id } });
        let what = What::Enter(uuid(&json!(workspace_id)));
        let answer = self.ask(server, by, what, (ENTER, variables)).await;
        match (answer.payload["token"].as_str(), &answer.payload["workspaceSession"]["id"]) {
            (Some(secret), id) if id.is_string() => Ok((secret.to_owned(), uuid(id))),
            _ => Err(answer),
        }
    }

    /// A new workspace session under an account session; the refusal's code where there is none.
    pub async fn enter(&self, server: usize, by: &Token, seat: &Seat) -> Result<Token, Answer> {
        let (secret, session) = self.enter_workspace(server, by, &seat.workspace_id).await?;
        let (workspace, member) = (seat.workspace, seat.member);
        let holder = Holder::Member { workspace, member, session, parent: by.id };
        let id = self.recorder.credential(holder, i64::MAX);
        let token = Token { id, secret: secret.into() };
        let place = self.ask(server, &token, What::Read, (WHERE, json!({}))).await;
        if let Some(floor) = place.payload.get("eventCursor").and_then(seq) {
            self.recorder.with().credentials[id.0].floor = floor;
        }
        Ok(token)
    }
}
