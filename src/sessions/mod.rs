//! Sessions: signed in as a person, and entered into one workspace as one member of it.
//!
//! - A session row carries the generation that it was made under and comes into being by one statement that holds only
//!   if account, parent session and membership hold at that moment; so it needs no lock, and nobody whose rights are
//!   being taken away slips in (REV-1).
//! - Ending an account session ends what hangs on it: refused from its own commit on, then told in each workspace's
//!   log; a job tells the rest after a crash. The same for all of an account at once, by its generation: another
//!   password, another address (SES-5, SES-6).
//! - A request never writes its own last use: uses are collected, and written by a job.
//!
//! Never ends a member's sessions as a whole; that is the membership's generation, in `members`.

mod change_password;
mod end;
mod end_account;
mod enter;
mod events;
mod finish;
mod purge;
mod read;
mod reset_password;
mod session;
mod sign_in;
mod sign_out;
mod store;
mod touches;
mod verify_email;

pub use change_password::change_password;
pub use end::{SessionId, end_other_sessions, end_session};
pub use end_account::end_account;
pub use enter::{EnterRefusal, EnterWorkspace, Entered, enter_workspace};
pub use finish::finish_ended_sessions;
pub use purge::purge;
pub use read::{
    count_member_sessions, count_own, get_current, get_current_in_workspace, list_member_sessions, list_own,
    load_many_of_members, load_many_own,
};
pub use reset_password::reset_password;
pub use session::{AccountSession, Footprint, Lifetimes, Session, WorkspaceSession};
pub use sign_in::{SignedIn, sign_in, start_account_session};
pub use sign_out::sign_out;
pub use touches::Touches;
pub use verify_email::verify_email;
