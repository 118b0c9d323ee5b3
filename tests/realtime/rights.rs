//! What a subscriber sees follows their rights, from one event to the next (EVT-8).

use serde_json::{Value, json};

use super::company::{Company, SESSION_EVENTS, VIEWER_EVENTS, WORKSPACE_EVENTS, seq};
use crate::on_both_stages;
use crate::support::people::mutation;
use crate::support::socket::Socket;

fn kind(event: &Value) -> &str {
    event["workspaceEvents"]["__typename"].as_str().expect("a type")
}

on_both_stages! {
    async fn evt_8_events_for_admins_are_shown_from_the_promotion_on_and_until_the_demotion(stage) {
        let company = Company::found(stage).await;
        let cursor = company.cursor().await;
        let mut window = company.window(stage.elsewhere(), &company.member, &cursor).await;
        company.register_asset("unseen").await;
        company.set_role(&company.member, "Admin").await;
        company.register_asset("seen").await;
        company.set_role(&company.member, "Member").await;
        company.register_asset("unseen again").await;
        let carol = company.hire("Carol").await;

        let mut shown = Vec::new();
        let mut rights = Vec::new();
        while shown.last().is_none_or(|event: &Value| kind(event) != "MemberJoined") {
            let message = window.message().await;
            let data = message["payload"]["data"].clone();
            if message["id"] == "session" { rights.push(data) } else { shown.push(data) }
        }
        let kinds: Vec<_> = shown.iter().map(kind).collect();
        assert_eq!(kinds, ["MemberRoleSet", "AssetRegistered", "MemberRoleSet", "MemberJoined"]);
        let admin: Vec<_> = rights.iter().map(|event| event["sessionEvents"]["isAdmin"].clone()).collect();
        assert_eq!(admin, [true, false]);
        let permissions = rights[1]["sessionEvents"]["permissions"].as_array().expect("words").clone();
        assert!(permissions.contains(&json!("VIEW_MEMBERS")) && !permissions.contains(&json!("BLOCK_MEMBERS")));
        assert_eq!(shown[3]["workspaceEvents"]["member"]["id"], carol.id);
        assert_eq!(shown[3]["workspaceEvents"]["member"]["name"], "carol@example.com");
    }

    /// EVT-8: a replay for somebody who may not read the audit trail begins at their own joining.
    async fn evt_8_a_replay_begins_at_ones_own_joining(stage) {
        let company = Company::found(stage).await;
        let dora = company.hire("Dora").await;
        let cursor = company.cursor().await;
        let start = cursor_at(&cursor, 0);
        let mut own = Socket::open(stage.elsewhere(), &dora.token).await;
        own.subscribe("all", WORKSPACE_EVENTS, json!({ "after": start })).await;
        let first = own.next("all").await;
        assert_eq!(kind(&first), "MemberJoined");
        assert_eq!(first["workspaceEvents"]["member"]["id"], dora.id);

        let mut admin = Socket::open(stage.elsewhere(), &company.admin.token).await;
        admin.subscribe("all", WORKSPACE_EVENTS, json!({ "after": start })).await;
        let mut numbers = Vec::new();
        while numbers.last() != Some(&seq(&json!(cursor))) {
            numbers.push(seq(&admin.next("all").await["workspaceEvents"]["eventCursor"]));
        }
        assert_eq!(numbers, (1..=seq(&json!(cursor))).collect::<Vec<_>>());
    }

    /// EVT-4, EVT-8: where a member joined is a place in the workspace's stream and hides nothing of their own.
    async fn evt_8_a_workspace_session_sees_its_persons_events_from_the_first_on(stage) {
        let company = Company::found(stage).await;
        for number in 0..10 {
            company.register_asset(&number.to_string()).await;
        }
        let dora = company.hire("Dora").await;
        let place = stage.data(Some(&dora.token), "{ viewer { eventCursor } }", json!({})).await;
        let head = place["viewer"]["eventCursor"].as_str().expect("a cursor").to_owned();
        let after = cursor_at(&head, 0);
        for token in [&dora.human.token, &dora.token] {
            let mut own = Socket::open(stage.elsewhere(), token).await;
            own.subscribe("own", VIEWER_EVENTS, json!({ "after": after })).await;
            let mut numbers = Vec::new();
            while numbers.last() != Some(&seq(&json!(head))) {
                numbers.push(seq(&own.next("own").await["viewerEvents"]["eventCursor"]));
            }
            assert_eq!(numbers, (1..=seq(&json!(head))).collect::<Vec<_>>());
        }
    }

    /// EVT-8: `viewer.invitations` refuses a workspace session, and so `viewerEvents` tells it of none.
    async fn evt_8_of_invitations_an_account_session_alone_hears(stage) {
        let company = Company::found(stage).await;
        let bob = &company.member;
        let eve = stage.human("Eve").await;
        let garden = stage.found(&eve, "Garden", "TEAM").await;
        let eve = stage.enter(&eve, &garden).await;
        let mut person = Socket::open(stage.elsewhere(), &bob.human.token).await;
        let mut inside = Socket::open(stage.elsewhere(), &bob.token).await;
        for socket in [&mut person, &mut inside] {
            socket.listen("own", VIEWER_EVENTS, json!({})).await;
        }
        stage.done(Some(&eve), &mutation("inviteMembers", ""), json!({ "list": bob.human.email })).await;
        company.set_role(bob, "Admin").await;
        let told = async |socket: &mut Socket| {
            socket.next("own").await["viewerEvents"]["__typename"].as_str().expect("a type").to_owned()
        };
        assert_eq!(told(&mut person).await, "InvitationReceived");
        assert_eq!(told(&mut person).await, "ViewerMembershipRoleSet");
        assert_eq!(told(&mut inside).await, "ViewerMembershipRoleSet");
    }

    async fn each_subscription_asks_for_its_own_credential(stage) {
        let company = Company::found(stage).await;
        let (key, _) = company.api_key().await;
        let refused = async |token: &str, document: &str| {
            let mut socket = Socket::open(stage.elsewhere(), token).await;
            socket.subscribe("s", document, json!({})).await;
            socket.refusal("s").await[0]["extensions"]["code"].clone()
        };
        assert_eq!(refused(&company.member.human.token, WORKSPACE_EVENTS).await, "FORBIDDEN");
        assert_eq!(refused(&key, VIEWER_EVENTS).await, "FORBIDDEN");
        for token in [&key, &company.member.token, &company.member.human.token] {
            let mut socket = Socket::open(stage.elsewhere(), token).await;
            socket.listen("s", SESSION_EVENTS, json!({})).await;
        }
        let mut automation = Socket::open(stage.elsewhere(), &key).await;
        automation.listen("w", WORKSPACE_EVENTS, json!({})).await;
        company.register_asset("seen by keys").await;
        assert_eq!(kind(&automation.next("w").await), "AssetRegistered");
    }

    /// BLK-10, EVT-8: admins see who or what tried to bring a blocked member back.
    async fn blk_10_admins_hear_of_an_attempt_that_was_refused(stage) {
        let company = Company::found(stage).await;
        let (key, _) = company.api_key().await;
        company.block(&company.member).await;
        let cursor = company.cursor().await;
        let mut admin = Socket::open(stage.elsewhere(), &company.admin.token).await;
        let document = "subscription($after: EventCursor) { workspaceEvents(after: $after) { __typename \
                        ... on RefusedAttemptRecorded { action member { id } actor { kind } } } }";
        admin.subscribe("all", document, json!({ "after": cursor })).await;
        let input = json!({ "memberId": company.member.id });
        let refused = stage.refused(Some(&key), &mutation("unblockMember", ""), input).await;
        assert_eq!(refused["code"], "BLOCKED_REQUIRES_ADMIN");
        let told = admin.next("all").await["workspaceEvents"].clone();
        assert_eq!(told["__typename"], "RefusedAttemptRecorded");
        assert_eq!((&told["action"], &told["actor"]["kind"]), (&json!("UNBLOCK"), &json!("API_KEY")));
    }
}

/// The same stream at another place.
fn cursor_at(cursor: &str, seq: i64) -> String {
    use rollcall::primitives::cursor::EventCursor;
    EventCursor { seq, ..EventCursor::parse(cursor).expect("a cursor") }.encode()
}
