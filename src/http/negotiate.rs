//! Media types, as GraphQL over HTTP has them: what the body is written in, and what the client accepts.
//!
//! Never guesses a charset: UTF-8 or nothing.

use axum::http::header::{ACCEPT, CONTENT_TYPE, HeaderMap};
use axum::http::{HeaderValue, StatusCode};

use super::refusal::HttpRefusal;

/// In what an answer is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Media {
    /// `application/graphql-response+json`: the status tells what became of the request.
    GraphqlResponse,
    /// `application/json`: 200 for whatever GraphQL itself answers, for clients of old.
    Json,
}

impl Media {
    const ALL: [Self; 2] = [Self::GraphqlResponse, Self::Json];

    const fn name(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json",
            Self::Json => "application/json",
        }
    }

    pub(super) const fn header(self) -> HeaderValue {
        match self {
            Self::GraphqlResponse => {
                HeaderValue::from_static("application/graphql-response+json; charset=utf-8")
            }
            Self::Json => HeaderValue::from_static("application/json; charset=utf-8"),
        }
    }
}

/// One entry of `Accept` or `Content-Type`.
struct Entry {
    name: String,
    weight: f32,
    utf8: bool,
}

fn entry(text: &str) -> Entry {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default().to_ascii_lowercase();
    let mut entry = Entry { name, weight: 1.0, utf8: true };
    for parameter in parts {
        let (key, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let value = value.trim().trim_matches('"');
        match key.trim().to_ascii_lowercase().as_str() {
            "q" => entry.weight = value.parse().unwrap_or(0.0),
            "charset" => entry.utf8 = matches!(value.to_ascii_lowercase().as_str(), "utf-8" | "utf8"),
            _ => {}
        }
    }
    entry
}

/// What the client likes best of what we speak: by weight, then by its own order. Who says nothing gets the newer one.
pub(super) fn accepted(headers: &HeaderMap) -> Result<Media, HttpRefusal> {
    let texts: Vec<&str> = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    if texts.iter().all(|text| text.trim().is_empty()) {
        return Ok(Media::GraphqlResponse);
    }
    let mut best: Option<(f32, Media)> = None;
    for entry in texts.iter().flat_map(|text| text.split(',')).map(entry) {
        let media = match entry.name.as_str() {
            "*/*" | "application/*" => Some(Media::GraphqlResponse),
            name => Media::ALL.into_iter().find(|media| media.name() == name),
        };
        let better = best.is_none_or(|(weight, _)| entry.weight > weight);
        if let Some(media) = media
            && entry.utf8
            && entry.weight > 0.0
            && better
        {
            best = Some((entry.weight, media));
        }
    }
    best.map(|(_, media)| media).ok_or_else(|| {
        let message = "answers are written as application/graphql-response+json or application/json; accept one of them";
        HttpRefusal::new(StatusCode::NOT_ACCEPTABLE, message)
    })
}

/// A body is JSON. (A browser's form can't send that to another site without being asked for leave.)
pub(super) fn check_body(headers: &HeaderMap) -> Result<(), HttpRefusal> {
    let text = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let entry = entry(text);
    if entry.name == "application/json" && entry.utf8 {
        return Ok(());
    }
    let message = "the body must be application/json, in UTF-8: set Content-Type";
    Err(HttpRefusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepting(text: &str) -> Option<Media> {
        let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_str(text).expect("a header"))]);
        accepted(&headers).ok()
    }

    #[test]
    fn the_client_gets_what_it_likes_best() {
        let (new, old) = (Some(Media::GraphqlResponse), Some(Media::Json));
        assert_eq!(accepted(&HeaderMap::new()).ok(), new);
        for (text, media) in [
            ("*/*", new),
            ("application/json", old),
            ("application/json;charset=UTF-8", old),
            ("application/graphql-response+json, application/json;q=0.9", new),
            ("application/graphql-response+json;q=0.5, application/json", old),
            ("application/json, application/graphql-response+json", old),
            ("text/html, application/xhtml+xml, */*;q=0.8", new),
            ("application/json;q=0.1, */*;q=0.01", old),
            ("text/event-stream", None),
            ("application/json;q=0", None),
            ("application/json;charset=latin1", None),
        ] {
            assert_eq!(accepting(text), media, "{text}");
        }
    }

    #[test]
    fn a_body_is_json_in_utf_8() {
        let check = |text: &str| {
            let headers =
                HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_str(text).expect("a header"))]);
            check_body(&headers).is_ok()
        };
        assert!(check("application/json") && check("Application/JSON; charset=\"utf-8\""));
        for text in
            ["", "text/plain", "application/graphql", "application/json; charset=utf-16", "application/jsonx"]
        {
            assert!(!check(text), "{text}");
        }
    }
}
