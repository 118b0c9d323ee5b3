//! E-mail addresses: kept as typed, compared by a key (INV-12).
//!
//! Never decides whether an address exists; only a mailed link proves that (SES-6).

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// RFC 5321 section 4.5.3.1.3 with the erratum 1690: a path holds 254 octets of address.
pub const EMAIL_BYTES_MAX: usize = 254;
/// RFC 5321 section 4.5.3.1.1.
const LOCAL_PART_BYTES_MAX: usize = 64;

/// An address as it was typed, trimmed, with the key that it is compared by.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Email {
    typed: String,
    key: EmailKey,
}

/// What addresses are compared by: trimmed, Unicode-normalised (NFKC), lower-cased, the domain in its ASCII form.
#[derive(Clone, Debug, Eq, PartialEq, Ord, PartialOrd, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EmailKey(String);

/// Why a text is no address.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum EmailError {
    #[error("not an e-mail address; write it like name@example.com")]
    Malformed,
    #[error(
        "before the @ stands a letter in a form that no mailbox has, such as a full-width one; type it plainly"
    )]
    LookAlike,
    #[error("too long for an e-mail address: at most {EMAIL_BYTES_MAX} bytes")]
    TooLong,
}

impl Email {
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        let typed = text.trim();
        if typed.len() > EMAIL_BYTES_MAX {
            return Err(EmailError::TooLong);
        }
        let (local, domain) = typed.rsplit_once('@').ok_or(EmailError::Malformed)?;
        let local = checked_local_part(local)?;
        let domain: String = domain.nfkc().collect();
        let domain = idna::domain_to_ascii_strict(&domain).map_err(|_| EmailError::Malformed)?;
        if !domain.contains('.') {
            return Err(EmailError::Malformed);
        }
        let key = format!("{local}@{domain}");
        if key.len() > EMAIL_BYTES_MAX {
            return Err(EmailError::TooLong);
        }
        Ok(Self { typed: typed.to_owned(), key: EmailKey(key) })
    }

    pub fn as_typed(&self) -> &str {
        &self.typed
    }

    pub const fn key(&self) -> &EmailKey {
        &self.key
    }
}

fn checked_local_part(local: &str) -> Result<String, EmailError> {
    // Quoted local parts (RFC 5321 section 4.1.2) are refused: no provider hands them out, and they carry spaces
    // and control characters into headers.
    let refused = |c: char| c.is_whitespace() || c.is_control() || "\"(),:;<>@[\\]".contains(c);
    let dots = local.starts_with('.') || local.ends_with('.') || local.contains("..");
    if local.is_empty() || dots || local.contains(refused) {
        return Err(EmailError::Malformed);
    }
    // Mail goes to the address as typed, and proof and uniqueness by its key: where the key would put another letter
    // for a typed one, they may be two mailboxes. Composing (e and an accent) leaves it the same text.
    if !local.chars().all(|c| std::iter::once(c).nfkc().eq(std::iter::once(c))) {
        return Err(EmailError::LookAlike);
    }
    let local: String = local.nfkc().collect();
    // Lower-casing can undo normalisation (İ becomes i and a combining dot), so it is normalised once more.
    let key: String = local.to_lowercase().nfkc().collect();
    if key.len() > LOCAL_PART_BYTES_MAX {
        return Err(EmailError::TooLong);
    }
    Ok(key)
}

impl EmailKey {
    /// A key read back from the database.
    pub const fn from_stored(key: String) -> Self {
        Self(key)
    }

    /// The key of a prefix that somebody searches for: normalised like an address, but it need not be whole.
    pub fn of_prefix(text: &str) -> String {
        text.trim().nfkc().collect::<String>().to_lowercase().nfkc().collect()
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> String {
        Email::parse(text).expect("an address").key().as_str().to_owned()
    }

    #[test]
    fn inv_12_addresses_are_kept_as_typed_and_compared_by_key() {
        let email = Email::parse("  Joe.Doe+x@Bücher.Example ").expect("an address");
        assert_eq!(email.as_typed(), "Joe.Doe+x@Bücher.Example");
        assert_eq!(email.key().as_str(), "joe.doe+x@xn--bcher-kva.example");
    }

    #[test]
    fn inv_12_dots_and_plus_tags_count() {
        assert_ne!(key("joedoe@example.com"), key("joe.doe@example.com"));
        assert_ne!(key("joe@example.com"), key("joe+a@example.com"));
    }

    #[test]
    fn inv_12_unicode_forms_of_one_address_are_one() {
        assert_eq!(key("re\u{301}ne@example.com"), key("r\u{e9}ne@EXAMPLE.com"));
        assert_eq!(key("joe@ｅxample.com"), key("joe@example.com"));
    }

    /// Mail to them would go to another mailbox than the one that is proved.
    #[test]
    fn inv_12_letters_that_the_key_would_replace_are_refused() {
        for text in
            ["ｊｏｅ@example.com", "\u{212a}im@example.com", "of\u{fb01}ce@example.com", "joe²@example.com"]
        {
            assert_eq!(Email::parse(text), Err(EmailError::LookAlike), "{text}");
        }
        assert_eq!(Email::parse("joe\u{ff20}example.com"), Err(EmailError::Malformed));
        assert_eq!(key("KIM@example.com"), key("kim@example.com"));
    }

    #[test]
    fn malformed_addresses_are_refused() {
        let long = format!("{}@example.com", "a".repeat(250));
        for text in [
            "",
            "joe",
            "@example.com",
            "joe@",
            "joe@localhost",
            "a b@example.com",
            "a..b@example.com",
            "\"a\"@example.com",
            "a\r\nBcc: b@example.com",
            "joe@exa mple.com",
            &long,
        ] {
            assert!(Email::parse(text).is_err(), "{text}");
        }
    }
}
