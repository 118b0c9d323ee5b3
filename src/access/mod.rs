//! Who asks, what they may do, and the transaction that proves it.
//!
//! Never remembers a "yes": each request is checked against the database, and each write once more inside its
//! transaction (REV-1 to REV-3).

pub mod failure;
pub mod proof;
