//! Answers with errors as the specification wants them (GraphQL, October 2021, section 6.4.4): a field that failed is
//! null where it may be, and else its parent is. The library leaves such a field out, which normalised caches take for
//! an answer that is broken.
//!
//! Never changes an answer without errors. Within an interface's fragments, whose object can't be told from the answer
//! alone, a missing field stays missing unless `__typename` was asked for.

use std::collections::HashMap;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::parse_query;
use async_graphql::parser::types::{
    BaseType, DocumentOperations, ExecutableDocument, Field, OperationDefinition, OperationType, Selection,
    SelectionSet, ServiceDocument, Type, TypeKind, TypeSystemDefinition,
};
use async_graphql::{Name, Positioned, Response, Value, Variables};

/// What of a request an answer is completed by.
#[derive(Clone)]
pub struct Asked {
    pub query: String,
    pub operation: Option<String>,
    pub variables: Variables,
}

/// The schema's types, as far as completing needs them.
pub struct Completion {
    fields: HashMap<String, HashMap<String, Type>>,
    objects: HashMap<String, bool>,
}

/// A field that must not be null is: its parent can't be either.
struct Missing;

impl Completion {
    /// Read out of what the schema defines.
    pub fn of(document: ServiceDocument) -> Self {
        let (mut fields, mut objects) = (HashMap::new(), HashMap::new());
        for definition in document.definitions {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let (own, is_object) = match definition.node.kind {
                TypeKind::Object(object) => (object.fields, true),
                TypeKind::Interface(interface) => (interface.fields, false),
                _ => continue,
            };
            let own =
                own.into_iter().map(|field| (field.node.name.node.to_string(), field.node.ty.node)).collect();
            objects.insert(definition.node.name.node.to_string(), is_object);
            fields.insert(definition.node.name.node.to_string(), own);
        }
        Self { fields, objects }
    }

    /// Completes an answer that has errors.
    pub fn complete(&self, response: &mut Response, asked: &Asked) {
        if response.errors.is_empty() || response.data == Value::Null {
            return;
        }
        let Ok(document) = parse_query(&asked.query) else { return };
        let Some(operation) = operation(&document, asked.operation.as_deref()) else { return };
        let root = match operation.ty {
            OperationType::Query => "Query",
            OperationType::Mutation => "Mutation",
            OperationType::Subscription => "Subscription",
        };
        let walk = Walk { completion: self, document: &document, variables: &asked.variables };
        if walk.object(root, &[&operation.selection_set.node], &mut response.data).is_err() {
            response.data = Value::Null;
        }
    }
}

fn operation<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Option<&'a OperationDefinition> {
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), _) => Some(&operation.node),
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name).map(|it| &it.node),
        (DocumentOperations::Multiple(operations), None) => operations.values().next().map(|it| &it.node),
    }
}

struct Walk<'a> {
    completion: &'a Completion,
    document: &'a ExecutableDocument,
    variables: &'a Variables,
}

/// The fields that an object is asked for, by the key of the answer, in the order of the document.
type Collected<'a> = IndexMap<&'a str, (&'a str, Vec<&'a SelectionSet>)>;

impl<'a> Walk<'a> {
    fn object(&self, ty: &str, sets: &[&'a SelectionSet], value: &mut Value) -> Result<(), Missing> {
        let Value::Object(object) = value else { return Ok(()) };
        let concrete = match object.get("__typename") {
            Some(Value::String(name)) => name.clone(),
            _ => ty.to_owned(),
        };
        let mut collected = Collected::new();
        for set in sets {
            self.collect(&concrete, set, &mut collected);
        }
        let mut completed = IndexMap::with_capacity(collected.len());
        for (key, (name, inner)) in collected {
            let Some(ty) = self.completion.fields.get(&concrete).and_then(|fields| fields.get(name)) else {
                continue;
            };
            let mut value = object.swap_remove(key).unwrap_or(Value::Null);
            self.value(ty, &inner, &mut value)?;
            completed.insert(Name::new(key), value);
        }
        // What can't be told apart here (`__typename`, fragments on other types) stays as it was answered.
        completed.extend(std::mem::take(object));
        *object = completed;
        Ok(())
    }

    fn value(&self, ty: &Type, sets: &[&'a SelectionSet], value: &mut Value) -> Result<(), Missing> {
        let complete = match (&ty.base, &mut *value) {
            (_, Value::Null) => Err(Missing),
            (BaseType::List(inner), Value::List(items)) => {
                items.iter_mut().try_for_each(|item| self.value(inner, sets, item))
            }
            (BaseType::Named(name), Value::Object(_)) => self.object(name, sets, value),
            _ => Ok(()),
        };
        match complete {
            Err(Missing) if ty.nullable => {
                *value = Value::Null;
                Ok(())
            }
            other => other,
        }
    }

    fn collect(&self, concrete: &str, set: &'a SelectionSet, into: &mut Collected<'a>) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) if self.wanted(&field.node.directives) => {
                    collect_field(&field.node, into);
                }
                Selection::InlineFragment(inline) if self.wanted(&inline.node.directives) => {
                    let condition = inline.node.type_condition.as_ref().map(|it| it.node.on.node.as_str());
                    self.collect_fragment(concrete, condition, &inline.node.selection_set.node, into);
                }
                Selection::FragmentSpread(spread) if self.wanted(&spread.node.directives) => {
                    let Some(fragment) = self.document.fragments.get(&spread.node.fragment_name.node) else {
                        continue;
                    };
                    let condition = Some(fragment.node.type_condition.node.on.node.as_str());
                    self.collect_fragment(concrete, condition, &fragment.node.selection_set.node, into);
                }
                _ => {}
            }
        }
    }

    fn collect_fragment(
        &self,
        concrete: &str,
        condition: Option<&str>,
        set: &'a SelectionSet,
        into: &mut Collected<'a>,
    ) {
        let of_object = condition.and_then(|condition| self.completion.objects.get(condition)).copied();
        // A condition on an interface holds for each object that can stand here; one on another object doesn't.
        if condition.is_none_or(|condition| condition == concrete) || of_object == Some(false) {
            self.collect(concrete, set, into);
        }
    }

    fn wanted(&self, directives: &[Positioned<async_graphql::parser::types::Directive>]) -> bool {
        directives.iter().all(|directive| {
            let is_skip = match directive.node.name.node.as_str() {
                "skip" => true,
                "include" => false,
                _ => return true,
            };
            let condition = directive.node.get_argument("if").map(|value| value.node.clone());
            let resolved = condition.and_then(|value| {
                value
                    .into_const_with(|name| {
                        Ok::<_, Missing>(self.variables.get(&name).cloned().unwrap_or_default())
                    })
                    .ok()
            });
            resolved != Some(Value::Boolean(is_skip))
        })
    }
}

fn collect_field<'a>(field: &'a Field, into: &mut Collected<'a>) {
    let key = field.alias.as_ref().map_or(&field.name.node, |alias| &alias.node).as_str();
    let (_, sets) = into.entry(key).or_insert_with(|| (field.name.node.as_str(), Vec::new()));
    sets.push(&field.selection_set.node);
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_schema;
    use async_graphql::{EmptyMutation, EmptySubscription, Object, Result, Schema};
    use serde_json::json;

    use super::*;

    struct Query;
    struct Inner;

    #[Object]
    impl Query {
        async fn maybe(&self) -> Result<Option<i32>> {
            Err("broken".into())
        }

        async fn sure(&self) -> Result<i32> {
            Err("broken".into())
        }

        async fn fine(&self) -> i32 {
            1
        }

        async fn inner(&self) -> Option<Inner> {
            Some(Inner)
        }

        async fn inners(&self) -> Vec<Option<Inner>> {
            vec![Some(Inner), None]
        }
    }

    #[Object]
    impl Inner {
        async fn sure(&self) -> Result<i32> {
            Err("broken".into())
        }

        async fn fine(&self) -> i32 {
            2
        }
    }

    async fn ask(query: &str) -> serde_json::Value {
        let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
        let mut response = schema.execute(query).await;
        let asked = Asked { query: query.to_owned(), operation: None, variables: Variables::default() };
        Completion::of(parse_schema(schema.sdl()).expect("a schema")).complete(&mut response, &asked);
        response.data.into_json().expect("JSON")
    }

    #[tokio::test]
    async fn a_nullable_field_that_failed_is_null() {
        assert_eq!(ask("{ maybe fine }").await, json!({ "maybe": null, "fine": 1 }));
        assert_eq!(ask("{ fine other: maybe }").await, json!({ "fine": 1, "other": null }));
    }

    #[tokio::test]
    async fn a_failed_field_that_must_not_be_null_takes_its_parent_along() {
        assert_eq!(ask("{ fine sure }").await, json!(null));
        assert_eq!(ask("{ fine inner { sure fine } }").await, json!({ "fine": 1, "inner": null }));
        assert_eq!(ask("{ inners { ... on Inner { sure fine } } }").await, json!({ "inners": [null, null] }));
        assert_eq!(
            ask("{ fine ...F } fragment F on Query { inner { fine sure } }").await,
            json!({ "fine": 1, "inner": null })
        );
    }

    #[tokio::test]
    async fn what_was_skipped_is_not_missed() {
        assert_eq!(ask("{ maybe fine sure @skip(if: true) }").await, json!({ "maybe": null, "fine": 1 }));
        assert_eq!(ask("{ maybe fine sure @include(if: false) }").await, json!({ "maybe": null, "fine": 1 }));
    }
}
