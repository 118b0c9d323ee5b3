//! Links in mails.
//!
//! Never puts a secret where a server could log it: it stands in the fragment, which browsers keep to themselves
//! (RFC 9110, section 4.2.4 and RFC 3986, section 3.5), so no access log, proxy or `Referer` header ever holds it.

use crate::primitives::secret::Secret;

/// What links in mails start with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PublicUrl(String);

impl PublicUrl {
    pub fn new(url: &str) -> Self {
        Self(url.trim_end_matches('/').to_owned())
    }

    /// The link to a page of the frontend that reads the secret from the fragment and passes it on in a mutation.
    pub fn link(&self, page: &str, secret: &Secret) -> String {
        format!("{}/{page}#token={}", self.0, secret.reveal())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::primitives::secret::SecretKind;

    #[test]
    fn the_secret_stands_in_the_fragment() {
        let secret = Secret::mint(SecretKind::InvitationLink);
        let link = PublicUrl::new("https://rollcall.example/").link("invitations", &secret);
        let (sent, kept) = link.split_once('#').expect("a fragment");
        assert_eq!(sent, "https://rollcall.example/invitations");
        assert_eq!(kept, format!("token={}", secret.reveal()));
    }
}
