//! The contracts that others build on: the published schema, and who may call what.

mod permissions;
mod schema;
