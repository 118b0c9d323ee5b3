//! Which fields an event can answer, checked when somebody subscribes.
//!
//! Never finds out while an event is rendered that it would need the database: a field that an event doesn't carry is
//! refused by name before anything is listened to. Each fragment is looked at once, however often it is spread.

use std::collections::{HashMap, HashSet};

use async_graphql::Name;
use async_graphql::Positioned;
use async_graphql::parser::types::{
    BaseType, ExecutableDocument, FieldDefinition, OperationDefinition, Selection, SelectionSet,
    ServiceDocument, Type, TypeKind, TypeSystemDefinition,
};

use crate::graphql::errors::TopLevelError;

/// The types that also stand outside of events, with the fields that an event's after-state answers. Every other type
/// that events lead to is made for them and answers whole.
const CARRIED: &[(&str, &[&str])] = &[
    ("Member", &["id", "name", "status", "displayStatus", "role", "joinedAt", "revision"]),
    ("Role", &["id", "name", "isAdmin"]),
    ("Invitation", &["id", "status", "assetIds", "sentAt", "expiresAt", "mail", "revision"]),
    ("ReceivedInvitation", &["id", "status", "sentAt", "expiresAt", "revision"]),
    (
        "Membership",
        &["id", "memberId", "workspaceId", "status", "displayStatus", "role", "joinedAt", "revision"],
    ),
    ("Account", &["id", "emailVerified", "revision"]),
];

/// The schema's types, as far as selections lead through them: each field's own type by name.
pub struct EventFields {
    types: HashMap<String, HashMap<String, String>>,
    root: String,
}

impl EventFields {
    /// Read out of what the schema defines.
    pub fn of(document: ServiceDocument) -> Self {
        let (mut types, mut root) = (HashMap::new(), "Subscription".to_owned());
        for definition in document.definitions {
            match definition {
                TypeSystemDefinition::Type(definition) => {
                    let fields = match &definition.node.kind {
                        TypeKind::Object(object) => fields_of(&object.fields),
                        TypeKind::Interface(interface) => fields_of(&interface.fields),
                        _ => continue,
                    };
                    types.insert(definition.node.name.node.to_string(), fields);
                }
                TypeSystemDefinition::Schema(schema) => {
                    if let Some(name) = schema.node.subscription {
                        root = name.node.to_string();
                    }
                }
                TypeSystemDefinition::Directive(_) => {}
            }
        }
        Self { types, root }
    }

    /// Refuses a subscription that asks for what events don't carry.
    pub fn check(
        &self,
        document: &ExecutableDocument,
        operation: &OperationDefinition,
    ) -> Result<(), TopLevelError> {
        let mut walk = Walk { fields: self, document, seen: HashSet::new() };
        walk.set(&self.root, &operation.selection_set.node)
    }
}

fn fields_of(fields: &[Positioned<FieldDefinition>]) -> HashMap<String, String> {
    let named = |field: &FieldDefinition| (field.name.node.to_string(), name_of(&field.ty.node).to_string());
    fields.iter().map(|field| named(&field.node)).collect()
}

fn name_of(ty: &Type) -> &Name {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => name_of(inner),
    }
}

struct Walk<'a> {
    fields: &'a EventFields,
    document: &'a ExecutableDocument,
    seen: HashSet<&'a Name>,
}

impl<'a> Walk<'a> {
    fn set(&mut self, ty: &str, set: &'a SelectionSet) -> Result<(), TopLevelError> {
        set.items.iter().try_for_each(|selection| match &selection.node {
            Selection::Field(field) => {
                let name = field.node.name.node.as_str();
                carried(ty, name)?;
                // What the schema doesn't know, validation refuses.
                match self.fields.types.get(ty).and_then(|fields| fields.get(name)) {
                    Some(inner) => self.set(inner, &field.node.selection_set.node),
                    None => Ok(()),
                }
            }
            Selection::InlineFragment(inline) => {
                let condition = inline.node.type_condition.as_ref().map(|it| it.node.on.node.as_str());
                self.set(condition.unwrap_or(ty), &inline.node.selection_set.node)
            }
            Selection::FragmentSpread(spread) => self.spread(&spread.node.fragment_name.node),
        })
    }

    fn spread(&mut self, name: &'a Name) -> Result<(), TopLevelError> {
        match self.document.fragments.get(name) {
            Some(fragment) if self.seen.insert(name) => {
                let ty = fragment.node.type_condition.node.on.node.as_str();
                self.set(ty, &fragment.node.selection_set.node)
            }
            _ => Ok(()),
        }
    }
}

fn carried(ty: &str, field: &str) -> Result<(), TopLevelError> {
    let known = CARRIED.iter().find(|(name, _)| *name == ty);
    match known {
        Some((_, fields)) if !fields.contains(&field) && field != "__typename" => {
            let message = format!(
                "an event doesn't carry this field; ask for it in a query, by the id. Carried are: {}",
                fields.join(", ")
            );
            Err(TopLevelError::bad_input(&format!("{ty}.{field}"), &message))
        }
        _ => Ok(()),
    }
}
