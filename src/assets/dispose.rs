//! What becomes of what a member owns when they go (REM-2): each asset to a member, with the person, to the workspace,
//! or nowhere.
//!
//! Never changes anything before every decision has been checked, and never leaves anything to somebody who goes.

use std::collections::HashSet;

use super::Asset;
use super::events::AssetsReassigned;
use super::rules::OwnerState;
use super::store;
use crate::access::{Failure, WorkspaceTx};
use crate::platform::database::DatabaseError;
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

/// What of a leaver's goes where: checked, and not yet done.
pub struct Disposal {
    leaver: MemberId,
    each: Vec<(Destination, Vec<AssetId>)>,
    rest: Destination,
}

impl Disposal {
    /// Checks every decision.
    pub async fn decide(
        tx: &WorkspaceTx,
        leaver: Leaver,
        decisions: &Decisions,
        undecided: UndecidedAssets,
    ) -> Result<Self, Failure<DisposeRefusal>> {
        check_assets(tx, leaver, &decisions.each).await?;
        check_targets(tx, leaver, decisions).await?;
        if (decisions.everything, undecided) == (None, UndecidedAssets::Lost) {
            check_decided(tx, leaver, &decisions.each).await?;
        }
        let rest = rest_of(decisions.everything, undecided);
        Ok(Self { leaver: leaver.member, each: by_destination(&decisions.each), rest })
    }

    /// What nobody will have in reach any more: whoever works on it or has it shared is to be told before (REM-7).
    pub async fn list_lost(&self, tx: &WorkspaceTx) -> Result<Vec<AssetId>, DatabaseError> {
        let named =
            |(to, assets): &(Destination, Vec<AssetId>)| (*to == Destination::Lost).then(|| assets.clone());
        let mut lost: Vec<AssetId> = self.each.iter().filter_map(named).flatten().collect();
        if self.rest == Destination::Lost {
            let owned = store::list_owned_by(tx, &[self.leaver]).await?;
            let decided: HashSet<AssetId> =
                self.each.iter().flat_map(|(_, assets)| assets).copied().collect();
            lost.extend(owned.into_iter().map(|(_, asset)| asset).filter(|asset| !decided.contains(asset)));
        }
        Ok(lost)
    }

    /// Gives everything away that the leaver owns, and announces it: one change for each destination, however much it is.
    pub async fn give(self, tx: &mut WorkspaceTx) -> Result<(), DatabaseError> {
        for (destination, assets) in self.each {
            give(tx, self.leaver, Some(&assets), destination).await?;
        }
        give(tx, self.leaver, None, self.rest).await
    }
}

/// Leaves everything to the workspace that somebody owns who goes by themselves (REM-2).
pub async fn leave_to_workspace(tx: &mut WorkspaceTx, leaver: Leaver) -> Result<(), DatabaseError> {
    give(tx, leaver.member, None, Destination::Workspace).await
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
async fn give(
    tx: &mut WorkspaceTx,
    leaver: MemberId,
    which: Option<&[AssetId]>,
    to: Destination,
) -> Result<(), DatabaseError> {
    let given = store::give(tx, &[leaver], which, to).await?;
    for event in AssetsReassigned::of(&given, Some(leaver), to) {
        tx.announce(event.into_event());
    }
    Ok(())
}
