//! A workspace as it shows itself.

use crate::policy::Kind;
use crate::primitives::ids::WorkspaceId;
use crate::primitives::time::Timestamp;

/// The unit of tenancy.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Workspace {
    pub id: WorkspaceId,
    pub name: String,
    pub kind: Kind,
    pub revision: i64,
    pub created_at: Timestamp,
}
