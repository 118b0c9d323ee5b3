//! A role as the other rooms see it.

use std::collections::BTreeSet;

use crate::primitives::actor::AssetScope;
use crate::primitives::cursor::{Key, PageCursor};
use crate::primitives::ids::RoleId;
use crate::primitives::name::name_key;
use crate::primitives::rights::Rights;

/// A named set of permissions, built in or custom.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Role {
    pub id: RoleId,
    pub name: String,
    pub scope: AssetScope,
    /// The kind's admin role: whoever holds it is an admin.
    pub is_admin: bool,
    pub is_built_in: bool,
    /// What an invitation gives that names no role (WSP-4).
    pub is_default: bool,
    /// Grantable permissions and strings of the host's, beyond what everybody has (WSP-5).
    pub permissions: BTreeSet<String>,
    pub revision: i64,
}

impl Role {
    /// The order that roles are listed in.
    pub const ORDER: &'static str = "ROLE_NAME";

    /// What the role gives to whoever holds it.
    pub fn rights(&self) -> Rights {
        Rights { role: self.id, admin: self.is_admin, scope: self.scope, granted: self.permissions.clone() }
    }

    /// Its place in the list.
    pub fn place(&self) -> PageCursor {
        PageCursor { order: Self::ORDER.into(), key: Key::Text(name_key(&self.name)), id: self.id.as_uuid() }
    }
}
