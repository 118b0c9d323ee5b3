//! Which permissions a custom role may hold (WSP-5): those of the product's that WSP-3 leaves free, and strings of the
//! host's.
//!
//! Never takes a string of the host's for a permission of the product's, now or in a later release: the product's are
//! words in capitals, the host's have a colon and no capital.

use std::collections::BTreeSet;

use crate::primitives::rights::{Permission, Reserve};

/// Most permissions of a role.
pub const PERMISSIONS_MAX: usize = 100;
/// Longest string of the host's, in characters.
pub const PERMISSION_CHARS_MAX: usize = 100;

/// Why a role can't hold a permission.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PermissionError {
    #[error("everybody in the workspace has this; leave it out")]
    Everybodys,
    #[error("this is for admins alone; a role of your own can't give it")]
    Reserved,
    #[error(
        "neither a permission that a role may give (MANAGE_ASSETS) nor a string of your application's: a word, a colon \
         and what is permitted, in small letters, digits and . _ - (app:report.publish), at most \
         {PERMISSION_CHARS_MAX} characters"
    )]
    Malformed,
}

/// Why a list of permissions is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PermissionsError {
    TooMany,
    At { index: usize, error: PermissionError },
}

/// Reads the permissions of a role; the same one twice counts once.
pub fn parse_permissions(words: &[String]) -> Result<BTreeSet<String>, PermissionsError> {
    if words.len() > PERMISSIONS_MAX {
        return Err(PermissionsError::TooMany);
    }
    let read = words.iter().enumerate().map(|(index, word)| {
        parse_permission(word).map_err(|error| PermissionsError::At { index, error })?;
        Ok(word.clone())
    });
    read.collect()
}

fn parse_permission(word: &str) -> Result<(), PermissionError> {
    match Permission::parse(word).map(Permission::reserve) {
        Some(Reserve::Grantable) => Ok(()),
        Some(Reserve::Everybody) => Err(PermissionError::Everybodys),
        Some(Reserve::Admins) => Err(PermissionError::Reserved),
        None if is_the_hosts(word) => Ok(()),
        None => Err(PermissionError::Malformed),
    }
}

/// `app:report.publish`: parts of small letters, digits, `.`, `_` and `-` around one colon or several, each beginning
/// with a letter or a digit.
fn is_the_hosts(word: &str) -> bool {
    let is_part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c))
    };
    word.len() <= PERMISSION_CHARS_MAX && word.contains(':') && word.split(':').all(is_part)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::primitives::actor::AssetScope;
    use crate::primitives::ids::RoleId;
    use crate::primitives::rights::Rights;

    fn parse(word: &str) -> Result<BTreeSet<String>, PermissionsError> {
        parse_permissions(&[word.to_owned()])
    }

    /// WSP-5: what WSP-3 reserves no custom role gives, and what everybody has none needs to.
    #[test]
    fn wsp_5_of_the_products_permissions_only_what_is_left_free_is_taken() {
        for permission in Permission::ALL.iter().copied() {
            let refused = parse(permission.as_str()).err();
            let wanted = match permission.reserve() {
                Reserve::Grantable => None,
                Reserve::Everybody => Some(PermissionError::Everybodys),
                Reserve::Admins => Some(PermissionError::Reserved),
            };
            assert_eq!(
                refused,
                wanted.map(|error| PermissionsError::At { index: 0, error }),
                "{permission:?}"
            );
        }
    }

    #[test]
    fn strings_of_the_hosts_have_a_colon_and_no_capital() {
        for good in ["app:report.publish", "a:1", "app:flow:step-2.run_now"] {
            assert!(parse(good).is_ok(), "{good}");
        }
        let long = format!("app:{}", "x".repeat(PERMISSION_CHARS_MAX));
        for bad in
            ["", "app", ":", "app:", ":x", "App:x", "app:X", "app: x", "app:-x", "app::x", "MANAGE", &long]
        {
            let malformed = PermissionsError::At { index: 0, error: PermissionError::Malformed };
            assert_eq!(parse(bad), Err(malformed), "{bad}");
        }
    }

    #[test]
    fn a_list_is_bounded_names_the_bad_one_and_counts_the_same_once() {
        let words = |count: usize| (0..count).map(|at| format!("app:{at}")).collect::<Vec<_>>();
        assert_eq!(parse_permissions(&words(100)).map(|read| read.len()), Ok(100));
        assert_eq!(parse_permissions(&words(101)), Err(PermissionsError::TooMany));
        let twice = ["app:a".to_owned(), "app:a".to_owned()];
        assert_eq!(parse_permissions(&twice).map(|read| read.len()), Ok(1));
        let error = PermissionError::Reserved;
        let second = ["app:a".to_owned(), "BLOCK_MEMBERS".to_owned()];
        assert_eq!(parse_permissions(&second), Err(PermissionsError::At { index: 1, error }));
    }

    proptest! {
        /// WSP-3, WSP-5: whatever list is taken, its holder may nothing that is for admins.
        #[test]
        fn wsp_5_no_list_that_is_taken_makes_an_admin(
            words in prop::collection::vec(
                prop_oneof![
                    prop::sample::select(Permission::ALL.to_vec()).prop_map(|it| it.as_str().to_owned()),
                    "[a-zA-Z_:.]{0,12}",
                    "[a-z]{1,5}:[a-z.]{1,9}",
                ],
                0..6,
            )
        ) {
            if let Ok(granted) = parse_permissions(&words) {
                let rights =
                    Rights { role: RoleId::new(), admin: false, scope: AssetScope::All, granted: granted.clone() };
                for permission in Permission::ALL.iter().copied() {
                    let free = permission.reserve() == Reserve::Everybody
                        || granted.contains(permission.as_str()) && permission.reserve() == Reserve::Grantable;
                    prop_assert_eq!(rights.allows(permission), free);
                }
                for word in &words {
                    prop_assert!(rights.allows_word(word));
                }
            }
        }
    }
}
