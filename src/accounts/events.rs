//! What accounts announce, on the streams of persons.
//!
//! Never holds a name or an address (DEL-1).

use serde::Serialize;

use super::account::Account;
use crate::platform::journal::{NewEvent, Subject};
use crate::primitives::actor::Audience;
use crate::primitives::ids::AccountId;

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

/// Somebody signed up, or came in by an invitation's link.
pub(super) struct AccountCreated<'a>(pub(super) &'a Account);

/// A mailed link has proved the address: from now on it is held against others (SES-6).
pub(super) struct EmailVerified<'a>(pub(super) &'a Account);

/// Somebody tried to sign up with the address of this account; its owner got a mail.
pub(super) struct SignUpRepeated<'a>(pub(super) &'a Account);

impl AccountCreated<'_> {
    pub(super) fn into_event(self) -> NewEvent {
        event("AccountCreated", self.0)
    }
}

impl EmailVerified<'_> {
    pub(super) fn into_event(self) -> NewEvent {
        event("EmailVerified", self.0)
    }
}

impl SignUpRepeated<'_> {
    pub(super) fn into_event(self) -> NewEvent {
        event("SignUpRepeated", self.0)
    }
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
