//! What a password must be, and whether a mailed link still does what it was mailed for. Pure.
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
        Self::claimed(text).fit_for(email.key())
    }

    /// The same for the password of an account that has this address.
    pub(super) fn fit_for(self, address: &EmailKey) -> Result<Self, PasswordError> {
        let password = self;
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
        let address = address.as_str();
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

/// What a mailed link does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum LinkPurpose {
    /// Proves the address of a new account.
    Verify,
    /// Sets a password.
    Reset,
    /// Proves the address that an account changes to.
    Change,
}

impl LinkPurpose {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Verify => "VERIFY",
            Self::Reset => "RESET",
            Self::Change => "CHANGE",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        [Self::Verify, Self::Reset, Self::Change].into_iter().find(|purpose| purpose.as_str() == word)
    }
}

/// A mailed link, as it is stored.
#[derive(Clone, Debug)]
pub(super) struct EmailLink {
    pub(super) purpose: LinkPurpose,
    /// The address that it was mailed to.
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
    /// The link is good, but the password is not the account's.
    WrongPassword,
}

/// Why a mailed link sets no password.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ResetRefusal {
    /// No such link was ever mailed, or the account has another address by now.
    Unknown,
    /// A password was set since it was mailed.
    Used,
    Expired,
    /// The link is good, the new password is not.
    Unfit(PasswordError),
}

/// Why a password isn't changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ChangePasswordRefusal {
    /// Not the one that the account has.
    WrongPassword,
    Unfit(PasswordError),
}

/// Why an address isn't changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ChangeEmailRefusal {
    WrongPassword,
    /// The account has it already.
    SameAddress,
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

/// Does the link prove an address of the account, now? Whether it was its owner who asked, the password tells.
pub(super) fn prove(claim: Option<Claim>, now: Timestamp) -> Result<Claim, LinkRefusal> {
    let claim = claim.ok_or(LinkRefusal::Unknown)?;
    let Claim { link, account, .. } = &claim;
    let wanted = match link.purpose {
        LinkPurpose::Verify => Some(&account.email_key),
        LinkPurpose::Change => account.wanted.as_ref().map(|wanted| &wanted.email_key),
        LinkPurpose::Reset => return Err(LinkRefusal::Unknown),
    };
    if link.used || (link.purpose == LinkPurpose::Verify && account.email_verified) {
        return Err(LinkRefusal::Used);
    }
    if wanted != Some(&link.email_key) {
        return Err(LinkRefusal::Unknown);
    }
    if now >= link.expires_at {
        return Err(LinkRefusal::Expired);
    }
    if claim.address_held {
        return Err(LinkRefusal::AddressTaken);
    }
    Ok(claim)
}

/// May the link set the account's password, now? Only an address that was proved is mailed such a link.
pub(super) fn may_reset(claim: Option<Claim>, now: Timestamp) -> Result<Account, ResetRefusal> {
    let Claim { link, account, .. } = claim.ok_or(ResetRefusal::Unknown)?;
    if link.purpose != LinkPurpose::Reset {
        return Err(ResetRefusal::Unknown);
    }
    if link.used {
        return Err(ResetRefusal::Used);
    }
    if !account.email_verified || link.email_key != account.email_key {
        return Err(ResetRefusal::Unknown);
    }
    if now >= link.expires_at {
        return Err(ResetRefusal::Expired);
    }
    Ok(account)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::account::WantedAddress;
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

    fn claim(purpose: LinkPurpose) -> Claim {
        let account = Account {
            id: AccountId::new(),
            email: "a@example.com".into(),
            email_key: EmailKey::from_stored("a@example.com".into()),
            email_verified: purpose == LinkPurpose::Reset,
            name: "A".into(),
            generation: 1,
            revision: 1,
            created_at: Timestamp::from_micros(0),
            wanted: None,
        };
        let expires_at = Timestamp::from_micros(10);
        let link = EmailLink { purpose, email_key: account.email_key.clone(), expires_at, used: false };
        Claim { link, account, hash: PasswordHash::from_stored("any".into()), address_held: false }
    }

    fn proves(claim: &Claim, micros: i64) -> Result<(), LinkRefusal> {
        prove(Some(claim.clone()), Timestamp::from_micros(micros)).map(|_| ())
    }

    #[test]
    fn ses_6_a_link_proves_one_address_once_and_in_time() {
        let claim = claim(LinkPurpose::Verify);
        assert_eq!(proves(&claim, 9), Ok(()));
        assert_eq!(proves(&claim, 10), Err(LinkRefusal::Expired));
        let taken = Claim { address_held: true, ..claim.clone() };
        assert_eq!(proves(&taken, 9), Err(LinkRefusal::AddressTaken));
        let mut used = taken;
        used.link.used = true;
        assert_eq!(proves(&used, 10), Err(LinkRefusal::Used));
        let mut verified = claim.clone();
        verified.account.email_verified = true;
        assert_eq!(proves(&verified, 9), Err(LinkRefusal::Used));
        let mut moved = claim;
        moved.account.email_key = EmailKey::from_stored("b@example.com".into());
        assert_eq!(proves(&moved, 9), Err(LinkRefusal::Unknown));
        assert!(matches!(prove(None, Timestamp::from_micros(9)), Err(LinkRefusal::Unknown)));
    }

    #[test]
    fn ses_6_a_link_to_a_new_address_proves_the_one_that_is_wanted_now() {
        let mut claim = claim(LinkPurpose::Change);
        assert_eq!(proves(&claim, 9), Err(LinkRefusal::Unknown), "nothing is wanted");
        let key = EmailKey::from_stored("new@example.com".into());
        let wanted = WantedAddress { email: "New@example.com".into(), email_key: key.clone(), session: None };
        claim.account.wanted = Some(wanted);
        assert_eq!(proves(&claim, 9), Err(LinkRefusal::Unknown), "mailed to another than is wanted");
        claim.link.email_key = key;
        assert_eq!(proves(&claim, 9), Ok(()));
        claim.account.email_verified = true;
        assert_eq!(proves(&claim, 9), Ok(()));
    }

    #[test]
    fn ses_1_a_link_to_a_new_password_works_once_in_time_and_for_that_alone() {
        let claim = claim(LinkPurpose::Reset);
        let at = |claim: &Claim, micros| {
            may_reset(Some(claim.clone()), Timestamp::from_micros(micros)).map(|_| ())
        };
        assert_eq!(at(&claim, 9), Ok(()));
        assert_eq!(at(&claim, 10), Err(ResetRefusal::Expired));
        assert_eq!(proves(&claim, 9), Err(LinkRefusal::Unknown));
        let mut used = claim.clone();
        used.link.used = true;
        assert_eq!(at(&used, 9), Err(ResetRefusal::Used));
        let mut moved = claim.clone();
        moved.account.email_key = EmailKey::from_stored("b@example.com".into());
        assert_eq!(at(&moved, 9), Err(ResetRefusal::Unknown));
        for purpose in [LinkPurpose::Verify, LinkPurpose::Change] {
            let mut other = claim.clone();
            other.link.purpose = purpose;
            assert_eq!(at(&other, 9), Err(ResetRefusal::Unknown), "{purpose:?}");
        }
    }
}
