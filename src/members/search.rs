//! Searching members: by the beginning of words of the name, and for admins of the e-mail.
//!
//! Never goes through a million members for a few: it looks first how many the search finds, as far as it has to, and
//! starts from those; where they are many, the list is gone through in its order, which soon has a page of them.

use sea_orm::{DbErr, Value};

use crate::access::WorkspaceView;
use crate::platform::database::query_one;
use crate::primitives::email::EmailKey;
use crate::primitives::name::name_words;

/// Sorts after every text that begins with what stands before it.
const AFTER_ALL: char = '\u{10FFFF}';
/// As many as a list is put together from and ordered by itself.
pub(super) const FEW: i64 = 1000;

/// What is looked for; the workspace is the statement's `$1`.
pub(super) struct Search {
    words: Vec<String>,
    /// Empty: not by e-mail.
    email: String,
}

/// Where the rows come from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Way {
    /// From what is found by this word of the search and by the e-mail: each is few.
    Found { word: Option<usize> },
    /// From the list, row by row. Whatever is counted is found by this word, and by the e-mail, all the same.
    Listed { word: Option<usize> },
}

impl Search {
    pub(super) fn new(text: &str, by_email: bool) -> Self {
        let email = if by_email { EmailKey::of_prefix(text) } else { String::new() };
        Self { words: name_words(text), email }
    }

    /// Looks how many there are of each, in one statement.
    pub(super) async fn way(&self, view: &WorkspaceView) -> Result<Way, DbErr> {
        let mut values = vec![view.workspace().into()];
        let ranges = self.ranges(&mut values);
        let named = ranges.words.iter().map(|range| words_in(range)).collect::<Vec<_>>();
        let mailed = ranges.email.iter().map(|range| emails_in(range));
        let counts: Vec<String> = named
            .iter()
            .cloned()
            .chain(mailed)
            .enumerate()
            .map(|(at, found)| format!("(SELECT COUNT(*) FROM ({found} LIMIT {}) f{at}) AS n{at}", FEW + 1))
            .collect();
        if counts.is_empty() {
            return Ok(Way::Found { word: None });
        }
        let db = view.reader();
        let row = query_one(db, &format!("SELECT {}", counts.join(", ")), values).await?;
        let row = row.ok_or_else(|| DbErr::RecordNotFound("counts".into()))?;
        let count = |at: usize| row.try_get::<i64>("", &format!("n{at}"));
        let by_word = (0..named.len()).map(count).collect::<Result<Vec<_>, _>>()?;
        let rarest = by_word.iter().enumerate().min_by_key(|(_, count)| **count);
        let mailed = if ranges.email.is_some() { count(named.len())? } else { 0 };
        let few = rarest.is_none_or(|(_, count)| *count <= FEW) && mailed <= FEW;
        let word = rarest.map(|(at, _)| at);
        Ok(if few { Way::Found { word } } else { Way::Listed { word } })
    }

    /// The condition on `m`, for a list that ends after a page, and what finds the ids to begin with, where they are few;
    /// its values come behind those that stand.
    pub(super) fn listed(&self, way: Way, values: &mut Vec<Value>) -> (String, Option<String>) {
        let ranges = self.ranges(values);
        let words = ranges.words.iter().map(|range| {
            // Asked of each row by itself, whatever the planner would like to read beforehand.
            format!(
                "(SELECT 1 FROM member_words w WHERE w.workspace_id = $1 AND w.member_id = m.id AND {range} LIMIT 1) \
                 IS NOT NULL"
            )
        });
        let matches = ranges.either(words.collect());
        match way {
            Way::Found { word } => (matches, Some(ranges.found(word))),
            Way::Listed { .. } => (matches, None),
        }
    }

    /// The same for a count, which goes through all that is found anyhow. (A condition that holds the ids of one list in
    /// another, or an e-mail, PostgreSQL would answer by going through that list for each row.)
    pub(super) fn counted(&self, way: Way, values: &mut Vec<Value>) -> (String, Option<String>) {
        let (Way::Found { word } | Way::Listed { word }) = way;
        if self.words.len() > 1 {
            return self.listed(Way::Found { word }, values);
        }
        // With one word at most all that is found is meant.
        ("TRUE".into(), Some(self.ranges(values).found(word)))
    }

    fn ranges(&self, values: &mut Vec<Value>) -> Ranges {
        let mut range = |column: &str, prefix: &str| {
            values.push(prefix.into());
            values.push(format!("{prefix}{AFTER_ALL}").into());
            format!("{column} >= ${} AND {column} < ${}", values.len() - 1, values.len())
        };
        let words = self.words.iter().map(|word| range("w.word", word)).collect();
        let email = (!self.email.is_empty()).then(|| range("m.email_key", &self.email));
        Ranges { words, email }
    }
}

/// Conditions on `w.word`, and on `m.email_key`.
struct Ranges {
    words: Vec<String>,
    email: Option<String>,
}

fn words_in(range: &str) -> String {
    format!("SELECT w.member_id AS id FROM member_words w WHERE w.workspace_id = $1 AND {range}")
}

fn emails_in(range: &str) -> String {
    format!("SELECT m.id AS id FROM members m WHERE m.workspace_id = $1 AND {range}")
}

impl Ranges {
    /// All words, or the e-mail; nothing where there is neither.
    fn either(&self, words: Vec<String>) -> String {
        let named = (!words.is_empty()).then(|| format!("({})", words.join(" AND ")));
        let ways: Vec<String> =
            named.into_iter().chain(self.email.clone().map(|it| format!("({it})"))).collect();
        if ways.is_empty() { "FALSE".into() } else { format!("({})", ways.join(" OR ")) }
    }

    /// The ids that one of the words and the e-mail lead to.
    fn found(&self, word: Option<usize>) -> String {
        let named = word.and_then(|at| self.words.get(at)).map(|range| words_in(range));
        let found: Vec<String> = named.into_iter().chain(self.email.as_deref().map(emails_in)).collect();
        if found.is_empty() {
            "SELECT m.id AS id FROM members m WHERE FALSE".into()
        } else {
            format!("SELECT DISTINCT u.id FROM ({}) u", found.join(" UNION ALL "))
        }
    }
}
