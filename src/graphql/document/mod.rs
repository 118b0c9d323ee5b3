//! The check of a GraphQL document before anything walks it, at a cost linear in its text.
//!
//! Never knows more of the schema than how long its lists are: types and arguments are the library's to validate. The library walks
//! a fragment again for each spread, so a document that multiplies must not reach it.

mod lists;
mod nesting;
mod weight;

use async_graphql::Pos;
use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql::parser::{Error as ParseError, parse_query};

use crate::config::DocumentLimits;
use crate::graphql::schema::definitions;
use lists::Lists;
use weight::Weigher;

/// Selection sets within selection sets, fragments included. The library's own bound, told in our words.
const LEVELS_MAX: usize = 32;
/// Depth of a selection of the schema itself: the introspection query of graphql-js 16 takes 15.
const INTROSPECTION_DEPTH_MAX: usize = 20;
/// Lists of types or fields within one another, in a selection of the schema itself: types refer to each other in
/// circles, so each list multiplies the answer. The standard introspection query has one.
const INTROSPECTION_LISTS_MAX: usize = 1;
/// Fields at the root of an operation. Each runs by itself, also the same one again, and may ask the database.
const ROOT_FIELDS_MAX: usize = 50;

/// What documents are held to.
#[derive(Debug)]
pub struct DocumentBounds {
    pub limits: DocumentLimits,
    lists: Lists,
}

/// A document that may be walked.
#[derive(Debug)]
pub struct Parsed {
    document: ExecutableDocument,
    #[cfg(test)]
    visits: usize,
}

/// The operation that a request runs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Chosen {
    pub kind: OperationType,
    /// Names of the fields at its root, those in fragments included, in order.
    pub root_fields: Vec<String>,
}

impl Chosen {
    /// Does it ask for the schema itself?
    pub fn introspects(&self) -> bool {
        self.root_fields.iter().any(|field| field == "__schema" || field == "__type")
    }
}

/// What kind of mistake a refused document is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DocumentFault {
    /// Not GraphQL.
    Syntax,
    /// GraphQL, and not valid.
    Invalid,
    /// Asks for more than a limit allows.
    Limit,
}

/// Why a document is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DocumentRefusal {
    pub fault: DocumentFault,
    pub message: String,
    pub locations: Vec<Pos>,
}

impl DocumentRefusal {
    fn new(fault: DocumentFault, message: impl Into<String>) -> Self {
        Self { fault, message: message.into(), locations: Vec::new() }
    }

    fn invalid(message: impl Into<String>, at: Pos) -> Self {
        Self { fault: DocumentFault::Invalid, message: message.into(), locations: vec![at] }
    }

    fn limit(what: &str, max: usize) -> Self {
        let message =
            format!("the document has more than {max} {what}; ask for less, or in several requests");
        Self::new(DocumentFault::Limit, message)
    }
}

impl DocumentBounds {
    pub fn new(limits: DocumentLimits) -> Self {
        Self { limits, lists: Lists::of(definitions()) }
    }

    /// Parses a document and refuses one that is too large, nests too deep, multiplies, or isn't well-formed.
    pub fn check(&self, text: &str) -> Result<Parsed, DocumentRefusal> {
        check(text, &self.limits, &self.lists)
    }
}

fn check(text: &str, limits: &DocumentLimits, lists: &Lists) -> Result<Parsed, DocumentRefusal> {
    if text.trim().is_empty() {
        return Err(DocumentRefusal::new(DocumentFault::Syntax, "`query` is empty"));
    }
    if text.len() > limits.query_bytes_max {
        return Err(DocumentRefusal::limit("bytes", limits.query_bytes_max));
    }
    nesting::check(text)?;
    let document = parse_query(text).map_err(syntax)?;
    let mut weigher = Weigher::new(&document, lists);
    let weight = weigher.document()?;
    weight.check(limits)?;
    weigher.check_all_used()?;
    for (_, operation) in document.operations.iter() {
        check_subscription_root(&operation.node)?;
    }
    #[cfg(test)]
    let visits = weigher.visits();
    Ok(Parsed {
        document,
        #[cfg(test)]
        visits,
    })
}

impl Parsed {
    /// Finds the operation to run: the only one, or the one named. An empty name is none.
    pub fn choose(&self, name: Option<&str>) -> Result<Chosen, DocumentRefusal> {
        let name = name.filter(|name| !name.is_empty());
        let operation = match (&self.document.operations, name) {
            (DocumentOperations::Single(operation), None) => Ok(operation),
            (DocumentOperations::Multiple(operations), None) if operations.len() == 1 => {
                operations.values().next().ok_or("the document holds no operation".to_owned())
            }
            (DocumentOperations::Multiple(_), None) => {
                Err("the document holds several operations; name one in `operationName`".to_owned())
            }
            (DocumentOperations::Multiple(operations), Some(name)) => operations
                .get(name)
                .ok_or_else(|| format!("the document holds no operation named \"{name}\"")),
            (DocumentOperations::Single(_), Some(name)) => {
                Err(format!("the document holds no operation named \"{name}\"; its only one has no name"))
            }
        };
        let operation = operation.map_err(|message| DocumentRefusal::new(DocumentFault::Invalid, message))?;
        let mut root_fields = Vec::new();
        self.collect_root_fields(&operation.node.selection_set.node, &mut root_fields);
        if root_fields.len() > ROOT_FIELDS_MAX {
            return Err(DocumentRefusal::limit("fields at its root", ROOT_FIELDS_MAX));
        }
        Ok(Chosen { kind: operation.node.ty, root_fields })
    }

    /// The document, for `Request::set_parsed_query`.
    pub fn into_document(self) -> ExecutableDocument {
        self.document
    }

    // Walks fragments once per spread; the check has bounded how often that is.
    fn collect_root_fields(&self, set: &SelectionSet, names: &mut Vec<String>) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => names.push(field.node.name.node.to_string()),
                Selection::InlineFragment(inline) => {
                    self.collect_root_fields(&inline.node.selection_set.node, names);
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.node.fragment_name.node) {
                        self.collect_root_fields(&fragment.node.selection_set.node, names);
                    }
                }
            }
        }
    }
}

/// A subscription has exactly one root field, in plain sight: the library lets more through, and a fragment at the
/// root would yield nothing.
fn check_subscription_root(operation: &OperationDefinition) -> Result<(), DocumentRefusal> {
    if operation.ty != OperationType::Subscription {
        return Ok(());
    }
    let set = &operation.selection_set;
    let [only] = set.node.items.as_slice() else {
        return Err(DocumentRefusal::invalid("a subscription has exactly one root field", set.pos));
    };
    let Selection::Field(field) = &only.node else {
        let message = "a subscription's root field stands at its root, not in a fragment";
        return Err(DocumentRefusal::invalid(message, only.pos));
    };
    let conditional = field.node.directives.iter().any(|directive| {
        let name = directive.node.name.node.as_str();
        name == "skip" || name == "include"
    });
    if conditional {
        let message = "a subscription's root field can't be skipped; leave @skip and @include away";
        return Err(DocumentRefusal::invalid(message, only.pos));
    }
    if field.node.name.node.starts_with("__") {
        let message = "a subscription's root field is one of its own, not one of the schema";
        return Err(DocumentRefusal::invalid(message, only.pos));
    }
    Ok(())
}

/// The parser draws the offending line, which may be all of the text; kept is what was expected, and where.
fn syntax(error: ParseError) -> DocumentRefusal {
    let locations: Vec<Pos> = error.positions().collect();
    let fault = match &error {
        ParseError::RecursionLimitExceeded => DocumentFault::Limit,
        ParseError::Syntax { .. } => DocumentFault::Syntax,
        _ => DocumentFault::Invalid,
    };
    let message = match &error {
        ParseError::Syntax { message, .. } => {
            let expected =
                message.lines().last().unwrap_or_default().trim_start_matches([' ', '=']).to_owned();
            let place = locations.first().map(|at| format!(" at line {}, column {}", at.line, at.column));
            format!("syntax error{}: {}", place.unwrap_or_default(), expected.replace('_', " "))
        }
        other => other.to_string(),
    };
    DocumentRefusal { fault, message, locations }
}

#[cfg(test)]
mod tests;
