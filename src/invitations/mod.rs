//! The room of the invitations: how somebody is asked into a workspace, and what they answer.
//!
//! - The lifecycle table decides (LIF-1); what was promised is checked again when it is accepted (INV-7).
//! - Of all that can end an invitation exactly one does: each goes through the workspace's lock and finds it open.
//! - Links are minted when a mail is sent, and only their hashes are stored (INV-5).
//!
//! Never makes sessions, and never keeps a link that opens more than this one answer.

mod accept;
mod answer;
mod bulk;
mod change;
mod decline;
mod delete_role;
mod events;
mod expire;
mod invitation;
mod invite;
mod kept;
mod mail;
mod pasted;
mod persons;
mod promise;
mod purge;
mod putting_back;
mod read;
mod refusal;
mod resend;
mod rules;
mod sending;
mod store;
mod update;
mod withdraw;

pub use accept::{Accepted, BringAssets, Newcomer, accept_by_account, accept_by_link};
pub use bulk::{BulkInvitation, BulkInvitationRefusal, BulkInvitations, bulk_resend, bulk_withdraw};
pub use change::ChangedInvitation;
pub use decline::{Declined, decline_by_account, decline_by_link};
pub use delete_role::{DeleteRole, DeletedRole, delete_role};
pub use expire::expire_due;
pub use invitation::{Invitation, InvitationOutcome, InvitationStatus, MailState};
pub use invite::{Invitations, InviteMembers, InviteRow, InvitedMember, InvitedRow, invite_members};
pub use mail::{InvitationMail, MAIL_KIND};
pub use persons::{tell_back, tell_gone};
pub use promise::PromiseRefusal;
pub use purge::purge_of;
pub use read::{
    LinkState, Offer, Preview, count_received, list_answered_for, list_received, load_many, load_many_open,
    load_many_received, preview,
};
pub use refusal::{AnswerRefusal, BrokenPromise, InvitationRefusal, InviteRefusal, RowRefusal};
pub use resend::resend;
pub use rules::{ASSETS_MAX, ROWS_MAX};
pub use sending::SendingLimit;
pub use store::{delete_all, expire_all};
pub use update::{UpdateInvitation, update};
pub use withdraw::{withdraw, withdraw_open};
