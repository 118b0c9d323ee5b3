//! The built-in roles of each kind (WSP-2), and which of them is the default (WSP-4).

use std::collections::BTreeSet;

use super::{Role, store};
use crate::access::{Failure, WorkspaceTx};
use crate::policy::Kind;
use crate::primitives::actor::AssetScope::{self, All, Assigned};
use crate::primitives::ids::RoleId;

/// The roles that a new workspace got.
#[derive(Clone, Debug)]
pub struct BuiltIns {
    pub admin: Role,
    pub default: Option<Role>,
    pub all: Vec<Role>,
}

/// A built-in role before it has an id. The first of a kind is its admin role.
struct Template {
    name: &'static str,
    scope: AssetScope,
    is_default: bool,
}

const fn role(name: &'static str, scope: AssetScope) -> Template {
    Template { name, scope, is_default: false }
}

const fn default_role(name: &'static str) -> Template {
    Template { name, scope: All, is_default: true }
}

const WALLET: &[Template] = &[
    role("Workspace admin", All),
    role("Workspace reviewer", All),
    role("Workspace developer", Assigned),
    default_role("Workspace operator"),
];
const MERCHANT: &[Template] =
    &[role("Developer admin", All), role("Developer", Assigned), role("Operator", Assigned)];
const TEAM: &[Template] = &[role("Admin", All), default_role("Member")];

const fn templates(kind: Kind) -> &'static [Template] {
    match kind {
        Kind::Wallet => WALLET,
        Kind::Merchant => MERCHANT,
        Kind::Team => TEAM,
    }
}

pub(crate) fn built_ins(kind: Kind) -> BuiltIns {
    let make = |(at, template): (usize, &Template)| Role {
        id: RoleId::new(),
        name: template.name.to_owned(),
        scope: template.scope,
        is_admin: at == 0,
        is_built_in: true,
        is_default: template.is_default,
        permissions: BTreeSet::new(),
        revision: 1,
    };
    let all: Vec<Role> = templates(kind).iter().enumerate().map(make).collect();
    let default = all.iter().find(|role| role.is_default).cloned();
    BuiltIns { admin: all[0].clone(), default, all }
}

/// Gives a new workspace the roles of its kind. The event of the workspace's making tells of them.
pub async fn create_built_ins<R>(tx: &WorkspaceTx, kind: Kind) -> Result<BuiltIns, Failure<R>> {
    let roles = built_ins(kind);
    store::insert(tx, &roles.all).await?;
    Ok(roles)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(kind: Kind) -> Vec<String> {
        let star = |role: &Role| if role.scope == Assigned { "*" } else { "" };
        built_ins(kind).all.iter().map(|role| format!("{}{}", role.name.to_lowercase(), star(role))).collect()
    }

    #[test]
    fn wsp_2_each_kind_has_its_built_in_roles_and_scopes() {
        assert_eq!(
            names(Kind::Wallet),
            ["workspace admin", "workspace reviewer", "workspace developer*", "workspace operator"]
        );
        assert_eq!(names(Kind::Merchant), ["developer admin", "developer*", "operator*"]);
        assert_eq!(names(Kind::Team), ["admin", "member"]);
    }

    #[test]
    fn wsp_4_each_kind_has_its_default_role() {
        let default = |kind| built_ins(kind).default.map(|role| role.name);
        assert_eq!(default(Kind::Team).as_deref(), Some("Member"));
        assert_eq!(default(Kind::Wallet).as_deref(), Some("Workspace operator"));
        assert_eq!(default(Kind::Merchant), None);
    }

    #[test]
    fn wsp_3_one_built_in_role_of_each_kind_is_the_admin_role_and_no_other_gives_anything() {
        for kind in Kind::ALL.iter().copied() {
            let roles = built_ins(kind);
            assert!(roles.admin.rights().admin && roles.admin.is_built_in);
            assert_eq!(roles.all.iter().filter(|role| role.is_admin).count(), 1);
            assert!(roles.all.iter().all(|role| role.rights().granted.is_empty()));
        }
    }
}
