//! What the room announces.
//!
//! Payloads hold no name and no external id: the host may put a person's name into either (DEL-1).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Asset, Destination};
use crate::platform::journal::{NewEvent, Subject};
use crate::primitives::actor::Audience;
use crate::primitives::ids::{AssetId, MemberId};
use crate::words;

/// Most assets that one event names: what has more to tell is several events.
const ASSETS_MAX: usize = 500;

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

words! {
    /// What kind of holder an asset has come to.
    pub enum HolderKind {
        Member = "MEMBER",
        Person = "PERSON",
        Workspace = "WORKSPACE",
        /// Nobody: it is lost.
        Lost = "LOST",
    }
}

/// Assets have changed hands.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AssetsReassigned {
    pub assets: Vec<AssetId>,
    /// None: they were held by a person outside the workspace.
    pub from: Option<MemberId>,
    pub to: Holding,
}

/// Who holds assets now.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Holding {
    pub kind: HolderKind,
    pub member: Option<MemberId>,
}

impl AssetsReassigned {
    pub const KIND: &'static str = "AssetsReassigned";

    /// None where there is nothing to tell, several where it is much.
    pub(super) fn of(assets: &[AssetId], from: Option<MemberId>, to: Destination) -> Vec<Self> {
        let (kind, member) = match to {
            Destination::Member(member) => (HolderKind::Member, Some(member)),
            Destination::Person => (HolderKind::Person, None),
            Destination::Workspace => (HolderKind::Workspace, None),
            Destination::Lost => (HolderKind::Lost, None),
        };
        let to = Holding { kind, member };
        assets.chunks(ASSETS_MAX).map(|assets| Self { assets: assets.to_vec(), from, to }).collect()
    }

    /// For admins and whoever owns them now.
    pub(super) fn into_event(self) -> NewEvent {
        let owner = self.to.member;
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

/// Lost assets are gone for good.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AssetsPurged {
    pub assets: Vec<AssetId>,
}

impl AssetsPurged {
    pub const KIND: &'static str = "AssetsPurged";
    /// Most that one event names.
    pub(super) const ASSETS_MAX: usize = ASSETS_MAX;

    pub(super) fn of(assets: &[AssetId]) -> Self {
        Self { assets: assets.to_vec() }
    }

    pub(super) fn into_event(self) -> NewEvent {
        NewEvent {
            kind: Self::KIND,
            version: 1,
            audience: Audience::Admins,
            subject: None,
            effect: None,
            payload: serde_json::to_value(self).expect("a payload is plain data"),
            occurred_at: None,
        }
    }
}
