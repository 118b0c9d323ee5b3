//! A mail server on a real socket that speaks enough SMTP (RFC 5321) to take letters, and misbehaves when it is told to.
//!
//! Knows nothing of the product: it tells what arrived.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;
use tokio_rustls::TlsAcceptor;

use super::app::DEADLINE;

/// How it behaves, until it is told otherwise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mood {
    /// Takes everything.
    Takes,
    /// Answers each recipient with this.
    Refuses(&'static str),
    /// Answers whoever names a sender with this.
    RefusesSender(&'static str),
    /// Lets nobody sign in.
    RefusesLogin,
    /// Takes connections and never says a word.
    Stalls,
    /// Hangs up in the middle of a letter.
    Drops,
}

/// How it is spoken with.
#[derive(Clone)]
pub enum Cover {
    InClear,
    /// In TLS once the client has asked for it.
    StartTls(TlsAcceptor),
    /// In TLS from the first word.
    Tls(TlsAcceptor),
}

/// A letter as it arrived.
#[derive(Clone, Debug)]
pub struct Letter {
    pub from: String,
    pub to: String,
    /// Headers and body, undecoded.
    pub text: String,
    /// What the client signed in with, still encoded.
    pub credentials: Option<String>,
    /// Nobody on the way could read it.
    pub in_tls: bool,
}

#[derive(Debug)]
struct State {
    mood: Mood,
    letters: Vec<Letter>,
    /// Every line that a client said.
    said: Vec<String>,
}

/// A running one. Dropped, it is gone: its port refuses connections.
pub struct MailServer {
    address: SocketAddr,
    cover: Cover,
    state: Arc<Mutex<State>>,
    serving: AbortHandle,
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl MailServer {
    pub async fn start() -> Self {
        Self::start_under(Cover::InClear).await
    }

    pub async fn start_under(cover: Cover) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        Self::serve(listener, cover)
    }

    /// On a port that another one had.
    pub async fn start_at(address: SocketAddr) -> Self {
        Self::start_under_at(Cover::InClear, address).await
    }

    pub async fn start_under_at(cover: Cover, address: SocketAddr) -> Self {
        let bound = async {
            loop {
                if let Ok(listener) = TcpListener::bind(address).await {
                    return listener;
                }
                tokio::task::yield_now().await;
            }
        };
        Self::serve(tokio::time::timeout(DEADLINE, bound).await.expect("the port is free again"), cover)
    }

    fn serve(listener: TcpListener, cover: Cover) -> Self {
        let address = listener.local_addr().expect("it is bound");
        let state = State { mood: Mood::Takes, letters: Vec::new(), said: Vec::new() };
        let state = Arc::new(Mutex::new(state));
        let (shared, covered) = (Arc::clone(&state), cover.clone());
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (state, cover) = (Arc::clone(&shared), covered.clone());
                // A client that goes away, or wants no such certificate, ends its own conversation alone.
                tokio::spawn(async move { drop(Conversation::hold(stream, cover, state).await) });
            }
        });
        Self { address, cover, state, serving: serving.abort_handle() }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What the service is told of it.
    pub fn url(&self) -> String {
        match self.cover {
            Cover::InClear => format!("smtp://{}?tls=none", self.address),
            Cover::StartTls(_) => format!("smtp://{}", self.address),
            Cover::Tls(_) => format!("smtps://{}", self.address),
        }
    }

    pub fn is(&self, mood: Mood) {
        self.state.lock().unwrap().mood = mood;
    }

    pub fn letters(&self) -> Vec<Letter> {
        self.state.lock().unwrap().letters.clone()
    }

    pub fn said(&self) -> Vec<String> {
        self.state.lock().unwrap().said.clone()
    }
}

trait Line: AsyncRead + AsyncWrite + Send + Unpin {}

impl<L: AsyncRead + AsyncWrite + Send + Unpin> Line for L {}

struct Conversation {
    line: BufReader<Box<dyn Line>>,
    in_tls: bool,
    state: Arc<Mutex<State>>,
    credentials: Option<String>,
    from: String,
    to: String,
}

impl Conversation {
    async fn hold(stream: TcpStream, cover: Cover, state: Arc<Mutex<State>>) -> std::io::Result<()> {
        let mut conversation = Self {
            line: BufReader::new(Box::new(stream)),
            in_tls: false,
            state,
            credentials: None,
            from: String::new(),
            to: String::new(),
        };
        match cover {
            Cover::InClear => conversation.greet(None).await,
            Cover::StartTls(acceptor) => conversation.greet(Some(acceptor)).await,
            Cover::Tls(acceptor) => {
                conversation = conversation.covered(&acceptor).await?;
                conversation.greet(None).await
            }
        }
    }

    fn mood(&self) -> Mood {
        self.state.lock().unwrap().mood
    }

    async fn say(&mut self, text: &str) -> std::io::Result<()> {
        self.line.write_all(format!("{text}\r\n").as_bytes()).await?;
        self.line.flush().await
    }

    async fn next_line(&mut self) -> std::io::Result<Option<String>> {
        let mut line = String::new();
        let read = self.line.read_line(&mut line).await?;
        Ok((read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned()))
    }

    /// The same conversation, in TLS from here on.
    async fn covered(self, acceptor: &TlsAcceptor) -> std::io::Result<Self> {
        let covered = acceptor.accept(self.line.into_inner()).await?;
        Ok(Self { line: BufReader::new(Box::new(covered)), in_tls: true, ..self })
    }

    /// Says hello and listens; in clear until the client asks for TLS, where that is offered.
    async fn greet(mut self, mut offered: Option<TlsAcceptor>) -> std::io::Result<()> {
        if self.mood() == Mood::Stalls {
            // Longer than any client waits.
            tokio::time::sleep(Duration::from_secs(3600)).await;
        }
        self.say("220 mail.test ESMTP").await?;
        while let Some(line) = self.next_line().await? {
            self.state.lock().unwrap().said.push(line.clone());
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" if offered.is_some() => self.say("250-mail.test\r\n250 STARTTLS").await?,
                "EHLO" => self.say("250-mail.test\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 AUTH PLAIN").await?,
                "STARTTLS" => {
                    self.say("220 go on").await?;
                    let Some(acceptor) = offered.take() else { return Ok(()) };
                    self = self.covered(&acceptor).await?;
                }
                "DATA" if self.mood() == Mood::Drops => {
                    self.say("354 go on").await?;
                    self.next_line().await?;
                    return Ok(());
                }
                "DATA" => self.take().await?,
                "QUIT" => return self.say("221 bye").await,
                _ => self.note(&verb, &line).await?,
            }
        }
        Ok(())
    }

    /// What comes before a letter.
    async fn note(&mut self, verb: &str, line: &str) -> std::io::Result<()> {
        match verb {
            "AUTH" if self.mood() == Mood::RefusesLogin => return self.say("535 5.7.8 wrong password").await,
            "AUTH" => {
                self.credentials = line.split(' ').nth(2).map(str::to_owned);
                return self.say("235 welcome").await;
            }
            "MAIL" => {
                self.from = path(line);
                let answer = if let Mood::RefusesSender(answer) = self.mood() { answer } else { "250 ok" };
                return self.say(answer).await;
            }
            "RCPT" => {
                self.to = path(line);
                let answer = if let Mood::Refuses(answer) = self.mood() { answer } else { "250 ok" };
                return self.say(answer).await;
            }
            _ => {}
        }
        self.say("250 ok").await
    }

    async fn take(&mut self) -> std::io::Result<()> {
        self.say("354 go on").await?;
        let mut text = String::new();
        while let Some(line) = self.next_line().await? {
            if line == "." {
                break;
            }
            text.push_str(line.strip_prefix('.').unwrap_or(&line));
            text.push('\n');
        }
        let letter = Letter {
            from: self.from.clone(),
            to: self.to.clone(),
            text,
            credentials: self.credentials.clone(),
            in_tls: self.in_tls,
        };
        self.state.lock().unwrap().letters.push(letter);
        self.say("250 taken").await
    }
}

/// `MAIL FROM:<a@example.com> …`: what stands in the brackets.
fn path(line: &str) -> String {
    let inner = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inner.map(|(path, _)| path.to_owned()).unwrap_or_default()
}
