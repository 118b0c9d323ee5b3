//! What a subscription asks for, and apart from it the place where it begins: all who ask for the same share one plan.
//!
//! Never judges a cursor that it can't read, nor a document: what isn't plain is left to the schema.

use std::sync::LazyLock;

use async_graphql::parser::types::{OperationDefinition, Selection, VariableDefinition};
use async_graphql::{Request, Value, Variables};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::operations::Topic;
use super::protocol::Document;
use crate::primitives::cursor::{Epoch, EventCursor};

/// The argument that a subscription's root field takes its place from.
const AFTER: &str = "after";

/// Stands in a plan where each subscriber has a cursor of their own. It is as long as any other, so that errors name
/// the places of the document as it was sent.
static NOWHERE: LazyLock<String> = LazyLock::new(|| {
    let epoch = Epoch { id: Uuid::nil(), timeline: 0 };
    EventCursor { epoch, stream: Uuid::nil(), seq: 0 }.encode()
});

/// The same for all who ask for the same.
#[derive(Clone, Debug, Eq, PartialEq, Hash)]
pub(super) struct Plan {
    pub(super) topic: Topic,
    text: String,
    operation: Option<String>,
    /// In JSON: they are compared more often than read.
    variables: String,
}

/// Where one subscriber wants to begin.
pub(super) enum Place {
    /// After a cursor, or from now on.
    Plain(Option<EventCursor>),
    /// What was sent must be judged by the schema, which reads it or says what is wrong with it.
    Unclear(Box<Request>),
}

impl Plan {
    /// Takes the place out of what was asked. `operation` is the one that is to run, of the document's own text.
    pub(super) fn of(topic: Topic, asked: Document, operation: &OperationDefinition) -> (Self, Place) {
        let mut variables = asked.variables.unwrap_or_default();
        let mut text = asked.query;
        let found = match after(operation) {
            None | Some(After::Literal(Value::Null)) => Some(None),
            Some(After::Literal(Value::String(literal))) => EventCursor::parse(&literal).ok().map(|cursor| {
                text = without(&text, &literal).unwrap_or_else(|| text.clone());
                Some(cursor)
            }),
            Some(After::Variable(name)) => {
                let found = of_variable(operation, &name, &variables);
                // Once its place is known, the variable is the same for all.
                if found.is_some() {
                    variables.insert(name, NOWHERE.as_str().into());
                }
                found
            }
            Some(After::Literal(_)) => None,
        };
        let place = found.map_or_else(
            || Place::Unclear(Box::new(request(&text, asked.operation_name.as_deref(), variables.clone()))),
            Place::Plain,
        );
        let variables = Json::Object(variables).to_string();
        (Self { topic, text, operation: asked.operation_name, variables }, place)
    }

    /// What is run for all who have this plan.
    pub(super) fn request(&self) -> Request {
        let variables = serde_json::from_str(&self.variables).expect("it was written from an object");
        request(&self.text, self.operation.as_deref(), variables)
    }
}

pub(super) fn request(text: &str, operation: Option<&str>, variables: Map<String, Json>) -> Request {
    let mut request = Request::new(text).variables(Variables::from_json(Json::Object(variables)));
    request.operation_name = operation.map(str::to_owned);
    request
}

/// What the root field is given as its place.
enum After {
    Literal(Value),
    Variable(String),
}

fn after(operation: &OperationDefinition) -> Option<After> {
    let Selection::Field(root) = &operation.selection_set.node.items.first()?.node else { return None };
    let given = &root.node.get_argument(AFTER)?.node;
    match given.to_string().strip_prefix('$') {
        Some(name) => Some(After::Variable(name.to_owned())),
        // What holds variables within is no place in any case.
        None => Some(After::Literal(given.clone().into_const().unwrap_or(Value::Boolean(false)))),
    }
}

/// The text with nobody's place in it. Only where the literal can't be anything else than that argument.
fn without(text: &str, literal: &str) -> Option<String> {
    let quoted = format!("\"{literal}\"");
    let mut found = text.match_indices(&quoted);
    let alone = found.next().is_some() && found.next().is_none();
    alone.then(|| text.replace(&quoted, &format!("\"{}\"", *NOWHERE)))
}

/// The place in a variable; none where the schema has to judge.
fn of_variable(
    operation: &OperationDefinition,
    name: &str,
    variables: &Map<String, Json>,
) -> Option<Option<EventCursor>> {
    let is_it = |definition: &&VariableDefinition| definition.name.node == name;
    let mut definitions = operation.variable_definitions.iter().map(|definition| &definition.node);
    let definition = definitions.find(is_it)?;
    let nullable = definition.var_type.node.nullable;
    match (variables.get(name), definition.default_value()) {
        (Some(Json::String(text)), _) | (None, Some(Value::String(text))) => {
            EventCursor::parse(text).ok().map(Some)
        }
        (Some(Json::Null), _) | (None, Some(Value::Null)) if nullable => Some(None),
        _ => None,
    }
}
