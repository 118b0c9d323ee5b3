//! What members work on now, and which assets there are to work on: read once for all members of a call (WSP-2, AST-2).
//!
//! Never changes anything.

use std::collections::HashMap;

use super::act::MemberRefusal;
use super::assignments::{self, Assignment, Reach};
use crate::access::WorkspaceTx;
use crate::platform::database::DatabaseError;
use crate::primitives::ids::{AssetId, MemberId};

pub(super) struct Works {
    standing: HashMap<MemberId, Vec<Assignment>>,
    assets: HashMap<AssetId, Reach>,
}

impl Works {
    /// What these members work on, and what there is of the assets that are wanted for them.
    pub(super) async fn load(
        tx: &WorkspaceTx,
        members: &[MemberId],
        wanted: &[Assignment],
    ) -> Result<Self, DatabaseError> {
        let mut standing: HashMap<MemberId, Vec<Assignment>> = HashMap::new();
        let found = assignments::load_many_assignments(tx.reader(), tx.workspace(), members).await?;
        for (member, assignment) in found {
            standing.entry(member).or_default().push(assignment);
        }
        let wanted: Vec<AssetId> = wanted.iter().map(|assignment| assignment.asset).collect();
        Ok(Self { standing, assets: assignments::find_assets(tx, &wanted).await? })
    }

    /// What a member works on now.
    pub(super) fn of(&self, member: MemberId) -> &[Assignment] {
        self.standing.get(&member).map_or(&[], Vec::as_slice)
    }

    /// Is that what a member works on now? In whatever order.
    pub(super) fn stands(&self, member: MemberId, wanted: &[Assignment]) -> bool {
        let standing = self.of(member);
        standing.len() == wanted.len() && wanted.iter().all(|assignment| standing.contains(assignment))
    }

    /// At least one, none twice, all of this workspace.
    pub(super) fn check(&self, member: MemberId, wanted: &[Assignment]) -> Result<(), MemberRefusal> {
        if wanted.is_empty() {
            return Err(MemberRefusal::AssetsRequired);
        }
        let twice = |index: &usize| wanted[..*index].iter().any(|it| it.asset == wanted[*index].asset);
        if let Some(index) = (1..wanted.len()).find(twice) {
            return Err(MemberRefusal::AssetTwice { index });
        }
        match wanted.iter().position(|assignment| !self.may_work_on(member, assignment.asset)) {
            Some(index) => Err(MemberRefusal::AssetUnknown { index }),
            None => Ok(()),
        }
    }

    /// What went with a person stays with those who work on it already (REM-6), and is nobody else's.
    fn may_work_on(&self, member: MemberId, asset: AssetId) -> bool {
        let works_on_it = || self.of(member).iter().any(|assignment| assignment.asset == asset);
        self.assets.get(&asset) == Some(&Reach::Workspace) || works_on_it()
    }
}
