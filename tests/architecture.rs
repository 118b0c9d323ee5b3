//! Holds the house to docs/architecture.md by reading its source: floors, doors, tables, heads, sizes, names.
//!
//! Each finding names file, line and rule. At the end the checker itself is tested: planted violations must be found.

mod floors;
mod planted;
mod shape;
mod source;
mod tables;

use std::collections::BTreeSet;
use std::fmt;

pub use floors::{EDGES, ROOMS};
pub use source::{Source, root};

/// Something in the tree that breaks a rule of the house.
#[derive(Debug)]
struct Finding {
    path: String,
    line: usize,
    text: String,
}

impl Finding {
    fn new(source: &Source, line: usize, text: String) -> Self {
        Self { path: source.path.clone(), line, text }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.text)
    }
}

fn hold(findings: impl IntoIterator<Item = Finding>) {
    let mut found: Vec<String> = findings.into_iter().map(|finding| finding.to_string()).collect();
    found.dedup();
    assert!(found.is_empty(), "the house of docs/architecture.md does not stand:\n{}", found.join("\n"));
}

fn house() -> Vec<Source> {
    Source::tree(&["src"])
}

fn everything() -> Vec<Source> {
    Source::tree(&["src", "migrations", "tests", "benches"])
}

/// What the package depends on, as named in code.
fn dependencies() -> BTreeSet<String> {
    let manifest = include_str!("../Cargo.toml");
    let section = manifest.split("\n[dependencies]\n").nth(1).expect("the package depends on something");
    let lines = section.split("\n[").next().unwrap_or_default().lines();
    let name = |line: &str| line.split(['=', '.', ' ']).next().unwrap_or_default().replace('-', "_");
    lines.map(name).filter(|name| !name.is_empty()).collect()
}

#[test]
fn imports_run_downwards_only() {
    hold(house().iter().flat_map(floors::imports));
}

#[test]
fn rooms_are_entered_through_their_doors() {
    hold(house().iter().flat_map(floors::doors));
}

#[test]
fn each_floor_names_only_the_crates_it_may() {
    let crates = dependencies();
    assert!(crates.contains("sea_orm") && crates.contains("async_graphql"), "{crates:?}");
    hold(house().iter().flat_map(|source| floors::crates(source, &crates)));
}

#[test]
fn each_table_is_written_by_its_owner_alone() {
    hold(house().iter().flat_map(tables::writes));
}

#[test]
fn each_table_has_an_owner() {
    hold(tables::ownership(&Source::tree(&["migrations/src"])));
}

#[test]
fn every_file_says_what_it_is_for() {
    hold(everything().iter().flat_map(shape::head));
}

#[test]
fn no_file_is_too_long() {
    hold(everything().iter().flat_map(shape::length));
}

#[test]
fn no_name_is_empty_of_meaning() {
    hold(everything().iter().flat_map(shape::name));
}

#[test]
fn only_the_settings_read_the_environment() {
    hold(house().iter().flat_map(shape::environment));
}

/// REV-3: authority, order of events and tenancy hold for every write because there is no other door.
#[test]
fn only_the_gate_begins_transactions() {
    hold(house().iter().flat_map(shape::transactions));
}

#[test]
fn resolvers_are_short() {
    hold(house().iter().flat_map(shape::resolvers));
}
