//! The events about assets.
//!
//! Never holds what an asset is called, nor a channel: the host may put a person's name into either.

use async_graphql::ID;

use super::head::events;
use super::words::AssetHolder;
use crate::assets;
use crate::primitives::ids::{AssetId, MemberId};

events! {
    /// An asset is in the workspace.
    AssetRegistered {
        /// The asset's id.
        asset_id: ID = |p| p.id::<AssetId>("/asset/id"),
        /// What kind of thing it is, in the host's words.
        kind: String = |p| p.read("/asset/kind"),
        /// The member who owns it; null when the workspace does.
        owner_id: Option<ID> = |p| p.optional_id::<MemberId>("/asset/owner"),
        /// Of the asset.
        revision: i64 = |p| p.read("/asset/revision"),
    }

    /// Assets have another holder. What is much is told in several of these.
    AssetsReassigned {
        /// The assets.
        asset_ids: Vec<ID> = |p| p.ids::<AssetId>("/assets"),
        /// The member who owned them; null when the workspace did, or they came back with a person who had taken them
        /// along.
        from_id: Option<ID> = |p| p.optional_id::<MemberId>("/from"),
        /// What kind of holder they have now.
        holder: AssetHolder = |p| p.read::<assets::HolderKind>("/to/kind").map(Into::into),
        /// The member who owns them now; null where none does.
        to_id: Option<ID> = |p| p.optional_id::<MemberId>("/to/member"),
    }

    /// Assets that were lost are gone for good.
    AssetsPurged {
        /// The assets.
        asset_ids: Vec<ID> = |p| p.ids::<AssetId>("/assets"),
    }

    /// An asset is called otherwise: read it anew.
    AssetUpdated {
        /// The asset's id.
        asset_id: ID = |p| p.id::<AssetId>("/asset/id"),
        /// Of the asset.
        revision: i64 = |p| p.read("/asset/revision"),
    }

    /// A member sees an asset from here on, or channels have it. The member hears of it, and of channels the owner.
    AssetShared {
        /// The asset's id.
        asset_id: ID = |p| p.id::<AssetId>("/asset/id"),
        /// The member; null when it is about channels.
        member_id: Option<ID> = |p| p.optional_id::<MemberId>("/with/member"),
        /// How many channels; 0 when it is about a member.
        channel_count: i64 = |p| p.read("/with/channels"),
        /// Of the asset.
        revision: i64 = |p| p.read("/asset/revision"),
    }

    /// An asset was taken back from a member, or from channels.
    AssetUnshared {
        /// The asset's id.
        asset_id: ID = |p| p.id::<AssetId>("/asset/id"),
        /// The member; null when it is about channels.
        member_id: Option<ID> = |p| p.optional_id::<MemberId>("/with/member"),
        /// How many channels; 0 when it is about a member.
        channel_count: i64 = |p| p.read("/with/channels"),
        /// Of the asset.
        revision: i64 = |p| p.read("/asset/revision"),
    }

    /// An asset is out of use, for good. Of each who worked on it a `MemberAssignmentsSet` tells what they have now.
    AssetArchived {
        /// The asset's id.
        asset_id: ID = |p| p.id::<AssetId>("/asset/id"),
        /// How many members have nothing to work on any more. For admins.
        emptied_member_count: Option<i64> = |p| p.for_admins("/emptied"),
        /// Of the asset.
        revision: i64 = |p| p.read("/asset/revision"),
    }
}
