//! Does the mail server let us in, and take mail from our sender? Asked once it has refused a letter for good: only then
//! was it the recipient, or the letter, that it refused, and not a wrong password of ours (INV-14).
//!
//! Never hands a letter over.

use std::time::Duration;

use lettre::address::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Tls, TlsParameters};
use lettre::transport::smtp::commands::Mail;
use lettre::transport::smtp::extension::ClientId;
use percent_encoding::percent_decode_str;

use super::smtp::SmtpSettingsError;

/// How the mail server is come in to.
#[derive(Clone)]
pub(super) struct Door {
    host: String,
    port: u16,
    tls: Tls,
    credentials: Option<Credentials>,
    hello: ClientId,
    sender: Address,
}

impl Door {
    /// From an address that the library has read, in TLS as the caller wants it, else as the address says.
    pub(super) fn new(url: &str, trusting: Option<Tls>, sender: Address) -> Result<Self, SmtpSettingsError> {
        let host = host_of(url).ok_or(SmtpSettingsError::Url)?.to_owned();
        let tls = match trusting {
            Some(tls) => tls,
            None => tls_of(url, &host)?,
        };
        let port = port_of(url).unwrap_or(match tls {
            Tls::Wrapper(_) => 465,
            Tls::Required(_) => 587,
            _ => 25,
        });
        let hello = ClientId::Domain(sender.domain().to_owned());
        Ok(Self { host, port, tls, credentials: credentials_of(url)?, hello, sender })
    }

    /// Comes in, names the sender, and goes.
    pub(super) async fn takes_our_mail(&self, patience: Duration) -> bool {
        matches!(tokio::time::timeout(patience, self.try_it(patience)).await, Ok(Ok(())))
    }

    async fn try_it(&self, patience: Duration) -> Result<(), Error> {
        let from_the_start = match &self.tls {
            Tls::Wrapper(parameters) => Some(parameters.clone()),
            _ => None,
        };
        let server = (self.host.as_str(), self.port);
        let mut line =
            AsyncSmtpConnection::connect_tokio1(server, Some(patience), &self.hello, from_the_start, None)
                .await?;
        if let Tls::Required(parameters) = &self.tls {
            line.starttls(parameters.clone(), &self.hello).await?;
        }
        if let Some(credentials) = &self.credentials {
            line.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        line.command(Mail::new(Some(self.sender.clone()), Vec::new())).await?;
        line.abort().await;
        Ok(())
    }
}

fn tls_of(url: &str, host: &str) -> Result<Tls, SmtpSettingsError> {
    let parameters = || TlsParameters::new(host.to_owned()).map_err(|_| SmtpSettingsError::Url);
    if url.starts_with("smtps:") {
        Ok(Tls::Wrapper(parameters()?))
    } else if url.contains("tls=required") {
        Ok(Tls::Required(parameters()?))
    } else {
        Ok(Tls::None)
    }
}

/// What stands between the scheme and the path: who signs in, and where.
fn authority_of(url: &str) -> Option<(Option<&str>, &str)> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    Some(authority.rsplit_once('@').map_or((None, authority), |(user, server)| (Some(user), server)))
}

/// The host of an address that the library has read: what the certificate has to be for.
pub(super) fn host_of(url: &str) -> Option<&str> {
    let (_, server) = authority_of(url)?;
    match server.strip_prefix('[') {
        Some(literal) => literal.split(']').next(),
        None => server.split(':').next(),
    }
}

fn port_of(url: &str) -> Option<u16> {
    let (_, server) = authority_of(url)?;
    let after_host = server.rsplit_once(']').map_or(server, |(_, rest)| rest);
    after_host.rsplit_once(':')?.1.parse().ok()
}

fn credentials_of(url: &str) -> Result<Option<Credentials>, SmtpSettingsError> {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8().map(|text| text.into_owned());
    let Some((user, password)) = authority_of(url).and_then(|(user, _)| user?.split_once(':')) else {
        return Ok(None);
    };
    match (decoded(user), decoded(password)) {
        (Ok(user), Ok(password)) => Ok(Some(Credentials::new(user, password))),
        _ => Err(SmtpSettingsError::Url),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_an_address_is_what_its_certificate_is_for() {
        for (url, host, port) in [
            ("smtp://mail.example.com?tls=required", "mail.example.com", None),
            ("smtps://u:p%40x@mail.example.com:465/helo", "mail.example.com", Some(465)),
            ("smtps://[::1]:465", "::1", Some(465)),
            ("smtp://[::1]", "::1", None),
            ("smtp://127.0.0.1:25", "127.0.0.1", Some(25)),
        ] {
            assert_eq!((host_of(url), port_of(url)), (Some(host), port));
        }
    }

    #[test]
    fn who_signs_in_is_read_as_it_was_meant() {
        let read = |url| credentials_of(url).expect("readable");
        assert_eq!(
            read("smtps://u%40x:p%3Aq@mail.example.com"),
            Some(Credentials::new("u@x".into(), "p:q".into()))
        );
        assert_eq!(read("smtps://mail.example.com:465"), None);
    }
}
