//! Loads the members that many objects of one answer name (an asset's owner, a key's maker) in one statement.
//!
//! Never shows a member whom the asker may not see: the room filters.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::{Context, Result};

use super::errors::TopLevelError;
use super::members::{Member, MemberSight};
use crate::access::{Failure, Never, WorkspaceView};
use crate::members;
use crate::primitives::ids::MemberId;

/// Loads visible members. One lives as long as its request.
#[derive(Default)]
pub struct VisibleMembers;

/// A member as somebody sees them.
#[derive(Clone)]
pub struct MemberOf {
    view: WorkspaceView,
    member: MemberId,
}

impl PartialEq for MemberOf {
    fn eq(&self, other: &Self) -> bool {
        self.member == other.member && self.view.workspace() == other.view.workspace()
    }
}

impl Eq for MemberOf {}

impl Hash for MemberOf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.view.workspace(), self.member).hash(state);
    }
}

impl Loader<MemberOf> for VisibleMembers {
    type Value = members::Member;
    type Error = Arc<Failure<Never>>;

    async fn load(&self, keys: &[MemberOf]) -> Result<HashMap<MemberOf, Self::Value>, Self::Error> {
        let Some(first) = keys.first() else { return Ok(HashMap::new()) };
        // A request sees one workspace.
        let view = first.view.clone();
        let ids: Vec<MemberId> = keys.iter().map(|key| key.member).collect();
        let found = members::load_many_visible(&view, &ids).await.map_err(Arc::new)?;
        Ok(found
            .into_iter()
            .map(|member| (MemberOf { view: view.clone(), member: member.id }, member))
            .collect())
    }
}

/// The member of this id, as far as the asker may see them.
pub(super) async fn find_member(
    ctx: &Context<'_>,
    view: &WorkspaceView,
    member: MemberId,
) -> Result<Option<Member>> {
    let loader = ctx.data::<DataLoader<VisibleMembers>>()?;
    let found = loader.load_one(MemberOf { view: view.clone(), member }).await;
    let found = found.map_err(|failure| match &*failure {
        Failure::Unavailable => TopLevelError::unavailable(),
        other => TopLevelError::internal(format!("{other:?}")),
    })?;
    Ok(found.map(|member| MemberSight::new(view.clone()).member(member)))
}
