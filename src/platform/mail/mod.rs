//! Mail: an outbox that mutations write into, and a courier that empties it (INV-14).
//!
//! Never sends inside a mutation, so that a mail server that is down delays a mail and fails nothing. Never stores a
//! secret in the outbox, and knows no room: what a mail says comes from the composer that the app registered for its
//! kind.

mod courier;
mod door;
mod forget;
mod letter;
mod link;
mod mailbox;
mod outbox;
mod smtp;

pub use courier::{Composer, Courier, Fate, Undeliverable};
pub use forget::{MailsOf, forget, forget_person, forget_workspace};
pub use letter::Letter;
pub use link::PublicUrl;
pub use mailbox::{MailboxLetter, Transport, list};
pub use outbox::{Mail, NewMail, enqueue, enqueue_all, enqueue_alone};
pub use smtp::{Smtp, SmtpSettings, SmtpSettingsError};
