//! Values that cannot be wrong: ids, times, e-mail addresses, secrets, pages, and the words of the rule book.
//!
//! Never does I/O, never waits, and knows neither the database nor GraphQL.

pub mod actor;
pub mod address_key;
pub mod cursor;
pub mod email;
pub mod idempotency;
pub mod ids;
pub mod name;
pub mod network;
pub mod page;
pub mod places;
pub mod request;
pub mod rights;
pub mod secret;
pub mod time;
