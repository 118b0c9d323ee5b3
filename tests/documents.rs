//! Holds docs/ and README.md to the code: what can be generated is, commands parse, links lead somewhere.
//!
//! `UPDATE_DOCS=1 cargo test --test it documents` rewrites the generated blocks.

mod blocks;
mod coverage;

use clap::{Args, Parser};
use rollcall::config::{Cli, Config};
use rollcall::graphql::keyed::Secretive;
use serde_json::{Value, json};

use crate::architecture::{EDGES, ROOMS, root};
use crate::support::app::Stage;
use crate::support::socket::Socket;
pub use blocks::hold;
use blocks::{read, written_pages};

/// Every setting with its flag, variable and default, as clap knows them.
fn settings() -> String {
    let command = Config::augment_args(clap::Command::new("rollcall"));
    let mut table = String::new();
    let mut heading = String::new();
    for argument in command.get_arguments() {
        let under = argument.get_help_heading().unwrap_or("Others");
        if under != heading {
            heading = under.to_owned();
            table += &format!(
                "\n{heading}\n\n| variable | flag | default | what it is |\n| --- | --- | --- | --- |\n"
            );
        }
        let variable = argument.get_env().and_then(|name| name.to_str()).unwrap_or_default();
        let flag = argument.get_long().unwrap_or_default();
        let defaults: Vec<&str> =
            argument.get_default_values().iter().filter_map(|value| value.to_str()).collect();
        let default = if defaults.is_empty() { "unset".into() } else { format!("`{}`", defaults.join(" ")) };
        let help = argument.get_help().map(|help| help.to_string().replace('|', "\\|")).unwrap_or_default();
        table += &format!("| `{variable}` | `--{flag}` | {default} | {help} |\n");
    }
    table.trim().to_owned()
}

/// The floors, from the lists that the architecture is held to.
fn floors() -> String {
    let row = |names: &[&str]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" → ");
    format!("Rooms, each may import those before it: {}.\n\nEdges, likewise: {}.", row(ROOMS), row(EDGES))
}

#[test]
fn the_settings_in_operations_are_those_of_the_binary() {
    hold("docs/operations.md", "settings", &settings());
}

#[test]
fn the_order_of_the_rooms_in_architecture_is_the_one_that_is_checked() {
    hold("docs/architecture.md", "order", &floors());
}

/// The codes of user errors with their descriptions, as the schema publishes them.
fn user_errors() -> String {
    let sdl = rollcall::graphql::schema::sdl();
    let body = sdl
        .split("enum ErrorCode {")
        .nth(1)
        .and_then(|rest| rest.split('}').next())
        .expect("it is published");
    let mut table = String::from("| code | is |\n| --- | --- |\n");
    let mut description = String::new();
    for line in body.lines().map(|line| line.trim().trim_matches('"')).filter(|line| !line.is_empty()) {
        let is_code = line.chars().all(|c| c.is_ascii_uppercase() || c == '_');
        if is_code {
            table += &format!("| `{line}` | {} |\n", description.trim());
            description.clear();
        } else {
            description += &format!("{line} ");
        }
    }
    table.trim_end().to_owned()
}

#[test]
fn the_codes_of_user_errors_in_the_api_page_are_those_of_the_schema() {
    hold("docs/api.md", "user errors", &user_errors());
}

/// The mutations that refuse an idempotency key, as the code tells them.
fn keyless() -> String {
    let secretive = Secretive::of(rollcall::graphql::schema::definitions());
    secretive.names().iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[test]
fn the_mutations_without_a_key_in_the_api_page_are_those_of_the_code() {
    hold("docs/api.md", "keyless", &keyless());
}

#[test]
fn the_api_page_tells_every_top_level_code() {
    let page = read("docs/api.md");
    for code in rollcall::graphql::errors::TopLevelCode::ALL {
        assert!(page.contains(&format!("| `{}` |", code.as_str())), "{} is not told", code.as_str());
    }
}

/// Is this document valid for the schema that is served? What it is answered else doesn't count.
async fn check_document(stage: &Stage, token: &str, place: &str, (document, variables): (&str, &Value)) {
    let parsed = async_graphql::parser::parse_query(document);
    assert!(parsed.is_ok(), "{place}: {document}\n{parsed:?}");
    if document.starts_with("subscription") {
        let mut socket = Socket::open(stage.here(), token).await;
        // Refused, it would say so before it answers a ping.
        return socket.listen(place, document, variables.clone()).await;
    }
    let answer = stage.ask(None, document, variables.clone()).await;
    for error in answer["errors"].as_array().into_iter().flatten() {
        // With a path it comes from a resolver, and so from a document that was valid.
        assert!(error.get("path").is_some(), "{place}: {document}\n{error:#}");
    }
}

#[tokio::test]
async fn documents_in_the_pages_fit_the_schema() {
    let stage = Stage::sqlite().await;
    let variables = json!({ "memberId": "x", "workspaceId": "x", "heirId": "x", "assetId": "x", "email": "x", "noticeId": "x", "keptAssetId": "x" });
    let ada = stage.person("Ada").await;
    let inside = stage.workspace(&ada, "TEAM").await;
    for (page, text) in written_pages() {
        for document in text.split("```graphql\n").skip(1).filter_map(|rest| rest.split("```").next()) {
            check_document(&stage, &inside.token, &page, (document, &variables)).await;
        }
    }
    stage.close().await;
}

#[tokio::test]
async fn the_explorers_saved_queries_fit_the_schema() {
    let stage = Stage::sqlite().await;
    let ada = stage.person("Ada").await;
    let inside = stage.workspace(&ada, "TEAM").await;
    let saved: Vec<Value> = serde_json::from_str(rollcall::http::SAVED_QUERIES).expect("JSON");
    for query in saved {
        let (title, document) =
            (query["title"].as_str().expect("a title"), query["query"].as_str().expect("text"));
        let variables = query.get("variables").cloned().unwrap_or(json!({}));
        check_document(&stage, &inside.token, title, (document, &variables)).await;
    }
    stage.close().await;
}

#[test]
fn the_rule_book_tells_which_tests_name_which_rule() {
    hold("docs/rules.md", "coverage", &coverage::table());
}

#[test]
fn every_rule_that_is_named_anywhere_is_in_the_rule_book() {
    let unknown = coverage::unknown_rules();
    assert!(unknown.is_empty(), "docs/rules.md doesn't have: {}", unknown.join(", "));
}

/// A rule that the rule book calls built must be named by a test.
#[test]
fn every_rule_that_is_built_is_proven_by_a_test() {
    let unproven = coverage::built_without_test();
    assert!(unproven.is_empty(), "built, but no test names: {}", unproven.join(", "));
}

#[test]
fn commands_in_the_documents_exist() {
    for (page, text) in written_pages() {
        for line in text.lines() {
            let line = line.trim().trim_start_matches("$ ");
            let arguments = line.strip_prefix("cargo run -- ").or_else(|| line.strip_prefix("rollcall "));
            let Some(arguments) = arguments else { continue };
            let arguments = arguments.split(['|', '#', '>']).next().unwrap_or_default();
            let words = ["rollcall"].into_iter().chain(arguments.split_whitespace());
            if let Err(error) = Cli::try_parse_from(words) {
                assert!(!error.use_stderr(), "{page}: `{line}`: {error}");
            }
        }
    }
}

#[test]
fn links_in_the_documents_lead_somewhere() {
    for (page, text) in written_pages() {
        let folder = root().join(&page).parent().expect("a page stands in a folder").to_owned();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = link.split('#').next().unwrap_or_default();
            if !file.is_empty() && !file.contains("://") {
                assert!(folder.join(file).exists(), "{page}: the link to `{link}` leads nowhere");
            }
        }
    }
}

/// A path in backquotes that begins with a folder of ours stands there.
#[test]
fn paths_in_the_documents_exist() {
    const FOLDERS: &[&str] = &["src/", "tests/", "docs/", "migrations/", "bin/", ".ci/"];
    for (page, text) in written_pages() {
        for quoted in text.split('`').skip(1).step_by(2) {
            let is_path = FOLDERS.iter().any(|folder| quoted.starts_with(folder));
            if is_path && !quoted.contains(['<', '*', ' ', '{', '…']) {
                assert!(root().join(quoted).exists(), "{page}: `{quoted}` doesn't exist");
            }
        }
    }
}

#[test]
fn the_map_in_architecture_shows_every_part_of_the_house() {
    let page = read("docs/architecture.md");
    let lib = read("src/lib.rs");
    for module in lib.lines().filter_map(|line| line.strip_prefix("pub mod ")) {
        let module = module.trim_end_matches(';');
        assert!(
            page.contains(&format!("`{module}`")),
            "docs/architecture.md doesn't tell what `{module}` is for"
        );
    }
}
