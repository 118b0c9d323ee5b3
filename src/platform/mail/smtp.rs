//! Handing letters to a mail server (INV-14).
//!
//! Never talks in clear with a server unless the operator said so: a server that offers no TLS gets no letter. Never
//! logs what a letter says or whom it is for.

use std::fmt;
use std::time::{Duration, UNIX_EPOCH};

use lettre::address::{Address, Envelope};
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart};
use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use super::door::{Door, host_of};
use super::letter::Letter;
use super::outbox::Mail;
use crate::primitives::time::Timestamp;

/// Letters on their way at a time: what the courier takes at once.
const CONNECTIONS_MAX: u32 = 10;

const PEM_BEGINS: &[u8] = b"-----BEGIN CERTIFICATE-----";

/// Where letters go, and in whose name.
#[derive(Clone, Copy, Debug)]
pub struct SmtpSettings<'a> {
    /// `smtps://` for TLS from the start; `smtp://` for STARTTLS, or in clear with `?tls=none`.
    pub url: &'a str,
    /// `Name <address>`, or an address.
    pub from: &'a str,
    /// How long handing one letter over may take.
    pub patience: Duration,
    /// Certificates in PEM of authorities that the mail server's may come from, beside the public ones.
    pub authorities: Option<&'a [u8]>,
}

/// Why no letter could ever leave by these settings.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SmtpSettingsError {
    #[error(
        "--smtp-url is no address of a mail server; write it like smtp://user:password@mail.example.com:587"
    )]
    Url,
    #[error("--mail-from is no sender; write it like Rollcall <no-reply@example.com>")]
    From,
    #[error("--smtp-ca-file holds no certificate in PEM (`-----BEGIN CERTIFICATE-----`)")]
    Authorities,
    #[error(
        "--smtp-ca-file is for a mail server with TLS, and --smtp-url says tls=none; leave one of them out"
    )]
    InClear,
}

/// A mail server. Clones share its connections.
#[derive(Clone)]
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    door: Door,
    from: Mailbox,
    patience: Duration,
}

/// Why a letter was not taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(super) enum NotTaken {
    #[error("the mail server refused it for good ({0})")]
    Refused(lettre::transport::smtp::response::Code),
    #[error("the mail server put it off ({0})")]
    PutOff(lettre::transport::smtp::response::Code),
    #[error("the mail server can't be reached, offers no TLS, or has a certificate that isn't trusted")]
    Unreachable,
    #[error("the mail server took too long")]
    TooSlow,
    #[error("it can't be written as a mail")]
    Unwritable,
}

impl Smtp {
    /// Connects when there is something to send, and not before.
    pub fn new(settings: SmtpSettings<'_>) -> Result<Self, SmtpSettingsError> {
        let from: Mailbox = settings.from.parse().map_err(|_| SmtpSettingsError::From)?;
        let url = with_tls(settings.url);
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(&url);
        let mut builder = builder.map_err(|_| SmtpSettingsError::Url)?;
        let tls = settings.authorities.map(|authorities| trusting(&url, authorities)).transpose()?;
        if let Some(tls) = &tls {
            builder = builder.tls(tls.clone());
        }
        let door = Door::new(&url, tls, from.email.clone())?;
        let transport = builder
            .hello_name(ClientId::Domain(from.email.domain().to_owned()))
            .timeout(Some(settings.patience))
            .pool_config(PoolConfig::new().max_size(CONNECTIONS_MAX))
            .build();
        Ok(Self { transport, door, from, patience: settings.patience })
    }

    /// Whether a refusal for good was of the recipient or the letter: the server has nothing against us.
    pub(super) async fn takes_our_mail(&self) -> bool {
        self.door.takes_our_mail(self.patience).await
    }

    pub(super) async fn hand_over(
        &self,
        mail: &Mail,
        letter: &Letter,
        now: Timestamp,
    ) -> Result<(), NotTaken> {
        let message = self.message(mail, letter, now).ok_or(NotTaken::Unwritable)?;
        match tokio::time::timeout(self.patience, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(match error.status() {
                Some(code) if error.is_permanent() => NotTaken::Refused(code),
                Some(code) => NotTaken::PutOff(code),
                None if error.is_timeout() => NotTaken::TooSlow,
                None => NotTaken::Unreachable,
            }),
            Err(_) => Err(NotTaken::TooSlow),
        }
    }

    /// One letter in two forms. Its id is the mail's, so that a letter that is handed over again, after its courier died,
    /// is seen to be the same.
    fn message(&self, mail: &Mail, letter: &Letter, now: Timestamp) -> Option<Message> {
        let to = recipient(mail)?;
        let sent_at = UNIX_EPOCH + Duration::from_micros(u64::try_from(now.as_micros()).ok()?);
        let envelope = Envelope::new(Some(self.from.email.clone()), vec![to.clone()]).ok()?;
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(letter.subject())
            .date(sent_at)
            .message_id(Some(format!("<{}@{}>", mail.id, self.from.email.domain())))
            // RFC 3834: nobody's holiday notice should answer it.
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ))
            .envelope(envelope)
            .multipart(MultiPart::alternative_plain_html(letter.text(), letter.html()))
            .ok()
    }
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Smtp(from {})", self.from.email)
    }
}

/// Before the @ as it was typed, after it in ASCII, which every server takes.
fn recipient(mail: &Mail) -> Option<Address> {
    let (local, _) = mail.to_address.rsplit_once('@')?;
    let (_, domain) = mail.to_key.as_str().rsplit_once('@')?;
    Address::new(local, domain).ok()
}

/// TLS as the url wants it, with these authorities beside the public ones.
fn trusting(url: &str, authorities: &[u8]) -> Result<Tls, SmtpSettingsError> {
    let unreadable = |_| SmtpSettingsError::Authorities;
    if !authorities.windows(PEM_BEGINS.len()).any(|part| part == PEM_BEGINS) {
        return Err(SmtpSettingsError::Authorities);
    }
    let certificates = Certificate::from_pem(authorities).map_err(unreadable)?;
    let host = host_of(url).ok_or(SmtpSettingsError::Url)?;
    let parameters = TlsParameters::builder(host.to_owned()).add_root_certificate(certificates);
    let parameters = parameters.build().map_err(unreadable)?;
    if url.starts_with("smtps:") {
        Ok(Tls::Wrapper(parameters))
    } else if url.contains("tls=required") {
        Ok(Tls::Required(parameters))
    } else {
        Err(SmtpSettingsError::InClear)
    }
}

/// The library's `smtp://` is in clear; ours is not, unless it says so.
fn with_tls(url: &str) -> String {
    let (address, parameters) = url.split_once('?').unwrap_or((url, ""));
    let mut parameters: Vec<&str> = parameters.split('&').filter(|pair| !pair.is_empty()).collect();
    let in_clear = parameters.contains(&"tls=none");
    parameters.retain(|pair| !pair.starts_with("tls="));
    if address.starts_with("smtp:") && !in_clear {
        parameters.push("tls=required");
    }
    if parameters.is_empty() { address.to_owned() } else { format!("{address}?{}", parameters.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::primitives::email::Email;
    use crate::primitives::ids::MailId;

    fn settings<'a>(url: &'a str, from: &'a str) -> SmtpSettings<'a> {
        SmtpSettings { url, from, patience: Duration::from_secs(1), authorities: None }
    }

    #[test]
    fn inv_14_letters_travel_in_tls_unless_the_operator_says_otherwise() {
        for (url, wanted) in [
            ("smtp://mail.example.com", "smtp://mail.example.com?tls=required"),
            (
                "smtp://u:p@mail.example.com:25?tls=opportunistic",
                "smtp://u:p@mail.example.com:25?tls=required",
            ),
            ("smtp://127.0.0.1:25?tls=none", "smtp://127.0.0.1:25"),
            ("smtps://mail.example.com?tls=none", "smtps://mail.example.com"),
        ] {
            assert_eq!(with_tls(url), wanted);
        }
    }

    #[tokio::test]
    async fn settings_by_which_no_letter_could_leave_are_refused_by_name() {
        let refused = |url, from| Smtp::new(settings(url, from)).map(|_| ());
        assert_eq!(refused("smtp://", "a@example.com"), Err(SmtpSettingsError::Url));
        assert_eq!(refused("smtp://mail.example.com", "Rollcall"), Err(SmtpSettingsError::From));
        assert_eq!(refused("smtps://u:p@mail.example.com", "Rollcall <a@example.com>"), Ok(()));
    }

    #[tokio::test]
    async fn inv_14_authorities_that_could_help_no_letter_are_refused_by_name() {
        let refused = |url, authorities: &'static str| {
            let settings =
                SmtpSettings { authorities: Some(authorities.as_bytes()), ..settings(url, "a@example.com") };
            Smtp::new(settings).map(|_| ())
        };
        assert_eq!(refused("smtp://mail.example.com", "none"), Err(SmtpSettingsError::Authorities));
        let broken = "-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n";
        assert_eq!(refused("smtps://mail.example.com", broken), Err(SmtpSettingsError::Authorities));
    }

    #[tokio::test]
    async fn no_password_is_shown() {
        let smtp = Smtp::new(settings("smtps://u:hunter2@mail.example.com", "a@example.com")).expect("valid");
        assert!(!format!("{smtp:?}").contains("hunter2"));
    }

    #[tokio::test]
    async fn inv_14_a_letter_is_text_and_html_and_bears_the_mails_own_id() {
        let smtp = Smtp::new(settings("smtps://mail.example.com", "Rollcall <no-reply@app.example>"))
            .expect("valid");
        let to = Email::parse("Joe@B\u{fc}cher.example").expect("an address");
        let mail = Mail {
            id: MailId::new(),
            kind: "ANY".into(),
            to_address: to.as_typed().to_owned(),
            to_key: to.key().clone(),
            workspace: None,
            subject_id: uuid::Uuid::nil(),
            sending: 0,
            attempts: 1,
            created_at: Timestamp::from_micros(0),
        };
        let letter = Letter::new("Caf\u{e9}").paragraph("One.").link("Go", "https://app.example/#token=x");
        let message =
            smtp.message(&mail, &letter, Timestamp::from_micros(1_772_366_400_000_000)).expect("written");
        let text = String::from_utf8(message.formatted()).expect("text");
        for line in [
            "From: Rollcall <no-reply@app.example>",
            "To: Joe@xn--bcher-kva.example",
            "Date: Sun, 01 Mar 2026 12:00:00 +0000",
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
            &format!("Message-ID: <{}@app.example>", mail.id),
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
        assert!(
            text.contains("multipart/alternative")
                && text.contains("text/plain")
                && text.contains("text/html")
        );
    }
}
