//! Loads what many members of one answer need in one statement.
//!
//! Never mixes workspaces: the key carries the view that was proven.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};

use async_graphql::dataloader::Loader;

use crate::access::{Failure, Never, WorkspaceView};
use crate::members;
use crate::primitives::ids::MemberId;

/// Loads assignments.
#[derive(Default)]
pub struct Assignments;

/// The assignments of one member, seen through a view.
#[derive(Clone)]
pub struct AssignmentsOf {
    view: WorkspaceView,
    member: MemberId,
}

impl AssignmentsOf {
    pub fn new(view: &WorkspaceView, member: MemberId) -> Self {
        Self { view: view.clone(), member }
    }
}

impl PartialEq for AssignmentsOf {
    fn eq(&self, other: &Self) -> bool {
        self.member == other.member && self.view.workspace() == other.view.workspace()
    }
}

impl Eq for AssignmentsOf {}

impl Hash for AssignmentsOf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.view.workspace(), self.member).hash(state);
    }
}

/// Loader errors are shared by all who wait, so they are kept.
pub type LoadFailure = std::sync::Arc<Failure<Never>>;

impl Loader<AssignmentsOf> for Assignments {
    type Value = Vec<members::Assignment>;
    type Error = LoadFailure;

    async fn load(&self, keys: &[AssignmentsOf]) -> Result<HashMap<AssignmentsOf, Self::Value>, LoadFailure> {
        let Some(first) = keys.first() else { return Ok(HashMap::new()) };
        // A loader lives as long as its request, and a request sees one workspace.
        let view = first.view.clone();
        let ids: Vec<MemberId> = keys.iter().map(|key| key.member).collect();
        let found = members::load_many_assignments(view.reader(), view.workspace(), &ids).await;
        let found = found.map_err(|error| LoadFailure::new(error.into()))?;
        let mut loaded: HashMap<MemberId, Self::Value> = HashMap::new();
        for (member, assignment) in found {
            loaded.entry(member).or_default().push(assignment);
        }
        Ok(loaded
            .into_iter()
            .map(|(member, found)| (AssignmentsOf { view: view.clone(), member }, found))
            .collect())
    }
}
