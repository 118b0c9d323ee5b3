//! What a role wants of assignments (WSP-2), and what may be done with roles (WSP-4, WSP-5). Pure.

use crate::primitives::actor::AssetScope;
use crate::primitives::ids::AssetId;

use super::{Holders, Role};

/// Most roles of a workspace, the built-in ones among them.
const ROLES_MAX: u64 = 100;

/// Why assets don't go with a role.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AssetsRefusal {
    /// The role works on assigned assets and needs at least one.
    AssetsRequired,
    /// The role works on all assets and takes no assignments.
    AssetsNotAllowed,
}

/// Do these assets go with the role, when it is given or while it is held?
pub const fn check_assets(role: &Role, assets: &[AssetId]) -> Result<(), AssetsRefusal> {
    match (role.scope, assets.is_empty()) {
        (AssetScope::Assigned, true) => Err(AssetsRefusal::AssetsRequired),
        (AssetScope::All, false) => Err(AssetsRefusal::AssetsNotAllowed),
        _ => Ok(()),
    }
}

/// Why a role isn't made, changed or deleted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RoleRefusal {
    /// Built-in roles never change.
    BuiltIn,
    NameTaken,
    TooMany {
        max: u64,
    },
    /// Its scope can't change while somebody holds it.
    ScopeHeld(Holders),
    /// The default role never works on assigned assets (WSP-4).
    ScopeOfDefault,
    /// Somebody holds it, or will by default.
    SuccessorRequired {
        held: Holders,
        is_default: bool,
    },
    SuccessorIsItself,
    SuccessorIsAdmin,
    /// WSP-2: whoever moves to all assets loses their assignments, and whoever moves to assigned ones needs some.
    SuccessorScope,
}

type Decided = Result<(), RoleRefusal>;

pub(super) const fn may_create(same_name: Option<&Role>, count: u64) -> Decided {
    match same_name {
        Some(_) => Err(RoleRefusal::NameTaken),
        None if count >= ROLES_MAX => Err(RoleRefusal::TooMany { max: ROLES_MAX }),
        None => Ok(()),
    }
}

pub(super) fn may_update(before: &Role, after: &Role, same_name: Option<&Role>, held: Holders) -> Decided {
    if before.is_built_in {
        return Err(RoleRefusal::BuiltIn);
    }
    if same_name.is_some_and(|same| same.id != before.id) {
        return Err(RoleRefusal::NameTaken);
    }
    match (after.scope == before.scope, held == Holders::default()) {
        (true, _) => Ok(()),
        (false, false) => Err(RoleRefusal::ScopeHeld(held)),
        (false, true) if before.is_default => Err(RoleRefusal::ScopeOfDefault),
        (false, true) => Ok(()),
    }
}

pub(super) fn may_delete(role: &Role, successor: Option<&Role>, held: Holders) -> Decided {
    if role.is_built_in {
        return Err(RoleRefusal::BuiltIn);
    }
    match successor {
        Some(successor) if successor.id == role.id => Err(RoleRefusal::SuccessorIsItself),
        Some(Role { is_admin: true, .. }) => Err(RoleRefusal::SuccessorIsAdmin),
        Some(successor) if successor.scope != role.scope => Err(RoleRefusal::SuccessorScope),
        Some(_) => Ok(()),
        None if held != Holders::default() || role.is_default => {
            Err(RoleRefusal::SuccessorRequired { held, is_default: role.is_default })
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::primitives::ids::RoleId;

    fn role(scope: AssetScope) -> Role {
        Role {
            id: RoleId::new(),
            name: "Editor".into(),
            scope,
            is_admin: false,
            is_built_in: false,
            is_default: false,
            permissions: BTreeSet::new(),
            revision: 1,
        }
    }

    const NOBODY: Holders = Holders { members: 0, invitations: 0 };
    const SOMEBODY: Holders = Holders { members: 1, invitations: 0 };

    #[test]
    fn wsp_5_built_in_roles_never_change() {
        let built_in = Role { is_built_in: true, ..role(AssetScope::All) };
        assert_eq!(may_update(&built_in, &built_in, None, NOBODY), Err(RoleRefusal::BuiltIn));
        let successor = role(AssetScope::All);
        assert_eq!(may_delete(&built_in, Some(&successor), NOBODY), Err(RoleRefusal::BuiltIn));
    }

    #[test]
    fn a_name_is_taken_by_another_role_and_not_by_itself() {
        let (own, other) = (role(AssetScope::All), role(AssetScope::All));
        assert_eq!(may_update(&own, &own, Some(&own), SOMEBODY), Ok(()));
        assert_eq!(may_update(&own, &own, Some(&other), SOMEBODY), Err(RoleRefusal::NameTaken));
        assert_eq!(may_create(Some(&other), 3), Err(RoleRefusal::NameTaken));
        assert_eq!(may_create(None, 100), Err(RoleRefusal::TooMany { max: 100 }));
    }

    #[test]
    fn wsp_2_a_scope_changes_while_nobody_holds_the_role_and_it_is_not_the_default() {
        let (all, held) = (role(AssetScope::All), SOMEBODY);
        let assigned = Role { scope: AssetScope::Assigned, ..all.clone() };
        assert_eq!(may_update(&all, &assigned, None, NOBODY), Ok(()));
        assert_eq!(may_update(&assigned, &all, None, held), Err(RoleRefusal::ScopeHeld(held)));
        let default = Role { is_default: true, ..all };
        assert_eq!(may_update(&default, &assigned, None, NOBODY), Err(RoleRefusal::ScopeOfDefault));
    }

    fn any_role() -> impl Strategy<Value = Role> {
        (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
            |(admin, built_in, default, all)| {
                let scope = if all { AssetScope::All } else { AssetScope::Assigned };
                Role { is_admin: admin, is_built_in: built_in, is_default: default, ..role(scope) }
            },
        )
    }

    proptest! {
        /// WSP-5: however a deletion is asked for, nobody is left without a role, made an admin or given another scope,
        /// and no built-in role goes.
        #[test]
        fn wsp_5_a_deletion_that_is_allowed_leaves_everybody_with_a_role_of_the_same_scope(
            role in any_role(),
            successor in prop::option::of(any_role()),
            itself in any::<bool>(),
            members in 0i64..3,
            invitations in 0i64..3,
        ) {
            let successor = if itself { Some(role.clone()) } else { successor };
            let held = Holders { members, invitations };
            if may_delete(&role, successor.as_ref(), held).is_ok() {
                prop_assert!(!role.is_built_in);
                prop_assert!(successor.is_some() || (held == NOBODY && !role.is_default));
                if let Some(successor) = successor {
                    prop_assert!(!successor.is_admin && successor.scope == role.scope && successor.id != role.id);
                }
            }
        }
    }
}
