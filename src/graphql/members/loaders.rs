//! Loads what many members of one answer need in one statement.
//!
//! Never mixes workspaces: the key carries the view that was proven.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};

use async_graphql::dataloader::Loader;

use crate::access::{Failure, Never, WorkspaceView};
use crate::graphql::errors::TopLevelError;
use crate::members;
use crate::primitives::ids::MemberId;

/// Something of one member, seen through a view.
#[derive(Clone)]
pub struct OfMember {
    view: WorkspaceView,
    member: MemberId,
}

impl OfMember {
    pub fn new(view: &WorkspaceView, member: MemberId) -> Self {
        Self { view: view.clone(), member }
    }

    pub const fn view(&self) -> &WorkspaceView {
        &self.view
    }

    pub const fn member(&self) -> MemberId {
        self.member
    }

    /// A loader lives as long as its request, and a request sees one workspace.
    pub fn ids(keys: &[Self]) -> Vec<MemberId> {
        keys.iter().map(|key| key.member).collect()
    }
}

impl PartialEq for OfMember {
    fn eq(&self, other: &Self) -> bool {
        self.member == other.member && self.view.workspace() == other.view.workspace()
    }
}

impl Eq for OfMember {}

impl Hash for OfMember {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.view.workspace(), self.member).hash(state);
    }
}

/// Loader errors are shared by all who wait, so they are kept.
pub type LoadFailure = std::sync::Arc<Failure<Never>>;

type Loaded<T> = Result<HashMap<OfMember, Vec<T>>, LoadFailure>;

/// What whoever asked is told of it.
pub fn not_loaded(failure: LoadFailure) -> TopLevelError {
    match &*failure {
        Failure::Unavailable => TopLevelError::unavailable(),
        other => TopLevelError::internal(format!("{other:?}")),
    }
}

fn grouped<T>(keys: &[OfMember], found: Result<Vec<(MemberId, T)>, Failure<Never>>) -> Loaded<T> {
    let mut of_member: HashMap<MemberId, Vec<T>> = HashMap::new();
    for (member, found) in found.map_err(LoadFailure::new)? {
        of_member.entry(member).or_default().push(found);
    }
    Ok(keys.iter().map(|key| (key.clone(), of_member.remove(&key.member).unwrap_or_default())).collect())
}

/// The workspace that a view looks into.
#[derive(Clone)]
pub struct OfWorkspace(pub WorkspaceView);

impl PartialEq for OfWorkspace {
    fn eq(&self, other: &Self) -> bool {
        self.0.workspace() == other.0.workspace()
    }
}

impl Eq for OfWorkspace {}

impl Hash for OfWorkspace {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.workspace().hash(state);
    }
}

/// Loads what available actions depend on, once for all members that are asked at a time, wherever they hang.
#[derive(Default)]
pub struct Sights;

impl Loader<OfWorkspace> for Sights {
    type Value = members::Sight;
    type Error = LoadFailure;

    async fn load(&self, keys: &[OfWorkspace]) -> Result<HashMap<OfWorkspace, members::Sight>, LoadFailure> {
        let Some(key) = keys.first() else { return Ok(HashMap::new()) };
        let sight = members::Sight::load(&key.0).await.map_err(LoadFailure::new)?;
        Ok(HashMap::from([(key.clone(), sight)]))
    }
}

/// Loads assignments.
#[derive(Default)]
pub struct Assignments;

impl Loader<OfMember> for Assignments {
    type Value = Vec<members::Assignment>;
    type Error = LoadFailure;

    async fn load(&self, keys: &[OfMember]) -> Loaded<members::Assignment> {
        let Some(OfMember { view, .. }) = keys.first() else { return Ok(HashMap::new()) };
        let found =
            members::load_many_assignments(view.reader(), view.workspace(), &OfMember::ids(keys)).await;
        grouped(keys, found.map_err(Failure::from))
    }
}

/// Loads what admins wrote.
#[derive(Default)]
pub struct Notes;

impl Loader<OfMember> for Notes {
    type Value = Vec<members::Note>;
    type Error = LoadFailure;

    async fn load(&self, keys: &[OfMember]) -> Loaded<members::Note> {
        let Some(OfMember { view, .. }) = keys.first() else { return Ok(HashMap::new()) };
        grouped(keys, members::load_many_notes(view, &OfMember::ids(keys)).await)
    }
}

/// Loads refused attempts.
#[derive(Default)]
pub struct Attempts;

impl Loader<OfMember> for Attempts {
    type Value = Vec<members::RefusedAttempt>;
    type Error = LoadFailure;

    async fn load(&self, keys: &[OfMember]) -> Loaded<members::RefusedAttempt> {
        let Some(OfMember { view, .. }) = keys.first() else { return Ok(HashMap::new()) };
        grouped(keys, members::load_many_attempts(view, &OfMember::ids(keys)).await)
    }
}

/// Loads what members wrote to the admins.
#[derive(Default)]
pub struct Requests;

impl Loader<OfMember> for Requests {
    type Value = Vec<members::ContactRequest>;
    type Error = LoadFailure;

    async fn load(&self, keys: &[OfMember]) -> Loaded<members::ContactRequest> {
        let Some(OfMember { view, .. }) = keys.first() else { return Ok(HashMap::new()) };
        grouped(keys, members::load_many_requests(view, &OfMember::ids(keys)).await)
    }
}
