//! What the room announces.
//!
//! Payloads hold no name and no external id: the host may put a person's name into either (DEL-1).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Asset;
use crate::platform::journal::{NewEvent, Subject};
use crate::primitives::actor::Audience;
use crate::primitives::ids::MemberId;

/// An asset is in the workspace now.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AssetRegistered {
    pub asset: AssetState,
}

/// An asset as events tell of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AssetState {
    pub id: Uuid,
    pub kind: String,
    pub owner: Option<Uuid>,
    pub revision: i64,
}

impl AssetRegistered {
    pub const KIND: &'static str = "AssetRegistered";

    pub(super) fn of(asset: &Asset) -> Self {
        let asset = AssetState {
            id: asset.id.as_uuid(),
            kind: asset.kind.clone(),
            owner: asset.owner.map(MemberId::as_uuid),
            revision: asset.revision,
        };
        Self { asset }
    }

    /// For admins and the owner: whoever works on assigned assets must not learn of others (AST-2).
    pub(super) fn into_event(self) -> NewEvent {
        let owner = self.asset.owner.map(MemberId::from_uuid);
        NewEvent {
            kind: Self::KIND,
            version: 1,
            audience: if owner.is_some() { Audience::AdminsAndSubject } else { Audience::Admins },
            subject: owner.map(Subject::Member),
            effect: None,
            payload: serde_json::to_value(self).expect("a payload is plain data"),
            occurred_at: None,
        }
    }
}
