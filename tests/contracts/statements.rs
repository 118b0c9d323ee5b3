//! How many statements each list of the schema costs: as many for two rows as for twenty. Lists and fields are taken from
//! the schema, so that a new one is counted when it comes.
//!
//! Lists within rows cost a statement each and are bounded by themselves, so they are not asked for here.

use std::collections::BTreeMap;
use std::fmt::Write;

use async_graphql::parser::types::{BaseType, FieldDefinition, Type, TypeKind};
use sea_orm::Statement;
use serde_json::{Value, json};

use super::schema::{fields_of, type_named};
use crate::documents::hold;
use crate::on_both_stages;
use crate::support::app::Stage;
use crate::support::cast::{
    ACCEPT, CREATE_API_KEY, DEACTIVATE, INVITE, REGISTER_ASSET, REMOVE, Seat, UPDATE_SEAT_PLAN, received,
};
use crate::support::statements::Statements;

const ROWS: usize = 20;
const FEW: usize = 2;
/// Objects within objects of a row.
const DEPTH_MAX: usize = 3;
const OPERATOR: &str = "Workspace operator";

/// A list that hangs on one of the two places where all begins.
struct List {
    root: &'static str,
    field: String,
    row: String,
}

impl List {
    fn all() -> Vec<Self> {
        let of = |root: &'static str, holder: &str| -> Vec<Self> {
            let lists = fields_of(holder).into_iter().filter_map(|field| {
                let row = base(&field.ty.node).strip_suffix("Connection")?.to_owned();
                Some(Self { root, field: field.name.node.to_string(), row })
            });
            lists.collect()
        };
        of("workspace", "Workspace").into_iter().chain(of("viewer", "Viewer")).collect()
    }

    fn query(&self, rows: usize) -> String {
        let Self { root, field, row } = self;
        let selection = selection(row, 0);
        format!("{{ {root} {{ {field}(first: {rows}) {{ totalCount nodes {{ {selection} }} }} }} }}")
    }
}

fn base(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => base(inner),
    }
}

/// All that a row can be asked for without further arguments.
fn selection(of: &str, depth: usize) -> String {
    let fields: Vec<FieldDefinition> = match type_named(of) {
        Some(TypeKind::Object(object)) => object.fields.into_iter().map(|field| field.node).collect(),
        Some(TypeKind::Interface(interface)) => {
            interface.fields.into_iter().map(|field| field.node).collect()
        }
        _ => Vec::new(),
    };
    let mut text = String::from("__typename");
    for field in fields {
        let asks =
            field.arguments.iter().any(|it| !it.node.ty.node.nullable && it.node.default_value.is_none());
        let of = base(&field.ty.node).to_owned();
        let is_leaf = matches!(type_named(&of), None | Some(TypeKind::Enum(_) | TypeKind::Scalar));
        if asks || of.ends_with("Connection") || (!is_leaf && depth == DEPTH_MAX) {
            continue;
        }
        write!(text, " {}", field.name.node).unwrap();
        if !is_leaf {
            write!(text, " {{ {} }}", selection(&of, depth + 1)).unwrap();
        }
    }
    text
}

/// A workspace with twenty of everything; and somebody who has twenty of everything that is a person's own.
async fn fill(stage: &Stage) -> (Seat, String) {
    let ada = stage.person("Ada").await;
    let admin = stage.workspace(&ada, "WALLET").await;
    // Where seats cost something there is more to be told of each member.
    let price = json!({ "price": { "amount": 1000, "currency": "EUR", "period": "MONTH" } });
    stage.done(Some(&admin.token), UPDATE_SEAT_PLAN, price).await;
    let crowd = stage.crowd(&admin.workspace_id, OPERATOR, ROWS).await;
    for (number, member) in crowd.iter().enumerate() {
        let asset = json!({ "kind": "FLOW", "name": "Flow", "externalId": number.to_string(), "ownerMemberId": member });
        stage.done(Some(&admin.token), REGISTER_ASSET, asset).await;
        stage.done(Some(&admin.token), CREATE_API_KEY, json!({ "name": format!("sync{number}") })).await;
        let rests = json!({ "memberId": member, "note": "away" });
        stage.done(Some(&admin.token), DEACTIVATE, rests).await;
    }
    let guests: Vec<String> = (0..ROWS).map(|number| format!("guest{number}@example.com")).collect();
    stage.done(Some(&admin.token), INVITE, json!({ "list": guests.join(", ") })).await;
    let pat = stage.person("Pat").await;
    for number in 0..ROWS {
        let place = stage.workspace(&ada, "WALLET").await;
        let seat = stage.join(&place, &pat, "Workspace admin", &[]).await;
        let asset = json!({ "kind": "FLOW", "name": "Flow", "externalId": number.to_string(), "ownerMemberId": seat.member_id });
        stage.done(Some(&place.token), REGISTER_ASSET, asset).await;
        let along = json!({ "memberId": seat.member_id, "assets": { "everything": { "to": "PERSON" } } });
        stage.done(Some(&place.token), REMOVE, along).await;
        stage.invite(&place, &pat.email, OPERATOR, &[]).await;
        let other = stage.workspace(&ada, "TEAM").await;
        let (_, invitation) = stage.invite(&other, &pat.email, "Member", &[]).await;
        stage.done(Some(&pat.token), ACCEPT, json!({ "invitationId": received(&invitation) })).await;
        stage.sign_in_as(&pat.name, &pat.email).await;
    }
    (admin, pat.token)
}

async fn ask(stage: &Stage, token: &str, query: &str) -> Value {
    let answer = stage.data(Some(token), query, json!({})).await;
    answer.as_object().and_then(|data| data.values().next()).expect("a root").clone()
}

/// How often each kind of statement ran: what differs is how many values it is asked with. A loader waits a moment for
/// others who want the same, and what asks a moment later costs the same statement once more: on a busy machine some
/// run twice, whatever the rows.
fn kinds(ran: &[Statement]) -> BTreeMap<String, usize> {
    let mut kinds = BTreeMap::new();
    for statement in ran {
        let asked = |c: &char| !c.is_ascii_digit() && !matches!(c, '$' | '?' | ',' | ' ');
        *kinds.entry(statement.sql.chars().filter(asked).collect()).or_default() += 1;
    }
    kinds
}

on_both_stages! {
    /// Each list of the schema runs the same statements for twenty rows as for two, and none of them for each row.
    async fn a_list_costs_the_same_statements_for_two_rows_as_for_twenty(stage) {
        let (admin, person) = fill(stage).await;
        let statements = Statements::of(stage);
        let mut table = String::from("| list | statements |\n| --- | --- |\n");
        for list in List::all() {
            let token = if list.root == "workspace" { &admin.token } else { &person };
            let mut ran = Vec::new();
            for rows in [FEW, ROWS] {
                statements.take();
                let answer = ask(stage, token, &list.query(rows)).await;
                ran.push(kinds(&statements.take()));
                let found = answer[&list.field]["nodes"].as_array().expect("nodes").len();
                // Only the kind's own roles are fewer than twenty.
                assert!(found == rows || list.field == "roles" && found > FEW, "{}: {found} rows", list.field);
            }
            let [few, many] = &ran[..] else { panic!("two answers") };
            assert!(few.keys().eq(many.keys()), "{}: {few:#?} {many:#?}", list.field);
            let mut least = many.clone();
            // What comes together within a moment is read together: on a busy machine that may be less than all.
            for _ in 0..25 {
                if least.iter().all(|(kind, times)| *times < few[kind] + (ROWS - FEW) / 2) {
                    break;
                }
                statements.take();
                ask(stage, token, &list.query(ROWS)).await;
                for (kind, times) in kinds(&statements.take()) {
                    least.entry(kind).and_modify(|least| *least = times.min(*least));
                }
            }
            for (kind, times) in &least {
                assert!(*times < few[kind] + (ROWS - FEW) / 2, "{}: {times} times {kind}", list.field);
            }
            writeln!(table, "| `{}.{}` | {} |", list.root, list.field, few.len()).unwrap();
        }
        hold("docs/query-plans.md", "statements", table.trim_end());
    }
}
