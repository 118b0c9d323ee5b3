//! The credential of a request: a bearer token, refused by its checksum before anything else is asked, or the cookies of
//! a browser whose page asked for them by a header.
//!
//! Never takes a token from the URL, which ends up in logs and histories. Never takes a cookie from a page that isn't
//! ours: the header is one that a page can't send elsewhere without being let (CORS), and the origin is looked at besides.

use axum::http::HeaderName;
use axum::http::header::{AUTHORIZATION, HeaderMap};

use super::cookies::{SessionCookies, Wanted};
use super::origin::Origins;
use super::refusal::HttpRefusal;
use crate::graphql::errors::TopLevelError;
use crate::graphql::tokens::Jar;
use crate::primitives::secret::{Secret, SecretKind};

/// Turns cookies on, and says which session is meant: `any` (the workspace's first), `account` or `workspace`.
const ROLLCALL_SESSION: HeaderName = HeaderName::from_static("rollcall-session");

/// What a request came with.
#[derive(Debug, Default)]
pub(super) struct Credential {
    pub(super) secret: Option<Secret>,
    /// Where tokens go that the request makes, where it is a cookie.
    pub(super) jar: Option<Jar>,
}

/// Reads it. `sends`: the request may change something, and so has to say where it comes from.
pub(super) fn read(headers: &HeaderMap, origins: &Origins, sends: bool) -> Result<Credential, HttpRefusal> {
    let Some(wanted) = headers.get(ROLLCALL_SESSION) else {
        return Ok(Credential { secret: bearer(headers)?, jar: None });
    };
    if headers.contains_key(AUTHORIZATION) {
        let message = "send `Authorization` or `Rollcall-Session`, not both: a bearer token or cookies";
        return Err(HttpRefusal::malformed(message));
    }
    let wanted = wanted.to_str().ok().and_then(Wanted::parse);
    let wanted = wanted
        .ok_or_else(|| HttpRefusal::malformed("`Rollcall-Session` is `any`, `account` or `workspace`"))?;
    let ours = origins.allow(headers).unwrap_or(!sends);
    if !ours {
        let message = "cookies are for pages of this service's own origins, which its operator names";
        return Err(TopLevelError::forbidden(message).into());
    }
    let secret = SessionCookies::read(headers).choose(wanted);
    Ok(Credential { secret, jar: Some(Jar::default()) })
}

/// The secret that a request carries, if any. Links out of mails open no session.
fn bearer(headers: &HeaderMap) -> Result<Option<Secret>, TopLevelError> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let token = value.to_str().ok().and_then(|text| text.split_once(' '));
    let token = token.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer") && values.next().is_none());
    let secret = token.and_then(|(_, token)| Secret::parse(token.trim()));
    match secret {
        Some(secret) if opens_a_session(secret.kind()) => Ok(Some(secret)),
        _ => Err(TopLevelError::unauthenticated(None)),
    }
}

const fn opens_a_session(kind: SecretKind) -> bool {
    matches!(kind, SecretKind::AccountSession | SecretKind::WorkspaceSession | SecretKind::ApiKey)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn of(values: &[String]) -> Result<Option<SecretKind>, TopLevelError> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_str(value).expect("a header"));
        }
        bearer(&headers).map(|secret| secret.map(|secret| secret.kind()))
    }

    #[test]
    fn a_token_is_whole_and_of_a_kind_that_opens_a_session() {
        let text = |kind| format!("bearer {}", Secret::mint(kind).reveal());
        assert_eq!(of(&[]).expect("none"), None);
        for kind in [SecretKind::AccountSession, SecretKind::WorkspaceSession, SecretKind::ApiKey] {
            assert_eq!(of(&[text(kind)]).expect("whole"), Some(kind));
        }
        let good = text(SecretKind::ApiKey);
        for values in [
            vec![text(SecretKind::InvitationLink)],
            vec![text(SecretKind::EmailLink)],
            vec![good.clone(), good.clone()],
            vec![good.replace("bearer", "basic")],
            vec![good[..good.len() - 1].to_owned()],
            vec!["Bearer".to_owned()],
            vec![String::new()],
        ] {
            assert!(of(&values).is_err(), "{values:?}");
        }
    }
}
