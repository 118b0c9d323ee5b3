//! That sharing changes nothing of what each subscriber gets, and that it is shared.

use std::sync::Arc;

use async_graphql::{EmptyMutation, Object, Request, Response, Schema};
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tokio::sync::Semaphore;

use super::figures::Figures;
use super::frame;
use super::group::{Group, Groups, Key, Unavailable};
use super::operations::{Topic, operation_of};
use super::plan::{Place, Plan, request};
use super::protocol::{self, Document};
use super::rendering::Rendering;
use crate::graphql::errors::{self, TopLevelError};
use crate::graphql::events::{EventItem, EventsSubscription, samples};
use crate::platform::journal::samples::{event, rights};
use crate::platform::journal::{Event, StreamId};
use crate::platform::telemetry::Telemetry;
use crate::policy::Kind;
use crate::primitives::cursor::{self, Epoch, EventCursor, PageCursor};
use crate::primitives::ids::WorkspaceId;
use crate::primitives::request::RequestId;
use crate::primitives::rights::{PermissionSet, Rights};
use crate::roles::built_ins;

struct Query;

#[Object]
impl Query {
    async fn nothing(&self) -> bool {
        true
    }
}

type TestSchema = Schema<Query, EmptyMutation, EventsSubscription>;

/// Without what looks names up: a name is an error here, which must be shared like anything else.
fn schema() -> TestSchema {
    Schema::new(Query, EmptyMutation, EventsSubscription)
}

fn subscribe(schema: &TestSchema) -> impl Fn(Request) -> BoxStream<'static, Response> + Sync {
    let schema = schema.clone();
    move |request| schema.execute_stream(request).boxed()
}

struct Shelf {
    figures: Arc<Figures>,
    groups: Arc<Groups>,
    stream: StreamId,
}

impl Shelf {
    fn new() -> Self {
        let figures = Arc::new(Figures::new(&Telemetry::default()));
        let stream = StreamId::Workspace(WorkspaceId::new());
        Self { groups: Groups::new(Arc::clone(&figures), true), figures, stream }
    }

    fn key(&self, plan: Plan, permissions: Option<&PermissionSet>) -> Key {
        Key { stream: self.stream, plan: Arc::new(plan), permissions: permissions.cloned().map(Arc::new) }
    }

    fn cursor(&self, seq: i64) -> EventCursor {
        let epoch = Epoch { id: uuid::Uuid::from_u128(7), timeline: 1 };
        EventCursor { epoch, stream: self.stream.as_uuid(), seq }
    }

    fn cursor_of(&self, event: &Event) -> EventCursor {
        self.cursor(event.seq)
    }
}

/// What a client sends.
fn asked(query: &str, variables: Value) -> Document {
    let Value::Object(variables) = variables else { panic!("variables are an object") };
    protocol::document(query, variables)
}

fn planned(document: Document) -> (Plan, Place) {
    let parsed = async_graphql::parser::parse_query(&document.query).expect("GraphQL");
    let operation = operation_of(&parsed, None).expect("an operation");
    Plan::of(Topic::Workspace, document, operation)
}

fn simple() -> Plan {
    planned(asked("subscription { workspaceEvents { __typename id eventCursor } }", json!({}))).0
}

async fn shown(group: &Arc<Group>, event: &Arc<Event>, cursor: EventCursor) -> Result<String, Unavailable> {
    let answer = group.find(event, cursor);
    let shown = group.complete(&answer, event, cursor).await?;
    Ok(frame::read(&shown.frame(&protocol::opening("1"))))
}

/// One subscriber of a random document.
#[derive(Clone, Debug)]
struct Subscriber {
    id: String,
    /// How it names its place, and which.
    place: u8,
    seq: i64,
}

#[derive(Clone, Debug)]
struct Case {
    alias: Option<String>,
    parts: Vec<usize>,
    flag: bool,
    subscribers: Vec<Subscriber>,
}

const WORKSPACE: &str = "workspaceEvents";
const VIEWER: &str = "viewerEvents";

/// What may be selected, and of which root; none: of each.
const PARTS: &[(Option<&str>, &str)] = &[
    (None, "__typename"),
    (None, "id"),
    (None, "at: occurredAt"),
    (None, "eventCursor"),
    (None, "actor { kind id }"),
    (None, "... on OtherEvent { type }"),
    (Some(WORKSPACE), "... on MemberBlocked { category m: member { id status role { name isAdmin } } }"),
    (Some(WORKSPACE), "... on MemberUnblocked @include(if: $flag) { category member { revision name } }"),
    (Some(WORKSPACE), "... on MemberInvited { member { name } invitation { status revision } }"),
    (Some(WORKSPACE), "...Joined"),
    (Some(WORKSPACE), "... on MemberAssignmentsSet { assetIds previousAssetIds @skip(if: $flag) }"),
    (Some(WORKSPACE), "... on ApiKeyRevoked { apiKeyId makerId revokedAt }"),
    (Some(VIEWER), "... on ViewerMembershipGranted { membership { id joinedAt displayStatus } }"),
    (Some(VIEWER), "... on InvitationReceived { workspaceId invitation { sentAt expiresAt } }"),
];

fn case() -> impl Strategy<Value = Case> {
    let subscriber = ("[ -~]{1,12}", 0..3u8, 0..9i64);
    let subscriber = subscriber.prop_map(|(id, place, seq)| Subscriber { id, place, seq });
    (
        proptest::option::of("[a-z]{1,8}"),
        proptest::collection::vec(0..PARTS.len(), 1..8),
        any::<bool>(),
        proptest::collection::vec(subscriber, 2..5),
    )
        .prop_map(|(alias, parts, flag, subscribers)| Case { alias, parts, flag, subscribers })
}

impl Case {
    /// The document as one subscriber sends it.
    fn document(&self, root: &str, subscriber: &Subscriber, cursor: EventCursor) -> Document {
        let alias = self.alias.as_ref().map(|alias| format!("{alias}: ")).unwrap_or_default();
        let chosen = self.parts.iter().map(|at| PARTS[*at]);
        let parts = chosen.filter(|(of, _)| of.is_none_or(|of| of == root)).map(|(_, part)| part);
        let body = parts
            .chain(["sometimes: id @skip(if: $flag)", "never: id @skip(if: true)"])
            .collect::<Vec<_>>()
            .join(" ");
        let (argument, declared) = match subscriber.place {
            0 => ("(after: $after)".to_owned(), "$after: EventCursor, "),
            1 => (format!("(after: \"{}\")", cursor.encode()), ""),
            _ => (String::new(), ""),
        };
        let mut query =
            format!("subscription S({declared}$flag: Boolean!) {{ {alias}{root}{argument} {{ {body} }} }}");
        if body.contains("...Joined") {
            query.push_str(" fragment Joined on MemberJoined { member { id role { id } } }");
        }
        let mut variables = Map::from_iter([("flag".to_owned(), json!(self.flag))]);
        if subscriber.place == 0 {
            variables.insert("after".into(), json!(cursor.encode()));
        }
        protocol::document(&query, variables)
    }

    async fn run(&self, root: &str, events: &[Arc<Event>], rights: Option<&Rights>) {
        let (schema, shelf) = (schema(), Shelf::new());
        let subscribe = subscribe(&schema);
        let permissions = rights.map(Rights::permissions);
        let (mut groups, mut alone) = (Vec::new(), Vec::new());
        for subscriber in &self.subscribers {
            let cursor = shelf.cursor(subscriber.seq);
            let document = self.document(root, subscriber, cursor);
            let variables = document.variables.clone().unwrap_or_default();
            let own = Rendering::start(request(&document.query, None, variables), &subscribe).await;
            let (own, after) =
                own.map_err(|errors| format!("{}: {errors:?}", document.query)).expect("valid");
            let (plan, place) = planned(document);
            assert!(matches!(place, Place::Plain(place) if place == after), "its own place, and no other's");
            groups.push(
                shelf.groups.join(shelf.key(plan, permissions.as_ref()), &subscribe).await.expect("valid"),
            );
            alone.push(own);
        }
        for (event, subscriber) in
            events.iter().flat_map(|event| (0..groups.len()).map(move |at| (event, at)))
        {
            let cursor = shelf.cursor_of(event);
            let answer = groups[subscriber].find(event, cursor);
            let shared = groups[subscriber].complete(&answer, event, cursor).await.expect("rendered");
            let id = &self.subscribers[subscriber].id;
            let shared = frame::read(&shared.frame(&protocol::opening(id)));
            let permissions = permissions.clone().map(Arc::new);
            let item = EventItem::Event { event: Arc::clone(event), cursor, permissions };
            let response = errors::finish(alone[subscriber].render(item).await, &RequestId::mint(), true);
            assert_eq!(
                without_request_ids(&shared),
                without_request_ids(&protocol::next(id, &protocol::result(&response)))
            );
        }
    }
}

/// An error's id is of the rendering that it came from.
fn without_request_ids(message: &str) -> Value {
    let mut message: Value = serde_json::from_str(message).expect("JSON");
    for error in message["payload"]["errors"].as_array_mut().into_iter().flatten() {
        let removed = error["extensions"].as_object_mut().and_then(|all| all.remove("requestId"));
        assert!(removed.is_some(), "{error}");
    }
    message
}

fn events(samples: Vec<(&'static str, Value)>) -> Vec<Arc<Event>> {
    let numbered = samples.into_iter().zip(1..);
    numbered
        .map(|((kind, payload), seq)| Arc::new(Event { kind: kind.to_owned(), payload, ..event(seq) }))
        .collect()
}

/// Every built-in role of every kind, and one of a host's own.
fn all_rights() -> Vec<Rights> {
    let kinds = [Kind::Wallet, Kind::Merchant, Kind::Team];
    let built_in = kinds.into_iter().flat_map(|kind| built_ins(kind).all);
    let custom = Rights { granted: ["app:report.publish".to_owned()].into(), ..rights(false) };
    built_in.map(|role| role.rights()).chain([custom]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// EVT-8: whoever shares gets what they would have got alone, whatever they may see and whatever happens.
    #[test]
    fn evt_8_what_is_shared_equals_what_each_would_have_got_alone(case in case()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let (workspace, viewer) = (events(samples::workspace()), events(samples::viewer()));
            for rights in all_rights() {
                case.run(WORKSPACE, &workspace, Some(&rights)).await;
            }
            case.run(VIEWER, &viewer, None).await;
        });
    }
}

#[tokio::test]
async fn an_event_is_executed_once_for_all_of_a_group_and_once_for_each_permission_set() {
    let (schema, shelf) = (schema(), Shelf::new());
    let subscribe = subscribe(&schema);
    let mut groups = Vec::new();
    for admin in [true, false] {
        for _ in 0..50 {
            // Each has a role of their own; what counts is what it allows.
            let permissions = rights(admin).permissions();
            let key = shelf.key(simple(), Some(&permissions));
            groups.push(shelf.groups.join(key, &subscribe).await.expect("valid"));
        }
    }
    assert_eq!(shelf.figures.groups.get(), 2);
    for seq in 1..=3 {
        let event = Arc::new(event(seq));
        let all = groups.iter().map(|group| shown(group, &event, shelf.cursor_of(&event)));
        let all: Vec<_> = futures_util::future::join_all(all).await;
        assert!(all.iter().all(|one| *one == all[0] && one.is_ok()));
    }
    assert_eq!(shelf.figures.executions.get(), 6);
    drop(groups);
    assert_eq!(shelf.figures.groups.get(), 0, "a group lives as long as somebody is in it");
}

#[tokio::test]
async fn what_can_not_be_rendered_is_told_to_those_who_waited_and_tried_again_for_others() {
    let (schema, shelf) = (schema(), Shelf::new());
    let permits = Arc::new(Semaphore::new(0));
    let gate = Arc::clone(&permits);
    let subscribe = move |request| {
        let gate = Arc::clone(&gate);
        let mut failing = true;
        let answers = schema.execute_stream(request);
        let answers = answers.then(move |answer| {
            let failed = std::mem::take(&mut failing);
            let gate = Arc::clone(&gate);
            async move {
                gate.acquire().await.expect("open").forget();
                if failed { TopLevelError::unavailable().into_response() } else { answer }
            }
        });
        answers.boxed()
    };
    let key = shelf.key(simple(), None);
    let group = shelf.groups.join(key.clone(), &subscribe).await.expect("valid");
    let other = shelf.groups.join(key, &subscribe).await.expect("valid");
    let event = Arc::new(event(1));
    let cursor = shelf.cursor_of(&event);
    let (mut first, mut second) =
        (Box::pin(shown(&group, &event, cursor)), Box::pin(shown(&other, &event, cursor)));
    assert!((&mut first).now_or_never().is_none() && (&mut second).now_or_never().is_none());
    permits.add_permits(2);
    assert_eq!([first.await, second.await], [Err(Unavailable), Err(Unavailable)]);
    assert!(shown(&group, &event, cursor).await.is_ok());
    assert_eq!(shelf.figures.executions.get(), 2);
}

#[tokio::test]
async fn whoever_goes_away_while_rendering_leaves_nobody_anothers_answer() {
    let (schema, shelf) = (schema(), Shelf::new());
    let permits = Arc::new(Semaphore::new(0));
    let gate = Arc::clone(&permits);
    let subscribe = move |request| {
        let gate = Arc::clone(&gate);
        let answers = schema.execute_stream(request);
        let held = answers.then(move |answer| {
            let gate = Arc::clone(&gate);
            async move {
                gate.acquire().await.expect("open").forget();
                answer
            }
        });
        held.boxed()
    };
    let key = shelf.key(simple(), None);
    let group = shelf.groups.join(key.clone(), &subscribe).await.expect("valid");
    let other = shelf.groups.join(key, &subscribe).await.expect("valid");
    let (first, second) = (Arc::new(event(1)), Arc::new(event(2)));
    assert!(shown(&group, &first, shelf.cursor_of(&first)).now_or_never().is_none(), "it went away");
    permits.add_permits(10);
    for event in [&second, &first] {
        let message = shown(&other, event, shelf.cursor_of(event)).await.expect("rendered");
        assert!(message.contains(&event.id.to_string()), "{message}");
    }
}

#[test]
fn a_place_is_no_part_of_a_plan() {
    let shelf = Shelf::new();
    let cursors = [shelf.cursor(1), shelf.cursor(2)];
    let place_of = |(plan, place): (Plan, Place)| match place {
        Place::Plain(place) => (plan, place),
        Place::Unclear(_) => panic!("unclear"),
    };
    let literal = |cursor: &EventCursor| {
        asked(
            &format!("subscription {{ workspaceEvents(after: \"{}\") {{ id }} }}", cursor.encode()),
            json!({}),
        )
    };
    let variable =
        |given: Value| asked("subscription($c: EventCursor) { workspaceEvents(after: $c) { id } }", given);
    let [one, two] = cursors.each_ref().map(|cursor| place_of(planned(literal(cursor))));
    assert_eq!((&one.0, one.1, two.1), (&two.0, Some(cursors[0]), Some(cursors[1])));
    let [one, two] = cursors.map(|cursor| place_of(planned(variable(json!({ "c": cursor.encode() })))));
    assert_eq!((&one.0, one.1, two.1), (&two.0, Some(cursors[0]), Some(cursors[1])));
    for nothing in [json!({}), json!({ "c": null })] {
        assert_eq!(place_of(planned(variable(nothing))), (one.0.clone(), None));
    }
    let other = variable(json!({ "c": cursors[0].encode(), "more": 1 }));
    assert_ne!(place_of(planned(other)).0, one.0, "other variables");
}

#[test]
fn what_is_no_plain_place_is_left_to_the_schema() {
    let page = PageCursor { order: "NAME".into(), key: cursor::Key::Number(1), id: uuid::Uuid::nil() };
    let unclear =
        |query: &str, variables: Value| matches!(planned(asked(query, variables)).1, Place::Unclear(_));
    let nullable = "subscription($c: EventCursor) { workspaceEvents(after: $c) { id } }";
    let needed = "subscription($c: EventCursor!) { workspaceEvents(after: $c) { id } }";
    for given in [json!("x"), json!(page.encode()), json!(7), json!(["x"])] {
        assert!(unclear(nullable, json!({ "c": given })), "{given}");
    }
    assert!(unclear(needed, json!({})) && unclear(needed, json!({ "c": null })));
    assert!(unclear("subscription { workspaceEvents(after: $c) { id } }", json!({})), "not declared");
    assert!(unclear("subscription { workspaceEvents(after: 7) { id } }", json!({})));
    assert!(unclear("subscription { workspaceEvents(after: \"x\") { id } }", json!({})));
}
