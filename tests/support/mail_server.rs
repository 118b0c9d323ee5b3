//! A mail server on a real socket that speaks enough SMTP (RFC 5321) to take letters, and misbehaves when it is told to.
//!
//! Knows nothing of the product: it tells what arrived.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

use super::app::DEADLINE;

/// How it behaves, until it is told otherwise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mood {
    /// Takes everything.
    Takes,
    /// Answers each recipient with this.
    Refuses(&'static str),
    /// Takes connections and never says a word.
    Stalls,
    /// Hangs up in the middle of a letter.
    Drops,
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
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        Self::serve(listener)
    }

    /// On a port that another one had.
    pub async fn start_at(address: SocketAddr) -> Self {
        let bound = async {
            loop {
                if let Ok(listener) = TcpListener::bind(address).await {
                    return listener;
                }
                tokio::task::yield_now().await;
            }
        };
        Self::serve(tokio::time::timeout(DEADLINE, bound).await.expect("the port is free again"))
    }

    fn serve(listener: TcpListener) -> Self {
        let address = listener.local_addr().expect("it is bound");
        let state = State { mood: Mood::Takes, letters: Vec::new(), said: Vec::new() };
        let state = Arc::new(Mutex::new(state));
        let shared = Arc::clone(&state);
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&shared);
                // A client that goes away ends its own conversation alone.
                tokio::spawn(async move { drop(Conversation::new(stream, state).hold().await) });
            }
        });
        Self { address, state, serving: serving.abort_handle() }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What the service is told of it: in clear, as no test has a certificate.
    pub fn url(&self) -> String {
        format!("smtp://{}?tls=none", self.address)
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

struct Conversation {
    lines: Lines<BufReader<OwnedReadHalf>>,
    out: OwnedWriteHalf,
    state: Arc<Mutex<State>>,
    credentials: Option<String>,
    from: String,
    to: String,
}

impl Conversation {
    fn new(stream: TcpStream, state: Arc<Mutex<State>>) -> Self {
        let (reader, out) = stream.into_split();
        let lines = BufReader::new(reader).lines();
        Self { lines, out, state, credentials: None, from: String::new(), to: String::new() }
    }

    fn mood(&self) -> Mood {
        self.state.lock().unwrap().mood
    }

    async fn say(&mut self, text: &str) -> std::io::Result<()> {
        self.out.write_all(format!("{text}\r\n").as_bytes()).await
    }

    /// Until the client goes, or the mood says so.
    async fn hold(mut self) -> std::io::Result<()> {
        if self.mood() == Mood::Stalls {
            // Longer than any client waits.
            tokio::time::sleep(Duration::from_secs(3600)).await;
        }
        self.say("220 mail.test ESMTP").await?;
        while let Some(line) = self.lines.next_line().await? {
            self.state.lock().unwrap().said.push(line.clone());
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" => self.say("250-mail.test\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 AUTH PLAIN").await?,
                "AUTH" => {
                    self.credentials = line.split(' ').nth(2).map(str::to_owned);
                    self.say("235 welcome").await?;
                }
                "MAIL" => {
                    self.from = path(&line);
                    self.say("250 ok").await?;
                }
                "RCPT" => {
                    self.to = path(&line);
                    let answer = if let Mood::Refuses(answer) = self.mood() { answer } else { "250 ok" };
                    self.say(answer).await?;
                }
                "DATA" if self.mood() == Mood::Drops => {
                    self.say("354 go on").await?;
                    self.lines.next_line().await?;
                    return Ok(());
                }
                "DATA" => self.take().await?,
                "QUIT" => return self.say("221 bye").await,
                _ => self.say("250 ok").await?,
            }
        }
        Ok(())
    }

    async fn take(&mut self) -> std::io::Result<()> {
        self.say("354 go on").await?;
        let mut text = String::new();
        while let Some(line) = self.lines.next_line().await? {
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
