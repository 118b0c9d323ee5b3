//! A workspace with an admin and a member who are both inside, and what these tests ask of it.

use rollcall::platform::journal::{self, Authorship, Effect, NewEvent, StreamId};
use rollcall::primitives::actor::{Actor, Audience, Origin};
use rollcall::primitives::ids::{OperationId, WorkspaceId};
use serde_json::{Value, json};

use crate::support::app::{Server, Stage};
use crate::support::people::{Human, mutation, text};
use crate::support::socket::Socket;

pub const SESSION_EVENTS: &str = "subscription { sessionEvents { __typename \
    ... on SessionEnded { cause message contact { text email } } \
    ... on SessionRightsChanged { isAdmin permissions } } }";
pub const WORKSPACE_EVENTS: &str = "subscription($after: EventCursor) { workspaceEvents(after: $after) { \
    __typename id eventCursor \
    ... on MemberJoined { member { id name status } } \
    ... on MemberBlocked { category member { id status displayStatus revision } } \
    ... on MemberRoleSet { member { id role { id name isAdmin } } } \
    ... on AssetRegistered { assetId } \
    ... on Resync { reason } } }";
pub const VIEWER_EVENTS: &str = "subscription($after: EventCursor) { viewerEvents(after: $after) { \
    __typename eventCursor actor { kind } \
    ... on ViewerMembershipBlocked { membership { workspaceId memberId status } } } }";

/// Somebody inside the workspace.
pub struct Insider {
    pub human: Human,
    pub token: String,
    pub id: String,
}

pub struct Company<'s> {
    pub stage: &'s Stage,
    pub workspace: String,
    pub admin: Insider,
    pub member: Insider,
}

impl<'s> Company<'s> {
    pub async fn found(stage: &'s Stage) -> Self {
        let (ada, bob) = (stage.human("Ada").await, stage.human("Bob").await);
        let workspace = stage.found(&ada, "Engine", "TEAM").await;
        stage.take_in(&workspace, &bob, "Member", &[]).await;
        let admin = Insider::enter(stage, ada, &workspace).await;
        let member = Insider::enter(stage, bob, &workspace).await;
        Self { stage, workspace, admin, member }
    }

    /// One more member.
    pub async fn hire(&self, name: &str) -> Insider {
        let human = self.stage.human(name).await;
        self.stage.take_in(&self.workspace, &human, "Member", &[]).await;
        Insider::enter(self.stage, human, &self.workspace).await
    }

    /// The workspace's stream as it stands.
    pub async fn cursor(&self) -> String {
        let data = self.stage.data(Some(&self.admin.token), "{ workspace { eventCursor } }", json!({})).await;
        text(&data["workspace"]["eventCursor"])
    }

    pub async fn block(&self, who: &Insider) -> Value {
        let input = json!({ "memberId": who.id, "category": "SECURITY_CONCERN" });
        self.stage.done(Some(&self.admin.token), &mutation("blockMember", "eventCursor"), input).await
    }

    pub async fn unblock(&self, who: &Insider) {
        let input = json!({ "memberId": who.id });
        self.stage.done(Some(&self.admin.token), &mutation("unblockMember", "eventCursor"), input).await;
    }

    pub async fn set_role(&self, who: &Insider, name: &str) {
        let query = "{ workspace { roles(first: 20) { nodes { id name } } } }";
        let data = self.stage.data(Some(&self.admin.token), query, json!({})).await;
        let roles = data["workspace"]["roles"]["nodes"].as_array().expect("roles").clone();
        let role = roles.iter().find(|role| role["name"] == name).expect("a role of the kind")["id"].clone();
        let input = json!({ "memberId": who.id, "roleId": role });
        self.stage.done(Some(&self.admin.token), &mutation("setMemberRole", "eventCursor"), input).await;
    }

    /// An event for admins alone.
    pub async fn register_asset(&self, name: &str) -> String {
        let input = json!({ "kind": "FLOW", "name": name, "externalId": name });
        let register = mutation("registerAsset", "eventCursor");
        let done = self.stage.done(Some(&self.admin.token), &register, input).await;
        text(&done["eventCursor"])
    }

    pub async fn api_key(&self) -> (String, String) {
        let create = mutation("createApiKey", "secret apiKey { id }");
        let created = self.stage.done(Some(&self.admin.token), &create, json!({ "name": "sync" })).await;
        (text(&created["secret"]), text(&created["apiKey"]["id"]))
    }

    /// An event as a later release may write it: of an unknown type, with an unknown effect. Nobody is told.
    pub async fn write_of_tomorrow(&self) {
        let tx = self.stage.here().app.gate.database().begin().await.expect("a transaction");
        let stream = StreamId::Workspace(WorkspaceId::parse(&self.workspace).expect("an id"));
        let mut locked = journal::lock_stream(&tx, stream).await.expect("it answers").expect("it exists");
        let authorship = Authorship {
            operation: OperationId::new(),
            actor: Actor::System,
            origin: Origin::System,
            now: self.stage.clock.now(),
        };
        let event = NewEvent {
            kind: "ChairMoved",
            version: 1,
            audience: Audience::Members,
            subject: None,
            effect: Some(Effect::Unknown),
            payload: json!({}),
            occurred_at: None,
        };
        journal::append(&tx, vec![(&mut locked, vec![event])], authorship).await.expect("written");
        tx.commit().await.expect("committed");
    }

    /// An open window that listens to its session and, after a place, to the workspace.
    pub async fn window(&self, server: &Server, who: &Insider, after: &str) -> Socket {
        let mut socket = Socket::open(server, &who.token).await;
        socket.listen("session", SESSION_EVENTS, json!({})).await;
        socket.subscribe("workspace", WORKSPACE_EVENTS, json!({ "after": after })).await;
        socket
    }
}

impl Insider {
    pub async fn enter(stage: &Stage, human: Human, workspace: &str) -> Self {
        let token = stage.enter(&human, workspace).await;
        let own = stage.data(Some(&token), "{ workspace { viewerMember { id } } }", json!({})).await;
        let id = text(&own["workspace"]["viewerMember"]["id"]);
        Self { human, token, id }
    }
}

/// The number in a cursor, for what no client may look at.
pub fn seq(cursor: &Value) -> i64 {
    use rollcall::primitives::cursor::EventCursor;
    EventCursor::parse(cursor.as_str().expect("a cursor")).expect("an event cursor").seq
}
