//! Short texts that people type: names and notes, bounded and free of control characters.
//!
//! Never changes what was typed but for trimming; [`name_key`] is what names are ordered and searched by.

use unicode_normalization::UnicodeNormalization;

/// Longest name of a person, workspace, role, key or asset, in characters.
pub const NAME_CHARS_MAX: usize = 200;
/// Longest free note of a reason, in characters.
pub const NOTE_CHARS_MAX: usize = 2_000;

/// Why a text is refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TextError {
    #[error("must not be empty")]
    Empty,
    #[error("too long: at most {max} characters")]
    TooLong { max: usize },
    #[error("must not hold control characters")]
    ControlCharacter,
}

/// A name: one line, 1 to [`NAME_CHARS_MAX`] characters after trimming.
pub fn parse_name(text: &str) -> Result<String, TextError> {
    let name = text.trim();
    if name.is_empty() {
        return Err(TextError::Empty);
    }
    if name.chars().any(char::is_control) {
        return Err(TextError::ControlCharacter);
    }
    bounded(name, NAME_CHARS_MAX)
}

/// A note: may hold several lines, up to [`NOTE_CHARS_MAX`] characters; an empty one is none.
pub fn parse_note(text: &str) -> Result<Option<String>, TextError> {
    let note = text.trim();
    if note.is_empty() {
        return Ok(None);
    }
    if note.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(TextError::ControlCharacter);
    }
    bounded(note, NOTE_CHARS_MAX).map(Some)
}

fn bounded(text: &str, max: usize) -> Result<String, TextError> {
    if text.chars().count() > max { Err(TextError::TooLong { max }) } else { Ok(text.to_owned()) }
}

/// What names are ordered and searched by: NFKC, lower-cased.
pub fn name_key(name: &str) -> String {
    name.trim().nfkc().collect::<String>().to_lowercase().nfkc().collect()
}

/// The words of a name, as search finds them.
pub fn name_words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = name_key(name)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    words.sort();
    words.dedup();
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_and_bounded() {
        assert_eq!(parse_name("  Ada "), Ok("Ada".to_owned()));
        assert_eq!(parse_name(" \t "), Err(TextError::Empty));
        assert_eq!(parse_name("A\nB"), Err(TextError::ControlCharacter));
        assert_eq!(parse_name(&"x".repeat(201)), Err(TextError::TooLong { max: 200 }));
    }

    #[test]
    fn an_empty_note_is_none() {
        assert_eq!(parse_note("  "), Ok(None));
        assert_eq!(parse_note("a\nb"), Ok(Some("a\nb".to_owned())));
    }

    #[test]
    fn the_words_of_a_name_are_found_in_any_case() {
        assert_eq!(name_words("Ada  LOVELACE-King ada"), ["ada", "king", "lovelace"]);
    }
}
