//! What the service connects to: database and Redis; and its mails.
//!
//! Never connects; and never shows the password that a URL holds.

use std::convert::Infallible;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

use super::within;

/// A URL that may hold a password. `Debug` and `Display` show it without.
#[derive(Clone, Eq, PartialEq)]
pub struct ConnectionUrl(String);

impl ConnectionUrl {
    /// The whole URL, for the one who connects.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The URL with every password replaced, for logs and messages.
    pub fn redacted(&self) -> String {
        let (address, parameters) = match self.0.split_once('?') {
            Some((address, parameters)) => (address, Some(parameters)),
            None => (self.0.as_str(), None),
        };
        let mut shown = redacted_address(address);
        if let Some(parameters) = parameters {
            let pairs: Vec<String> = parameters.split('&').map(redacted_parameter).collect();
            shown.push('?');
            shown.push_str(&pairs.join("&"));
        }
        shown
    }

    pub fn scheme(&self) -> &str {
        self.0.split(':').next().unwrap_or_default()
    }
}

fn redacted_address(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else { return address.to_owned() };
    // The last `@` ends the credentials: a password that should have been escaped is still one.
    let Some((credentials, host)) = rest.rsplit_once('@') else { return address.to_owned() };
    let user = credentials.split(':').next().unwrap_or_default();
    format!("{scheme}://{user}:***@{host}")
}

fn redacted_parameter(pair: &str) -> String {
    let name = pair.split('=').next().unwrap_or_default();
    let secret = name.to_ascii_lowercase().contains("pass");
    if secret { format!("{name}=***") } else { pair.to_owned() }
}

impl FromStr for ConnectionUrl {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for ConnectionUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.redacted())
    }
}

impl fmt::Display for ConnectionUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.redacted())
    }
}

fn url_of(text: &str, schemes: &[&str]) -> Result<ConnectionUrl, String> {
    let known = schemes.iter().any(|scheme| text.starts_with(scheme));
    if known {
        Ok(ConnectionUrl(text.to_owned()))
    } else {
        Err(format!("must start with {}", schemes.join(" or ")))
    }
}

fn database_url(text: &str) -> Result<ConnectionUrl, String> {
    url_of(text, &["sqlite:", "postgres://", "postgresql://"])
}

fn redis_url(text: &str) -> Result<ConnectionUrl, String> {
    url_of(text, &["redis://"])
}

fn smtp_url(text: &str) -> Result<ConnectionUrl, String> {
    url_of(text, &["smtp://", "smtps://"])
}

/// The database.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Database")]
pub struct DatabaseSettings {
    /// sqlite://FILE?mode=rwc, or postgres://USER:PASSWORD@HOST/NAME. The primary, without a pooler in transaction mode
    #[arg(long, env = "ROLLCALL_DATABASE_URL", default_value = "sqlite://rollcall.db?mode=rwc",
          value_parser = database_url, hide_env_values = true)]
    pub database_url: ConnectionUrl,
    /// Most connections to PostgreSQL
    #[arg(long, env = "ROLLCALL_DATABASE_CONNECTIONS_MAX", default_value_t = 16,
          value_parser = within::<u32>(3, 1000))]
    pub database_connections_max: u32,
    /// Connections that read a SQLite database; one more writes
    #[arg(long, env = "ROLLCALL_SQLITE_READERS_MAX", default_value_t = 4,
          value_parser = within::<u32>(1, 64))]
    pub sqlite_readers_max: u32,
    /// How long a request waits for a connection before it is refused as unavailable, in milliseconds
    #[arg(long, env = "ROLLCALL_DATABASE_WAIT_MS", default_value_t = 3000,
          value_parser = within::<u64>(100, 60_000))]
    pub database_wait_ms: u64,
    /// Start on a database that may lose what it has acknowledged (fsync=off, SQLite below FULL)
    #[arg(long, env = "ROLLCALL_ALLOW_NON_DURABLE")]
    pub allow_non_durable: bool,
}

/// How events travel between servers.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Delivery of events")]
pub struct DeliverySettings {
    /// redis://HOST: carries the news between servers. Unset: events stay in the process
    #[arg(long, env = "ROLLCALL_REDIS_URL", value_parser = redis_url, hide_env_values = true)]
    pub redis_url: Option<ConnectionUrl>,
    /// How often the database is asked for the heads of the streams that have listeners here, in milliseconds
    #[arg(long, env = "ROLLCALL_HEAD_POLL_MS", default_value_t = 200, value_parser = within::<u64>(20, 5000))]
    pub head_poll_ms: u64,
    /// How long a socket stays open without a proof that its session holds, in milliseconds
    #[arg(long, env = "ROLLCALL_LEASE_MS", default_value_t = 5000, value_parser = within::<u64>(500, 60_000))]
    pub lease_ms: u64,
}

/// How mail leaves.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Mail")]
pub struct MailSettings {
    /// smtp://USER:PASSWORD@HOST:587 (STARTTLS, or in clear with ?tls=none), or smtps://. Unset: mails stay in the local mailbox
    #[arg(long, env = "ROLLCALL_SMTP_URL", value_parser = smtp_url, hide_env_values = true)]
    pub smtp_url: Option<ConnectionUrl>,
    /// File with certificates (PEM) of authorities of your own that the mail server's certificate may come from, beside the public ones
    #[arg(long, env = "ROLLCALL_SMTP_CA_FILE")]
    pub smtp_ca_file: Option<PathBuf>,
    /// Who mails come from, `Name <address>`: needed with a mail server
    #[arg(long, env = "ROLLCALL_MAIL_FROM")]
    pub mail_from: Option<String>,
    /// How long handing one mail to the mail server may take before it is tried again later, in seconds
    #[arg(long, env = "ROLLCALL_SMTP_SECONDS_MAX", default_value_t = 30,
          value_parser = within::<u64>(1, 45))]
    pub smtp_seconds_max: u64,
    /// How long a mailed link that proves an address is valid, in hours
    #[arg(long, env = "ROLLCALL_EMAIL_LINK_HOURS", default_value_t = 24,
          value_parser = within::<u32>(1, 720))]
    pub email_link_hours: u32,
    /// How long a mailed link that sets a new password is valid, in minutes
    #[arg(long, env = "ROLLCALL_PASSWORD_LINK_MINUTES", default_value_t = 60,
          value_parser = within::<u32>(5, 1440))]
    pub password_link_minutes: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redacted(text: &str) -> String {
        text.parse::<ConnectionUrl>().expect("any text").redacted()
    }

    #[test]
    fn passwords_are_replaced_wherever_a_url_carries_them() {
        assert_eq!(
            redacted("postgres://u:p@h:5432/d?sslmode=require"),
            "postgres://u:***@h:5432/d?sslmode=require"
        );
        assert_eq!(redacted("postgres://u:p@ss@h/d"), "postgres://u:***@h/d");
        assert_eq!(redacted("postgres://h/d?user=u&password=p"), "postgres://h/d?user=u&password=***");
        assert_eq!(redacted("redis://:p@h"), "redis://:***@h");
        assert_eq!(redacted("sqlite://rollcall.db?mode=rwc"), "sqlite://rollcall.db?mode=rwc");
    }
}
