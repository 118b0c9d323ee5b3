//! Answers as JSON, as long as they may be.
//!
//! Never writes on past the bound: what is too long is dropped half-way.

use std::io::{Error, ErrorKind, Result, Write};

use async_graphql::{Response, ServerError};
use serde::Serialize;

use super::errors::{TopLevelCode, TopLevelError};

/// The text of an answer; none where it is longer than that.
pub fn json(answer: &impl Serialize, bytes_max: usize) -> Option<String> {
    let mut text = Bounded { bytes: Vec::new(), bytes_max };
    serde_json::to_writer(&mut text, answer).ok()?;
    String::from_utf8(text.bytes).ok()
}

/// What is said instead. It has run: a mutation's effect stays.
pub fn too_long(bytes_max: usize) -> Response {
    let message = format!(
        "the answer has more than {bytes_max} bytes; ask for fewer fields or rows at a time. What a mutation has changed \
         stays changed"
    );
    let error: ServerError = TopLevelError::new(TopLevelCode::LimitExceeded, message).into();
    Response::from_errors(vec![error])
}

struct Bounded {
    bytes: Vec<u8>,
    bytes_max: usize,
}

impl Write for Bounded {
    fn write(&mut self, piece: &[u8]) -> Result<usize> {
        if self.bytes.len() + piece.len() > self.bytes_max {
            return Err(Error::from(ErrorKind::StorageFull));
        }
        self.bytes.extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_written_up_to_its_bound_and_no_further() {
        let text = "x".repeat(98);
        assert_eq!(json(&text, 100).map(|text| text.len()), Some(100));
        assert_eq!(json(&text, 99), None);
    }
}
