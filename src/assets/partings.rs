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
        let Some(owned) = self.owned.get(&leaver.member) else { return Ok(()) };
        if (self.everything, self.undecided) == (None, UndecidedAssets::Lost) {
            check_decided(tx, leaver, &[]).await?;
        }
        let to = rest_of(self.everything, self.undecided);
        for event in AssetsReassigned::of(owned, Some(leaver.member), to) {
            tx.announce(event.into_event());
        }
        self.gone.push(leaver.member);
        Ok(())
    }

    /// Gives everything away that those own who go.
    pub async fn give(self, tx: &WorkspaceTx) -> Result<(), DatabaseError> {
        store::give_all(tx, &self.gone, rest_of(self.everything, self.undecided)).await
    }
}
