//! The room of the members: who is in a workspace, where each membership stands, and what may be done with it.
//!
//! Invariants: the lifecycle table alone says what leads where (LIF-1); whatever puts somebody out raises their
//! generation in the same transaction (REV-1); a workspace keeps an active admin (WSP-6); a block is a hold beside the
//! state, never instead of it (BLK-1); whoever becomes active takes a seat by the one way (SEAT-2). It never sends mail and never makes sessions.

mod act;
mod addresses;
mod admins;
mod archive_asset;
mod assignments;
mod attempts;
mod bars;
mod block;
mod bulk;
mod bulk_update;
mod contact;
mod contact_admins;
mod contact_mail;
mod copying;
mod deactivate;
mod delete_forever;
mod departing;
mod end_membership;
mod end_sessions;
mod events;
mod invited;
mod joining;
mod leave;
pub mod lifecycle;
mod listing;
mod lose;
mod make_admin;
mod member;
mod notes;
mod rare;
mod reactivate;
mod read;
mod rejoin;
mod remove;
mod requests;
mod round;
mod search;
mod seating;
mod seats;
mod set_assignments;
mod set_review;
mod set_role;
mod stop_sharing;
mod store;
mod unassign;
mod unblock;
mod update_seat_plan;
mod works;

pub use act::MemberRefusal;
pub use addresses::{AddressHolders, find_by_address, is_marked_elsewhere};
pub use admins::{Listed, end_everything, list_persons};
pub use archive_asset::{ArchivedAsset, archive_asset};
pub use assignments::{Assignment, load_many_assignments};
pub use attempts::{RefusedAttempt, Tried, record_and_end as record_refusal_and_end, record_beside};
pub use bars::is_barred;
pub use block::{BlockMember, Changed, block};
pub use bulk::{Bulk, BulkCallRefusal, BulkRefusal, BulkRows};
pub use bulk_update::{BulkOperation, BulkUpdated, bulk_update};
pub use contact::Contact;
pub use contact_admins::{ContactRefusal, contact_admins};
pub use contact_mail::{CONTACT_MAIL_KIND, ContactMail};
pub use copying::copy_changed_accounts;
pub use deactivate::{DeactivateMember, deactivate};
pub use delete_forever::{Condemned, DeleteMemberForever, DeleteRefusal, condemn, purge};
pub use end_membership::{
    confirm_administered_alone, end_membership, list_administered_alone, list_workspaces_of,
};
pub use end_sessions::end_sessions;
pub use invited::Invited;
pub use joining::{Invitee, Joiner, found, invite, join, update_invited};
pub use leave::leave;
pub use make_admin::{NewAdmin, has_active_admin, make_admin};
pub use member::{
    Block, Departure, DisplayStatus, Member, MemberState, Reason, ReasonCategory, UnblockCategory,
    after_state,
};
pub use notes::Note;
pub use reactivate::reactivate;
pub use read::{
    ActionRefusal, AvailableAction, MemberFilter, MemberOrder, MemberOrderField, Sight, count, counts,
    find_by_email, find_visible, list, list_barred_attempts, load_many_attempts, load_many_notes,
    load_many_requests, load_many_visible, place,
};
pub use rejoin::rejoin;
pub use remove::{RemoveMember, RemoveRefusal, remove};
pub use requests::ContactRequest;
pub use seats::{Seats, SeatsTaken, find_free, find_reservable, seats};
pub use set_assignments::{SetMemberAssignments, set_assignments};
pub use set_review::{ReviewRefusal, SetBlockReview, set_review, tell_due_reviews};
pub use set_role::{SetMemberRole, set_role};
pub use stop_sharing::{StopSharingRefusal, stop_sharing};
pub use store::{
    delete_all, find, find_by_account, find_contact, find_name, hand_over_role, load_many,
    load_many_contacts, load_many_names, note_activity,
};
pub use unassign::unassign;
pub use unblock::{UnblockMember, unblock};
pub use update_seat_plan::{SeatPlanRefusal, UpdateSeatPlan, UpdatedSeatPlan, update_seat_plan};
