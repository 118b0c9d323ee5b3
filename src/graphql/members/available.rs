//! What may be done with a member now, and why not (LIF-3).

use async_graphql::{Object, SimpleObject};

use super::refusals;
use super::words::MemberAction;
use crate::graphql::user_errors::ErrorCode;
use crate::members;

/// An operation, and whether it would be allowed at this moment to the asking credential.
pub struct AvailableAction {
    action: members::AvailableAction,
}

/// Why an operation would be refused.
#[derive(SimpleObject)]
pub struct ActionRefusal {
    /// The code that the mutation's user error would have. Deleting for ever is closed to API keys altogether: where this is
    /// `ADMIN_REQUIRED` for one, the mutation as a whole answers `FORBIDDEN`.
    code: ErrorCode,
    /// For people.
    message: String,
}

impl From<members::AvailableAction> for AvailableAction {
    fn from(action: members::AvailableAction) -> Self {
        Self { action }
    }
}

/// An operation, and whether it would be allowed at this moment to the asking credential. The role's own rules may
/// still refuse it.
#[Object]
impl AvailableAction {
    /// The operation.
    async fn action(&self) -> MemberAction {
        self.action.operation.into()
    }

    /// Would it be allowed?
    async fn allowed(&self) -> bool {
        self.action.refusal.is_none()
    }

    /// Why not; null when it is allowed.
    async fn refusal(&self) -> Option<ActionRefusal> {
        let refusal = self.action.refusal.clone()?;
        let (code, message) = refusals::action(self.action.operation, refusal).code_and_message();
        Some(ActionRefusal { code, message })
    }
}
