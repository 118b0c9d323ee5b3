//! Persons: signing up, proving an address, proving a password, and changing each of them.
//!
//! - An address belongs to the one account whose mailed link was opened first, by whoever knows its password: the owner's
//!   click alone verifies no account that a stranger made. Until then it is held against nobody (SES-6).
//! - An answer never tells whether an address is known, nor does the time that it takes: each sign-in and each
//!   sign-up costs exactly one password hash, and asking for a new password one mail that its writer may drop (SES-1).
//! - Passwords are hashed off the async threads and a few at a time, so that a burst of sign-ins starves nobody.
//! - Another password or address raises the account's generation in the same transaction (REV-1).
//!
//! Never makes or ends a session: that is `sessions`, by what [`authenticate`] proved and by the raised generation.

mod account;
mod attempts;
mod authenticate;
mod change_email;
mod create_verified;
mod end;
mod entrance;
mod events;
mod hasher;
mod hold;
mod mails;
mod password;
mod purge;
mod read;
mod reset_password;
mod restore;
mod rules;
mod sign_up;
mod store;
mod update_account;
mod verify_email;

pub use account::{Account, WantedAddress};
pub use authenticate::{Authenticated, Credentials, SignInRefusal, authenticate};
pub use change_email::{ChangeEmail, change_email};
pub use create_verified::{AddressTaken, NewPerson, create_verified};
pub use end::{
    DeleteAccount, ProvedOwner, WrongPassword, ask_end, begin_end, finish_end, give_up_end, prove_owner,
};
pub use entrance::{Entrance, EntranceLimits};
pub use hasher::PasswordHash;
pub use hold::hold_by_verified_email;
pub use mails::{AccountMails, LinkLifetimes, MAIL_KINDS};
pub use password::{ChangePassword, FitPassword, change_password, prepare_change};
pub use purge::{Retention, purge};
pub use read::get;
pub use reset_password::{ResetPassword, request_password_reset, reset_password};
pub use restore::end_all_sessions;
pub use rules::{
    ChangeEmailRefusal, ChangePasswordRefusal, LinkRefusal, PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN, Password,
    PasswordError, ResetRefusal,
};
pub use sign_up::{SignUp, sign_up};
pub use store::{
    EndingAccount, find, find_by_verified_email, find_ended_address, is_ending, list_ending, list_uncopied,
    list_untold, load_many_by_verified_email, mark_copied, mark_told,
};
pub use update_account::update_account;
pub use verify_email::{
    AlreadyVerified, Moved, ProvedAddress, VerifyEmail, prove_address, request_email_verification,
};
