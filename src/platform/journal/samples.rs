//! Events for unit tests that care about their numbers and effects alone.

use super::{Event, StreamId};
use crate::primitives::actor::{Actor, AssetScope, Audience, Origin};
use crate::primitives::cursor::Epoch;
use crate::primitives::ids::{EventId, OperationId, RoleId, WorkspaceId};
use crate::primitives::rights::Rights;
use crate::primitives::time::Timestamp;

pub(crate) fn epoch() -> Epoch {
    Epoch { id: OperationId::new().as_uuid(), timeline: 1 }
}

pub(crate) fn event(seq: i64) -> Event {
    Event {
        stream: StreamId::Workspace(WorkspaceId::new()),
        seq,
        id: EventId::new(),
        kind: "ChairMoved".to_owned(),
        version: 1,
        operation: OperationId::new(),
        occurred_at: Timestamp::from_micros(seq),
        actor: Actor::System,
        origin: Some(Origin::System),
        audience: Audience::Members,
        subject: None,
        effect: None,
        payload: serde_json::json!({}),
    }
}

pub(crate) fn rights(admin: bool) -> Rights {
    Rights { role: RoleId::new(), admin, scope: AssetScope::All, granted: [].into() }
}
