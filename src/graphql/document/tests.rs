//! What a document may cost, and that finding out costs little.

use std::fmt::Write;
use std::sync::LazyLock;

use super::*;

/// How long the lists of the schema are that is published.
static LISTS: LazyLock<Lists> = LazyLock::new(|| Lists::of(definitions()));

fn within(text: &str, limits: &DocumentLimits) -> Result<Parsed, DocumentRefusal> {
    check(text, limits, &LISTS)
}

fn refusal(text: &str) -> DocumentRefusal {
    within(text, &DocumentLimits::default()).expect_err(text)
}

fn allowed(text: &str) -> Parsed {
    within(text, &DocumentLimits::default()).expect(text)
}

fn refused_for(text: &str, fault: DocumentFault, word: &str) {
    let refusal = refusal(text);
    assert!(refusal.fault == fault && refusal.message.contains(word), "{refusal:?}");
}

/// `fragments` fragments, each of which spreads the next one `spreads` times.
fn bomb(fragments: usize, spreads: usize) -> String {
    let mut text = "{...f0}".to_owned();
    for number in 0..fragments {
        let body =
            if number + 1 < fragments { format!("...f{} ", number + 1).repeat(spreads) } else { "a".into() };
        write!(text, "fragment f{number} on Q{{{body}}}").expect("a string takes all");
    }
    text
}

#[test]
fn fragments_that_multiply_are_refused_without_walking_them() {
    let text = bomb(20, 4);
    assert!(text.len() < 1024, "{}", text.len());
    refused_for(&text, DocumentFault::Limit, "fields and fragments");
    // 10^29 walks: more than a number of the machine holds.
    refused_for(&bomb(30, 10), DocumentFault::Limit, "fields and fragments");
}

#[test]
fn each_selection_of_the_text_is_looked_at_once() {
    for (fragments, spreads) in [(2, 2), (20, 4), (30, 10)] {
        let document = parse_query(bomb(fragments, spreads)).expect("GraphQL");
        let mut weigher = Weigher::new(&document, &LISTS);
        weigher.document().expect("weighed");
        assert_eq!(weigher.visits(), 1 + (fragments - 1) * spreads + 1);
    }
    assert_eq!(
        allowed("{ a { ...f ...f } ...g } fragment f on A { b c } fragment g on Q { a { ...f } }").visits,
        8
    );
}

#[test]
fn fragments_that_spread_themselves_are_refused() {
    refused_for("{...f} fragment f on Q{...f}", DocumentFault::Invalid, "f spreads itself");
    let text = "{...f} fragment f on Q{a{...g}} fragment g on A{b ... on A{...f}}";
    refused_for(text, DocumentFault::Invalid, "spreads itself");
}

#[test]
fn fragments_are_defined_and_used() {
    refused_for("{...f}", DocumentFault::Invalid, "f is not defined");
    refused_for("{a} fragment f on Q{...f}", DocumentFault::Invalid, "f is never used");
}

#[test]
fn limits_count_what_fragments_hide() {
    let limits = DocumentLimits { query_depth_max: 3, ..DocumentLimits::default() };
    let deep = |text| within(text, &limits).map(|_| ()).map_err(|refusal| refusal.message);
    assert_eq!(deep("{a{...f}} fragment f on A{b{... on B{c}}}"), Ok(()));
    assert!(
        deep("{a{...f}} fragment f on A{b{... on B{c{d}}}}").is_err_and(|message| message.contains("levels"))
    );

    let twenty_aliases: String = (0..20).map(|number| format!("a{number}:a ")).collect();
    allowed(&format!("{{...f}} fragment f on Q{{{twenty_aliases}}}"));
    refused_for(
        &format!("{{...f ...f}} fragment f on Q{{{twenty_aliases}}}"),
        DocumentFault::Limit,
        "aliases",
    );
    refused_for(&format!("{{a {}}}", "@x ".repeat(31)), DocumentFault::Limit, "directives");
    refused_for(&format!("query({}){{a}}", "$a:A@x ".repeat(31)), DocumentFault::Limit, "directives");
    refused_for(&format!("{{{}}}", "a ".repeat(2001)), DocumentFault::Limit, "2000 fields");
    refused_for(&format!("{{a(b:\"{}\")}}", "x".repeat(16 * 1024)), DocumentFault::Limit, "16384 bytes");
}

#[test]
fn rows_of_pages_within_pages_count() {
    let page = |size: &str, inner: &str| format!("members{size}{{edges{{node{{{inner}}}}}}}");
    allowed(&format!("{{{}}}", page("(first:100)", &page("(last:100)", "a b"))));
    let three = page("(first:$n)", &page("(first:$n)", &page("(first:$n)", "a")));
    refused_for(&format!("query($n:Int){{{three}}}"), DocumentFault::Limit, "each row");
    let text =
        "{a(first:100){...f}} fragment f on A{nodes{b(first:100){...g}}} fragment g on B{nodes{c{nodes{d}}}}";
    refused_for(text, DocumentFault::Limit, "each row");
    let small = text.replace("100", "10");
    allowed(&small);
}

#[test]
fn nothing_in_16_kib_overflows_the_stack() {
    let with = |open: &str| open.repeat(16_000 / open.len());
    for text in [
        with("{"),
        with("{a"),
        with("{...{"),
        format!("{{a(b:{}", with("[")),
        format!("{{a(b:{}", with("{c:")),
        format!("query($a:{}", with("[")),
        format!("query($a:A={}", with("[")),
        format!("{{a(b:[\"\"\" \" \" {}", with("[")),
        with("("),
        format!("{{a(b:{}{})}}", "[".repeat(7000), "]".repeat(7000)),
        format!("{}{}", "{a".repeat(4000), "}".repeat(4000)),
    ] {
        let head: String = text.chars().take(20).collect();
        assert_ne!(within(&text, &DocumentLimits::default()).expect_err(&head).fault, DocumentFault::Invalid);
    }
    // As deep as the lexical bound lets through; and a chain of fragments, whose levels no bracket shows.
    refused_for(&format!("{}{}", "{a".repeat(64), "}".repeat(64)), DocumentFault::Limit, "levels");
    refused_for(&bomb(500, 1), DocumentFault::Limit, "levels");
}

#[test]
fn a_subscription_has_one_root_field_in_plain_sight() {
    allowed("subscription { workspaceEvents { id } }");
    refused_for("subscription { a b }", DocumentFault::Invalid, "exactly one");
    refused_for("subscription { a: x b: x }", DocumentFault::Invalid, "exactly one");
    refused_for("subscription { ...f } fragment f on S { a b }", DocumentFault::Invalid, "not in a fragment");
    refused_for("subscription { ... on S { a } }", DocumentFault::Invalid, "not in a fragment");
    refused_for("subscription { a @skip(if: true) }", DocumentFault::Invalid, "skipped");
    refused_for("subscription { __typename }", DocumentFault::Invalid, "root field");
    refused_for("query q { a } subscription s { a b }", DocumentFault::Invalid, "exactly one");
}

#[test]
fn the_operation_to_run_is_the_only_one_or_the_named_one() {
    let chosen = |text: &str, name| allowed(text).choose(name).map_err(|refusal| refusal.message);
    let fields = |fields: &[&str]| fields.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    assert_eq!(chosen("{a}", None).expect("one").kind, OperationType::Query);
    assert_eq!(chosen("query q {a}", Some("")).expect("one").root_fields, fields(&["a"]));
    let text = "mutation m { x: a ...f ... on M { d } } query q { z } fragment f on M { b c }";
    let mutation = chosen(text, Some("m")).expect("named");
    assert_eq!(
        mutation,
        Chosen { kind: OperationType::Mutation, root_fields: fields(&["a", "b", "c", "d"]) }
    );
    let wide = format!("{{...f {}}} fragment f on Q {{ {} }}", "a ".repeat(25), "b ".repeat(26));
    assert!(chosen(&wide, None).expect_err("51").contains("fields at its root"));
    assert!(chosen(text, None).expect_err("two").contains("operationName"));
    assert!(chosen(text, Some("x")).expect_err("none").contains("\"x\""));
    assert!(chosen("{a}", Some("x")).expect_err("none").contains("no name"));
}

#[test]
fn syntax_errors_are_short_and_say_where() {
    let long = format!("{{ a(b: \"{}\" ] }}", "x".repeat(9000));
    let found = refusal(&long);
    assert!(found.fault == DocumentFault::Syntax && found.message.len() < 200, "{found:?}");
    assert!(found.message.contains("line 1, column 90"), "{found:?}");
    for text in ["", " \n", "x", "{", "{}", "query", "{a(b:\"", "\u{0}", "{ a }}", "type A { a: Int }"] {
        assert_eq!(refusal(text).fault, DocumentFault::Syntax, "{text:?}");
    }
    refused_for("{a} {b}", DocumentFault::Invalid, "multiple operations");
    refused_for("fragment f on Q{a}", DocumentFault::Invalid, "operation");
}

/// The introspection query of graphql-js 16, as explorers and code generators send it.
const INTROSPECTION: &str = "query IntrospectionQuery { __schema { description queryType { name kind } mutationType \
    { name kind } subscriptionType { name kind } types { ...FullType } directives { name description isRepeatable \
    locations args(includeDeprecated: true) { ...InputValue } } } } fragment FullType on __Type { kind name \
    description specifiedByURL isOneOf fields(includeDeprecated: true) { name description args(includeDeprecated: \
    true) { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason } inputFields(includeDeprecated: true) \
    { ...InputValue } interfaces { ...TypeRef } enumValues(includeDeprecated: true) { name description isDeprecated \
    deprecationReason } possibleTypes { ...TypeRef } } fragment InputValue on __InputValue { name description type \
    { ...TypeRef } defaultValue isDeprecated deprecationReason } fragment TypeRef on __Type { kind name ofType { kind \
    name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind \
    name ofType { kind name ofType { kind name } } } } } } } } } }";

#[test]
fn the_standard_introspection_query_passes_and_its_abuse_does_not() {
    allowed(INTROSPECTION);
    for circle in [
        "{__schema{types{fields{type{fields{name}}}}}}",
        "{__schema{types{interfaces{possibleTypes{name}}}}}",
        "{__schema{types{...f}}} fragment f on __Type{fields{args{type{ofType{inputFields{name}}}}}}",
        "{__type(name:\"Node\"){possibleTypes{interfaces{name}}}}",
    ] {
        refused_for(circle, DocumentFault::Limit, "lists within lists");
    }
    // The same field again is not written again, but it is run again.
    for (open, close, times) in [
        ("{__schema{types{", "}}}", 650),
        ("{__schema{types{fields{", "}}}}", 100),
        ("{__schema{types{fields{type{enumValues{", "}}}}}}", 3),
        ("{__type(name:\"Node\"){possibleTypes{", "}}}", 1900),
    ] {
        refused_for(&format!("{open}{}{close}", "name ".repeat(times)), DocumentFault::Limit, "each row");
    }
    allowed("{__type(name:\"Mutation\"){fields{name description args{name type{name kind ofType{name}}}}}}");
    allowed("{__schema{types{kind name possibleTypes{name}}}}");
    // A field of ours may be called as one of the schema's.
    allowed("{a{fields{b{fields{c{fields{types}}}}}}}");
}

#[test]
fn without_introspection_the_schema_is_not_told_and_typename_is() {
    let limits = DocumentLimits { introspection: false, ..DocumentLimits::default() };
    for text in
        [INTROSPECTION, "{ __type(name: \"Member\") { name } }", "{...f} fragment f on Q{__schema{a}}"]
    {
        assert!(
            within(text, &limits).is_err_and(|refusal| refusal.message.contains("switched off")),
            "{text}"
        );
    }
    assert!(within("{ __typename a { __typename } }", &limits).is_ok());
}
