//! What the mutations on one member share: their payload, and how a note is read.
//!
//! Never maps a refusal; each operation's own is mapped beside the room's others.

use crate::graphql::user_errors::UserError;
use crate::primitives::name::parse_note;

/// Defines payloads of mutations that change one member.
macro_rules! member_payloads {
    ($($(#[$doc:meta])* $name:ident;)*) => { $(
        $(#[$doc])*
        #[derive(async_graphql::SimpleObject)]
        struct $name {
            /// The member after the change; null when it was refused.
            member: Option<$crate::graphql::members::Member>,
            /// What you can put right.
            user_errors: Vec<$crate::graphql::user_errors::UserError>,
            /// The workspace's stream after the change; null when it was refused.
            event_cursor: Option<$crate::graphql::scalars::EventCursor>,
        }

        impl $name {
            fn of(ctx: &async_graphql::Context<'_>, result: Result<$crate::members::Changed, Vec<$crate::graphql::user_errors::UserError>>) -> async_graphql::Result<Self> {
                Ok(match result {
                    Err(user_errors) => Self { member: None, user_errors, event_cursor: None },
                    Ok(changed) => Self {
                        member: Some($crate::graphql::members::MemberSight::new($crate::graphql::caller::Asking::workspace_view(ctx)?).member(changed.member)),
                        user_errors: Vec::new(),
                        event_cursor: Some(changed.committed.cursor.into()),
                    },
                })
            }
        }
    )* };
}

pub(super) use member_payloads;

/// Reads what an admin wrote.
pub(super) fn note(given: Option<String>) -> Result<Option<String>, UserError> {
    given
        .map_or(Ok(None), |note| parse_note(&note))
        .map_err(|error| UserError::invalid("input.note", error.to_string()))
}
