//! Which permission a mutation asks for, as its declaration in the schema says.
//!
//! Never lets anybody in: an operation checks by itself whoever runs it. This is for whoever repeats its answer.

use std::collections::HashMap;

use async_graphql::Value;
use async_graphql::parser::types::{ServiceDocument, TypeKind, TypeSystemDefinition};

use crate::primitives::rights::Permission;

/// The permission that each mutation asks for, read out of the schema.
pub(super) struct Guards(HashMap<String, Permission>);

impl Guards {
    /// Read out of what the schema defines.
    pub(super) fn of(document: ServiceDocument) -> Self {
        let mutations = document.definitions.into_iter().find_map(|definition| match definition {
            TypeSystemDefinition::Type(it) if it.node.name.node == "Mutation" => match it.node.kind {
                TypeKind::Object(object) => Some(object.fields),
                _ => None,
            },
            _ => None,
        });
        let guarded = mutations.into_iter().flatten().filter_map(|field| {
            let directives = field.node.directives.iter();
            let mut asked = directives.filter_map(|it| it.node.get_argument("permission"));
            let Value::Enum(word) = &asked.next()?.node else { return None };
            Some((field.node.name.node.to_string(), Permission::parse(word)?))
        });
        Self(guarded.collect())
    }

    /// None: being signed in is enough, or not even that is asked.
    pub(super) fn permission(&self, mutation: &str) -> Option<Permission> {
        self.0.get(mutation).copied()
    }
}
