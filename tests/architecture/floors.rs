//! Which floor each module stands on, what it may import, and which crates it may name.

use std::collections::BTreeSet;

use super::Finding;
use super::source::Source;

/// The rooms in their order: each may import those before it.
pub const ROOMS: &[&str] = &[
    "policy",
    "audit",
    "accounts",
    "notices",
    "roles",
    "assets",
    "billing",
    "members",
    "invitations",
    "sessions",
    "api_keys",
    "workspaces",
    "endings",
];
/// The edges in their order.
pub const EDGES: &[&str] = &["graphql", "http", "realtime"];
/// Above everything: builds all parts, runs the commands.
pub const TOP: &[&str] = &["app", "main", "lib"];

/// What of the machinery an edge sees: events and who listens to them, and figures. Never the database or the mail.
const EDGES_MAY_SEE: &[&str] = &["hub", "journal", "telemetry"];

/// What a room's door opens beside its own names: parts that are pure and meant to be read from outside.
const OPEN_PARTS: &[(&str, &str)] = &[("members", "lifecycle")];

/// All that the lowest floor may name; it does no I/O and never waits.
const PRIMITIVES_MAY_NAME: &[&str] = &[
    "base64",
    "chrono",
    "crc32fast",
    "getrandom",
    "idna",
    "serde",
    "serde_json",
    "sha2",
    "thiserror",
    "unicode_normalization",
    "uuid",
];
const ENTITIES_MAY_NAME: &[&str] = &["sea_orm", "serde_json", "uuid"];
/// Parts of a room's store: the SQL of tables beside its main one.
const STORE_PARTS: &[(&str, &str)] = &[
    ("members", "addresses"),
    ("members", "admins"),
    ("members", "assignments"),
    ("members", "attempts"),
    ("members", "bars"),
    ("members", "listing"),
    ("members", "notes"),
    ("members", "requests"),
    ("members", "rare"),
    ("members", "search"),
];
const WEB: &[&str] = &["async_graphql", "async_graphql_axum", "axum", "tower_http", "clap"];

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Floor {
    Primitives,
    Config,
    Entities,
    Platform,
    Access,
    Room(usize),
    Edge(usize),
    Top,
}

fn floor_of(module: &str) -> Option<Floor> {
    Some(match module {
        "primitives" | "planted" => Floor::Primitives,
        "config" => Floor::Config,
        "entities" => Floor::Entities,
        "platform" => Floor::Platform,
        "access" => Floor::Access,
        _ => {
            let place = |list: &[&str]| list.iter().position(|name| *name == module);
            if let Some(at) = place(ROOMS) {
                Floor::Room(at)
            } else if let Some(at) = place(EDGES) {
                Floor::Edge(at)
            } else if TOP.contains(&module) {
                Floor::Top
            } else {
                return None;
            }
        }
    })
}

const fn may_import(from: Floor, to: Floor) -> bool {
    use Floor::*;
    match (from, to) {
        (Top, _) | (_, Primitives) => true,
        (Primitives | Config | Entities, _) => false,
        (Platform, to) => matches!(to, Platform),
        (Access, to) => matches!(to, Platform | Entities | Access),
        (Room(from), Room(to)) => to < from,
        (Room(_), to) => matches!(to, Platform | Entities | Access),
        (Edge(from), Edge(to)) => to < from,
        (Edge(_), to) => matches!(to, Config | Platform | Access | Room(_)),
    }
}

/// Imports run downwards only; every module stands on a floor.
pub fn imports(source: &Source) -> Vec<Finding> {
    let module = source.module();
    let top = module.first().map_or("lib", String::as_str);
    let Some(floor) = floor_of(top) else {
        return vec![Finding::new(
            source,
            1,
            format!("`{top}` stands on no floor: name it in tests/architecture"),
        )];
    };
    let mut findings = Vec::new();
    for named in source.named() {
        let Some(path) = source.resolve(&named) else { continue };
        let Some(target) = path.first().filter(|target| *target != top) else { continue };
        // A macro of the crate's root has no floor of its own.
        let Some(to) = floor_of(target) else { continue };
        if matches!((floor, to), (Floor::Edge(_), Floor::Platform))
            && path.get(1).is_none_or(|part| !EDGES_MAY_SEE.contains(&part.as_str()))
        {
            let text = format!("an edge sees {} of the platform alone", EDGES_MAY_SEE.join(", "));
            findings.push(Finding::new(source, named.line, text));
        }
        if !may_import(floor, to) {
            findings.push(Finding::new(
                source,
                named.line,
                format!("`{top}` must not import `{target}`: imports run downwards only"),
            ));
        }
    }
    findings
}

/// A room is entered through its door: no part of it is open, and the compiler does the rest.
pub fn doors(source: &Source) -> Vec<Finding> {
    let module = source.module();
    let Some(room) = module.first().filter(|name| ROOMS.contains(&name.as_str())) else { return Vec::new() };
    if module.len() > 1 {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (at, token) in source.tokens.iter().enumerate() {
        let Some(part) = opened_module(source, at) else { continue };
        if !OPEN_PARTS.contains(&(room.as_str(), part)) {
            let text =
                format!("`{room}` opens its part `{part}`: re-export what others need in the door instead");
            findings.push(Finding::new(source, token.line, text));
        }
    }
    findings
}

/// The name behind `pub mod` or `pub(…) mod`.
fn opened_module(source: &Source, at: usize) -> Option<&str> {
    let word = |at: usize| match source.tokens.get(at).map(|token| &token.kind) {
        Some(super::source::Kind::Word(word)) => Some(word.as_str()),
        _ => None,
    };
    if word(at) != Some("pub") {
        return None;
    }
    let mut next = at + 1;
    if source.is_other(next, '(') {
        while !source.is_other(next, ')') && next < source.tokens.len() {
            next += 1;
        }
        next += 1;
    }
    (word(next) == Some("mod")).then(|| word(next + 1)).flatten()
}

/// The crates that a floor may name. `crates` are those that the package depends on.
pub fn crates(source: &Source, crates: &BTreeSet<String>) -> Vec<Finding> {
    let module = source.module();
    let Some(floor) = module.first().and_then(|top| floor_of(top)) else { return Vec::new() };
    let declared: BTreeSet<String> = declared_modules(source);
    let mut findings = Vec::new();
    for named in source.named() {
        let name = named.segments.first().map_or("", String::as_str);
        if !crates.contains(name) || declared.contains(name) {
            continue;
        }
        if let Some(rule) = refusal(floor, name, source) {
            findings.push(Finding::new(source, named.line, format!("names `{name}`: {rule}")));
        }
    }
    findings
}

fn declared_modules(source: &Source) -> BTreeSet<String> {
    let mut declared = BTreeSet::new();
    let mut after_mod = false;
    for token in &source.tokens {
        match &token.kind {
            super::source::Kind::Word(word) if after_mod => {
                declared.insert(word.clone());
                after_mod = false;
            }
            super::source::Kind::Word(word) => after_mod = word == "mod",
            _ => after_mod = false,
        }
    }
    declared
}

fn refusal(floor: Floor, name: &str, source: &Source) -> Option<String> {
    let among = |list: &[&str]| list.contains(&name);
    let text = match floor {
        Floor::Primitives if !among(PRIMITIVES_MAY_NAME) => {
            format!("primitives may name {} alone", PRIMITIVES_MAY_NAME.join(", "))
        }
        Floor::Entities if !among(ENTITIES_MAY_NAME) => {
            format!("entities may name {} alone", ENTITIES_MAY_NAME.join(", "))
        }
        Floor::Config if name != "clap" => "the settings may name clap alone".into(),
        Floor::Platform | Floor::Access if among(WEB) => "the web begins at the edges".into(),
        Floor::Access if name == "redis" => "Redis is the platform's".into(),
        Floor::Room(_) if among(WEB) || name == "redis" => "a room knows neither the web nor Redis".into(),
        Floor::Room(_) if name == "sea_orm" && !is_store(source) => {
            "a room's SQL stands in its store; pass errors on as `platform::database::DatabaseError`".into()
        }
        Floor::Edge(_) if among(&["sea_orm", "redis", "clap", "migrations"]) => {
            "an edge goes through the rooms' doors".into()
        }
        Floor::Edge(at) if EDGES[at] == "graphql" && among(&["axum", "async_graphql_axum", "tower_http"]) => {
            "the schema doesn't know how it is served".into()
        }
        _ => return None,
    };
    Some(text)
}

/// May hold a room's SQL.
pub fn is_store(source: &Source) -> bool {
    let module = source.module();
    let [room, part, ..] = module.as_slice() else { return false };
    part == "store" || STORE_PARTS.contains(&(room, part))
}
