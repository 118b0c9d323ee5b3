//! What somebody without a credential may cost, and that it is no more than a share.

mod connections;
mod introspection;
