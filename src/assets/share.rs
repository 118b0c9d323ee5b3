//! Sharing an asset with members, who see it from then on without working on it, and with channels of the host's, which
//! the host gives a meaning to; and taking shares back (AST-1).
//!
//! Never looks into a channel: who is in it the host knows.

use std::collections::BTreeSet;

use super::events::{AssetShared, AssetUnshared, SharedWith};
use super::managed::{self, AssetRefusal};
use super::rules::OwnerState;
use super::{Asset, store};
use crate::access::{Committed, Failure, Gate, WorkspaceProof, WorkspaceTx};
use crate::primitives::ids::{AssetId, MemberId};
use crate::primitives::rights::Permission;

/// Most members that an asset is shared with; more are a matter for a channel.
const MEMBERS_MAX: usize = 200;
/// Most channels.
const CHANNELS_MAX: usize = 50;

/// Whom an asset is shared with.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Shares {
    pub members: BTreeSet<MemberId>,
    pub channels: BTreeSet<String>,
}

/// With whom to share, and from whom to take it back.
#[derive(Clone, Debug)]
pub struct ShareAsset {
    pub asset: AssetId,
    pub with_members: Vec<MemberId>,
    pub with_channels: Vec<String>,
    pub back_from_members: Vec<MemberId>,
    pub back_from_channels: Vec<String>,
}

/// Which member of the request it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SharePlace {
    With(usize),
    BackFrom(usize),
}

/// Why nothing was shared.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ShareRefusal {
    Asset(AssetRefusal),
    MemberUnknown(SharePlace),
    /// Only an active member is shared with.
    MemberNotActive {
        index: usize,
    },
    /// One is to have it and not to have it.
    MemberBothWays {
        index: usize,
    },
    ChannelBothWays {
        index: usize,
    },
    TooManyMembers {
        max: usize,
    },
    TooManyChannels {
        max: usize,
    },
}

/// The asset after the change, and the place in the stream.
#[derive(Clone, Debug)]
pub struct Shared {
    pub asset: Asset,
    pub committed: Committed,
}

/// Shares, and takes back. What is so already stays as it is.
pub async fn share(
    gate: &Gate,
    proof: &WorkspaceProof,
    request: ShareAsset,
) -> Result<Shared, Failure<ShareRefusal>> {
    let mut tx = gate.by_permission(proof, Permission::ManageAssets).await?;
    let found = managed::find(&tx, request.asset).await;
    let mut asset = found.map_err(|failure| failure.map(ShareRefusal::Asset))?;
    check_members(&tx, &request).await?;
    let before = store::find_shares(&tx, asset.id).await?;
    let (given, taken) = decide(&before, &request).map_err(Failure::Refused)?;
    if given != Shares::default() || taken != Shares::default() {
        asset.revision += 1;
        store::save(&tx, &asset).await?;
        store::take_back(&tx, asset.id, &taken).await?;
        store::share_with(&tx, asset.id, &given).await?;
        announce(&mut tx, &asset, &given, &taken);
    }
    let committed = tx.commit().await.map_err(Failure::widen)?;
    Ok(Shared { asset, committed })
}

async fn check_members(tx: &WorkspaceTx, request: &ShareAsset) -> Result<(), Failure<ShareRefusal>> {
    let named: Vec<MemberId> =
        request.with_members.iter().chain(&request.back_from_members).copied().collect();
    let states = store::find_states(tx, &named).await?;
    let unknown = |members: &[MemberId]| members.iter().position(|member| !states.contains_key(member));
    let active = |member: &MemberId| states.get(member) == Some(&OwnerState::Active);
    let refusal = if let Some(index) = unknown(&request.with_members) {
        ShareRefusal::MemberUnknown(SharePlace::With(index))
    } else if let Some(index) = unknown(&request.back_from_members) {
        ShareRefusal::MemberUnknown(SharePlace::BackFrom(index))
    } else if let Some(index) = request.with_members.iter().position(|member| !active(member)) {
        ShareRefusal::MemberNotActive { index }
    } else {
        return Ok(());
    };
    Err(Failure::Refused(refusal))
}

/// What is new, and what goes.
fn decide(before: &Shares, request: &ShareAsset) -> Result<(Shares, Shares), ShareRefusal> {
    let ShareAsset { with_members, with_channels, back_from_members, back_from_channels, .. } = request;
    if let Some(index) = with_members.iter().position(|member| back_from_members.contains(member)) {
        return Err(ShareRefusal::MemberBothWays { index });
    }
    if let Some(index) = with_channels.iter().position(|channel| back_from_channels.contains(channel)) {
        return Err(ShareRefusal::ChannelBothWays { index });
    }
    let given = Shares {
        members: with_members.iter().copied().filter(|it| !before.members.contains(it)).collect(),
        channels: with_channels.iter().filter(|it| !before.channels.contains(*it)).cloned().collect(),
    };
    let taken = Shares {
        members: back_from_members.iter().copied().filter(|it| before.members.contains(it)).collect(),
        channels: back_from_channels.iter().filter(|it| before.channels.contains(*it)).cloned().collect(),
    };
    if before.members.len() + given.members.len() - taken.members.len() > MEMBERS_MAX {
        return Err(ShareRefusal::TooManyMembers { max: MEMBERS_MAX });
    }
    if before.channels.len() + given.channels.len() - taken.channels.len() > CHANNELS_MAX {
        return Err(ShareRefusal::TooManyChannels { max: CHANNELS_MAX });
    }
    Ok((given, taken))
}

/// One event for each member, who hears of their own; one for all channels.
fn announce(tx: &mut WorkspaceTx, asset: &Asset, given: &Shares, taken: &Shares) {
    for with in SharedWith::each(given) {
        tx.announce(AssetShared::of(asset, with).into_event());
    }
    for with in SharedWith::each(taken) {
        tx.announce(AssetUnshared::of(asset, with).into_event());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(with: &[MemberId], back: &[MemberId], channels: usize) -> ShareAsset {
        ShareAsset {
            asset: AssetId::new(),
            with_members: with.to_vec(),
            with_channels: (0..channels).map(|at| at.to_string()).collect(),
            back_from_members: back.to_vec(),
            back_from_channels: Vec::new(),
        }
    }

    #[test]
    fn ast_1_only_what_is_other_changes() {
        let (one, two, three) = (MemberId::new(), MemberId::new(), MemberId::new());
        let before = Shares { members: [one].into(), channels: ["0".to_owned()].into() };
        let (given, taken) = decide(&before, &request(&[one, two], &[three], 1)).expect("allowed");
        assert_eq!((given.members, given.channels.len(), taken), ([two].into(), 0, Shares::default()));
        let (_, taken) = decide(&before, &request(&[], &[one, three], 0)).expect("allowed");
        assert_eq!(taken.members, [one].into());
    }

    #[test]
    fn nobody_is_given_and_taken_the_same_and_there_are_bounds() {
        let one = MemberId::new();
        let both = decide(&Shares::default(), &request(&[one], &[one], 0));
        assert_eq!(both, Err(ShareRefusal::MemberBothWays { index: 0 }));
        let many = decide(&Shares::default(), &request(&[], &[], CHANNELS_MAX + 1));
        assert_eq!(many, Err(ShareRefusal::TooManyChannels { max: CHANNELS_MAX }));
        let members: Vec<_> = std::iter::repeat_with(MemberId::new).take(MEMBERS_MAX + 1).collect();
        let many = decide(&Shares::default(), &request(&members, &[], 0));
        assert_eq!(many, Err(ShareRefusal::TooManyMembers { max: MEMBERS_MAX }));
    }
}
