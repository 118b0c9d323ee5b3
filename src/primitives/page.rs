//! Pages of a list: what was asked for, and what came of it. Keyset paging both ways, as Relay wants it.
//!
//! Never counts rows to skip: a page starts at a cursor, not at an offset.

use super::cursor::PageCursor;

/// Largest page.
pub const PAGE_SIZE_MAX: i32 = 100;
/// What a client gets that names no size.
pub const PAGE_SIZE_DEFAULT: i32 = 20;

/// The four arguments of a Relay connection, checked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PageRequest {
    pub size: u64,
    /// `true` for `last`/`before`: the rows are wanted from the end.
    pub backward: bool,
    pub after: Option<PageCursor>,
    pub before: Option<PageCursor>,
}

/// Why a page can't be given; the field is the argument to correct.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{field}: {message}")]
pub struct PageError {
    pub field: &'static str,
    pub message: String,
}

/// The arguments as they came.
#[derive(Clone, Debug, Default)]
pub struct PageArguments<'a> {
    pub first: Option<i32>,
    pub last: Option<i32>,
    pub after: Option<&'a str>,
    pub before: Option<&'a str>,
}

impl PageRequest {
    /// Checks the arguments for a list in the order named `order`.
    pub fn new(arguments: &PageArguments<'_>, order: &str) -> Result<Self, PageError> {
        let (field, size, backward) = match (arguments.first, arguments.last) {
            (Some(_), Some(_)) => {
                return Err(PageError { field: "last", message: "give `first` or `last`, not both".into() });
            }
            (None, Some(last)) => ("last", last, true),
            (first, None) => ("first", first.unwrap_or(PAGE_SIZE_DEFAULT), false),
        };
        if !(1..=PAGE_SIZE_MAX).contains(&size) {
            return Err(PageError { field, message: format!("must be from 1 to {PAGE_SIZE_MAX}") });
        }
        Ok(Self {
            size: size.unsigned_abs().into(),
            backward,
            after: cursor("after", arguments.after, order)?,
            before: cursor("before", arguments.before, order)?,
        })
    }

    /// Rows to fetch: one more than the page, which tells whether there are others.
    pub const fn fetch(&self) -> u64 {
        self.size + 1
    }

    /// Makes a page of fetched rows. They come in reading direction: from the end when `backward`.
    pub fn page<T>(&self, mut rows: Vec<T>) -> Page<T> {
        let size = usize::try_from(self.size).unwrap_or(usize::MAX);
        let more = rows.len() > size;
        rows.truncate(size);
        if self.backward {
            rows.reverse();
        }
        Page {
            rows,
            has_next: if self.backward { self.before.is_some() } else { more },
            has_previous: if self.backward { more } else { self.after.is_some() },
        }
    }
}

fn cursor(field: &'static str, text: Option<&str>, order: &str) -> Result<Option<PageCursor>, PageError> {
    let Some(text) = text else { return Ok(None) };
    let cursor = PageCursor::parse(text).map_err(|error| PageError { field, message: error.to_string() })?;
    if cursor.order != order {
        let message = "this cursor belongs to another order of the list; start again without it".into();
        return Err(PageError { field, message });
    }
    Ok(Some(cursor))
}

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    pub rows: Vec<T>,
    pub has_next: bool,
    pub has_previous: bool,
}

impl<T> Page<T> {
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page {
            rows: self.rows.into_iter().map(f).collect(),
            has_next: self.has_next,
            has_previous: self.has_previous,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(first: Option<i32>, last: Option<i32>) -> Result<PageRequest, PageError> {
        PageRequest::new(&PageArguments { first, last, ..PageArguments::default() }, "NAME")
    }

    #[test]
    fn page_sizes_are_from_1_to_100() {
        for size in [0, -1, 101, i32::MAX, i32::MIN] {
            assert_eq!(request(Some(size), None).expect_err("refused").field, "first");
            assert_eq!(request(None, Some(size)).expect_err("refused").field, "last");
        }
        assert_eq!(request(None, None).expect("allowed").size, 20);
        assert_eq!(request(Some(1), Some(1)).expect_err("refused").field, "last");
    }

    #[test]
    fn a_page_from_the_end_reads_forwards() {
        let page = request(None, Some(2)).expect("allowed").page(vec![9, 8, 7]);
        assert_eq!((page.rows, page.has_next, page.has_previous), (vec![8, 9], false, true));
    }
}
