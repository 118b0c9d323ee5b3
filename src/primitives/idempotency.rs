//! Idempotency keys as clients send them, and the hashes that are stored of a key and of what came with it (LIF-6).
//!
//! Never keeps a key in clear: whoever reads the database learns no key, and without the key can't guess a body.

use sha2::{Digest as _, Sha256};

/// Longest key.
pub const KEY_CHARS_MAX: usize = 200;

/// What a client names a call by.
#[derive(Clone, Eq, PartialEq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Visible ASCII, without blanks.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=KEY_CHARS_MAX).contains(&text.len());
        (fits && text.bytes().all(|byte| byte.is_ascii_graphic())).then(|| Self(text.to_owned()))
    }

    pub fn digest(&self) -> Digest {
        Digest::of(&[self.0.as_bytes()])
    }

    /// Of a body: with the key in it, so that only who knows the key can tell which body it was.
    pub fn digest_of(&self, body: &[u8]) -> Digest {
        Digest::of(&[self.0.as_bytes(), body])
    }
}

impl std::fmt::Debug for IdempotencyKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdempotencyKey(…)")
    }
}

/// A SHA-256.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Of parts, each with its length before it, so that no two lists of parts are one text.
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        }
        Self(hasher.finalize().into())
    }

    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_short_and_visible() {
        assert!(IdempotencyKey::parse("5f2a-41").is_some());
        for text in ["", "a b", "é", "a\n", &"x".repeat(201)] {
            assert!(IdempotencyKey::parse(text).is_none(), "{text:?}");
        }
        let key = IdempotencyKey::parse("secretive").expect("a key");
        assert!(!format!("{key:?}").contains("secretive"));
    }

    #[test]
    fn parts_are_told_apart() {
        assert_ne!(Digest::of(&[b"ab", b"c"]), Digest::of(&[b"a", b"bc"]));
        let (one, two) =
            (IdempotencyKey::parse("1").expect("a key"), IdempotencyKey::parse("2").expect("a key"));
        assert_ne!(one.digest_of(b"body"), two.digest_of(b"body"));
    }
}
