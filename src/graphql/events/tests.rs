//! What events look like to a subscriber, and what can't be asked of them.

use std::sync::Arc;

use async_graphql::{EmptyMutation, Object, Request, Schema, Value};
use futures_util::StreamExt;
use serde_json::json;

use super::samples::{self, member};
use super::{EventFields, EventItem, EventsSubscription, ResyncReason, RightsChanged, SessionItem, source};
use crate::graphql::errors::SessionEnded;
use crate::graphql::members::Member;
use crate::platform::journal::samples::{epoch, event, rights};
use crate::platform::journal::{Event, StreamId};
use crate::primitives::actor::{Actor, EndCause};
use crate::primitives::cursor::EventCursor;
use crate::primitives::ids::{AccountId, ApiKeyId, MemberId, WorkspaceId};
use crate::primitives::rights::Permission;
use crate::primitives::time::Timestamp;

struct Query;

#[Object]
impl Query {
    /// So that the whole of `Member` is in the schema.
    async fn member(&self) -> Option<Member> {
        None
    }
}

type TestSchema = Schema<Query, EmptyMutation, EventsSubscription>;

fn schema() -> TestSchema {
    Schema::new(Query, EmptyMutation, EventsSubscription)
}

fn cursor(seq: i64) -> EventCursor {
    EventCursor { epoch: epoch(), stream: WorkspaceId::new().as_uuid(), seq }
}

fn item(kind: &str, payload: serde_json::Value, admin: bool) -> EventItem {
    let event = Event { kind: kind.to_owned(), payload, ..event(7) };
    EventItem::Event {
        event: Arc::new(event),
        cursor: cursor(7),
        permissions: Some(Arc::new(rights(admin).permissions())),
    }
}

/// Renders one item with a document.
async fn rendered<T: Send + 'static>(document: &str, item: T) -> serde_json::Value {
    let (request, mut feeder) = source::<T>(Request::new(document));
    let mut answers = schema().execute_stream(request);
    let answer = async {
        feeder.items.send(item).await.expect("the resolver listens");
        answers.next().await.expect("one answer")
    };
    let answer = answer.await;
    assert_eq!(feeder.begun.try_recv(), Ok(None));
    assert!(answer.errors.is_empty(), "{:?}", answer.errors);
    answer.data.into_json().expect("JSON")
}

const MEMBER: &str =
    "member { __typename id status displayStatus revision joinedAt role { id name isAdmin } }";

#[tokio::test]
async fn an_events_member_is_the_ordinary_type_filled_from_its_after_state() {
    let document = format!(
        "subscription {{ workspaceEvents {{ __typename id eventCursor occurredAt actor {{ kind id }} \
         ... on MemberBlocked {{ {MEMBER} category }} }} }}"
    );
    let payload = json!({ "member": member(), "category": "SECURITY_CONCERN" });
    let shown = rendered(&document, item("MemberBlocked", payload, true)).await;
    let shown = &shown["workspaceEvents"];
    assert_eq!(shown["__typename"], "MemberBlocked");
    assert_eq!(shown["member"]["__typename"], "Member");
    assert_eq!(shown["member"]["status"], "BLOCKED");
    assert_eq!(shown["member"]["displayStatus"], "INACTIVE");
    assert_eq!(shown["member"]["joinedAt"], "1970-01-01T00:00:01.000000Z");
    assert_eq!(shown["member"]["role"]["isAdmin"], true);
    assert_eq!(shown["category"], "SECURITY_CONCERN");
    assert_eq!(shown["actor"]["kind"], "SYSTEM");
}

/// LIF-4: reasons are for admins alone.
#[tokio::test]
async fn lif_4_a_reason_is_shown_to_admins_alone() {
    let document =
        "subscription { workspaceEvents { __typename actor { kind id } ... on MemberBlocked { category } } }";
    for (kind, word) in [("MemberBlocked", "MemberHidden"), ("MemberUnblocked", "MemberShown")] {
        let payload = json!({ "member": member(), "category": "SECURITY_CONCERN" });
        let shown = rendered(document, item(kind, payload, false)).await;
        let actor = json!({ "kind": "UNDISCLOSED", "id": null });
        assert_eq!(shown, json!({ "workspaceEvents": { "__typename": word, "actor": actor } }));
    }
}

#[tokio::test]
async fn an_event_of_an_unknown_type_or_form_is_shown_as_such() {
    let document = "subscription { workspaceEvents { __typename id ... on OtherEvent { type } } }";
    for kind in ["ChairMoved", "MemberBlocked"] {
        let shown = rendered(document, item(kind, json!({ "chair": 1 }), true)).await;
        assert_eq!(shown["workspaceEvents"]["__typename"], "OtherEvent");
        assert_eq!(shown["workspaceEvents"]["type"], kind);
    }
}

#[tokio::test]
async fn each_kind_of_event_has_its_type() {
    for (kind, payload) in samples::workspace() {
        let document = "subscription { workspaceEvents { __typename } }";
        let shown = rendered(document, item(kind, payload, true)).await;
        // One word for each: filters of the log and clients' caches go by the same.
        let name = if kind == "ChairMoved" { "OtherEvent" } else { kind };
        assert_eq!(shown["workspaceEvents"]["__typename"], name);
    }
}

#[tokio::test]
async fn each_kind_of_event_of_a_person_has_its_type() {
    for (kind, payload) in samples::viewer() {
        let shown =
            rendered("subscription { viewerEvents { __typename } }", item(kind, payload, false)).await;
        // `MembershipBlocked` is a user error's type already.
        let name = kind.replace("Membership", "ViewerMembership");
        assert_eq!(shown["viewerEvents"]["__typename"], name);
    }
}

/// EVT-4, INV-9: what a person's list holds is what their events carry, under the ids that they can use.
#[tokio::test]
async fn evt_4_a_persons_events_carry_what_their_lists_hold() {
    let document = "subscription { viewerEvents { \
        ... on InvitationReceived { invitation { __typename id status sentAt expiresAt revision } } \
        ... on ViewerMembershipBlocked { membership { __typename id memberId workspaceId status displayStatus revision \
            role { isAdmin } joinedAt } } \
        ... on AccountUpdated { account { __typename id emailVerified revision } } } }";
    assert_eq!(checked(document), Ok(()));
    for (kind, payload) in samples::viewer() {
        let (field, ty, prefix) = match kind {
            "InvitationReceived" => ("invitation", "ReceivedInvitation", "received_invitation_"),
            "MembershipBlocked" => ("membership", "Membership", "membership_"),
            "AccountUpdated" => ("account", "Account", "account_"),
            _ => continue,
        };
        let shown =
            rendered(document, item(kind, payload.clone(), false)).await["viewerEvents"][field].clone();
        assert_eq!(shown["__typename"], ty);
        assert!(shown["id"].as_str().is_some_and(|id| id.starts_with(prefix)), "{shown}");
        let source = if field == "membership" { "member" } else { field };
        assert_eq!(shown["revision"], payload[source]["revision"]);
    }
}

/// WSP-3: a person is told what became of their membership, and not by whom; what they did themselves, they know.
#[tokio::test]
async fn wsp_3_a_person_is_not_told_which_admin_it_was() {
    let document = "subscription { viewerEvents { __typename actor { kind id } } }";
    let account = AccountId::new();
    let shown_of = async |actor| {
        let membership = json!({ "workspace": WorkspaceId::new(), "member": member() });
        let own = membership["member"]["id"].clone();
        let actor = match actor {
            Some(actor) => actor,
            None => Actor::Member(serde_json::from_value(own).expect("an id")),
        };
        let event = Event {
            kind: "MembershipRemoved".to_owned(),
            stream: StreamId::Account(account),
            payload: membership,
            actor,
            ..event(7)
        };
        let item = EventItem::Event { event: Arc::new(event), cursor: cursor(7), permissions: None };
        let shown = rendered(document, item).await["viewerEvents"].clone();
        assert_eq!(shown["__typename"], "ViewerMembershipRemoved");
        (shown["actor"]["kind"].as_str().expect("a word").to_owned(), shown["actor"]["id"].is_null())
    };
    for other in
        [Actor::Member(MemberId::new()), Actor::ApiKey(ApiKeyId::new()), Actor::Account(AccountId::new())]
    {
        assert_eq!(shown_of(Some(other)).await, ("UNDISCLOSED".to_owned(), true), "{other:?}");
    }
    assert_eq!(shown_of(None).await, ("MEMBER".to_owned(), false));
    assert_eq!(shown_of(Some(Actor::Account(account))).await, ("ACCOUNT".to_owned(), false));
    assert_eq!(shown_of(Some(Actor::System)).await, ("SYSTEM".to_owned(), true));
}

#[tokio::test]
async fn a_subscriber_that_may_have_missed_something_is_told() {
    let place = cursor(3);
    let item =
        EventItem::Resync { reason: ResyncReason::Archived, cursor: place, now: Timestamp::from_micros(0) };
    let document = "subscription { workspaceEvents { __typename eventCursor ... on Resync { reason } } }";
    let shown = rendered(document, item).await;
    let expected = json!({ "__typename": "Resync", "eventCursor": place.encode(), "reason": "ARCHIVED" });
    assert_eq!(shown["workspaceEvents"], expected);
}

/// BLK-2: the forced logout says why, and whom to turn to.
#[tokio::test]
async fn blk_2_the_end_of_a_session_says_why_and_whom_to_turn_to() {
    let contact = crate::graphql::errors::Contact { text: None, email: Some("help@example.com".into()) };
    let ended = SessionEnded { cause: EndCause::Blocked, message: "Blocked.".into(), contact: Some(contact) };
    let document = "subscription { sessionEvents { __typename ... on SessionEnded \
                    { cause message contact { text email } } } }";
    let shown = rendered(document, SessionItem::Ended(ended)).await;
    let expected = json!({
        "__typename": "SessionEnded", "cause": "BLOCKED", "message": "Blocked.",
        "contact": { "text": null, "email": "help@example.com" },
    });
    assert_eq!(shown["sessionEvents"], expected);
}

/// API-3: a key is told what keys may do, not what its maker may.
#[tokio::test]
async fn api_3_a_key_hears_of_no_permission_that_is_closed_to_keys() {
    let document = "subscription { sessionEvents { ... on SessionRightsChanged { permissions } } }";
    for by_key in [true, false] {
        let changed = RightsChanged { rights: Arc::new(rights(true)), by_key };
        let shown = rendered(document, SessionItem::RightsChanged(changed)).await;
        let told = |it: Permission| {
            let words = shown["sessionEvents"]["permissions"].as_array().expect("words");
            words.contains(&json!(it.as_str()))
        };
        assert!(told(Permission::BlockMembers));
        assert_eq!(told(Permission::ManageApiKeys), !by_key);
        assert!(Permission::ALL.iter().all(|it| told(*it) == (!by_key || it.open_to_keys())));
    }
}

#[tokio::test]
async fn a_resolver_without_a_channel_beside_it_answers_nothing() {
    let mut answers = schema().execute_stream("subscription { workspaceEvents { id } }");
    let answer = answers.next().await.expect("one answer");
    assert!(answer.data == Value::Null && !answer.errors.is_empty());
}

fn checked(document: &str) -> Result<(), String> {
    let parsed = async_graphql::parser::parse_query(document).expect("GraphQL");
    let fields = EventFields::of(crate::graphql::schema::definitions());
    let (_, operation) = parsed.operations.iter().next().expect("one operation");
    fields.check(&parsed, &operation.node).map_err(|error| async_graphql::Error::from(error).message)
}

#[test]
fn what_an_event_does_not_carry_is_refused_by_name() {
    for (document, field) in [
        ("subscription { workspaceEvents { ... on MemberBlocked { member { email } } } }", "Member.email"),
        (
            "subscription { workspaceEvents { ...F } } fragment F on MemberJoined { member { id ...M } } \
          fragment M on Member { availableActions { allowed } }",
            "Member.availableActions",
        ),
        (
            "subscription { viewerEvents { ... on ViewerMembershipBlocked { membership { role { permissions } } } } }",
            "Role.permissions",
        ),
        (
            "subscription { viewerEvents { ... on ViewerMembershipBlocked { membership { contact { text } } } } }",
            "Membership.contact",
        ),
        (
            "subscription { viewerEvents { ... on InvitationReceived { invitation { inviterName } } } }",
            "ReceivedInvitation.inviterName",
        ),
        (
            "subscription { workspaceEvents { ... on MemberInvited { invitation { inviter { id } } } } }",
            "Invitation.inviter",
        ),
        ("subscription { viewerEvents { ... on AccountUpdated { account { name } } } }", "Account.name"),
        (
            "subscription { workspaceEvents { ... { ... on MemberJoined { member { m: lastActiveAt } } } } }",
            "Member.lastActiveAt",
        ),
    ] {
        let refused = checked(document).expect_err(document);
        assert!(refused.starts_with(field), "{refused}");
    }
    let carried =
        format!("subscription {{ workspaceEvents {{ __typename ... on MemberJoined {{ {MEMBER} }} }} }}");
    assert_eq!(checked(&carried), Ok(()));
    assert_eq!(checked("subscription { sessionEvents { __typename } }"), Ok(()));
}

/// Each fragment is looked at once, however often it is spread.
#[test]
fn fragments_that_multiply_cost_no_more_than_their_text() {
    let mut document = String::from("subscription { workspaceEvents { ...F0 ...F0 } }");
    for level in 0..200 {
        let next = level + 1;
        document.push_str(&format!(
            " fragment F{level} on WorkspaceEvent {{ ...F{next} ...F{next} ...F{next} }}"
        ));
    }
    document.push_str(" fragment F200 on MemberJoined { member { email } }");
    assert!(checked(&document).is_err());
}
