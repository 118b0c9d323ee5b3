//! Invitations in the schema: as admins see them, as the person sees them whom they are for, and the mutations of
//! both.
//!
//! Never shows the invited person more than the link may (INV-5).

mod answering;
mod inviting;
mod loader;
mod offer;
mod refusals;
mod sent;
mod words;

pub use answering::AnswersMutation;
pub use inviting::InvitationsMutation;
pub use loader::{OpenInvitations, PromisedRoles};
pub use offer::{
    InvitationPreview, InvitationsQuery, ReceivedInvitation, ReceivedInvitationInEvent, ViewerInvitations,
};
pub use refusals::bulk_error as bulk_invitation_error;
pub use sent::{Invitation, InvitationInEvent, find_open};
pub use words::InvitationStatus;
