//! Where a page of a browser comes from: scheme, host and port.
//!
//! Never with a path, and never a pattern: an origin is compared as a whole.

use std::str::FromStr;

/// As browsers send it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Origin(String);

impl Origin {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim().to_ascii_lowercase();
        let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let plain =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']');
        match host {
            Some(host) if !host.is_empty() && host.bytes().all(plain) => Ok(Self(text)),
            _ => Err("must be an origin: a scheme, a host, and a port where it isn't the usual one, without a path".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_no_path_and_is_no_pattern() {
        for text in
            ["https://app.example.com", "http://localhost:3000", "https://[::1]:8443", " HTTPS://A.example "]
        {
            assert!(text.parse::<Origin>().is_ok(), "{text}");
        }
        for text in
            ["*", "https://*", "https://a.example/", "https://a.example/app", "a.example", "https://", ""]
        {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
    }
}
