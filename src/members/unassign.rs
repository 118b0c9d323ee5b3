//! Taking assets away from everybody who works on them: one is archived, its person ends that others have it, they are lost,
//! or they go with somebody who is deleted.
//!
//! Never keeps quiet about a member who is left with nothing to work on: the event of each says what they have now
//! (WSP-2).

use super::assignments;
use super::events;
use super::member::{Member, MemberState};
use super::store;
use crate::access::WorkspaceTx;
use crate::platform::database::DatabaseError;
use crate::primitives::ids::{AssetId, MemberId};

/// How many members are read at once, and how many assets one statement names.
const BATCH: usize = 500;

/// What became of those who worked on an asset.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unassigned {
    /// How many they were.
    pub members: usize,
    /// How many of those who are in the workspace need assets and have none any more.
    pub emptied: usize,
}

/// Takes these assets off everybody who works on them, as they are about to go or to be put away; each is told, but for
/// those who are about to go as well.
pub async fn unassign(
    tx: &mut WorkspaceTx,
    assets: &[AssetId],
    but: &[MemberId],
) -> Result<Unassigned, DatabaseError> {
    let mut all = Unassigned::default();
    for some in assets.chunks(BATCH) {
        let unassigned = unassign_some(tx, some, but).await?;
        all.members += unassigned.members;
        all.emptied += unassigned.emptied;
    }
    Ok(all)
}

async fn unassign_some(
    tx: &mut WorkspaceTx,
    assets: &[AssetId],
    but: &[MemberId],
) -> Result<Unassigned, DatabaseError> {
    let mut concerned = assignments::list_members_of(tx, assets).await?;
    if concerned.is_empty() {
        return Ok(Unassigned::default());
    }
    concerned.retain(|member| !but.contains(member));
    let mut unassigned = Unassigned { members: concerned.len(), emptied: 0 };
    let now = tx.now();
    for some in concerned.chunks(BATCH) {
        let all = assignments::load_many_assignments(tx.reader(), tx.workspace(), some).await?;
        for mut member in store::load_many(tx.reader(), tx.workspace(), some).await? {
            let own = all.iter().filter(|(id, _)| *id == member.id);
            let before: Vec<_> = own.map(|(_, assignment)| assignment.clone()).collect();
            let after: Vec<_> = before.iter().filter(|it| !assets.contains(&it.asset)).cloned().collect();
            unassigned.emptied += usize::from(after.is_empty() && misses_assets(&member));
            store::save(tx, &mut member, None).await?;
            tx.announce(events::member_assignments_set(&member, (&before, &after), now));
        }
    }
    assignments::remove_assets(tx, assets).await?;
    Ok(unassigned)
}

fn misses_assets(member: &Member) -> bool {
    let is_in = matches!(member.state, MemberState::Active | MemberState::Deactivated);
    is_in && member.works_on_assigned_assets()
}
