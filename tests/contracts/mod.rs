//! The contracts that others build on: the published schema, and who may call what.

mod events;
mod isolation;
mod permissions;
mod schema;
mod statements;
mod subscriptions;
