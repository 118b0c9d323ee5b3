//! What becomes of what a member owns when they go (REM-2): each asset to a member, with the person, to the workspace,
//! or nowhere.
//!
//! Never changes anything before every decision has been checked, and never leaves anything to somebody who goes.

use super::Asset;
use super::events::AssetsReassigned;
use super::rules::OwnerState;
use super::store::{self, Holder};
use crate::access::{Failure, WorkspaceTx};
use crate::policy::UndecidedAssets;
use crate::primitives::ids::{AccountId, AssetId, MemberId};

/// How many of the undecided a refusal shows.
const UNDECIDED_SHOWN: u64 = 100;

/// Where an asset goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Destination {
    Member(MemberId),
    /// Their account holds it from then on, out of the workspace (REM-6).
    Person,
    /// The admins hold it.
    Workspace,
    /// Out of everyone's reach, and purged after a while (REM-7).
    Lost,
}

/// The member who goes, and the person behind them.
#[derive(Clone, Copy, Debug)]
pub struct Leaver {
    pub member: MemberId,
    pub account: AccountId,
}

/// What has been decided: asset by asset, and for the rest.
#[derive(Clone, Debug, Default)]
pub struct Decisions {
    pub everything: Option<Destination>,
    pub each: Vec<(AssetId, Destination)>,
}

/// Which decision it is that can't be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Place {
    Everything,
    Each(usize),
}

/// Why nothing was given away.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum DisposeRefusal {
    AssetTwice {
        index: usize,
    },
    /// No such asset in this workspace.
    AssetUnknown {
        index: usize,
    },
    /// Somebody else owns it, or the workspace.
    AssetNotOwned {
        index: usize,
    },
    TargetUnknown(Place),
    /// Only an active member who stays can be given something.
    TargetNotActive(Place),
    /// The policy loses what nobody decided on, so somebody has to decide on these.
    Undecided {
        assets: Vec<Asset>,
        total: u64,
    },
}

type Checked = Result<(), Failure<DisposeRefusal>>;

/// Gives everything away that the leaver owns, and announces it: one change for each destination, however much it is.
pub async fn dispose(
    tx: &mut WorkspaceTx,
    leaver: Leaver,
    decisions: &Decisions,
    undecided: UndecidedAssets,
) -> Checked {
    check_assets(tx, leaver, &decisions.each).await?;
    check_targets(tx, leaver, decisions).await?;
    if (decisions.everything, undecided) == (None, UndecidedAssets::Lost) {
        check_decided(tx, leaver, &decisions.each).await?;
    }
    let rest = rest_of(decisions.everything, undecided);
    for (destination, assets) in by_destination(&decisions.each) {
        give(tx, leaver, Some(&assets), destination).await?;
    }
    give(tx, leaver, None, rest).await
}

async fn check_assets(tx: &WorkspaceTx, leaver: Leaver, each: &[(AssetId, Destination)]) -> Checked {
    let ids: Vec<AssetId> = each.iter().map(|(asset, _)| *asset).collect();
    if let Some(index) = (1..ids.len()).find(|index| ids[..*index].contains(&ids[*index])) {
        return Err(Failure::Refused(DisposeRefusal::AssetTwice { index }));
    }
    let owners = store::find_owners(tx, &ids).await?;
    for (index, id) in ids.iter().enumerate() {
        let refusal = match owners.get(id) {
            None => DisposeRefusal::AssetUnknown { index },
            Some(owner) if *owner != Some(leaver.member) => DisposeRefusal::AssetNotOwned { index },
            Some(_) => continue,
        };
        return Err(Failure::Refused(refusal));
    }
    Ok(())
}

async fn check_targets(tx: &WorkspaceTx, leaver: Leaver, decisions: &Decisions) -> Checked {
    let each = decisions.each.iter().enumerate().map(|(index, (_, to))| (Place::Each(index), *to));
    let everything = decisions.everything.map(|to| (Place::Everything, to));
    let mut known = Vec::new();
    for (place, destination) in everything.into_iter().chain(each) {
        let Destination::Member(target) = destination else { continue };
        if known.contains(&target) {
            continue;
        }
        check_target(tx, target, place).await?;
        if target == leaver.member {
            return Err(Failure::Refused(DisposeRefusal::TargetNotActive(place)));
        }
        known.push(target);
    }
    Ok(())
}

/// Only an active member can be given something.
pub(super) async fn check_target(tx: &WorkspaceTx, target: MemberId, place: Place) -> Checked {
    match store::find_owner_state(tx, target).await? {
        Some(OwnerState::Active) => Ok(()),
        Some(_) => Err(Failure::Refused(DisposeRefusal::TargetNotActive(place))),
        None => Err(Failure::Refused(DisposeRefusal::TargetUnknown(place))),
    }
}

/// Where goes what isn't decided on by itself: where the call says, else where the policy does.
pub(super) fn rest_of(everything: Option<Destination>, undecided: UndecidedAssets) -> Destination {
    everything.unwrap_or(match undecided {
        UndecidedAssets::Workspace => Destination::Workspace,
        UndecidedAssets::Person => Destination::Person,
        UndecidedAssets::Lost => Destination::Lost,
    })
}

pub(super) async fn check_decided(
    tx: &WorkspaceTx,
    leaver: Leaver,
    each: &[(AssetId, Destination)],
) -> Checked {
    let decided: Vec<AssetId> = each.iter().map(|(asset, _)| *asset).collect();
    let total = store::count_owned(tx.reader(), tx.workspace(), leaver.member).await? - decided.len() as u64;
    if total == 0 {
        return Ok(());
    }
    let assets = store::list_owned_but(tx, leaver.member, &decided, UNDECIDED_SHOWN).await?;
    Err(Failure::Refused(DisposeRefusal::Undecided { assets, total }))
}

fn by_destination(each: &[(AssetId, Destination)]) -> Vec<(Destination, Vec<AssetId>)> {
    let mut grouped: Vec<(Destination, Vec<AssetId>)> = Vec::new();
    for (asset, destination) in each {
        match grouped.iter_mut().find(|(found, _)| found == destination) {
            Some((_, assets)) => assets.push(*asset),
            None => grouped.push((*destination, vec![*asset])),
        }
    }
    grouped
}

/// Gives these of the leaver's, or all that they still own.
async fn give(tx: &mut WorkspaceTx, leaver: Leaver, which: Option<&[AssetId]>, to: Destination) -> Checked {
    let holder = match to {
        Destination::Member(member) => Holder::Member(member),
        Destination::Person => Holder::Person(leaver.account),
        Destination::Workspace => Holder::Workspace,
        Destination::Lost => Holder::Nobody,
    };
    let given = store::give(tx, leaver.member, which, holder).await?;
    for event in AssetsReassigned::of(&given, Some(leaver.member), to) {
        tx.announce(event.into_event());
    }
    Ok(())
}
