//! Notices: what a removed person finds when they sign in, until they dismiss it (REM-5), from the outside.

use serde_json::{Value, json};

use crate::on_both_stages;
use crate::support::app::Stage;
use crate::support::cast::{CREATE_WORKSPACE, LEAVE, Seat, text};
use crate::support::socket::Socket;

const NOTICES: &str = "{ viewer { notices(first: 5) { totalCount nodes { id kind workspaceId workspaceName createdAt \
     contact { email } } } } }";
const DISMISS: &str = "mutation($input: DismissNoticeInput!) { dismissNotice(input: $input) { dismissedNoticeId eventCursor \
     userErrors { code field } } }";
const VIEWER_EVENTS: &str = "subscription { viewerEvents { __typename ... on NoticePosted { noticeId kind workspaceId } \
     ... on NoticeDismissed { noticeId } } }";

async fn removed(stage: &Stage) -> (Seat, Seat) {
    let ada = stage.person("Ada").await;
    let admin = stage.workspace(&ada, "TEAM").await;
    let bob = stage.person("Bob").await;
    let member = stage.join(&admin, &bob, "Member", &[]).await;
    stage.remove(&admin, &member).await;
    (admin, member)
}

async fn notices(stage: &Stage, token: &str) -> Vec<Value> {
    let data = stage.data(Some(token), NOTICES, json!({})).await;
    let found = data["viewer"]["notices"]["nodes"].as_array().unwrap().clone();
    assert_eq!(data["viewer"]["notices"]["totalCount"], found.len());
    found
}

on_both_stages! {
    /// REM-5: at the next sign-in a notice says which workspace, when, and whom to turn to; it stays until dismissed,
    /// and the other way on is a workspace of one's own.
    async fn a_removed_person_finds_a_notice_until_they_dismiss_it(stage) {
        let (admin, member) = removed(stage).await;
        let again = stage.sign_in_as("Bob", &member.person.email).await;
        for _ in 0..2 {
            let found = notices(stage, &again.token).await;
            assert_eq!(found.len(), 1);
            assert_eq!((&found[0]["kind"], &found[0]["workspaceId"]), (&json!("REMOVED"), &json!(admin.workspace_id)));
            assert_eq!(found[0]["workspaceName"], "Ada's TEAM");
            assert_eq!(found[0]["createdAt"], "2026-03-01T12:00:00.000000Z");
            assert_eq!(found[0]["contact"]["email"], "ada@example.com");
        }
        let own = stage.done(Some(&again.token), CREATE_WORKSPACE, json!({ "name": "Mine", "kind": "TEAM" })).await;
        let own = stage.take_seat(&again, &text(&own["membership"]["workspaceId"])).await;
        // One screen needs one token: a session inside another workspace sees it as well.
        let id = text(&notices(stage, &own.token).await[0]["id"]);
        let node = stage.data(Some(&again.token), "query($id: ID!) { node(id: $id) { __typename id } }", json!({ "id": id })).await;
        assert_eq!(node["node"], json!({ "__typename": "Notice", "id": id }));
        let dismissed = stage.done(Some(&again.token), DISMISS, json!({ "noticeId": id })).await;
        assert_eq!(dismissed["dismissedNoticeId"], id);
        assert_eq!(notices(stage, &again.token).await, Vec::<Value>::new());
        let refusal = stage.refused(Some(&again.token), DISMISS, json!({ "noticeId": id })).await;
        assert_eq!((&refusal["code"], &refusal["field"]), (&json!("NOT_FOUND"), &json!(["input", "noticeId"])));
    }

    /// REM-5: a window that is open hears of it, and of its dismissal in another window.
    async fn open_windows_hear_of_notices(stage) {
        let ada = stage.person("Ada").await;
        let admin = stage.workspace(&ada, "TEAM").await;
        let bob = stage.person("Bob").await;
        let member = stage.join(&admin, &bob, "Member", &[]).await;
        let mut window = Socket::open(stage.elsewhere(), &bob.token).await;
        window.subscribe("v", VIEWER_EVENTS, json!({})).await;
        window.fence().await;
        stage.remove(&admin, &member).await;
        assert_eq!(window.next("v").await["viewerEvents"]["__typename"], "ViewerMembershipRemoved");
        let posted = window.next("v").await["viewerEvents"].clone();
        assert_eq!((&posted["__typename"], &posted["kind"]), (&json!("NoticePosted"), &json!("REMOVED")));
        assert_eq!(posted["workspaceId"], admin.workspace_id);
        stage.done(Some(&bob.token), DISMISS, json!({ "noticeId": posted["noticeId"] })).await;
        let gone = window.next("v").await["viewerEvents"].clone();
        assert_eq!(gone, json!({ "__typename": "NoticeDismissed", "noticeId": posted["noticeId"] }));
    }

    /// WSP-8: a notice is its person's alone; and whoever left by themselves gets none.
    async fn a_notice_is_its_persons_alone(stage) {
        let (admin, member) = removed(stage).await;
        let id = text(&notices(stage, &member.person.token).await[0]["id"]);
        let unknown = rollcall::primitives::ids::NoticeId::new().to_string();
        let of_none = stage.refused(Some(&admin.person.token), DISMISS, json!({ "noticeId": unknown })).await;
        assert_eq!(stage.refused(Some(&admin.person.token), DISMISS, json!({ "noticeId": id })).await, of_none);
        let node = stage.data(Some(&admin.token), "query($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await;
        assert_eq!(node["node"], Value::Null);
        let wrong = json!({ "input": { "noticeId": admin.workspace_id } });
        assert_eq!(stage.failed(Some(&admin.person.token), DISMISS, wrong).await["code"], "BAD_USER_INPUT");
        assert_eq!(notices(stage, &member.person.token).await.len(), 1);
        let carol = stage.person("Carol").await;
        let leaver = stage.join(&admin, &carol, "Member", &[]).await;
        stage.done(Some(&leaver.token), LEAVE, json!({})).await;
        assert_eq!(notices(stage, &carol.token).await, Vec::<Value>::new());
    }
}
