//! Accounts and sessions as a client sees them: the whole way in and out, and bad input.

use serde_json::{Value, json};

use crate::on_both_stages;
use crate::support::app::Stage;

const ADA: &str = "ada@example.com";
const PASSWORD: &str = "a quiet afternoon";

const ERRORS: &str =
    "userErrors { __typename code message field ... on MembershipBlocked { contact { email } } }";

fn mutation(name: &str, selection: &str) -> String {
    let input = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
    format!("mutation($input: {input}!) {{ {name}(input: $input) {{ {selection} {ERRORS} }} }}")
}

fn sign_up() -> String {
    mutation("signUp", "mailedTo")
}

fn verify_email() -> String {
    mutation("verifyEmail", "account { id name email emailVerified revision createdAt }")
}

fn sign_in() -> String {
    mutation("signIn", "token session { id isCurrent expiresAt } account { id email emailVerified }")
}

fn enter() -> String {
    mutation("enterWorkspace", "token workspaceSession { id workspaceId workspaceName memberId isCurrent }")
}

async fn person(stage: &Stage, email: &str) -> String {
    let input = json!({ "email": email, "name": "Ada", "password": PASSWORD });
    stage.done(None, &sign_up(), input).await;
    let token = stage.mailed_token(email).await;
    stage.done(None, &verify_email(), json!({ "token": token, "password": PASSWORD })).await;
    token_of(stage, email).await
}

async fn token_of(stage: &Stage, email: &str) -> String {
    let signed_in = stage.done(None, &sign_in(), json!({ "email": email, "password": PASSWORD })).await;
    signed_in["token"].as_str().expect("a token").to_owned()
}

async fn workspace(stage: &Stage, token: &str) -> String {
    let create = mutation("createWorkspace", "membership { workspaceId }");
    let created = stage.done(Some(token), &create, json!({ "name": "Harbour", "kind": "TEAM" })).await;
    created["membership"]["workspaceId"].as_str().expect("an id").to_owned()
}

on_both_stages! {
    /// SES-1 to SES-3, SES-6: the whole way in, and out again on every server.
    async fn somebody_signs_up_verifies_signs_in_enters_and_signs_out(stage) {
        let input = json!({ "email": " Ada@Example.com ", "name": "Ada", "password": PASSWORD });
        let signed_up = stage.done(None, &sign_up(), input.clone()).await;
        assert_eq!(signed_up["mailedTo"], "Ada@Example.com");
        let link = stage.mailed_token(ADA).await;
        let verified = stage.done(None, &verify_email(), json!({ "token": link, "password": PASSWORD })).await;
        assert_eq!(verified["account"]["emailVerified"], true);
        assert_eq!(stage.done(None, &sign_up(), input).await, signed_up, "known or not, the answer is the same");

        let account = token_of(stage, ADA).await;
        let workspace = workspace(stage, &account).await;
        let entered = stage.done(Some(&account), &enter(), json!({ "workspaceId": workspace })).await;
        assert_eq!(entered["workspaceSession"]["workspaceId"], workspace.as_str());
        assert_eq!(entered["workspaceSession"]["workspaceName"], "Harbour");
        let inside = entered["token"].as_str().expect("a token");

        let query = "{ viewer { account { email } session { isCurrent device } \
                     sessions { totalCount nodes { __typename id isCurrent } } } }";
        let viewer = stage.data(Some(&account), query, json!({})).await["viewer"].clone();
        assert_eq!(viewer["session"]["isCurrent"], true);
        let kinds: Vec<_> = viewer["sessions"]["nodes"].as_array().expect("nodes").iter()
            .map(|node| (node["__typename"].as_str().expect("a name").to_owned(), node["isCurrent"] == true)).collect();
        assert_eq!(kinds, [("WorkspaceSession".into(), false), ("AccountSession".into(), true)]);
        let own = stage.data(Some(inside), "{ viewer { account { email } } }", json!({})).await;
        assert_eq!(own["viewer"]["account"]["email"], "Ada@Example.com");
        let refused = stage.failed(Some(inside), "{ viewer { sessions { totalCount } } }", json!({})).await;
        assert_eq!(refused["code"], "FORBIDDEN");

        // What a credential may not ask for is null, and leaves the rest of the answer as it is.
        let query = "{ viewer { account { email } session { __typename isCurrent expiresAt } sessions { totalCount } \
                     invitations { totalCount } } }";
        let partly = stage.ask(Some(inside), query, json!({})).await;
        let viewer = &partly["data"]["viewer"];
        assert_eq!((&viewer["sessions"], &viewer["invitations"]), (&Value::Null, &Value::Null));
        assert_eq!((&viewer["session"]["__typename"], &viewer["session"]["isCurrent"]), (&json!("WorkspaceSession"), &json!(true)));
        assert_eq!(viewer["account"]["email"], "Ada@Example.com");
        assert_eq!(partly["errors"].as_array().map(Vec::len), Some(2), "{partly:#}");
        let can = "{ viewer { account { email } can(permission: \"VIEW_ASSETS\") } }";
        let partly = stage.ask(Some(&account), can, json!({})).await;
        assert_eq!((&partly["data"]["viewer"]["can"], partly["data"]["viewer"]["account"].is_object()), (&Value::Null, true));

        let out = mutation("signOut", "signedOut clientMutationId");
        let out = stage.done(Some(&account), &out, json!({ "clientMutationId": "7" })).await;
        assert_eq!((&out["signedOut"], &out["clientMutationId"]), (&json!(true), &json!("7")));
        for token in [&account, inside] {
            let there = stage.ask_at(stage.elsewhere(), Some(token), "{ viewer { account { id } } }", json!({})).await;
            let refused = &there["errors"][0]["extensions"];
            assert_eq!(refused["code"], "UNAUTHENTICATED");
            assert_eq!(refused["sessionEnd"]["cause"], "SIGNED_OUT");
        }
    }

    /// SES-3: by the person, one by one and all the others; by an admin, those of a member.
    async fn sessions_are_ended_one_by_one_and_all_at_once(stage) {
        let first = person(stage, ADA).await;
        let (second, third) = (token_of(stage, ADA).await, token_of(stage, ADA).await);
        let workspace = workspace(stage, &first).await;
        let entered = stage.done(Some(&second), &enter(), json!({ "workspaceId": workspace })).await;
        let inside = entered["token"].as_str().expect("a token").to_owned();

        let query = "{ workspace { members { nodes { sessions { totalCount nodes { id isCurrent device } } } } } }";
        let seen = stage.data(Some(&inside), query, json!({})).await;
        let sessions = &seen["workspace"]["members"]["nodes"][0]["sessions"];
        assert_eq!((&sessions["totalCount"], &sessions["nodes"][0]["isCurrent"]), (&json!(1), &json!(true)));

        let end = mutation("endSession", "endedSessionId eventCursor");
        let id = &entered["workspaceSession"]["id"];
        let ended = stage.done(Some(&first), &end, json!({ "sessionId": id })).await;
        assert_eq!(&ended["endedSessionId"], id);
        let again = stage.done(Some(&second), &enter(), json!({ "workspaceId": workspace })).await;
        let back = again["token"].as_str().expect("a token").to_owned();
        let place = stage.data(Some(&back), "{ workspace { eventCursor } }", json!({})).await;
        assert_eq!(place["workspace"]["eventCursor"], ended["eventCursor"], "the workspace's stream after the change");
        let out = stage.done(Some(&back), &mutation("signOut", "signedOut eventCursor"), json!({})).await;
        assert!(out["eventCursor"].is_string() && out["eventCursor"] != ended["eventCursor"]);
        let gone = stage.failed(Some(&inside), "{ workspace { eventCursor } }", json!({})).await;
        assert_eq!(gone["sessionEnd"]["cause"], "ENDED");
        let again = stage.refused(Some(&first), &end, json!({ "sessionId": id })).await;
        assert_eq!((&again["code"], &again["field"]), (&json!("NOT_FOUND"), &json!(["input", "sessionId"])));

        let others = mutation("endOtherSessions", "endedCount");
        assert_eq!(stage.done(Some(&first), &others, json!({})).await["endedCount"], 2);
        for token in [&second, &third] {
            let gone = stage.failed(Some(token), "{ viewer { account { id } } }", json!({})).await;
            assert_eq!(gone["code"], "UNAUTHENTICATED");
        }
        stage.data(Some(&first), "{ viewer { account { id } } }", json!({})).await;
    }

    /// Bad input: the answer names the field, nothing is changed, no event is written.
    async fn bad_input_is_refused_by_field_and_changes_nothing(stage) {
        let account = person(stage, ADA).await;
        let workspace = workspace(stage, &account).await;
        let before = count_events(stage).await;
        let long = "x".repeat(201);
        let up = |email: &str, name: &str, password: &str| json!({ "email": email, "name": name, "password": password });
        let cases = [
            (sign_up(), up("ada", "Ada", PASSWORD), "INVALID_INPUT", json!(["input", "email"])),
            (sign_up(), up("b@example.com", " ", PASSWORD), "INVALID_INPUT", json!(["input", "name"])),
            (sign_up(), up("b@example.com", &long, PASSWORD), "INVALID_INPUT", json!(["input", "name"])),
            (sign_up(), up("b@example.com", "B", "short"), "INVALID_INPUT", json!(["input", "password"])),
            (sign_up(), up("b@example.com", "B", &long), "INVALID_INPUT", json!(["input", "password"])),
            (sign_up(), up("b@example.com", "B", "password123"), "INVALID_INPUT", json!(["input", "password"])),
            (verify_email(), json!({ "token": "", "password": PASSWORD }), "LINK_INVALID", json!(["input", "token"])),
            (verify_email(), json!({ "token": account, "password": PASSWORD }), "LINK_INVALID", json!(["input", "token"])),
            (sign_in(), json!({ "email": "ada", "password": PASSWORD }), "INVALID_INPUT", json!(["input", "email"])),
            (sign_in(), json!({ "email": ADA, "password": "wrong" }), "INVALID_CREDENTIALS", Value::Null),
            (sign_in(), json!({ "email": "b@example.com", "password": "wrong" }), "INVALID_CREDENTIALS", Value::Null),
        ];
        for (query, input, code, field) in cases {
            let refused = stage.refused(None, &query, input.clone()).await;
            assert_eq!((&refused["code"], &refused["field"]), (&json!(code), &field), "{query} {input}");
        }
        let end = mutation("endSession", "endedSessionId");
        let unknown = rollcall::primitives::ids::WorkspaceId::new().to_string();
        let refused = stage.refused(Some(&account), &enter(), json!({ "workspaceId": unknown })).await;
        assert_eq!((&refused["code"], &refused["field"]), (&json!("NOT_FOUND"), &json!(["input", "workspaceId"])));
        for (query, field, id) in [(enter(), "workspaceId", "x"), (end, "sessionId", workspace.as_str())] {
            let failed = stage.failed(Some(&account), &query, json!({ "input": { field: id } })).await;
            assert_eq!((&failed["code"], &failed["field"]), (&json!("BAD_USER_INPUT"), &json!(["input", field])));
        }
        assert_eq!(count_events(stage).await, before);
    }

    /// SES-6: unverified, a person is signed in and can do nothing in a workspace; a link is good once.
    async fn an_unverified_address_counts_for_nothing_and_a_link_for_once(stage) {
        let input = json!({ "email": ADA, "name": "Ada", "password": PASSWORD });
        stage.done(None, &sign_up(), input).await;
        let token = token_of(stage, ADA).await;
        let create = mutation("createWorkspace", "membership { workspaceId }");
        let refused = stage.refused(Some(&token), &create, json!({ "name": "Harbour", "kind": "TEAM" })).await;
        assert_eq!(refused["code"], "EMAIL_NOT_VERIFIED");

        let link = stage.mailed_token(ADA).await;
        let wrong = json!({ "token": link, "password": "somebody else's" });
        let refused = stage.refused(None, &verify_email(), wrong).await;
        assert_eq!((&refused["code"], &refused["field"]), (&json!("INVALID_CREDENTIALS"), &json!(["input", "password"])));
        stage.done(None, &verify_email(), json!({ "token": link, "password": PASSWORD })).await;
        workspace(stage, &token).await;
        let again = stage.refused(None, &verify_email(), json!({ "token": link, "password": PASSWORD })).await;
        assert_eq!(again["code"], "LINK_USED");
    }
}

async fn count_events(stage: &Stage) -> i64 {
    stage.sql("SELECT COUNT(*) AS it FROM events").await[0].try_get("", "it").expect("a count")
}
