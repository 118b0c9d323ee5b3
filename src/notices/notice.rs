//! A notice as the other rooms see it.

use crate::primitives::cursor::{Key, PageCursor};
use crate::primitives::ids::{NoticeId, WorkspaceId};
use crate::primitives::time::Timestamp;
use crate::words;

words! {
    /// What a person is told.
    pub enum NoticeKind {
        /// They were removed from the workspace.
        Removed = "REMOVED",
    }
}

/// Something that a person is told until they dismiss it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Notice {
    pub id: NoticeId,
    pub kind: NoticeKind,
    pub workspace: WorkspaceId,
    pub workspace_name: String,
    pub created_at: Timestamp,
}

impl Notice {
    /// The order that notices are listed in: the newest first.
    pub const ORDER: &'static str = "NOTICE_CREATED";

    /// Its place in the list.
    pub fn place(&self) -> PageCursor {
        let key = Key::Number(self.created_at.as_micros());
        PageCursor { order: Self::ORDER.into(), key, id: self.id.as_uuid() }
    }
}
