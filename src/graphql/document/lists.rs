//! How long the lists are in which a schema describes itself, read out of its own text once.
//!
//! Never exact where types refer to each other: there the longest list stands for each.

use std::collections::HashMap;

use async_graphql::Name;
use async_graphql::parser::types::{ServiceDocument, TypeKind, TypeSystemDefinition};

/// A kind of list: how many entries all together have, and the longest.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Length {
    pub(super) all: usize,
    pub(super) most: usize,
}

impl Length {
    fn add(&mut self, entries: usize) {
        self.all += entries;
        self.most = self.most.max(entries);
    }
}

/// The lists of a schema.
#[derive(Clone, Debug, Default)]
pub(super) struct Lists {
    pub(super) types: usize,
    pub(super) directives: usize,
    pub(super) fields: Length,
    /// Of fields and of directives.
    pub(super) args: Length,
    pub(super) input_fields: Length,
    pub(super) enum_values: Length,
    pub(super) interfaces: Length,
    pub(super) possible_types: Length,
}

impl Lists {
    pub(super) fn of(document: ServiceDocument) -> Self {
        let mut lists = Self::default();
        let mut implementers = HashMap::new();
        for definition in document.definitions {
            match definition {
                TypeSystemDefinition::Type(definition) => {
                    lists.types += 1;
                    lists.read(definition.node.kind, &mut implementers);
                }
                TypeSystemDefinition::Directive(directive) => {
                    lists.directives += 1;
                    lists.args.add(directive.node.arguments.len());
                }
                TypeSystemDefinition::Schema(_) => {}
            }
        }
        implementers.into_values().for_each(|types| lists.possible_types.add(types));
        lists
    }

    fn read(&mut self, kind: TypeKind, implementers: &mut HashMap<Name, usize>) {
        let (fields, interfaces) = match kind {
            TypeKind::Object(object) => (object.fields, object.implements),
            TypeKind::Interface(interface) => (interface.fields, interface.implements),
            TypeKind::Union(union) => return self.possible_types.add(union.members.len()),
            TypeKind::Enum(kind) => return self.enum_values.add(kind.values.len()),
            TypeKind::InputObject(input) => return self.input_fields.add(input.fields.len()),
            TypeKind::Scalar => return,
        };
        self.fields.add(fields.len());
        fields.iter().for_each(|field| self.args.add(field.node.arguments.len()));
        self.interfaces.add(interfaces.len());
        for interface in interfaces {
            *implementers.entry(interface.node).or_default() += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_of_a_schema_are_read_from_its_text() {
        let text = async_graphql::parser::parse_schema(
            "type Query implements N { id: ID! a(b: Int, c: I): E } interface N { id: ID! } \
             type T implements N { id: ID! } union U = Query | T enum E { A B C } input I { a: Int } scalar S \
             directive @d(a: Int, b: Int, c: Int) on FIELD_DEFINITION schema { query: Query }",
        );
        let lists = Lists::of(text.expect("a schema"));
        assert_eq!((lists.types, lists.directives), (7, 1));
        assert_eq!(lists.fields, Length { all: 4, most: 2 });
        assert_eq!(lists.args, Length { all: 5, most: 3 });
        assert_eq!(lists.input_fields, Length { all: 1, most: 1 });
        assert_eq!(lists.enum_values, Length { all: 3, most: 3 });
        assert_eq!(lists.interfaces, Length { all: 2, most: 1 });
        assert_eq!(lists.possible_types, Length { all: 4, most: 2 });
    }
}
