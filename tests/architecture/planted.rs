//! The checker finds what was planted, and lets through what is right.

use std::collections::BTreeSet;

use super::source::Source;
use super::{Finding, floors, shape, tables};

fn at(path: &str, text: &str) -> Source {
    Source::new(path, text)
}

fn lines(findings: &[Finding]) -> Vec<usize> {
    findings.iter().map(|finding| finding.line).collect()
}

fn crates(path: &str, text: &str) -> Vec<usize> {
    let known: BTreeSet<String> =
        ["tokio", "sea_orm", "async_graphql", "axum", "serde", "redis"].map(Into::into).into();
    lines(&floors::crates(&at(path, text), &known))
}

#[test]
fn an_import_upwards_is_found_in_use_trees_and_in_code() {
    let upwards = "use crate::{primitives::ids::MemberId,\n    members::block};\nfn f() {\n    crate::http::serve();\n}";
    assert_eq!(lines(&floors::imports(&at("src/access/gate.rs", upwards))), [2, 4]);
    assert_eq!(lines(&floors::imports(&at("src/roles/read.rs", "use super::super::members;"))), [1]);
    assert_eq!(lines(&floors::imports(&at("src/roles/mod.rs", "pub use super::members::block;"))), [1]);
    assert_eq!(lines(&floors::imports(&at("src/primitives/ids.rs", "use crate::platform::database;"))), [1]);
    assert_eq!(lines(&floors::imports(&at("src/graphql/roles.rs", "use crate::entities::roles;"))), [1]);
}

#[test]
fn a_room_imports_those_before_it_and_not_those_behind() {
    assert!(floors::imports(&at("src/members/store.rs", "use crate::roles::Role;")).is_empty());
    assert_eq!(lines(&floors::imports(&at("src/roles/store.rs", "use crate::members::Member;"))), [1]);
}

#[test]
fn an_edge_that_reaches_for_the_database_is_found() {
    let text = "use crate::platform::{database::Database, hub::Hub};";
    assert_eq!(lines(&floors::imports(&at("src/http/health.rs", text))), [1]);
    assert!(floors::imports(&at("src/http/health.rs", "use crate::platform::hub::Hub;")).is_empty());
}

#[test]
fn a_module_on_no_floor_is_found() {
    assert_eq!(lines(&floors::imports(&at("src/billing2/mod.rs", "//! New."))), [1]);
}

#[test]
fn comments_strings_and_tests_import_nothing() {
    let text = "// use crate::http::x;\n/* crate::http::x /* nested */ crate::http::y */\nconst A: &str = \"crate::http::x\";\n\
                const B: &str = r#\"\"crate::http::x\"#;\nconst C: char = '\"';\nfn f<'a>(x: &'a str) {}\n\
                #[cfg(test)]\nmod tests {\n    use crate::http::x;\n}\n";
    assert!(floors::imports(&at("src/access/gate.rs", text)).is_empty());
    let after = format!("{text}use crate::http::x;\n");
    assert_eq!(lines(&floors::imports(&at("src/access/gate.rs", &after))), [11]);
}

#[test]
fn an_open_part_of_a_room_is_found() {
    let door = "mod rules;\npub mod store;\npub(crate) mod read;\npub mod lifecycle;";
    assert_eq!(lines(&floors::doors(&at("src/members/mod.rs", door))), [2, 3]);
    assert_eq!(lines(&floors::doors(&at("src/roles/mod.rs", "pub mod lifecycle;"))), [1]);
}

#[test]
fn crates_above_a_floor_are_found() {
    assert_eq!(crates("src/primitives/time.rs", "use serde::Serialize;\nuse tokio::time;"), [2]);
    assert_eq!(
        crates("src/members/block.rs", "use sea_orm::DbErr;\nfn f(e: async_graphql::Error) {}"),
        [1, 2]
    );
    assert!(crates("src/members/store.rs", "use sea_orm::DbErr;").is_empty());
    assert!(crates("src/members/notes.rs", "use sea_orm::DbErr;").is_empty());
    assert_eq!(
        crates("src/graphql/members.rs", "use async_graphql::ID;\nuse sea_orm::DbErr;\nuse axum::Router;"),
        [2, 3]
    );
    assert_eq!(crates("src/access/gate.rs", "#[axum::debug_handler]\nfn f() {}"), [1]);
    assert!(crates("src/members/mod.rs", "mod redis;\nuse redis::Bus;").is_empty(), "a module of that name");
}

#[test]
fn a_write_to_the_table_of_another_room_is_found() {
    let sql = "const A: &str = \"SELECT 1 FROM members FOR UPDATE\";\n\
               const B: &str = \"INSERT INTO roles (id) VALUES ($1) ON CONFLICT (id) DO UPDATE SET id = $1\";\n\
               const C: &str = \"UPDATE members SET name = $1\";\n\
               const D: &str = \"DELETE \\\n    FROM members\";\n\
               fn f() { members::Entity::update_many().exec(db) }";
    assert_eq!(lines(&tables::writes(&at("src/roles/store.rs", sql))), [3, 4, 6]);
    let entity = "use crate::entities::invitations::{Column, Entity};\nfn f() {\n    Entity::find();\n    \
                  Entity::insert(row);\n    roles::ActiveModel {}\n}";
    assert_eq!(lines(&tables::writes(&at("src/sessions/store.rs", entity))), [4, 5]);
    assert_eq!(lines(&tables::writes(&at("src/invitations/store.rs", entity))), [5]);
    let journal = "const A: &str = \"insert into events (id) values ($1)\";";
    assert_eq!(lines(&tables::writes(&at("src/members/store.rs", journal))), [1]);
    assert_eq!(lines(&tables::writes(&at("src/platform/database.rs", journal))), [1]);
    assert!(tables::writes(&at("src/platform/journal/write.rs", journal)).is_empty());
}

#[test]
fn a_table_without_an_owner_is_found() {
    let migration = at("migrations/src/m0099.rs", "const UP: &str = \"CREATE TABLE chairs (id int)\";");
    let found = tables::ownership(&[migration]);
    assert!(found.iter().any(|finding| finding.text.contains("`chairs`")), "{found:?}");
}

#[test]
fn a_file_without_a_head_or_with_too_many_lines_is_found() {
    assert_eq!(lines(&shape::head(&at("src/a.rs", "use x;"))), [1]);
    assert!(shape::head(&at("src/a.rs", "//! What it is for.\n")).is_empty());
    assert_eq!(lines(&shape::length(&at("src/a.rs", &"x\n".repeat(401)))), [401]);
    assert!(shape::length(&at("tests/a.rs", &"x\n".repeat(600))).is_empty());
    assert_eq!(lines(&shape::length(&at("tests/a.rs", &"x\n".repeat(601)))), [601]);
}

#[test]
fn an_empty_name_is_found() {
    assert_eq!(lines(&shape::name(&at("src/members/utils.rs", ""))), [1]);
    assert!(shape::name(&at("src/members/database.rs", "")).is_empty());
}

#[test]
fn a_reader_of_the_environment_is_found() {
    let text = "fn f() {\n    std::env::var(\"X\");\n    let p = env::temp_dir();\n}";
    assert_eq!(lines(&shape::environment(&at("src/platform/mail.rs", text))), [2]);
    assert!(shape::environment(&at("src/config.rs", text)).is_empty());
}

#[test]
fn a_transaction_beside_the_gate_is_found() {
    let text = "fn f() {\n    let tx = gate.database().begin().await;\n}";
    assert_eq!(lines(&shape::transactions(&at("src/members/block.rs", text))), [2]);
    assert!(shape::transactions(&at("src/access/gate.rs", text)).is_empty());
}

#[test]
fn a_long_resolver_is_found() {
    let long = format!("async fn f(&self, ctx: &Context<'_>) {{\n{}}}", "    x();\n".repeat(21));
    assert_eq!(lines(&shape::resolvers(&at("src/graphql/roles.rs", &long))), [1]);
    let short = format!("async fn f(&self, ctx: &Context<'_>) {{\n{}}}", "    x();\n".repeat(20));
    assert!(shape::resolvers(&at("src/graphql/roles.rs", &short)).is_empty());
}
