//! What the room announces, to admins alone.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::ApiKey;
use crate::platform::journal::{Effect, NewEvent, Subject};
use crate::primitives::actor::Audience;
use crate::primitives::ids::{ApiKeyId, MemberId};
use crate::primitives::time::Timestamp;

/// A key works from now on.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiKeyCreated {
    pub api_key: ApiKeyState,
}

/// A key has stopped.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiKeyRevoked {
    pub api_key: ApiKeyState,
}

/// A key as events tell of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiKeyState {
    pub id: Uuid,
    /// The member who made it.
    pub maker: Uuid,
    pub revoked_at: Option<Timestamp>,
    pub revision: i64,
}

impl ApiKeyState {
    const fn of(key: &ApiKey) -> Self {
        let (id, maker) = (key.id.as_uuid(), key.maker.as_uuid());
        Self { id, maker, revoked_at: key.revoked_at, revision: key.revision() }
    }
}

impl ApiKeyCreated {
    pub const KIND: &'static str = "ApiKeyCreated";

    pub(super) const fn of(key: &ApiKey) -> Self {
        Self { api_key: ApiKeyState::of(key) }
    }

    pub(super) fn into_event(self) -> NewEvent {
        let maker = MemberId::from_uuid(self.api_key.maker);
        event(Self::KIND, maker, None, serde_json::to_value(self))
    }
}

impl ApiKeyRevoked {
    pub const KIND: &'static str = "ApiKeyRevoked";

    pub(super) const fn of(key: &ApiKey) -> Self {
        Self { api_key: ApiKeyState::of(key) }
    }

    pub(super) fn into_event(self) -> NewEvent {
        let maker = MemberId::from_uuid(self.api_key.maker);
        let effect = Effect::StopKey { key: ApiKeyId::from_uuid(self.api_key.id), member: maker };
        event(Self::KIND, maker, Some(effect), serde_json::to_value(self))
    }
}

fn event(
    kind: &'static str,
    maker: MemberId,
    effect: Option<Effect>,
    payload: serde_json::Result<serde_json::Value>,
) -> NewEvent {
    NewEvent {
        kind,
        version: 1,
        audience: Audience::Admins,
        subject: Some(Subject::Member(maker)),
        effect,
        payload: payload.expect("a payload is plain data"),
        occurred_at: None,
    }
}
