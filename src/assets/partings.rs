//! What becomes of what several members own who go in one call: the same for all of them, given away at once (REM-2).
//!
//! Never decides asset by asset; that is `dispose`, for one member alone. What nobody decided on goes by the same rule.

use std::collections::HashMap;

use super::dispose::{Destination, DisposeRefusal, Leaver, Place, check_decided, check_target, rest_of};
use super::events::AssetsReassigned;
use super::store;
use crate::access::{Failure, WorkspaceTx};
use crate::platform::database::DatabaseError;
use crate::policy::UndecidedAssets;
use crate::primitives::ids::{AssetId, MemberId};

/// What those own who may go, and where it goes.
pub struct Partings {
    owned: HashMap<MemberId, Vec<AssetId>>,
    everything: Option<Destination>,
    undecided: UndecidedAssets,
    gone: Vec<MemberId>,
}

impl Partings {
    /// Reads what these members own; refused where nobody could be given it.
    pub async fn begin(
        tx: &WorkspaceTx,
        members: &[MemberId],
        (everything, undecided): (Option<Destination>, UndecidedAssets),
    ) -> Result<Self, Failure<DisposeRefusal>> {
        if let Some(Destination::Member(target)) = everything {
            check_target(tx, target, Place::Everything).await?;
        }
        let mut owned: HashMap<MemberId, Vec<AssetId>> = HashMap::new();
        for (owner, asset) in store::list_owned_by(tx, members).await? {
            owned.entry(owner).or_default().push(asset);
        }
        Ok(Self { owned, everything, undecided, gone: Vec::new() })
    }

    /// One of them goes: tells where goes what is theirs. Nothing moves before [`Partings::give`].
    pub async fn announce(
        &mut self,
        tx: &mut WorkspaceTx,
        leaver: Leaver,
    ) -> Result<(), Failure<DisposeRefusal>> {
        if self.everything == Some(Destination::Member(leaver.member)) {
            return Err(Failure::Refused(DisposeRefusal::TargetNotActive(Place::Everything)));
        }
        if let Some(owned) = self.owned.get(&leaver.member) {
            if (self.everything, self.undecided) == (None, UndecidedAssets::Lost) {
                check_decided(tx, leaver, &[]).await?;
            }
            for event in AssetsReassigned::of(owned, Some(leaver.member), self.destination()) {
                tx.announce(event.into_event());
            }
        }
        self.gone.push(leaver.member);
        Ok(())
    }

    /// Those who go, whether or not they own anything.
    pub fn gone(&self) -> &[MemberId] {
        &self.gone
    }

    /// What nobody will have in reach any more: whoever works on it or has it shared is to be told before (REM-7).
    pub fn list_lost(&self) -> Vec<AssetId> {
        if self.destination() != Destination::Lost {
            return Vec::new();
        }
        self.gone.iter().filter_map(|member| self.owned.get(member)).flatten().copied().collect()
    }

    /// Gives everything away that those own who go.
    pub async fn give(self, tx: &WorkspaceTx) -> Result<(), DatabaseError> {
        let owners: Vec<MemberId> =
            self.gone.iter().copied().filter(|member| self.owned.contains_key(member)).collect();
        store::give(tx, &owners, None, self.destination()).await.map(drop)
    }

    fn destination(&self) -> Destination {
        rest_of(self.everything, self.undecided)
    }
}
