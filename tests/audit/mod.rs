//! The event log as the audit trail: read by admins, and exported.

mod export;
mod reading;
mod slow;
