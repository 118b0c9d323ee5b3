//! Counts how deep brackets nest, before the parser sees the text: it recurses for each, without a bound of its own.
//!
//! Never judges the grammar. Where it can't tell a string from what follows, it refuses, so that the parser never
//! finds brackets that were not counted here.

use super::{DocumentFault, DocumentRefusal};

/// Brackets within brackets, of all kinds: 33 selection sets, and arguments within the innermost.
const NESTING_MAX: usize = 64;

pub(super) fn check(text: &str) -> Result<(), DocumentRefusal> {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (0, 0usize);
    while let Some(byte) = bytes.get(at) {
        at = match byte {
            b'"' => end_of_string(bytes, at)?,
            b'#' => end_of_line(bytes, at),
            _ => at + 1,
        };
        match byte {
            b'{' | b'[' | b'(' => depth += 1,
            b'}' | b']' | b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > NESTING_MAX {
            return Err(DocumentRefusal::limit("brackets within brackets", NESTING_MAX));
        }
    }
    Ok(())
}

fn end_of_line(bytes: &[u8], from: usize) -> usize {
    let rest = &bytes[from..];
    rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).map_or(bytes.len(), |length| from + length)
}

/// Where the string that starts at `from` ends. An unterminated block string is refused here: the parser would take
/// its first two quotes for an empty string and read on.
fn end_of_string(bytes: &[u8], from: usize) -> Result<usize, DocumentRefusal> {
    let block = bytes[from..].starts_with(b"\"\"\"");
    let mut at = from + if block { 3 } else { 1 };
    while let Some(byte) = bytes.get(at) {
        let rest = &bytes[at..];
        at += match byte {
            b'\\' if block && rest.starts_with(b"\\\"\"\"") => 4,
            b'"' if block && rest.starts_with(b"\"\"\"") => return Ok(at + 3),
            b'\\' if !block => 2,
            b'"' if !block => return Ok(at + 1),
            b'\n' | b'\r' if !block => break,
            _ => 1,
        };
    }
    Err(DocumentRefusal::new(DocumentFault::Syntax, "a string in the document has no end"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_in_strings_and_comments_do_not_nest() {
        let brackets = "[".repeat(200);
        for text in [
            format!("{{ a(b: \"{brackets}\") }}"),
            format!("{{ a(b: \"\"\"{brackets}\"\"\") }}"),
            format!("{{ a(b: \"\\\"{brackets}\") }}"),
            format!("{{ a # {brackets}\n }}"),
        ] {
            assert_eq!(check(&text), Ok(()), "{text}");
        }
    }

    #[test]
    fn brackets_after_a_string_do() {
        let brackets = "[".repeat(200);
        for text in [
            format!("{{ a(b: \"\\\\\" c: {brackets}"),
            format!("{{ a(b: \"\"\"\\\"\"\" \"\"\" c: {brackets}"),
            format!("{{ a(b: [\"\"\" \" \" {brackets}"),
            format!("# a \" \r {brackets}"),
            format!("{{ a(b: \"\n{brackets}"),
        ] {
            assert!(check(&text).is_err(), "{text}");
        }
    }
}
