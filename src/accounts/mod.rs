//! Persons: signing up, proving an address, proving a password.
//!
//! - An address belongs to the one account whose mailed link was opened first, by whoever knows its password: the owner's
//!   click alone verifies no account that a stranger made. Until then it is held against nobody (SES-6).
//! - An answer never tells whether an address is known, nor does the time that it takes: each sign-in and each
//!   sign-up costs exactly one password hash (SES-1).
//! - Passwords are hashed off the async threads and a few at a time, so that a burst of sign-ins starves nobody.
//!
//! Never makes a session: that is `sessions`, by what [`authenticate`] proved.

mod account;
mod attempts;
mod authenticate;
mod create_verified;
mod entrance;
mod events;
mod hasher;
mod mails;
mod read;
mod restore;
mod rules;
mod sign_up;
mod store;
mod verify_email;

pub use account::Account;
pub use authenticate::{Authenticated, Credentials, SignInRefusal, authenticate};
pub use create_verified::{AddressTaken, NewPerson, create_verified};
pub use entrance::{Entrance, EntranceLimits};
pub use hasher::PasswordHash;
pub use mails::{ALREADY_REGISTERED, AlreadyRegisteredMail, VERIFY_EMAIL, VerifyEmailMail};
pub use read::get;
pub use restore::end_all_sessions;
pub use rules::{LinkRefusal, PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN, Password, PasswordError};
pub use sign_up::{SignUp, sign_up};
pub use store::{find, find_by_verified_email, mint_email_link};
pub use verify_email::{VerifyEmail, verify_email};
