//! What a document would cost, each fragment weighed once: sums and depths of a fragment don't depend on where it is
//! spread, so a document is weighed in one walk over its text however often it multiplies.
//!
//! Never follows a fragment twice, and never counts past the largest number.

use std::collections::HashMap;

use async_graphql::Pos;
use async_graphql::parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet};
use async_graphql::{Name, Number, Positioned, Value};

use super::lists::{Length, Lists};
use super::{DocumentFault, DocumentRefusal, INTROSPECTION_DEPTH_MAX, INTROSPECTION_LISTS_MAX, LEVELS_MAX};
use crate::config::DocumentLimits;
use crate::primitives::page::{PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX};

/// What one selection set weighs, everything below it included.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Weight {
    /// Fields, spreads and inline fragments, each as often as it is walked.
    selections: usize,
    aliases: usize,
    directives: usize,
    /// Fields in the answer, those outside of a page's rows.
    fields: usize,
    /// Fields in the answer for each row of the page that this is a part of.
    row_fields: usize,
    /// Fields within fields.
    depth: usize,
    /// Selection sets within selection sets.
    levels: usize,
    /// The same, were this a selection of the schema itself: lists within lists, and fields in the answer.
    schema_lists: usize,
    schema: SchemaFields,
    /// Depth and lists of the selections of the schema itself that are in here.
    introspection_depth: usize,
    introspection_lists: usize,
}

impl Weight {
    /// Both, side by side.
    fn and(self, other: Self) -> Self {
        Self {
            selections: self.selections.saturating_add(other.selections),
            aliases: self.aliases.saturating_add(other.aliases),
            directives: self.directives.saturating_add(other.directives),
            fields: self.fields.saturating_add(other.fields),
            row_fields: self.row_fields.saturating_add(other.row_fields),
            depth: self.depth.max(other.depth),
            levels: self.levels.max(other.levels),
            schema_lists: self.schema_lists.max(other.schema_lists),
            schema: self.schema.and(other.schema),
            introspection_depth: self.introspection_depth.max(other.introspection_depth),
            introspection_lists: self.introspection_lists.max(other.introspection_lists),
        }
    }

    /// What a fragment weighs where it is spread.
    fn as_fragment(self, directives: usize) -> Self {
        Self {
            selections: self.selections.saturating_add(1),
            directives: self.directives.saturating_add(directives),
            levels: self.levels + 1,
            ..self
        }
    }

    /// What a field weighs, with this below it.
    fn as_field(self, field: &Field, lists: &Lists) -> Self {
        let name = field.name.node.as_str();
        let inner = self.row_fields.saturating_mul(page_size(field));
        let fields = self.fields.saturating_add(inner).saturating_add(1);
        let weight = Self {
            selections: self.selections.saturating_add(1),
            aliases: self.aliases.saturating_add(usize::from(field.alias.is_some())),
            directives: self.directives.saturating_add(field.directives.len()),
            fields,
            row_fields: 0,
            depth: self.depth + 1,
            levels: self.levels + usize::from(!field.selection_set.node.items.is_empty()),
            schema_lists: self.schema_lists + usize::from(CIRCLING.contains(&name)),
            schema: self.schema.as_field(name, lists),
            ..self
        };
        match name {
            "edges" | "nodes" => Self { fields: 0, row_fields: fields, ..weight },
            // What a call on many comes to, row by row: how many isn't known before its variables are read.
            "results" => Self { fields: fields.saturating_mul(RESULTS_MAX), ..weight },
            "__schema" | "__type" => Self {
                fields: weight.schema.of_any,
                depth: 1,
                introspection_depth: weight.depth,
                introspection_lists: weight.schema_lists,
                ..weight
            },
            _ => weight,
        }
    }

    /// Compares with the limits.
    pub(super) fn check(&self, limits: &DocumentLimits) -> Result<(), DocumentRefusal> {
        if self.introspection_depth > 0 && !limits.introspection {
            let message = "introspection is switched off; the schema is published as schema.graphql";
            return Err(DocumentRefusal::new(DocumentFault::Invalid, message));
        }
        let fields = self.fields.saturating_add(self.row_fields.saturating_mul(PAGE_ROWS_MAX));
        for (what, found, max) in [
            ("levels of fields", self.depth, limits.query_depth_max),
            ("levels of selections", self.levels, LEVELS_MAX),
            ("fields and fragments", self.selections, limits.query_complexity_max),
            ("aliases", self.aliases, limits.query_aliases_max),
            ("directives", self.directives, limits.query_directives_max),
            ("levels of introspection", self.introspection_depth, INTROSPECTION_DEPTH_MAX),
            ("lists within lists of introspection", self.introspection_lists, INTROSPECTION_LISTS_MAX),
            ("fields to answer, each row of a page counted", fields, limits.query_cost_max),
        ] {
            if found > max {
                return Err(DocumentRefusal::limit(what, max));
            }
        }
        Ok(())
    }
}

const PAGE_ROWS_MAX: usize = PAGE_SIZE_MAX.unsigned_abs() as usize;
/// Most rows that one mutation answers for.
const RESULTS_MAX: usize = 500;
const PAGE_ROWS_DEFAULT: usize = PAGE_SIZE_DEFAULT.unsigned_abs() as usize;

/// Rows of the page that a field asks for. What stands in a variable isn't known yet and counts as the largest.
fn page_size(field: &Field) -> usize {
    let size = |name| match field.get_argument(name)?.node.clone().into_const() {
        Some(Value::Null) => None,
        Some(Value::Number(number)) => Some(rows(&number)),
        _ => Some(PAGE_ROWS_MAX),
    };
    size("first").max(size("last")).unwrap_or(PAGE_ROWS_DEFAULT)
}

fn rows(number: &Number) -> usize {
    let rows = number.as_u64().and_then(|rows| usize::try_from(rows).ok());
    rows.unwrap_or(PAGE_ROWS_MAX).min(PAGE_ROWS_MAX)
}

/// Lists of the schema itself through which types lead to types, and so in circles.
const CIRCLING: [&str; 4] = ["fields", "inputFields", "interfaces", "possibleTypes"];

/// Fields in the answer to a selection of the schema itself. How many there are depends on where it stands.
#[derive(Clone, Copy, Debug, Default)]
struct SchemaFields {
    /// Where each type, field or argument comes once (`types` and the lists in it): a mean, so that all together are right.
    of_each: usize,
    /// Where the same one may come again and again: of the one with the longest lists.
    of_any: usize,
}

impl SchemaFields {
    fn and(self, other: Self) -> Self {
        Self {
            of_each: self.of_each.saturating_add(other.of_each),
            of_any: self.of_any.saturating_add(other.of_any),
        }
    }

    /// With this below a field of that name.
    fn as_field(self, name: &str, lists: &Lists) -> Self {
        let list = |length: Length, among: usize, below: usize| Self {
            of_each: below.saturating_mul(length.all).div_ceil(among.max(1)).saturating_add(1),
            of_any: times(self.of_any, length.most),
        };
        match name {
            "types" => Self::same(times(self.of_each, lists.types)),
            "directives" => Self::same(times(self.of_any, lists.directives)),
            "fields" => list(lists.fields, lists.types, self.of_each),
            "inputFields" => list(lists.input_fields, lists.types, self.of_each),
            "enumValues" => list(lists.enum_values, lists.types, self.of_each),
            "args" => list(lists.args, lists.fields.all, self.of_each),
            "interfaces" => list(lists.interfaces, lists.types, self.of_any),
            "possibleTypes" => list(lists.possible_types, lists.types, self.of_any),
            _ => Self::same(self.of_any.saturating_add(1)),
        }
    }

    const fn same(fields: usize) -> Self {
        Self { of_each: fields, of_any: fields }
    }
}

/// What a list comes to whose entries have so many fields each.
const fn times(fields: usize, entries: usize) -> usize {
    fields.saturating_mul(entries).saturating_add(1)
}

enum Progress {
    /// On the way down: meeting it again is a circle.
    Open,
    Weighed(Weight),
}

/// Weighs a document.
pub(super) struct Weigher<'d> {
    document: &'d ExecutableDocument,
    lists: &'d Lists,
    fragments: HashMap<&'d str, Progress>,
    visits: usize,
}

impl<'d> Weigher<'d> {
    pub(super) fn new(document: &'d ExecutableDocument, lists: &'d Lists) -> Self {
        Self { document, lists, fragments: HashMap::new(), visits: 0 }
    }

    /// All operations together: the library validates each of them, whichever is run.
    pub(super) fn document(&mut self) -> Result<Weight, DocumentRefusal> {
        let document = self.document;
        document
            .operations
            .iter()
            .try_fold(Weight::default(), |sum, (_, operation)| Ok(sum.and(self.operation(&operation.node)?)))
    }

    /// Selections looked at so far.
    #[cfg(test)]
    pub(super) fn visits(&self) -> usize {
        self.visits
    }

    /// A fragment that nothing spreads is a mistake, and the library would walk it all the same.
    pub(super) fn check_all_used(&self) -> Result<(), DocumentRefusal> {
        let unused =
            self.document.fragments.iter().filter(|(name, _)| !self.fragments.contains_key(name.as_str()));
        match unused.min_by_key(|(_, fragment)| fragment.pos) {
            None => Ok(()),
            Some((name, fragment)) => {
                Err(DocumentRefusal::invalid(format!("the fragment {name} is never used"), fragment.pos))
            }
        }
    }

    fn operation(&mut self, operation: &'d OperationDefinition) -> Result<Weight, DocumentRefusal> {
        let of_variables: usize =
            operation.variable_definitions.iter().map(|one| one.node.directives.len()).sum();
        let mut weight = self.set(&operation.selection_set.node, 0)?;
        weight.directives = weight.directives.saturating_add(operation.directives.len() + of_variables);
        Ok(weight)
    }

    fn set(&mut self, set: &'d SelectionSet, level: usize) -> Result<Weight, DocumentRefusal> {
        // Bounds this recursion too; a fragment that was weighed before adds its levels without it.
        if level > LEVELS_MAX {
            return Err(DocumentRefusal::limit("levels of selections", LEVELS_MAX));
        }
        set.items.iter().try_fold(Weight::default(), |sum, selection| {
            Ok(sum.and(self.selection(&selection.node, level)?))
        })
    }

    fn selection(&mut self, selection: &'d Selection, level: usize) -> Result<Weight, DocumentRefusal> {
        self.visits += 1;
        match selection {
            Selection::Field(field) => {
                Ok(self.set(&field.node.selection_set.node, level + 1)?.as_field(&field.node, self.lists))
            }
            Selection::InlineFragment(inline) => {
                let weight = self.set(&inline.node.selection_set.node, level + 1)?;
                Ok(weight.as_fragment(inline.node.directives.len()))
            }
            Selection::FragmentSpread(spread) => {
                let weight = self.fragment(&spread.node.fragment_name, level + 1)?;
                Ok(weight.as_fragment(spread.node.directives.len()))
            }
        }
    }

    fn fragment(&mut self, name: &'d Positioned<Name>, level: usize) -> Result<Weight, DocumentRefusal> {
        match self.fragments.get(name.node.as_str()) {
            Some(Progress::Weighed(weight)) => return Ok(*weight),
            Some(Progress::Open) => {
                return Err(DocumentRefusal::invalid(circle(&name.node), name.pos));
            }
            None => {}
        }
        let fragment =
            self.document.fragments.get(&name.node).ok_or_else(|| unknown(&name.node, name.pos))?;
        self.fragments.insert(&name.node, Progress::Open);
        let mut weight = self.set(&fragment.node.selection_set.node, level)?;
        weight.directives = weight.directives.saturating_add(fragment.node.directives.len());
        self.fragments.insert(&name.node, Progress::Weighed(weight));
        Ok(weight)
    }
}

fn circle(name: &Name) -> String {
    format!("the fragment {name} spreads itself, directly or through others")
}

fn unknown(name: &Name, at: Pos) -> DocumentRefusal {
    DocumentRefusal::invalid(format!("the fragment {name} is not defined"), at)
}
