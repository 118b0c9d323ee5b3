//! Idempotency keys (LIF-6): one call, one effect, one answer.

mod crash;
pub mod keys;
mod limit;
