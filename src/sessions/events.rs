//! What sessions announce when they end. Their beginning and their use are no changes of state that others see.

use serde::Serialize;

use crate::platform::journal::{Effect, NewEvent, Subject};
use crate::primitives::actor::{Audience, EndCause};
use crate::primitives::ids::{AccountId, AccountSessionId, MemberId, WorkspaceSessionId};

/// On the person's stream: an account session has ended, and what hangs on it.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AccountSessionEnded {
    pub(super) account_session: AccountSessionId,
    #[serde(skip)]
    pub(super) account: AccountId,
    pub(super) cause: EndCause,
}

impl AccountSessionEnded {
    pub(super) fn into_event(self) -> NewEvent {
        let Self { account_session: session, account, cause } = self;
        NewEvent {
            kind: "AccountSessionEnded",
            version: 1,
            audience: Audience::Subject,
            subject: Some(Subject::Account(account)),
            effect: Some(Effect::EndAccountSession { session, account, cause }),
            payload: serde_json::to_value(self).expect("plain data"),
            occurred_at: None,
        }
    }
}

/// Which sessions of a member have ended: one, or all under an account session.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Ended {
    Session(WorkspaceSessionId),
    AccountSession(AccountSessionId),
}

/// On the workspace's stream: sessions of a member have ended.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct SessionEnded {
    #[serde(flatten)]
    pub(super) ended: Ended,
    #[serde(skip)]
    pub(super) member: MemberId,
    pub(super) cause: EndCause,
}

impl SessionEnded {
    pub(super) fn into_event(self) -> NewEvent {
        let Self { ended, member, cause } = self;
        let effect = match ended {
            Ended::Session(session) => Effect::EndWorkspaceSession { session, member, cause },
            Ended::AccountSession(account_session) => {
                Effect::EndSessionsUnder { account_session, member, cause }
            }
        };
        NewEvent {
            kind: "SessionEnded",
            version: 1,
            audience: Audience::AdminsAndSubject,
            subject: Some(Subject::Member(member)),
            effect: Some(effect),
            payload: serde_json::to_value(self).expect("plain data"),
            occurred_at: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_names_what_ended_and_nobody() {
        let session = WorkspaceSessionId::new();
        let event = SessionEnded {
            ended: Ended::Session(session),
            member: MemberId::new(),
            cause: EndCause::SignedOut,
        };
        let payload = event.into_event().payload;
        assert_eq!(payload, serde_json::json!({ "session": session, "cause": "SIGNED_OUT" }));
    }
}
