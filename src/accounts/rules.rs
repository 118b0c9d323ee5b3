//! What a password must be, and whether a mailed link still proves an address. Pure.
//!
//! The rules are those of NIST SP 800-63B (revision 3), section 5.1.1.2: at least 8 characters, long ones and all of
//! Unicode allowed, no rules of composition, common ones refused.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

use super::account::Account;
use super::hasher::PasswordHash;
use crate::primitives::email::{Email, EmailKey};
use crate::primitives::time::Timestamp;

pub const PASSWORD_CHARS_MIN: usize = 8;
pub const PASSWORD_CHARS_MAX: usize = 128;

/// The most common ones that are long enough to pass, in lower case. Short on purpose: attempts are limited, so only
/// what would be tried first matters.
const COMMON: &[&str] = &[
    "123456789",
    "12345678",
    "1234567890",
    "11111111",
    "00000000",
    "123123123",
    "1q2w3e4r",
    "1q2w3e4r5t",
    "1qaz2wsx",
    "87654321",
    "987654321",
    "88888888",
    "99999999",
    "abcd1234",
    "abc12345",
    "asdfghjkl",
    "baseball",
    "computer",
    "football",
    "iloveyou",
    "iloveyou1",
    "letmein1",
    "liverpool",
    "password",
    "password1",
    "password12",
    "password123",
    "passw0rd",
    "princess",
    "q1w2e3r4",
    "qwertyui",
    "qwertyuiop",
    "qwerty123",
    "qwerty12345",
    "sunshine",
    "superman",
    "trustno1",
    "welcome1",
    "zaq12wsx",
    "changeme",
];

/// A password in clear, normalised (NFKC) so that it is the same from every keyboard. Never printed.
#[derive(Clone, Eq, PartialEq)]
pub struct Password(String);

/// Why a password can't be set.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PasswordError {
    #[error("too short: at least {PASSWORD_CHARS_MIN} characters; a few words in a row make a good one")]
    TooShort,
    #[error("too long: at most {PASSWORD_CHARS_MAX} characters")]
    TooLong,
    #[error("this is one of the first passwords that somebody would try; choose another")]
    Common,
    #[error("the password must not be the e-mail address")]
    LikeAddress,
}

impl Password {
    /// A password that somebody wants to set for the account of this address.
    pub fn parse(text: &str, email: &Email) -> Result<Self, PasswordError> {
        let password = Self::claimed(text);
        let chars = password.0.chars().count();
        if chars < PASSWORD_CHARS_MIN {
            return Err(PasswordError::TooShort);
        }
        if chars > PASSWORD_CHARS_MAX {
            return Err(PasswordError::TooLong);
        }
        let lower = password.0.to_lowercase();
        let first = lower.chars().next();
        if COMMON.contains(&lower.as_str()) || lower.chars().all(|c| Some(c) == first) {
            return Err(PasswordError::Common);
        }
        let address = email.key().as_str();
        if lower == address || address.split('@').next() == Some(lower.as_str()) {
            return Err(PasswordError::LikeAddress);
        }
        Ok(password)
    }

    /// What somebody claims their password to be; whether it is, the hash tells.
    pub fn claimed(text: &str) -> Self {
        Self(text.nfkc().collect())
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// A mailed link, as it is stored.
#[derive(Clone, Debug)]
pub(super) struct EmailLink {
    /// The address that it proves.
    pub(super) email_key: EmailKey,
    pub(super) expires_at: Timestamp,
    pub(super) used: bool,
}

/// Why a mailed link proves nothing (any more).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LinkRefusal {
    /// No such link was ever mailed.
    Unknown,
    /// It has done its work: the address is verified.
    Used,
    Expired,
    /// Another account has proved the address meanwhile, by a link of its own.
    AddressTaken,
    /// The link is good, but the password is not the one that was chosen at sign-up.
    WrongPassword,
}

/// A mailed link with the account that it was mailed for.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub(super) link: EmailLink,
    pub(super) account: Account,
    /// What the password is compared with.
    pub(super) hash: PasswordHash,
    /// Has some account proved the address already?
    pub(super) address_held: bool,
}

/// Does the link prove the account's address, now? Whether it was its owner who signed up, the password tells.
pub(super) fn prove(claim: Option<Claim>, now: Timestamp) -> Result<Claim, LinkRefusal> {
    let claim = claim.ok_or(LinkRefusal::Unknown)?;
    let Claim { link, account, .. } = &claim;
    if link.email_key != account.email_key {
        return Err(LinkRefusal::Unknown);
    }
    if link.used || account.email_verified {
        return Err(LinkRefusal::Used);
    }
    if now >= link.expires_at {
        return Err(LinkRefusal::Expired);
    }
    if claim.address_held {
        return Err(LinkRefusal::AddressTaken);
    }
    Ok(claim)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::primitives::ids::AccountId;

    fn parse(text: &str) -> Result<Password, PasswordError> {
        Password::parse(text, &Email::parse("ada.lovelace@example.com").expect("an address"))
    }

    #[test]
    fn a_password_has_8_to_128_characters_of_any_script() {
        assert_eq!(parse("1234567"), Err(PasswordError::TooShort));
        assert!(parse("пароль и соль").is_ok());
        assert!(parse(&"ab".repeat(64)).is_ok());
        assert_eq!(parse(&"abc".repeat(43)), Err(PasswordError::TooLong));
    }

    #[test]
    fn what_somebody_would_try_first_is_refused() {
        assert_eq!(parse("Password1"), Err(PasswordError::Common));
        assert_eq!(parse("zzzzzzzzz"), Err(PasswordError::Common));
        assert_eq!(parse("Ada.Lovelace@example.com"), Err(PasswordError::LikeAddress));
        assert_eq!(parse("ada.lovelace"), Err(PasswordError::LikeAddress));
    }

    #[test]
    fn unicode_forms_of_one_password_are_one_and_none_is_printed() {
        assert_eq!(Password::claimed("caf\u{e9}"), Password::claimed("cafe\u{301}"));
        assert_eq!(format!("{:?}", Password::claimed("secret")), "Password(…)");
    }

    #[test]
    fn ses_6_a_link_proves_one_address_once_and_in_time() {
        let account = Account {
            id: AccountId::new(),
            email: "a@example.com".into(),
            email_key: EmailKey::from_stored("a@example.com".into()),
            email_verified: false,
            name: "A".into(),
            generation: 1,
            revision: 1,
            created_at: Timestamp::from_micros(0),
        };
        let expires_at = Timestamp::from_micros(10);
        let link = EmailLink { email_key: account.email_key.clone(), expires_at, used: false };
        let hash = PasswordHash::from_stored("any".into());
        let claim = Claim { link, account, hash, address_held: false };
        let at =
            |claim: &Claim, micros| prove(Some(claim.clone()), Timestamp::from_micros(micros)).map(|_| ());
        assert_eq!(at(&claim, 9), Ok(()));
        assert_eq!(at(&claim, 10), Err(LinkRefusal::Expired));
        let taken = Claim { address_held: true, ..claim.clone() };
        assert_eq!(at(&taken, 9), Err(LinkRefusal::AddressTaken));
        let mut used = taken;
        used.link.used = true;
        assert_eq!(at(&used, 10), Err(LinkRefusal::Used));
        let mut verified = claim.clone();
        verified.account.email_verified = true;
        assert_eq!(at(&verified, 9), Err(LinkRefusal::Used));
        let mut moved = claim;
        moved.account.email_key = EmailKey::from_stored("b@example.com".into());
        assert_eq!(at(&moved, 9), Err(LinkRefusal::Unknown));
        assert!(matches!(prove(None, Timestamp::from_micros(9)), Err(LinkRefusal::Unknown)));
    }
}
