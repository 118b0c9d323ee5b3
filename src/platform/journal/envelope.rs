//! What every event carries, whatever it says.
//!
//! Never holds a person's name or address: a payload has ids and the state after the change (DEL-1).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::primitives::actor::{Actor, Audience, EndCause, Origin};
use crate::primitives::ids::{
    AccountId, AccountSessionId, ApiKeyId, EventId, MemberId, OperationId, RoleId, WorkspaceId,
    WorkspaceSessionId,
};
use crate::primitives::rights::Rights;
use crate::primitives::time::Timestamp;

/// An ordered list of events: one per workspace, one per account.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Ord, PartialOrd, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StreamId {
    Workspace(WorkspaceId),
    Account(AccountId),
}

impl StreamId {
    pub const fn as_uuid(self) -> Uuid {
        match self {
            Self::Workspace(id) => id.as_uuid(),
            Self::Account(id) => id.as_uuid(),
        }
    }

    pub const fn kind(self) -> &'static str {
        match self {
            Self::Workspace(_) => "WORKSPACE",
            Self::Account(_) => "ACCOUNT",
        }
    }

    pub fn from_stored(kind: &str, id: Uuid) -> Option<Self> {
        match kind {
            "WORKSPACE" => Some(Self::Workspace(WorkspaceId::from_uuid(id))),
            "ACCOUNT" => Some(Self::Account(AccountId::from_uuid(id))),
            _ => None,
        }
    }
}

/// Whom an event is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Subject {
    Member(MemberId),
    Account(AccountId),
}

/// What an event does to rights. Servers act on this and not on the type, so that an older server in a rolling
/// deploy obeys a type that it doesn't know.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Effect {
    /// The member's sessions of a lower generation have ended, and their keys where the cause puts the member out.
    EndMemberSessions { member: MemberId, below_generation: i64, cause: EndCause },
    /// One workspace session has ended.
    EndWorkspaceSession { session: WorkspaceSessionId, member: MemberId, cause: EndCause },
    /// Every workspace session under one account session has ended.
    EndSessionsUnder { account_session: AccountSessionId, member: MemberId, cause: EndCause },
    /// One API key has stopped.
    StopKey { key: ApiKeyId, member: MemberId },
    /// The account's sessions of a lower generation have ended, and what hangs on them; but for the one that asked for
    /// it, which was taken along.
    EndAccountSessions {
        account: AccountId,
        below_generation: i64,
        cause: EndCause,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        except: Option<AccountSessionId>,
    },
    /// One account session has ended, and what hangs on it.
    EndAccountSession { session: AccountSessionId, account: AccountId, cause: EndCause },
    /// A member's role or assignments are others now.
    ChangeMemberRights { member: MemberId, rights: Rights },
    /// What a role gives is something else now, for all who hold it.
    ChangeRoleRights { role: RoleId, rights: Rights },
    /// Something befell all sessions, or may have: whoever follows the stream checks theirs anew.
    CheckAnew,
    /// An effect that this release doesn't know: whoever follows the stream checks their session anew.
    #[serde(other)]
    Unknown,
}

/// One fact that happened.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Event {
    pub stream: StreamId,
    /// 1, 2, 3 … within the stream, in commit order (EVT-2).
    pub seq: i64,
    pub id: EventId,
    /// The type's name, past tense: `MemberBlocked`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Of the payload's form.
    pub version: i16,
    pub operation: OperationId,
    /// Never before its predecessor's.
    pub occurred_at: Timestamp,
    pub actor: Actor,
    /// None: a way of a later release's.
    pub origin: Option<Origin>,
    pub audience: Audience,
    pub subject: Option<Subject>,
    pub effect: Option<Effect>,
    pub payload: serde_json::Value,
}

/// An event before it has its number, time and actor.
#[derive(Clone, Debug)]
pub struct NewEvent {
    pub kind: &'static str,
    pub version: i16,
    pub audience: Audience,
    pub subject: Option<Subject>,
    pub effect: Option<Effect>,
    pub payload: serde_json::Value,
    /// For facts that were true before they were noticed (INV-2); never before the stream's last event.
    pub occurred_at: Option<Timestamp>,
}

impl NewEvent {
    /// Says what something was before, beside what it is now: `before` in the payload, in the same places (EVT-3).
    #[must_use]
    pub fn with_before(mut self, before: serde_json::Value) -> Self {
        match (self.payload.get_mut("before"), before) {
            (Some(serde_json::Value::Object(known)), serde_json::Value::Object(more)) => known.extend(more),
            (_, before) => self.payload["before"] = before,
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_effect_of_a_later_release_is_read_as_unknown() {
        let effect: Effect =
            serde_json::from_str(r#"{"kind":"END_SOMETHING_NEW","thing":1}"#).expect("readable");
        assert_eq!(effect, Effect::Unknown);
    }

    #[test]
    fn effects_read_back_as_they_were_written() {
        let effect = Effect::EndMemberSessions {
            member: MemberId::new(),
            below_generation: 4,
            cause: EndCause::Blocked,
        };
        let text = serde_json::to_string(&effect).expect("plain data");
        assert_eq!(serde_json::from_str::<Effect>(&text).expect("readable"), effect);
    }
}
