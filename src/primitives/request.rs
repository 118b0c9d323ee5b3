//! What a request is called, and where it came from.
//!
//! Never proves anything: a client may claim any device, and an address is one that a proxy was trusted to tell.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use uuid::Uuid;

const REQUEST_ID_BYTES_MAX: usize = 64;
const DEVICE_CHARS_MAX: usize = 200;

/// Stands in the answer, in each of its errors, and in the log.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RequestId(Arc<str>);

impl RequestId {
    #[expect(clippy::disallowed_methods, reason = "a name for the log, which nothing decides by")]
    pub fn mint() -> Self {
        Self(Uuid::now_v7().simple().to_string().into())
    }

    /// A name that the client or a proxy gave: short, and safe in a log and a header.
    pub fn parse(text: &str) -> Option<Self> {
        let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
        let fits = (1..=REQUEST_ID_BYTES_MAX).contains(&text.len());
        (fits && text.bytes().all(safe)).then(|| Self(text.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who is at the other end, as far as the connection tells (SES-3).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Client {
    pub address: Option<IpAddr>,
    /// What the client calls itself: its user agent, shortened.
    pub device: Option<String>,
}

impl Client {
    pub fn new(address: Option<IpAddr>, user_agent: Option<&str>) -> Self {
        // An IPv4 address that came in through an IPv6 socket is still the one that attempts are counted by.
        let address = address.map(|address| address.to_canonical());
        let device = user_agent.map(device).filter(|device| !device.is_empty());
        Self { address, device }
    }
}

fn device(user_agent: &str) -> String {
    user_agent
        .chars()
        .filter(|c| !c.is_control())
        .take(DEVICE_CHARS_MAX)
        .collect::<String>()
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_name_is_short_and_safe() {
        assert_eq!(RequestId::parse("a-1_b.c:d").expect("safe").as_str(), "a-1_b.c:d");
        for text in ["", "a b", "a\nb", "é", "<b>", &"x".repeat(65)] {
            assert_eq!(RequestId::parse(text), None, "{text:?}");
        }
        assert_ne!(RequestId::mint(), RequestId::mint());
    }

    #[test]
    fn a_device_is_bounded_and_an_address_canonical() {
        let client = Client::new("::ffff:10.0.0.1".parse().ok(), Some(&format!(" a\t{}", "x".repeat(500))));
        assert_eq!(client.address, "10.0.0.1".parse().ok());
        assert_eq!(client.device.expect("told").chars().count(), 199);
        assert_eq!(Client::new(None, Some("  ")), Client::default());
    }
}
