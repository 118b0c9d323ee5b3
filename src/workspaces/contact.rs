//! Whom to turn to in a workspace (WSP-9): what its admins have set, else its longest-serving active admin.
//!
//! Answers whoever asks for a workspace's contact: the edges show it to its members and to those who were just put
//! out.

use crate::access::Failure;
use crate::platform::database::Database;
use crate::primitives::ids::WorkspaceId;

use super::store;

/// A text and an address for people who need help.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Contact {
    pub text: Option<String>,
    pub email: Option<String>,
}

impl Contact {
    /// What the admins have set counts as a whole: a set text without an address does not get an admin's address.
    pub(super) fn of(set: Self, admin: Option<Self>) -> Self {
        if set == Self::default() { admin.unwrap_or_default() } else { set }
    }
}

/// The contact of a workspace; none where there is no such workspace.
pub async fn find_contact<R>(
    database: &Database,
    workspace: WorkspaceId,
) -> Result<Option<Contact>, Failure<R>> {
    Ok(store::load_many_contacts(database.reader(), &[workspace]).await?.remove(&workspace))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wsp_9_the_longest_serving_admin_stands_in_only_where_nothing_is_set() {
        let admin = Contact { text: Some("Ada".into()), email: Some("ada@example.com".into()) };
        let set = Contact { text: Some("Ask the desk".into()), email: None };
        assert_eq!(Contact::of(set.clone(), Some(admin.clone())), set);
        assert_eq!(Contact::of(Contact::default(), Some(admin.clone())), admin);
        assert_eq!(Contact::of(Contact::default(), None), Contact::default());
    }
}
