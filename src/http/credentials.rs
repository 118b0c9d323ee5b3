//! The bearer token of a request: from the header alone, refused by its checksum before anything else is asked.
//!
//! Never takes a token from the URL, which ends up in logs and histories.

use axum::http::header::{AUTHORIZATION, HeaderMap};

use crate::graphql::errors::TopLevelError;
use crate::primitives::secret::{Secret, SecretKind};

/// The secret that a request carries, if any. Links out of mails open no session.
pub(super) fn bearer(headers: &HeaderMap) -> Result<Option<Secret>, TopLevelError> {
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
