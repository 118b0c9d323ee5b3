//! The audit trail: the event log of a workspace, read by those who may (EVT-3).
//!
//! What always holds here:
//! - It is the log itself. Nothing is kept beside it, and nothing here changes an entry.
//! - Whoever reads it holds `READ_AUDIT` at that moment; each page of an export is asked for anew.
//! - What the operator has archived is told of, and never passed over in silence.

mod changes;
mod export;
mod read;

pub use changes::{Change, category, changes, refused_operation};
pub use export::{EXPORT_ROWS_MAX, ExportPage, ExportRefusal, ExportRequest, Exported, Since, export};
pub use read::{Archived, EventOrder, count, find_archived, list, place};
