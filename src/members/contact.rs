//! Whom to turn to in a workspace (WSP-9): what its admins have set, else its longest-serving active admin.
//!
//! Answers whoever asks for a workspace's contact: the edges show it to its members and to those who were just put
//! out.

/// A text and an address for people who need help.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Contact {
    pub text: Option<String>,
    pub email: Option<String>,
}

impl Contact {
    /// What the admins have set counts as a whole: a set text without an address does not get an admin's address.
    pub(super) fn of(set: Self, admin: Self) -> Self {
        if set == Self::default() { admin } else { set }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wsp_9_the_longest_serving_admin_stands_in_only_where_nothing_is_set() {
        let admin = Contact { text: Some("Ada".into()), email: Some("ada@example.com".into()) };
        let set = Contact { text: Some("Ask the desk".into()), email: None };
        assert_eq!(Contact::of(set.clone(), admin.clone()), set);
        assert_eq!(Contact::of(Contact::default(), admin.clone()), admin);
    }
}
