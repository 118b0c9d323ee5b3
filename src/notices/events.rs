//! What the room announces, on the streams of persons.

use serde_json::{Value, json};

use super::notice::NoticeKind;
use crate::platform::journal::{NewEvent, Subject};
use crate::primitives::actor::Audience;
use crate::primitives::ids::{AccountId, NoticeId, WorkspaceId};

/// A person is told something.
pub(super) struct NoticePosted {
    pub(super) id: NoticeId,
    pub(super) kind: NoticeKind,
    pub(super) workspace: WorkspaceId,
    pub(super) account: AccountId,
}

/// They have read it.
pub(super) struct NoticeDismissed {
    pub(super) id: NoticeId,
    pub(super) account: AccountId,
}

impl NoticePosted {
    pub(super) fn into_event(self) -> NewEvent {
        let notice = json!({ "id": self.id, "kind": self.kind });
        event("NoticePosted", self.account, json!({ "workspace": self.workspace, "notice": notice }))
    }
}

impl NoticeDismissed {
    pub(super) fn into_event(self) -> NewEvent {
        event("NoticeDismissed", self.account, json!({ "notice": { "id": self.id } }))
    }
}

fn event(kind: &'static str, account: AccountId, payload: Value) -> NewEvent {
    NewEvent {
        kind,
        version: 1,
        audience: Audience::Subject,
        subject: Some(Subject::Account(account)),
        effect: None,
        payload,
        occurred_at: None,
    }
}
