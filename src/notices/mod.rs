//! The room of the notices: what a person is told about a workspace that they can no longer look into (REM-5).
//!
//! - A notice stays until the person dismisses it, however often they sign in.
//! - It belongs to the person, not to the workspace: nobody else sees it.
//!
//! Never holds what a workspace is called: that is read when it is shown.

mod dismiss;
mod events;
mod notice;
mod post;
mod read;
mod store;
mod withdraw;

pub use dismiss::dismiss;
pub use notice::{Notice, NoticeKind};
pub use post::post_all;
pub use read::{count, list, load_many};
pub use store::delete_all;
pub use withdraw::withdraw;
