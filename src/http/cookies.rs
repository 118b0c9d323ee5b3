//! Session cookies: one for each kind of session, read where the client asked for them, written with an answer (SES-2).
//!
//! Never readable by a script, sent in clear, or sent along by another site: `HttpOnly; Secure; SameSite=Strict`, under
//! the `__Host-` prefix, which no other host and no plain page can write (RFC 6265bis).

use axum::http::header::{COOKIE, HeaderMap, HeaderValue, SET_COOKIE};

use crate::graphql::tokens::{Jar, JarChange};
use crate::primitives::secret::{Secret, SecretKind};

const ACCOUNT: &str = "__Host-rollcall_account";
const WORKSPACE: &str = "__Host-rollcall_workspace";

/// Which of the sessions is meant.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Wanted {
    /// The workspace session, or else the account session.
    #[default]
    Any,
    Account,
    Workspace,
}

impl Wanted {
    pub fn parse(word: &str) -> Option<Self> {
        match word.trim().to_ascii_lowercase().as_str() {
            "any" => Some(Self::Any),
            "account" => Some(Self::Account),
            "workspace" => Some(Self::Workspace),
            _ => None,
        }
    }
}

/// The sessions that a browser sent along, of an origin that may use them.
#[derive(Clone, Debug, Default)]
pub struct SessionCookies {
    account: Option<Secret>,
    workspace: Option<Secret>,
}

impl SessionCookies {
    pub(super) fn read(headers: &HeaderMap) -> Self {
        Self {
            account: find(headers, ACCOUNT, SecretKind::AccountSession),
            workspace: find(headers, WORKSPACE, SecretKind::WorkspaceSession),
        }
    }

    pub fn choose(&self, wanted: Wanted) -> Option<Secret> {
        match wanted {
            Wanted::Any => self.workspace.as_ref().or(self.account.as_ref()),
            Wanted::Account => self.account.as_ref(),
            Wanted::Workspace => self.workspace.as_ref(),
        }
        .cloned()
    }
}

/// What isn't whole, or of another kind, counts as absent.
fn find(headers: &HeaderMap, name: &str, kind: SecretKind) -> Option<Secret> {
    let texts = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let (_, text) = pairs.find(|(found, _)| *found == name)?;
    Secret::parse(text).filter(|secret| secret.kind() == kind)
}

/// Sends along what the request put into the jar.
pub(super) fn write(jar: &Jar, headers: &mut HeaderMap) {
    for change in jar.take() {
        let (text, seconds) = match &change {
            JarChange::Put { secret, seconds } => (secret.reveal(), *seconds),
            JarChange::Drop(_) => ("", 0),
        };
        let name = if change.kind() == SecretKind::AccountSession { ACCOUNT } else { WORKSPACE };
        let cookie =
            format!("{name}={text}; Path=/; Max-Age={}; HttpOnly; Secure; SameSite=Strict", seconds.max(0));
        if let Ok(mut value) = HeaderValue::from_str(&cookie) {
            value.set_sensitive(true);
            headers.append(SET_COOKIE, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(cookies: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(COOKIE, HeaderValue::from_str(cookie).expect("a header"));
        }
        headers
    }

    #[test]
    fn ses_2_the_workspaces_cookie_comes_first_and_each_can_be_named() {
        let (account, workspace) =
            (Secret::mint(SecretKind::AccountSession), Secret::mint(SecretKind::WorkspaceSession));
        let one = format!("theme=dark; {ACCOUNT}={}", account.reveal());
        let two = format!("{WORKSPACE}={}", workspace.reveal());
        let both = SessionCookies::read(&headers(&[&one, &two]));
        let chosen = |cookies: &SessionCookies, wanted| cookies.choose(wanted).map(|secret| secret.hash());
        assert_eq!(chosen(&both, Wanted::Any), Some(workspace.hash()));
        assert_eq!(chosen(&both, Wanted::Workspace), Some(workspace.hash()));
        assert_eq!(chosen(&both, Wanted::Account), Some(account.hash()));
        let alone = SessionCookies::read(&headers(&[&one]));
        assert_eq!(chosen(&alone, Wanted::Any), Some(account.hash()));
        assert_eq!(chosen(&alone, Wanted::Workspace), None);
    }

    #[test]
    fn ses_2_a_cookie_holds_a_token_of_its_own_kind_or_nothing() {
        let workspace = Secret::mint(SecretKind::WorkspaceSession);
        let whole = workspace.reveal();
        for cookie in [
            format!("{ACCOUNT}={whole}"),
            format!("{WORKSPACE}={}", &whole[..whole.len() - 1]),
            format!("rollcall_workspace={whole}"),
            format!("{WORKSPACE}={}", Secret::mint(SecretKind::ApiKey).reveal()),
            WORKSPACE.to_owned(),
        ] {
            assert!(SessionCookies::read(&headers(&[&cookie])).choose(Wanted::Any).is_none(), "{cookie}");
        }
    }
}
