//! Which tests name which rule of docs/rules.md.
//!
//! Never judges whether a test proves its rule; that is for whoever reads it.

use std::collections::{BTreeMap, BTreeSet};

use super::blocks::read;
use crate::architecture::Source;

/// What the rule book says about a rule.
struct Rule {
    id: String,
    state: String,
}

/// The rules in the order of the rule book: list items that begin with an id and a state, `- INV-3 **built** …`.
fn rules() -> Vec<Rule> {
    let page = read("docs/rules.md");
    let items = page.lines().filter_map(|line| line.strip_prefix("- "));
    let rules = items.filter_map(|item| {
        let (id, rest) = item.split_once(' ')?;
        let state = rest.strip_prefix("**")?.split_once("**")?.0;
        (ids_in(id) == [id]).then(|| Rule { id: id.to_owned(), state: state.to_owned() })
    });
    let rules: Vec<Rule> = rules.collect();
    let unique: BTreeSet<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(unique.len(), rules.len(), "a rule stands twice");
    for rule in &rules {
        let known = ["built", "in part", "open"].contains(&rule.state.as_str());
        assert!(known, "{}: `{}` is not a state", rule.id, rule.state);
    }
    rules
}

/// Ids such as `INV-3` in a text; a range, `INV-1 to INV-4` or `REV-1..REV-4`, names its ends alone.
fn ids_in(text: &str) -> Vec<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let words = text.split(|c: char| !is_part(c));
    words.filter(|word| is_id(word)).map(ToOwned::to_owned).collect()
}

/// The id that a test's name begins with or holds: `inv_3_…`.
fn id_in_name(name: &str) -> Option<String> {
    let words: Vec<&str> = name.split('_').collect();
    let mut pairs = words.windows(2).map(|pair| format!("{}-{}", pair[0].to_uppercase(), pair[1]));
    pairs.find(|id| is_id(id))
}

fn is_id(word: &str) -> bool {
    let Some((letters, number)) = word.split_once('-') else { return false };
    const SECTIONS: &[&str] =
        &["WSP", "INV", "LIF", "BLK", "DEA", "REM", "DEL", "SEAT", "AST", "API", "SES", "EVT", "REV"];
    SECTIONS.contains(&letters) && !number.is_empty() && number.chars().all(|c| c.is_ascii_digit())
}

/// A test, as the table shows it.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Named {
    file: String,
    test: String,
}

/// Rule → tests that name it: in the comment above the test, or between its first and last line.
fn named_by_tests() -> BTreeMap<String, BTreeSet<Named>> {
    let mut named: BTreeMap<String, BTreeSet<Named>> = BTreeMap::new();
    for source in Source::tree(&["src", "tests"]) {
        for (test, text) in tests_in(&source.text) {
            for id in ids_in(&text).into_iter().chain(id_in_name(&test)) {
                let entry = Named { file: source.path.clone(), test: test.clone() };
                named.entry(id).or_default().insert(entry);
            }
        }
    }
    named
}

/// Each test with its text, from the comment above its attributes to the next item of the same depth. Tests inside a
/// macro that runs them on both set-ups, `on_both…! {`, have no attribute of their own.
fn tests_in(text: &str) -> Vec<(String, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut tests = Vec::new();
    let (mut above, mut marked, mut staged_until) = (Vec::new(), false, 0);
    let mut listed = BTreeSet::new();
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at].trim();
        if line.starts_with("on_both") && line.ends_with("! {") {
            staged_until = end_of_block(&lines, at);
        }
        if at < staged_until && line.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            listed.insert(line);
        }
        let is_test = |name: &String| marked || at < staged_until || listed.contains(name.as_str());
        let name = name_of_fn(line).filter(is_test);
        if let Some(name) = name {
            let end = end_of_block(&lines, at);
            above.extend_from_slice(&lines[at..end]);
            tests.push((name, above.join("\n")));
            (above, marked, at) = (Vec::new(), false, end);
            continue;
        }
        if line.starts_with("///") || line.starts_with("//") || line.starts_with("#[") {
            above.push(lines[at]);
            marked |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
        } else {
            above.clear();
            marked = false;
        }
        at += 1;
    }
    tests
}

fn name_of_fn(line: &str) -> Option<String> {
    let rest = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ")?;
    Some(rest.split(['(', '<']).next()?.to_owned())
}

/// Behind the line that closes what this line opens, by its indentation.
fn end_of_block(lines: &[&str], from: usize) -> usize {
    let indent = lines[from].len() - lines[from].trim_start().len();
    let closes = |line: &&str| {
        line.len() > indent && line.starts_with(&" ".repeat(indent)) && line[indent..].starts_with('}')
    };
    lines[from + 1..].iter().position(closes).map_or(lines.len(), |offset| from + 2 + offset)
}

/// The table at the end of the rule book.
pub fn table() -> String {
    let named = named_by_tests();
    let rules = rules();
    let mut table = String::from("| rule | state | tests that name it |\n| --- | --- | --- |\n");
    for rule in &rules {
        let tests = named.get(&rule.id).map(cell).unwrap_or_default();
        table += &format!("| {} | {} | {tests} |\n", rule.id, rule.state);
    }
    let count = |state: &str| rules.iter().filter(|rule| rule.state == state).count();
    table
        + &format!(
            "\n{} rules: {} built, {} in part, {} open.",
            rules.len(),
            count("built"),
            count("in part"),
            count("open")
        )
}

fn cell(tests: &BTreeSet<Named>) -> String {
    let mut by_file: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for named in tests {
        by_file.entry(&named.file).or_default().push(&named.test);
    }
    let files = by_file.iter().map(|(file, tests)| format!("`{file}`: {}", tests.join(", ")));
    files.collect::<Vec<_>>().join("<br>")
}

/// Ids in code or documents that the rule book doesn't have.
pub fn unknown_rules() -> Vec<String> {
    let known: BTreeSet<String> = rules().into_iter().map(|rule| rule.id).collect();
    let mut unknown = BTreeSet::new();
    for source in Source::tree(&["src", "tests", "migrations"]) {
        let strange = ids_in(&source.text).into_iter().filter(|id| !known.contains(id));
        unknown.extend(strange.map(|id| format!("{id} ({})", source.path)));
    }
    unknown.into_iter().collect()
}

pub fn built_without_test() -> Vec<String> {
    let named = named_by_tests();
    rules()
        .into_iter()
        .filter(|rule| rule.state == "built" && !named.contains_key(&rule.id))
        .map(|rule| rule.id)
        .collect()
}
