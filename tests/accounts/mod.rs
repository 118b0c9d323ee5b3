//! Persons: signing up, proving an address, proving a password, and changing each of them.

mod attempts;
mod changing_email;
mod changing_password;
mod over_http;
mod purging;
mod renaming;
mod resetting;
mod signing_in;
mod signing_up;
mod verifying;
