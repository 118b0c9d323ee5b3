//! Persons: signing up, proving an address, proving a password.

mod signing_in;
mod signing_up;
mod verifying;
