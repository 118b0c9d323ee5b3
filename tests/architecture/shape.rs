//! What every file looks like, and what only one place may do.

use super::Finding;
use super::source::{Kind, Source};

const LINES_MAX: usize = 400;
const TEST_LINES_MAX: usize = 600;
/// A resolver parses, calls and maps.
const RESOLVER_LINES_MAX: usize = 20;
/// Names that say nothing about what stands behind them.
const EMPTY_NAMES: &[&str] =
    &["utils", "util", "helpers", "helper", "common", "misc", "manager", "data", "info"];

pub fn head(source: &Source) -> Vec<Finding> {
    let head = source.text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let says = head.strip_prefix("//!").is_some_and(|text| !text.trim().is_empty());
    if says {
        Vec::new()
    } else {
        vec![Finding::new(source, 1, "has no `//!` head that says what it is for".into())]
    }
}

pub fn length(source: &Source) -> Vec<Finding> {
    let most =
        if source.is_test() || source.path.starts_with("migrations/") { TEST_LINES_MAX } else { LINES_MAX };
    let lines = source.text.lines().count();
    if lines <= most {
        return Vec::new();
    }
    vec![Finding::new(source, most + 1, format!("has {lines} lines; split it at {most}"))]
}

pub fn name(source: &Source) -> Vec<Finding> {
    let empty = source.path.trim_end_matches(".rs").split('/').find(|part| EMPTY_NAMES.contains(part));
    empty
        .map(|part| Finding::new(source, 1, format!("`{part}` says nothing: name it by what it does")))
        .into_iter()
        .collect()
}

/// Nobody but the settings reads the environment.
pub fn environment(source: &Source) -> Vec<Finding> {
    // Planted bugs are no settings: no product has them.
    let may = ["src/config", "src/planted.rs"].iter().any(|path| source.path.starts_with(path));
    if may || !source.path.starts_with("src/") {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for reader in ["var", "var_os", "vars", "vars_os"] {
        for token in source.sequences(&["env", reader]) {
            findings.push(Finding::new(
                source,
                token.line,
                "reads the environment: only `config` may".into(),
            ));
        }
    }
    findings
}

/// Files that write outside the gate, and why no event tells of it.
const BESIDE_THE_GATE: &[(&str, &str)] = &[
    ("src/accounts/mails.rs", "a link is minted when its mail is sent (INV-5)"),
    ("src/accounts/store.rs", "what a job has finished is marked; nobody sees the mark"),
    ("src/accounts/store/purge.rs", "links that have long been dead go; nobody could use them any more"),
    ("src/api_keys/store.rs", "a key's last use, like a session's, is no change that others see"),
    ("src/app/start.rs", "the installation is named before there is a gate"),
    ("src/invitations/store.rs", "a link is minted when its mail is sent (INV-5)"),
    ("src/sessions/store.rs", "session rows carry the generations they were made under (architecture.md)"),
];

/// A write is a `WorkspaceTx` or an `AccountTx`: nobody else begins a transaction.
pub fn transactions(source: &Source) -> Vec<Finding> {
    let below = ["src/access/", "src/platform/"].iter().any(|folder| source.path.starts_with(folder));
    if below || BESIDE_THE_GATE.iter().any(|(path, _)| *path == source.path) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (at, token) in source.tokens.iter().enumerate() {
        let Kind::Word(word) = &token.kind else { continue };
        let called = at > 0 && source.is_other(at - 1, '.') && source.is_other(at + 1, '(');
        if called && matches!(word.as_str(), "begin" | "begin_with_options" | "begin_with_config") {
            let text = "begins a transaction of its own: writes go through `Gate`".into();
            findings.push(Finding::new(source, token.line, text));
        }
    }
    findings
}

/// Resolvers decide nothing, so they are short.
pub fn resolvers(source: &Source) -> Vec<Finding> {
    if !source.path.starts_with("src/graphql/") {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (at, token) in source.tokens.iter().enumerate() {
        if token.kind != Kind::Word("fn".into()) {
            continue;
        }
        let Some((opens, closes)) = body(source, at) else { continue };
        let asks = source.tokens[at..opens].iter().any(|token| token.kind == Kind::Word("Context".into()));
        let lines = source.tokens[closes].line - source.tokens[opens].line;
        if asks && lines > RESOLVER_LINES_MAX + 1 {
            let text =
                format!("a resolver of {lines} lines; it parses, calls and maps in {RESOLVER_LINES_MAX}");
            findings.push(Finding::new(source, token.line, text));
        }
    }
    findings
}

/// Where a function's body opens and closes.
fn body(source: &Source, from: usize) -> Option<(usize, usize)> {
    let tokens = &source.tokens;
    let opens = (from..tokens.len()).find(|at| matches!(tokens[*at].kind, Kind::Other('{' | ';')))?;
    if source.is_other(opens, ';') {
        return None;
    }
    let mut depth = 0usize;
    for (at, token) in tokens.iter().enumerate().skip(opens) {
        match token.kind {
            Kind::Other('{') => depth += 1,
            Kind::Other('}') => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((opens, at));
        }
    }
    None
}
