//! Where a browser's request comes from: which pages may use cookies.
//!
//! Never by what a page says of itself: browsers write the origin, and no page can.

use std::sync::Arc;

use axum::http::header::{HeaderMap, ORIGIN};

/// The origins of the frontends: scheme, host and port, as browsers send them.
#[derive(Clone, Debug, Default)]
pub struct Origins(Arc<[String]>);

impl Origins {
    /// Of these addresses; whatever stands behind the host is left out.
    pub fn of<'a>(urls: impl IntoIterator<Item = &'a str>) -> Self {
        Self(urls.into_iter().filter_map(origin_of).collect())
    }

    /// Does it come from a page of ours? Without an origin nobody can say.
    pub(super) fn allow(&self, headers: &HeaderMap) -> Option<bool> {
        let origin = headers.get(ORIGIN)?;
        Some(origin.to_str().is_ok_and(|origin| self.0.iter().any(|ours| ours == origin)))
    }
}

fn origin_of(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?.to_ascii_lowercase();
    // Browsers leave the scheme's own port out.
    let host = match scheme {
        "http" => host.strip_suffix(":80").unwrap_or(&host),
        "https" => host.strip_suffix(":443").unwrap_or(&host),
        _ => return None,
    };
    (!host.is_empty()).then(|| format!("{scheme}://{host}"))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn ses_2_an_origin_is_ours_to_the_letter() {
        let origins = Origins::of(["https://App.example.com:443/x", "http://localhost:3000", "rubbish"]);
        let allow = |origin: &'static str| {
            origins.allow(&HeaderMap::from_iter([(ORIGIN, HeaderValue::from_static(origin))]))
        };
        for ours in ["https://app.example.com", "http://localhost:3000"] {
            assert_eq!(allow(ours), Some(true), "{ours}");
        }
        for others in [
            "http://app.example.com",
            "https://app.example.com.evil.example",
            "https://evil.example",
            "https://app.example.com:8443",
            "http://localhost",
            "null",
            "",
        ] {
            assert_eq!(allow(others), Some(false), "{others}");
        }
        assert_eq!(origins.allow(&HeaderMap::new()), None);
    }
}
