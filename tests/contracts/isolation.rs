//! WSP-8, from the schema: every argument that takes an id is asked with somebody else's and with one that nothing has,
//! and both answers are the same; every kind of object is as good as nowhere through `node` and `nodes`.
//!
//! A new argument of type `ID`, or a new `Node`, fails here until it stands in one of the tables below.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::parser::types::{BaseType, InputValueDefinition, Type, TypeKind};
use rollcall::primitives::ids::MemberId;
use serde_json::{Value, json};

use super::schema::{fields_of, type_named, types};
use crate::on_both_stages;
use crate::support::app::Stage;
use crate::support::cast::{CREATE_API_KEY, REGISTER_ASSET, REMOVE, Seat, UPDATE_SEAT_PLAN, text};

/// With whose credential a question is asked.
#[derive(Clone, Copy)]
enum As {
    /// A workspace session.
    Admin,
    /// An account session.
    Person,
}
use As::{Admin, Person};

/// Where a mutation takes an id, which kind of object it means, who asks, and what else the input needs. `@Kind` stands
/// for the asker's own object of that kind.
const MUTATIONS: &[(&str, &str, As, &str)] = &[
    ("acceptInvitation(input.invitationId)", "ReceivedInvitation", Person, "{}"),
    ("archiveAsset(input.assetId)", "Asset", Admin, "{}"),
    ("blockMember(input.memberId)", "Member", Admin, "{}"),
    (
        "bulkUpdateMembers(input.assets.everything.memberId)",
        "Member",
        Admin,
        r#"{"operation":"REMOVE","memberIds":["@Member"],"assets":{"everything":{"to":"MEMBER"}}}"#,
    ),
    (
        "bulkUpdateMembers(input.assignments[].assetId)",
        "Asset",
        Admin,
        r#"{"operation":"SET_ROLE","memberIds":["@Member"],"roleId":"@DeveloperRole"}"#,
    ),
    ("bulkUpdateMembers(input.memberIds[])", "Member", Admin, r#"{"operation":"BLOCK"}"#),
    ("bulkUpdateMembers(input.roleId)", "Role", Admin, r#"{"operation":"SET_ROLE","memberIds":["@Member"]}"#),
    ("contactAdmins(input.workspaceId)", "Workspace", Person, r#"{"message":"Hello"}"#),
    ("deactivateMember(input.memberId)", "Member", Admin, "{}"),
    ("declineInvitation(input.invitationId)", "ReceivedInvitation", Person, "{}"),
    ("deleteMemberForever(input.memberId)", "Member", Admin, r#"{"email":"nobody@example.com"}"#),
    ("deleteRole(input.roleId)", "CustomRole", Admin, "{}"),
    ("deleteRole(input.successorId)", "Role", Admin, r#"{"roleId":"@CustomRole"}"#),
    ("dismissNotice(input.noticeId)", "Notice", Person, "{}"),
    ("endMemberSessions(input.memberId)", "Member", Admin, "{}"),
    ("endSession(input.sessionId)", "AccountSession", Person, "{}"),
    ("endSession(input.sessionId)", "WorkspaceSession", Person, "{}"),
    ("enterWorkspace(input.workspaceId)", "Workspace", Person, "{}"),
    (
        "inviteMembers(input.assetIds[])",
        "Asset",
        Admin,
        r#"{"list":"new@example.com","roleId":"@DeveloperRole"}"#,
    ),
    (
        "inviteMembers(input.members[].assetIds[])",
        "Asset",
        Admin,
        r#"{"members":[{"email":"new@example.com","roleId":"@DeveloperRole"}]}"#,
    ),
    ("inviteMembers(input.members[].roleId)", "Role", Admin, r#"{"members":[{"email":"new@example.com"}]}"#),
    ("inviteMembers(input.roleId)", "Role", Admin, r#"{"list":"new@example.com"}"#),
    ("reactivateMember(input.memberId)", "Member", Admin, "{}"),
    ("reassignAssets(input.assetIds[])", "Asset", Admin, r#"{"toMemberId":null}"#),
    ("reassignAssets(input.toMemberId)", "Member", Admin, r#"{"assetIds":["@Asset"]}"#),
    (
        "registerAsset(input.ownerMemberId)",
        "Member",
        Admin,
        r#"{"kind":"FLOW","name":"New","externalId":"new"}"#,
    ),
    ("rejoinWorkspace(input.workspaceId)", "Workspace", Person, "{}"),
    (
        "removeMember(input.assets.each[].assetId)",
        "Asset",
        Admin,
        r#"{"memberId":"@Member","assets":{"each":[{"to":"WORKSPACE"}]}}"#,
    ),
    (
        "removeMember(input.assets.each[].memberId)",
        "Member",
        Admin,
        r#"{"memberId":"@Member","assets":{"each":[{"to":"MEMBER","assetId":"@OwnedAsset"}]}}"#,
    ),
    (
        "removeMember(input.assets.everything.memberId)",
        "Member",
        Admin,
        r#"{"memberId":"@Member","assets":{"everything":{"to":"MEMBER"}}}"#,
    ),
    ("removeMember(input.memberId)", "Member", Admin, "{}"),
    ("resendInvitation(input.invitationId)", "Invitation", Admin, "{}"),
    ("revokeApiKey(input.apiKeyId)", "ApiKey", Admin, "{}"),
    ("setBlockReview(input.memberId)", "Member", Admin, "{}"),
    ("setDefaultRole(input.roleId)", "Role", Admin, "{}"),
    ("setMemberAssignments(input.assignments[].assetId)", "Asset", Admin, r#"{"memberId":"@Developer"}"#),
    ("setMemberAssignments(input.memberId)", "Member", Admin, r#"{"assignments":[]}"#),
    (
        "setMemberRole(input.assignments[].assetId)",
        "Asset",
        Admin,
        r#"{"memberId":"@Member","roleId":"@DeveloperRole"}"#,
    ),
    ("setMemberRole(input.memberId)", "Member", Admin, r#"{"roleId":"@Role"}"#),
    ("setMemberRole(input.roleId)", "Role", Admin, r#"{"memberId":"@Member"}"#),
    ("shareAsset(input.assetId)", "Asset", Admin, r##"{"withChannels":["#one"]}"##),
    ("shareAsset(input.backFromMemberIds[])", "Member", Admin, r#"{"assetId":"@Asset"}"#),
    ("shareAsset(input.withMemberIds[])", "Member", Admin, r#"{"assetId":"@Asset"}"#),
    ("stopSharingAsset(input.keptAssetId)", "KeptAsset", Person, "{}"),
    ("unblockMember(input.memberId)", "Member", Admin, "{}"),
    (
        "updateInvitation(input.assetIds[])",
        "Asset",
        Admin,
        r#"{"invitationId":"@Invitation","roleId":"@DeveloperRole"}"#,
    ),
    ("updateAsset(input.assetId)", "Asset", Admin, r#"{"name":"Otherwise"}"#),
    ("updateInvitation(input.invitationId)", "Invitation", Admin, "{}"),
    ("updateInvitation(input.roleId)", "Role", Admin, r#"{"invitationId":"@Invitation"}"#),
    ("updateRole(input.roleId)", "CustomRole", Admin, r#"{"name":"Otherwise"}"#),
    ("withdrawInvitation(input.invitationId)", "Invitation", Admin, "{}"),
];

/// The same for fields that are asked: what to select, with the id as `$id`.
const QUERIES: &[(&str, &str, As, &str)] = &[
    ("Query.node(id)", "Member", Admin, "node(id: $id) { id }"),
    ("Query.nodes(ids[])", "Member", Admin, "nodes(ids: [$id]) { id }"),
    ("Viewer.can(assetId)", "Asset", Admin, r#"viewer { can(permission: "MANAGE_ASSETS", assetId: $id) }"#),
    ("Workspace.asset(id)", "Asset", Admin, "workspace { asset(id: $id) { id } }"),
    (
        "Workspace.assets(ownerId)",
        "Member",
        Admin,
        "workspace { assets(first: 5, ownerId: $id) { totalCount nodes { id } } }",
    ),
    (
        "Workspace.events(filter.actorId)",
        "Account",
        Admin,
        "workspace { events(first: 5, filter: { actorId: $id }) { totalCount nodes { id } } }",
    ),
    (
        "Workspace.events(filter.memberId)",
        "Member",
        Admin,
        "workspace { events(first: 5, filter: { memberId: $id }) { totalCount nodes { id } } }",
    ),
    ("Workspace.member(id)", "Member", Admin, "workspace { member(id: $id) { id } }"),
    (
        "Workspace.members(filter.assetId)",
        "Asset",
        Admin,
        "workspace { members(filter: { assetId: $id }) { totalCount nodes { id } } }",
    ),
    (
        "Workspace.members(filter.roleId)",
        "Role",
        Admin,
        "workspace { members(filter: { roleId: $id }) { totalCount nodes { id } } }",
    ),
    ("Workspace.role(id)", "Role", Admin, "workspace { role(id: $id) { id } }"),
];

/// Every place of the schema that takes an id: `field(argument.path)`, lists marked with `[]`.
fn places() -> BTreeSet<String> {
    let mut places = BTreeSet::new();
    for definition in types() {
        let TypeKind::Object(object) = definition.kind else { continue };
        let of = definition.name.node.as_str();
        for field in object.fields {
            let name = &field.node.name.node;
            let name = if of == "Mutation" { name.to_string() } else { format!("{of}.{name}") };
            for argument in &field.node.arguments {
                walk(&argument.node, "", &mut |path| {
                    places.insert(format!("{name}({path})"));
                });
            }
        }
    }
    places
}

fn walk(value: &InputValueDefinition, above: &str, found: &mut impl FnMut(String)) {
    let (base, lists) = named(&value.ty.node);
    let path = format!("{above}{}{lists}", value.name.node);
    if base == "ID" {
        return found(path);
    }
    if let Some(TypeKind::InputObject(input)) = type_named(&base) {
        for field in &input.fields {
            walk(&field.node, &format!("{path}."), found);
        }
    }
}

fn named(ty: &Type) -> (String, String) {
    match &ty.base {
        BaseType::Named(name) => (name.to_string(), String::new()),
        BaseType::List(inner) => {
            let (base, lists) = named(inner);
            (base, format!("{lists}[]"))
        }
    }
}

/// One object of each kind, all in one workspace or with one of its people, and who asks there.
struct World {
    admin: Seat,
    of: BTreeMap<String, String>,
    /// Who sees what is a person's own: the kind, and their token.
    owners: BTreeMap<String, String>,
}

impl World {
    async fn make(stage: &Stage, name: &str) -> Self {
        let founder = stage.person(&format!("{name} Founder")).await;
        let admin = stage.workspace(&founder, "WALLET").await;
        let mut world = Self { admin, of: BTreeMap::new(), owners: BTreeMap::new() };
        world.add_inside(stage, name).await;
        world.add_people(stage, name).await;
        world
    }

    fn add(&mut self, kind: &str, id: &Value, owner: &str) {
        self.of.insert(kind.into(), text(id));
        self.owners.insert(kind.into(), owner.into());
    }

    async fn add_inside(&mut self, stage: &Stage, name: &str) {
        let (admin, token) = (self.admin.clone(), self.admin.token.clone());
        self.add("Workspace", &json!(admin.workspace_id), &token);
        for (kind, role) in [("Role", "Workspace operator"), ("DeveloperRole", "Workspace developer")] {
            let role = stage.role(&admin, role).await;
            self.add(kind, &json!(role), &token);
        }
        let create = "mutation($input: CreateRoleInput!) { createRole(input: $input) { role { id } userErrors { code message field } } }";
        let input = json!({ "name": "Own", "assetScope": "ALL", "permissions": [] });
        let made = stage.done(Some(&token), create, input).await;
        self.add("CustomRole", &made["role"]["id"], &token);
        let price = json!({ "amount": 1000, "currency": "EUR", "period": "MONTH" });
        stage.done(Some(&token), UPDATE_SEAT_PLAN, json!({ "price": price })).await;
        let asset = stage.asset(&admin, name).await;
        let dora = stage.person(&format!("{name} Dora")).await;
        let developer = stage.join(&admin, &dora, "Workspace developer", &[&asset]).await;
        self.add("Asset", &json!(asset), &token);
        self.add("Developer", &json!(developer.member_id), &token);
        let made = stage.done(Some(&token), CREATE_API_KEY, json!({ "name": name })).await;
        self.add("ApiKey", &made["apiKey"]["id"], &token);
        let ledger = "{ workspace { billing { ledger(first: 1) { nodes { id } } } } }";
        let ledger =
            stage.data(Some(&token), ledger, json!({})).await["workspace"]["billing"]["ledger"].clone();
        self.add("LedgerEntry", &ledger["nodes"][0]["id"], &token);
    }

    async fn add_people(&mut self, stage: &Stage, name: &str) {
        let (admin, token) = (self.admin.clone(), self.admin.token.clone());
        let bob = stage.person(&format!("{name} Bob")).await;
        let seat = stage.join(&admin, &bob, "Workspace operator", &[]).await;
        self.add("Member", &json!(seat.member_id), &token);
        let owned = json!({ "kind": "FLOW", "name": "Owned", "externalId": "owned", "ownerMemberId": seat.member_id });
        let owned = stage.done(Some(&token), REGISTER_ASSET, owned).await;
        self.add("OwnedAsset", &owned["asset"]["id"], &token);
        let query =
            "{ viewer { account { id } memberships { nodes { id } } sessions { nodes { __typename id } } } }";
        let viewer = stage.data(Some(&bob.token), query, json!({})).await["viewer"].clone();
        self.add("Account", &viewer["account"]["id"], &bob.token);
        self.add("Membership", &viewer["memberships"]["nodes"][0]["id"], &bob.token);
        for session in viewer["sessions"]["nodes"].as_array().expect("sessions") {
            self.add(&text(&session["__typename"]), &session["id"], &bob.token);
        }
        let pia = stage.person(&format!("{name} Pia")).await;
        let (_, invitation) = stage.invite(&admin, &pia.email, "Workspace operator", &[]).await;
        self.add("Invitation", &json!(invitation), &token);
        let query = "{ viewer { invitations { nodes { id } } } }";
        let viewer = stage.data(Some(&pia.token), query, json!({})).await["viewer"].clone();
        self.add("ReceivedInvitation", &viewer["invitations"]["nodes"][0]["id"], &pia.token);
        let rex = stage.person(&format!("{name} Rex")).await;
        let removed = stage.join(&admin, &rex, "Workspace admin", &[]).await;
        stage.done(Some(&removed.token), REGISTER_ASSET, json!({ "kind": "FLOW", "name": "Kept", "externalId": "kept", "ownerMemberId": removed.member_id })).await;
        let along = json!({ "memberId": removed.member_id, "assets": { "everything": { "to": "PERSON" } } });
        stage.done(Some(&token), REMOVE, along).await;
        let query = "{ viewer { assets { nodes { id } } notices { nodes { id } } } }";
        let viewer = stage.data(Some(&rex.token), query, json!({})).await["viewer"].clone();
        self.add("KeptAsset", &viewer["assets"]["nodes"][0]["id"], &rex.token);
        self.add("Notice", &viewer["notices"]["nodes"][0]["id"], &rex.token);
    }

    fn token(&self, asker: As) -> &str {
        match asker {
            Admin => &self.admin.token,
            Person => &self.admin.person.token,
        }
    }

    /// The rest of an input, with this world's own objects in it.
    fn fill(&self, rest: &str) -> Value {
        let filled = self.of.iter().fold(rest.to_owned(), |text, (kind, id)| {
            text.replace(&format!("\"@{kind}\""), &format!("\"{id}\""))
        });
        serde_json::from_str(&filled).unwrap_or_else(|error| panic!("{filled}: {error}"))
    }
}

/// An id of the same kind that nothing has.
fn of_nothing(id: &str) -> String {
    let (kind, _) = id.rsplit_once('_').expect("kind and number");
    let fresh = MemberId::new().to_string();
    format!("{kind}_{}", fresh.rsplit_once('_').expect("likewise").1)
}

/// Puts an id where the path says.
fn put(into: &mut Value, path: &str, id: &str) {
    let (head, rest) = path.split_once('.').map_or((path, None), |(head, rest)| (head, Some(rest)));
    let name = head.trim_end_matches("[]");
    if into.is_null() {
        *into = json!({});
    }
    let mut place = &mut into[name];
    if head.ends_with("[]") {
        if place.is_null() || *place == json!([]) {
            *place = json!([null]);
        }
        place = &mut place[0];
    }
    match rest {
        Some(rest) => put(place, rest, id),
        None => *place = json!(id),
    }
}

/// What was answered, with the id that was asked for and the request's own number taken out.
async fn answer(stage: &Stage, token: &str, query: &str, variables: Value, id: &str) -> String {
    let mut answer = stage.ask(Some(token), query, variables).await;
    for error in answer.get_mut("errors").and_then(Value::as_array_mut).into_iter().flatten() {
        error["extensions"]["requestId"] = Value::Null;
    }
    answer.to_string().replace(id, "@")
}

fn mutation(name: &str) -> String {
    let capital = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
    const ERRORS: &str = "userErrors { __typename code message field }";
    let has_rows = fields_of(&format!("{capital}Payload")).iter().any(|field| field.name.node == "results");
    let rows = if has_rows { format!("results {{ {ERRORS} }}") } else { String::new() };
    format!("mutation($input: {capital}Input!) {{ {name}(input: $input) {{ {rows} {ERRORS} }} }}")
}

#[test]
fn wsp_8_every_argument_that_takes_an_id_stands_in_a_table() {
    let named =
        |table: &[(&str, &str, As, &str)]| table.iter().map(|row| row.0.to_owned()).collect::<Vec<_>>();
    let tables: BTreeSet<String> = named(MUTATIONS).into_iter().chain(named(QUERIES)).collect();
    let places = places();
    let missing: Vec<&String> = places.difference(&tables).collect();
    assert!(missing.is_empty(), "say in MUTATIONS or QUERIES how these are asked: {missing:#?}");
    let gone: Vec<&String> = tables.difference(&places).collect();
    assert!(gone.is_empty(), "the schema has none of these: {gone:#?}");
}

on_both_stages! {
    /// WSP-8: somebody else's id answers as one that nothing has, wherever the schema takes one, and does nothing there.
    async fn ids_of_others_answer_as_ids_of_nothing(stage) {
        let (own, others) = (World::make(stage, "Own").await, World::make(stage, "Other").await);
        let before = stage.event_types(&others.admin.workspace_id).await;
        for (place, kind, asker, rest) in MUTATIONS {
            let (name, path) = place.trim_end_matches(')').split_once("(input.").expect("one input");
            let theirs = &others.of[*kind];
            let mut answers = Vec::new();
            for id in [&of_nothing(theirs), theirs] {
                let mut input = own.fill(rest);
                put(&mut input, path, id);
                let token = own.token(*asker);
                answers.push(answer(stage, token, &mutation(name), json!({ "input": input }), id).await);
            }
            assert_eq!(answers[0], answers[1], "{place}");
            assert!(answers[0].contains("NOT_FOUND"), "{place} isn't asked as far as the id: {}", answers[0]);
        }
        for (place, kind, asker, selection) in QUERIES {
            let theirs = &others.of[*kind];
            let query = format!("query($id: ID!) {{ {selection} }}");
            let mut answers = Vec::new();
            for id in [&of_nothing(theirs), theirs] {
                answers.push(answer(stage, own.token(*asker), &query, json!({ "id": id }), id).await);
            }
            assert_eq!(answers[0], answers[1], "{place}");
            assert!(!answers[0].contains("errors"), "{place}: {}", answers[0]);
            // And it is asked as far as the id: the own one is answered otherwise.
            let id = &own.of[*kind];
            let mine = answer(stage, own.token(*asker), &query, json!({ "id": id }), id).await;
            assert!(mine != answers[0], "{place}: {mine}");
        }
        assert_eq!(stage.event_types(&others.admin.workspace_id).await, before);
    }

    /// WSP-8: each kind of object is found by its owner through `node`, and by nobody from elsewhere.
    async fn no_object_of_others_is_a_node(stage) {
        let (own, others) = (World::make(stage, "Own").await, World::make(stage, "Other").await);
        let nodes = types().into_iter().filter(|it| match &it.kind {
            TypeKind::Object(object) => object.implements.iter().any(|name| name.node == "Node"),
            _ => false,
        });
        let query = "query($id: ID!, $ids: [ID!]!) { node(id: $id) { __typename } nodes(ids: $ids) { __typename } }";
        for kind in nodes.map(|it| it.name.node.to_string()) {
            let id = others.of.get(&kind).unwrap_or_else(|| panic!("World makes no {kind} yet"));
            let variables = json!({ "id": id, "ids": [id] });
            let theirs = stage.data(Some(&others.owners[&kind]), query, variables.clone()).await;
            assert_eq!(theirs, json!({ "node": { "__typename": kind }, "nodes": [{ "__typename": kind }] }));
            for asker in [Admin, Person] {
                let seen = stage.data(Some(own.token(asker)), query, variables.clone()).await;
                assert_eq!(seen, json!({ "node": null, "nodes": [null] }), "{kind}");
            }
        }
    }
}
