//! A session's own fate: its end, and changes of what it may do.

use std::sync::Arc;

use async_graphql::{ID, SimpleObject, Union};

use super::words::SessionEndCause;
use crate::graphql::errors;
use crate::graphql::roles::AssetScope;
use crate::graphql::user_errors::WorkspaceContact;
use crate::primitives::rights::{Permission, Rights};

/// What is to be told of a session.
#[derive(Clone, Debug)]
pub enum SessionItem {
    Ended(errors::SessionEnded),
    RightsChanged(RightsChanged),
}

/// The rights that a session or a key has from now on.
#[derive(Clone, Debug)]
pub struct RightsChanged {
    pub rights: Arc<Rights>,
    /// A key may do less than its maker (API-3).
    pub by_key: bool,
}

/// Something that happened to this session.
#[derive(Union, Clone)]
pub enum SessionEvent {
    SessionEnded(SessionEnded),
    SessionRightsChanged(SessionRightsChanged),
}

/// This session has ended: sign out here and show why. Nothing follows, and the socket is closed with 4401.
#[derive(SimpleObject, Clone)]
pub struct SessionEnded {
    /// Why.
    cause: SessionEndCause,
    /// For people.
    message: String,
    /// Who to turn to, where that is of use.
    contact: Option<WorkspaceContact>,
}

/// From now on this session may do other things than before.
#[derive(SimpleObject, Clone)]
pub struct SessionRightsChanged {
    /// The role that gives them.
    role_id: ID,
    /// Is it the admin role?
    is_admin: bool,
    /// Which assets it works on.
    asset_scope: AssetScope,
    /// What the session may do: permissions of the product, then strings of the host's.
    permissions: Vec<String>,
}

impl From<SessionItem> for SessionEvent {
    fn from(item: SessionItem) -> Self {
        match item {
            SessionItem::Ended(ended) => Self::SessionEnded(SessionEnded {
                cause: ended.cause.into(),
                message: ended.message,
                contact: ended
                    .contact
                    .map(|contact| WorkspaceContact { text: contact.text, email: contact.email }),
            }),
            SessionItem::RightsChanged(changed) => {
                Self::SessionRightsChanged(SessionRightsChanged::of(&changed))
            }
        }
    }
}

impl SessionRightsChanged {
    fn of(RightsChanged { rights, by_key }: &RightsChanged) -> Self {
        let allows = |it: Permission| rights.allows(it) && (!by_key || it.open_to_keys());
        let own = Permission::ALL.iter().filter(|permission| allows(**permission));
        let host = rights.granted.iter().filter(|word| Permission::parse(word).is_none());
        Self {
            role_id: ID(rights.role.to_string()),
            is_admin: rights.admin,
            asset_scope: rights.scope.into(),
            permissions: own.map(|permission| permission.as_str().to_owned()).chain(host.cloned()).collect(),
        }
    }
}
