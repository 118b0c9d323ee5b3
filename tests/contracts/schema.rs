//! The published schema: what the binary prints, described throughout, with a declared caller for each root field.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::LazyLock;

use async_graphql::Positioned;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    FieldDefinition, InputValueDefinition, TypeDefinition, TypeKind, TypeSystemDefinition,
};
use rollcall::graphql::schema;

fn published(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Holds a published file against what it should be; `UPDATE_SCHEMA=1` writes it anew.
fn hold(name: &str, wanted: &str) {
    let file = published(name);
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(&file, wanted).unwrap();
    }
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        found == wanted,
        "{name} is not what the code says; run `UPDATE_SCHEMA=1 cargo test --test it contracts::schema`"
    );
}

/// Read once: in a debug build it takes a while.
static TYPES: LazyLock<Vec<TypeDefinition>> = LazyLock::new(|| {
    let document = parse_schema(schema::sdl()).expect("the schema reads back");
    document
        .definitions
        .into_iter()
        .filter_map(|definition| match definition {
            TypeSystemDefinition::Type(definition) => Some(definition.node),
            _ => None,
        })
        .collect()
});

pub fn types() -> Vec<TypeDefinition> {
    TYPES.clone()
}

pub fn type_named(name: &str) -> Option<TypeKind> {
    TYPES.iter().find(|it| it.name.node == name).map(|it| it.kind.clone())
}

pub fn fields_of(name: &str) -> Vec<FieldDefinition> {
    match type_named(name) {
        Some(TypeKind::Object(object)) => object.fields.into_iter().map(|field| field.node).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn the_published_schema_is_what_the_binary_prints() {
    hold("schema.graphql", &schema::sdl());
}

#[test]
fn possible_types_are_published_for_normalised_caches() {
    let mut possible: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for definition in types() {
        let name = definition.name.node.to_string();
        match definition.kind {
            TypeKind::Object(object) => {
                for interface in object.implements {
                    possible.entry(interface.node.to_string()).or_default().push(name.clone());
                }
            }
            TypeKind::Union(union) => {
                possible.insert(name, union.members.iter().map(|member| member.node.to_string()).collect());
            }
            _ => {}
        }
    }
    for names in possible.values_mut() {
        names.sort();
    }
    let json = serde_json::to_string_pretty(&serde_json::json!({ "possibleTypes": possible })).unwrap();
    hold("possibleTypes.json", &format!("{json}\n"));
}

#[test]
fn everything_is_described() {
    let mut bare = Vec::new();
    let mut argument = |path: String, argument: &Positioned<InputValueDefinition>| {
        if argument.node.description.is_none() {
            bare.push(format!("{path}.{}", argument.node.name.node));
        }
    };
    let mut bare_fields = Vec::new();
    for definition in types() {
        let name = definition.name.node.to_string();
        if definition.description.is_none() {
            bare_fields.push(name.clone());
        }
        let fields = match definition.kind {
            TypeKind::Object(object) => object.fields,
            TypeKind::Interface(interface) => interface.fields,
            TypeKind::InputObject(input) => {
                input.fields.iter().for_each(|field| argument(name.clone(), field));
                continue;
            }
            TypeKind::Enum(words) => {
                let undescribed = words.values.iter().filter(|value| value.node.description.is_none());
                bare_fields.extend(undescribed.map(|value| format!("{name}.{}", value.node.value.node)));
                continue;
            }
            _ => continue,
        };
        for field in fields {
            let path = format!("{name}.{}", field.node.name.node);
            field.node.arguments.iter().for_each(|it| argument(path.clone(), it));
            if field.node.description.is_none() {
                bare_fields.push(path);
            }
        }
    }
    bare.extend(bare_fields);
    assert!(bare.is_empty(), "without a description: {bare:#?}");
}

#[test]
fn every_root_field_declares_who_may_call_it() {
    for root in ["Query", "Mutation", "Subscription"] {
        for field in fields_of(root) {
            let declared: Vec<&str> = field.directives.iter().map(|it| it.node.name.node.as_str()).collect();
            assert!(
                declared == ["public"] || declared == ["requires"],
                "{root}.{} declares {declared:?}; it wants @public or @requires",
                field.name.node
            );
        }
    }
}

#[test]
fn mutations_take_one_input_and_answer_with_a_payload_of_their_own() {
    for field in fields_of("Mutation") {
        let name = field.name.node.to_string();
        let arguments: Vec<String> =
            field.arguments.iter().map(|it| format!("{}: {}", it.node.name.node, it.node.ty.node)).collect();
        let capital = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
        assert_eq!(arguments, [format!("input: {capital}Input!")], "{name}");
        assert_eq!(field.ty.node.to_string(), format!("{capital}Payload!"), "{name}");
        let payload = fields_of(&format!("{capital}Payload"));
        let errors = payload.iter().find(|it| it.name.node == "userErrors").map(|it| it.ty.node.to_string());
        assert_eq!(errors.as_deref(), Some("[UserError!]!"), "{name}");
    }
}
