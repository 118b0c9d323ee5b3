//! What accounts announce, on the streams of persons.
//!
//! Never holds a name or an address (DEL-1).

use serde::Serialize;

use super::account::Account;
use crate::platform::journal::{Effect, NewEvent, Subject};
use crate::primitives::actor::{Audience, EndCause};
use crate::primitives::ids::{AccountId, AccountSessionId};

/// The account as it is after the change.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct AfterState {
    id: AccountId,
    email_verified: bool,
    revision: i64,
}

#[derive(Debug, Serialize)]
struct AccountPayload {
    account: AfterState,
}

/// Defines events that carry the after-state alone.
macro_rules! plain_events {
    ($($(#[$doc:meta])* $name:ident,)*) => { $(
        $(#[$doc])*
        pub(super) struct $name<'a>(pub(super) &'a Account);

        impl $name<'_> {
            pub(super) fn into_event(self) -> NewEvent {
                event(stringify!($name), self.0)
            }
        }
    )* };
}

plain_events! {
    /// Somebody signed up, or came in by an invitation's link.
    AccountCreated,
    /// A mailed link has proved the address: from now on it is held against others (SES-6).
    EmailVerified,
    /// Somebody tried to sign up with the address of this account; its owner got a mail.
    SignUpRepeated,
    /// Somebody asked for a link to a new password; the owner gets it by mail.
    PasswordResetRequested,
    /// The person wants another address; a link was mailed there.
    EmailChangeRequested,
    /// The person's name is another.
    AccountUpdated,
    /// The person wants their account to end; it is being looked whether a workspace would be left without an admin.
    AccountDeletionAsked,
    /// One would: the account goes on.
    AccountDeletionGivenUp,
}

/// The password is another. All sessions made before have ended, but for the one that asked.
pub(super) struct PasswordChanged<'a> {
    pub(super) account: &'a Account,
    pub(super) spared: Option<AccountSessionId>,
}

/// The address is another. All sessions made before have ended, but for the one that asked.
pub(super) struct EmailChanged<'a> {
    pub(super) account: &'a Account,
    pub(super) spared: Option<AccountSessionId>,
}

/// The end of the account has begun: every session is over, and nothing personal is left of it.
pub(super) struct AccountDeletionBegun<'a>(pub(super) &'a Account);

impl AccountDeletionBegun<'_> {
    pub(super) fn into_event(self) -> NewEvent {
        let Self(account) = self;
        ending(event("AccountDeletionBegun", account), account, EndCause::AccountDeleted, None)
    }
}

/// The account is gone, and every session of it.
pub(super) struct AccountDeleted<'a>(pub(super) &'a Account);

impl AccountDeleted<'_> {
    pub(super) fn into_event(self) -> NewEvent {
        let Self(account) = self;
        let gone = Account { generation: account.generation + 1, ..account.clone() };
        ending(event("AccountDeleted", account), &gone, EndCause::AccountDeleted, None)
    }
}

impl PasswordChanged<'_> {
    pub(super) fn into_event(self) -> NewEvent {
        ending(event("PasswordChanged", self.account), self.account, EndCause::PasswordChanged, self.spared)
    }
}

impl EmailChanged<'_> {
    pub(super) fn into_event(self) -> NewEvent {
        ending(event("EmailChanged", self.account), self.account, EndCause::EmailChanged, self.spared)
    }
}

fn ending(event: NewEvent, account: &Account, cause: EndCause, except: Option<AccountSessionId>) -> NewEvent {
    let effect = Effect::EndAccountSessions {
        account: account.id,
        below_generation: account.generation,
        cause,
        except,
    };
    NewEvent { effect: Some(effect), ..event }
}

fn event(kind: &'static str, account: &Account) -> NewEvent {
    let Account { id, email_verified, revision, .. } = *account;
    let payload = AccountPayload { account: AfterState { id, email_verified, revision } };
    NewEvent {
        kind,
        version: 1,
        audience: Audience::Subject,
        subject: Some(Subject::Account(id)),
        effect: None,
        payload: serde_json::to_value(payload).expect("plain data"),
        occurred_at: None,
    }
}
