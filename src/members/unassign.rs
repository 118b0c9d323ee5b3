//! Taking an asset away from everybody who works on it: it is archived, or its person ends that others have it.
//!
//! Never keeps quiet about a member who is left with nothing to work on: the event of each says what they have now
//! (WSP-2).

use super::assignments;
use super::events;
use super::member::{Member, MemberState};
use super::store;
use crate::access::WorkspaceTx;
use crate::platform::database::DatabaseError;
use crate::primitives::ids::AssetId;

/// How many members are read at once.
const BATCH: usize = 500;

/// What became of those who worked on an asset.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Unassigned {
    /// How many they were.
    pub(super) members: usize,
    /// How many of those who are in the workspace need assets and have none any more.
    pub(super) emptied: usize,
}

pub(super) async fn unassign(tx: &mut WorkspaceTx, asset: AssetId) -> Result<Unassigned, DatabaseError> {
    let concerned = assignments::list_members_of(tx, asset).await?;
    let mut unassigned = Unassigned { members: concerned.len(), emptied: 0 };
    let now = tx.now();
    for some in concerned.chunks(BATCH) {
        let all = assignments::load_many_assignments(tx.reader(), tx.workspace(), some).await?;
        for mut member in store::load_many(tx.reader(), tx.workspace(), some).await? {
            let own = all.iter().filter(|(id, _)| *id == member.id);
            let before: Vec<_> = own.map(|(_, assignment)| assignment.clone()).collect();
            let after: Vec<_> = before.iter().filter(|it| it.asset != asset).cloned().collect();
            unassigned.emptied += usize::from(after.is_empty() && misses_assets(&member));
            store::save(tx, &mut member, None).await?;
            tx.announce(events::member_assignments_set(&member, (&before, &after), now));
        }
    }
    if !concerned.is_empty() {
        assignments::remove_asset(tx, asset).await?;
    }
    Ok(unassigned)
}

fn misses_assets(member: &Member) -> bool {
    let is_in = matches!(member.state, MemberState::Active | MemberState::Deactivated);
    is_in && member.works_on_assigned_assets()
}
