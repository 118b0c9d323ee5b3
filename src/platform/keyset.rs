//! Keyset paging as SQL: the rows after and before a place in a list, in reading direction.
//!
//! Never counts rows to skip, and never puts a value into the text of a statement.

use sea_orm::Value;

use crate::primitives::cursor::{Key, PageCursor};
use crate::primitives::page::PageRequest;

/// What a statement over a list ends with: conditions that begin with ` AND `, the order, the limit.
#[derive(Clone, Debug, PartialEq)]
pub struct Keyset {
    pub conditions: String,
    pub order: String,
    pub values: Vec<Value>,
}

/// What a list is ordered by. Neither column may hold nulls: a place next to one could not be told.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    pub column: &'a str,
    pub id: &'a str,
    pub descending: bool,
    /// Does the column hold numbers? A cursor that says otherwise was made up.
    pub numeric: bool,
}

impl<'a> Order<'a> {
    pub const fn ascending(column: &'a str, id: &'a str) -> Self {
        Self { column, id, descending: false, numeric: false }
    }

    pub const fn descending(column: &'a str, id: &'a str) -> Self {
        Self { column, id, descending: true, numeric: false }
    }

    /// The same by a column of numbers.
    #[must_use]
    pub const fn numeric(self) -> Self {
        Self { numeric: true, ..self }
    }

    /// The end of a statement for this page; its values take the placeholders from number `from` on.
    pub fn page(&self, request: &PageRequest, from: usize) -> Keyset {
        let mut keyset = Keyset { conditions: String::new(), order: String::new(), values: Vec::new() };
        for (cursor, later) in [(&request.after, true), (&request.before, false)] {
            if let Some(cursor) = cursor {
                self.bound(&mut keyset, cursor, later != self.descending, from);
            }
        }
        let way = if self.descending == request.backward { "ASC" } else { "DESC" };
        keyset.order =
            format!(" ORDER BY {} {way}, {} {way} LIMIT {}", self.column, self.id, request.fetch());
        keyset
    }

    fn bound(&self, keyset: &mut Keyset, cursor: &PageCursor, above: bool, from: usize) {
        if self.numeric != matches!(cursor.key, Key::Number(_)) {
            // No list has such a place, so nothing lies on either side of it.
            keyset.conditions.push_str(" AND FALSE");
            return;
        }
        let number = from + keyset.values.len();
        let sign = if above { '>' } else { '<' };
        let condition = format!(" AND ({}, {}) {sign} (${number}, ${})", self.column, self.id, number + 1);
        keyset.conditions.push_str(&condition);
        keyset.values.push(match &cursor.key {
            Key::Number(number) => (*number).into(),
            Key::Text(text) => text.clone().into(),
        });
        keyset.values.push(cursor.id.into());
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn request(backward: bool) -> PageRequest {
        let cursor = |n| PageCursor { order: "NAME".into(), key: Key::Number(n), id: Uuid::from_u128(7) };
        PageRequest { size: 2, backward, after: Some(cursor(1)), before: Some(cursor(9)) }
    }

    #[test]
    fn both_bounds_hold_and_the_order_follows_the_reading_direction() {
        let page = Order::ascending("name", "id").numeric().page(&request(false), 3);
        assert_eq!(page.conditions, " AND (name, id) > ($3, $4) AND (name, id) < ($5, $6)");
        assert_eq!(page.order, " ORDER BY name ASC, id ASC LIMIT 3");
        assert_eq!(page.values.len(), 4);
    }

    #[test]
    fn a_cursor_of_another_kind_of_column_leads_nowhere() {
        let page = Order::ascending("name", "id").page(&request(false), 3);
        assert_eq!(page.conditions, " AND FALSE AND FALSE");
        assert!(page.values.is_empty());
    }

    #[test]
    fn a_list_from_new_to_old_turns_every_sign() {
        let order = Order::descending("at", "id").numeric();
        let page = order.page(&request(false), 1);
        assert_eq!(page.conditions, " AND (at, id) < ($1, $2) AND (at, id) > ($3, $4)");
        assert_eq!(page.order, " ORDER BY at DESC, id DESC LIMIT 3");
        assert_eq!(order.page(&request(true), 1).order, " ORDER BY at ASC, id ASC LIMIT 3");
    }
}
