//! What sessions announce when they end. Their beginning and their use are no changes of state that others see.

use serde::Serialize;
use serde_json::json;

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
#[derive(Clone, Copy, Debug)]
pub(super) enum Ended {
    Session(WorkspaceSessionId),
    AccountSession(AccountSessionId),
}

/// On the workspace's stream: sessions of a member have ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct MemberSessionEnded {
    pub(super) ended: Ended,
    pub(super) member: MemberId,
    pub(super) cause: EndCause,
}

impl MemberSessionEnded {
    /// An account session is in the effect alone, which nobody is shown: by it the admins of two workspaces could tell
    /// that two members are one person.
    pub(super) fn into_event(self) -> NewEvent {
        let Self { ended, member, cause } = self;
        let (session, effect) = match ended {
            Ended::Session(session) => {
                (Some(session), Effect::EndWorkspaceSession { session, member, cause })
            }
            Ended::AccountSession(account_session) => {
                (None, Effect::EndSessionsUnder { account_session, member, cause })
            }
        };
        NewEvent {
            kind: "MemberSessionEnded",
            version: 1,
            audience: Audience::AdminsAndSubject,
            subject: Some(Subject::Member(member)),
            effect: Some(effect),
            payload: json!({ "memberId": member, "session": session, "cause": cause }),
            occurred_at: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// EVT-8: whose session it was, and nothing that two workspaces could compare.
    #[test]
    fn a_payload_names_the_member_and_no_account_session() {
        let (session, member, cause) = (WorkspaceSessionId::new(), MemberId::new(), EndCause::SignedOut);
        let payload = |ended| MemberSessionEnded { ended, member, cause }.into_event().payload;
        let expected = |session| json!({ "memberId": member, "session": session, "cause": "SIGNED_OUT" });
        assert_eq!(payload(Ended::Session(session)), expected(Some(session)));
        assert_eq!(payload(Ended::AccountSession(AccountSessionId::new())), expected(None));
    }
}
