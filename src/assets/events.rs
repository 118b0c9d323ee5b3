//! What the room announces.
//!
//! Payloads hold no name and no external id: the host may put a person's name into either (DEL-1).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Asset, Destination, Shares};
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

impl AssetState {
    fn of(asset: &Asset) -> Self {
        Self {
            id: asset.id.as_uuid(),
            kind: asset.kind.clone(),
            owner: asset.owner.map(MemberId::as_uuid),
            revision: asset.revision,
        }
    }

    fn owner(&self) -> Option<MemberId> {
        self.owner.map(MemberId::from_uuid)
    }
}

/// For admins and one member whom it concerns: whoever works on assigned assets must not learn of others (AST-2).
fn event<T: Serialize>(kind: &'static str, concerned: Option<MemberId>, payload: &T) -> NewEvent {
    NewEvent {
        kind,
        version: 1,
        audience: if concerned.is_some() { Audience::AdminsAndSubject } else { Audience::Admins },
        subject: concerned.map(Subject::Member),
        effect: None,
        payload: serde_json::to_value(payload).expect("a payload is plain data"),
        occurred_at: None,
    }
}

impl AssetRegistered {
    pub const KIND: &'static str = "AssetRegistered";

    pub(super) fn of(asset: &Asset) -> Self {
        Self { asset: AssetState::of(asset) }
    }

    pub(super) fn into_event(self) -> NewEvent {
        event(Self::KIND, self.asset.owner(), &self)
    }
}

/// An asset is called otherwise: read it anew.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AssetUpdated {
    pub asset: AssetState,
}

impl AssetUpdated {
    pub const KIND: &'static str = "AssetUpdated";

    pub(super) fn of(asset: &Asset) -> Self {
        Self { asset: AssetState::of(asset) }
    }

    pub(super) fn into_event(self) -> NewEvent {
        event(Self::KIND, self.asset.owner(), &self)
    }
}

/// One member, or some channels: a channel's name may be a person's, so they are only counted.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct SharedWith {
    pub member: Option<MemberId>,
    pub channels: usize,
}

impl SharedWith {
    /// Each member of these, and all channels together.
    pub(super) fn each(shares: &Shares) -> impl Iterator<Item = Self> {
        let members = shares.members.iter().map(|member| Self { member: Some(*member), channels: 0 });
        let channels = shares.channels.len();
        members.chain((channels > 0).then_some(Self { member: None, channels }))
    }
}

/// Defines an event about an asset and somebody whom it is shared with, for admins and for that member, else the owner.
macro_rules! shared_event {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Serialize, Deserialize)]
        pub struct $name {
            pub asset: AssetState,
            pub with: SharedWith,
        }

        impl $name {
            pub const KIND: &'static str = stringify!($name);

            pub(super) fn of(asset: &Asset, with: SharedWith) -> Self {
                Self { asset: AssetState::of(asset), with }
            }

            pub(super) fn into_event(self) -> NewEvent {
                event(Self::KIND, self.with.member.or(self.asset.owner()), &self)
            }
        }
    };
}

shared_event! {
    /// A member sees an asset from here on, or channels have it.
    AssetShared
}
shared_event! {
    /// An asset was taken back from a member, or from channels.
    AssetUnshared
}

/// An asset is out of use, for good. What it was to those who worked on it, `MemberAssignmentsSet` says of each.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AssetArchived {
    pub asset: AssetState,
    /// How many members have nothing to work on any more.
    pub emptied: usize,
}

impl AssetArchived {
    pub const KIND: &'static str = "AssetArchived";

    pub(super) fn of(asset: &Asset, emptied: usize) -> Self {
        Self { asset: AssetState::of(asset), emptied }
    }

    pub(super) fn into_event(self) -> NewEvent {
        event(Self::KIND, self.asset.owner(), &self)
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
    /// None: the workspace held them, or a person outside it.
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
        event(Self::KIND, self.to.member, &self)
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
        event(Self::KIND, None, &self)
    }
}
