//! Secrets: tokens and links of 256 random bits, and what is stored of them.
//!
//! Never prints a secret: `Debug` shows its kind alone, and there is no `Display`.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What a secret opens. Its prefix is the first thing in the text, so a leaked one can be recognised (SES-2).
#[derive(Clone, Copy, Debug, Eq, PartialEq, Hash)]
pub enum SecretKind {
    /// Signed in as a person.
    AccountSession,
    /// Signed in to a workspace.
    WorkspaceSession,
    /// A workspace's automation.
    ApiKey,
    /// An invitation's link (INV-5).
    InvitationLink,
    /// The link that proves an e-mail address (SES-6).
    EmailLink,
    /// The link that sets a password (SES-1).
    PasswordLink,
}

impl SecretKind {
    const ALL: [Self; 6] = [
        Self::AccountSession,
        Self::WorkspaceSession,
        Self::ApiKey,
        Self::InvitationLink,
        Self::EmailLink,
        Self::PasswordLink,
    ];

    pub const fn prefix(self) -> &'static str {
        match self {
            Self::AccountSession => "rca_",
            Self::WorkspaceSession => "rcw_",
            Self::ApiKey => "rck_",
            Self::InvitationLink => "rci_",
            Self::EmailLink => "rce_",
            Self::PasswordLink => "rcp_",
        }
    }
}

const SECRET_BYTES: usize = 32;
const CHECKSUM_BYTES: usize = 4;

/// A secret in clear: handed to its owner once, never stored.
#[derive(Clone, Eq, PartialEq)]
pub struct Secret {
    kind: SecretKind,
    text: String,
}

/// What is stored of a secret: SHA-256. No salt is needed for 256 random bits.
#[derive(Clone, Copy, Eq, PartialEq, Hash, Ord, PartialOrd, Serialize, Deserialize)]
pub struct SecretHash([u8; 32]);

impl Secret {
    /// Mints a secret from the operating system's random source.
    pub fn mint(kind: SecretKind) -> Self {
        let mut bytes = [0u8; SECRET_BYTES + CHECKSUM_BYTES];
        bytes[..SECRET_BYTES].copy_from_slice(&random_bytes());
        let checksum = checksum(kind, &bytes[..SECRET_BYTES]);
        bytes[SECRET_BYTES..].copy_from_slice(&checksum);
        Self { kind, text: format!("{}{}", kind.prefix(), URL_SAFE_NO_PAD.encode(bytes)) }
    }

    /// Reads what somebody sent. The checksum refuses rubbish before any database is asked.
    pub fn parse(text: &str) -> Option<Self> {
        let kind = SecretKind::ALL.into_iter().find(|kind| text.starts_with(kind.prefix()))?;
        let bytes = URL_SAFE_NO_PAD.decode(&text[kind.prefix().len()..]).ok()?;
        if bytes.len() != SECRET_BYTES + CHECKSUM_BYTES {
            return None;
        }
        let (secret, sum) = bytes.split_at(SECRET_BYTES);
        (checksum(kind, secret) == *sum).then(|| Self { kind, text: text.to_owned() })
    }

    pub const fn kind(&self) -> SecretKind {
        self.kind
    }

    /// The secret itself, for the one answer or mail that carries it.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    pub fn hash(&self) -> SecretHash {
        SecretHash(Sha256::digest(self.text.as_bytes()).into())
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that draws random bits")]
pub(super) fn random_bytes() -> [u8; SECRET_BYTES] {
    let mut bytes = [0u8; SECRET_BYTES];
    getrandom::fill(&mut bytes).expect("the operating system has a random source");
    bytes
}

fn checksum(kind: SecretKind, bytes: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(kind.prefix().as_bytes());
    hasher.update(bytes);
    hasher.finalize().to_be_bytes()
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({:?})", self.kind)
    }
}

impl SecretHash {
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_reads_back_and_a_typo_is_refused() {
        for kind in SecretKind::ALL {
            let secret = Secret::mint(kind);
            assert_eq!(Secret::parse(secret.reveal()).map(|read| read.hash()), Some(secret.hash()));
            let mut typo = secret.reveal().to_owned();
            let last = typo.pop().expect("not empty");
            typo.push(if last == 'A' { 'E' } else { 'A' });
            assert_eq!(Secret::parse(&typo), None);
        }
    }

    #[test]
    fn the_kind_is_part_of_the_checksum() {
        let text = Secret::mint(SecretKind::AccountSession).reveal().replace("rca_", "rcw_");
        assert_eq!(Secret::parse(&text), None);
    }

    #[test]
    fn debug_shows_no_secret() {
        let secret = Secret::mint(SecretKind::ApiKey);
        let shown = format!("{secret:?} {:?}", secret.hash());
        assert_eq!(shown, "Secret(ApiKey) SecretHash(…)");
    }
}
