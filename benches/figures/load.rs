//! The load: a process of its own that holds the sockets, strikes, and tells when what came back.
//!
//! Obeys one order a line on standard input and answers each with a line. Never decides what is measured.

use std::io::{self, BufRead, Write};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::caller::Caller;
use super::socket::Socket;
use super::tally::Tally;
use super::{bare, storm};

/// Sockets that are connecting at a time: fewer than a server lets wait without credentials.
const CONNECTING_MAX: usize = 64;
/// What hasn't come by then doesn't come.
const ANSWER_MAX: Duration = Duration::from_secs(30);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// A socket for each token, with these subscriptions.
    Open { address: String, tokens: Vec<String>, documents: Vec<String> },
    /// Sockets to the bare loop.
    OpenBare { address: String, count: usize },
    /// Sends a request and waits for what it makes come.
    Strike { request: Request, expected: Expected },
    /// Has the bare loop write.
    StrikeBare { frame: String, times: usize, expected: Expected },
    /// Requests from many at once.
    Storm(storm::Storm),
}

#[derive(Serialize, Deserialize, Clone)]
pub struct Request {
    pub address: String,
    pub token: Option<String>,
    pub body: String,
}

/// What has to come before a strike is over.
#[derive(Serialize, Deserialize, Clone, Copy, Default)]
pub struct Expected {
    pub deliveries: u64,
    pub closings: u64,
    /// Whether the last delivery's text is wanted.
    pub keep: bool,
}

/// What came of a strike; times in seconds since it was sent.
#[derive(Serialize, Deserialize, Clone, Debug)]
pub struct Struck {
    pub answer: String,
    pub answered: f64,
    pub first: f64,
    pub last: f64,
    pub closed: f64,
    pub deliveries: u64,
    pub bytes: u64,
    pub kept: Option<String>,
    /// When that came: microseconds since 1970.
    pub kept_at: i64,
}

struct Load {
    tally: Arc<Tally>,
    caller: Option<(String, Caller)>,
    control: Option<TcpStream>,
}

/// Obeys until standard input ends.
pub fn serve() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut load = Load { tally: Arc::new(Tally::new()), caller: None, control: None };
    let (sender, mut orders) = tokio::sync::mpsc::channel(1);
    std::thread::spawn(move || {
        for line in io::stdin().lock().lines() {
            let Ok(line) = line else { return };
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    });
    runtime.block_on(async {
        while let Some(line) = orders.recv().await {
            let order = serde_json::from_str(&line).expect("an order");
            let answer = match load.obey(order).await {
                Ok(answer) => answer,
                Err(error) => serde_json::json!({ "error": error.to_string() }).to_string(),
            };
            println!("{answer}");
            io::stdout().flush().expect("whoever ordered listens");
        }
    });
}

impl Load {
    async fn obey(&mut self, order: Order) -> io::Result<String> {
        match order {
            Order::Open { address, tokens, documents } => self.open(address, tokens, documents).await,
            Order::OpenBare { address, count } => self.open_bare(address, count).await,
            Order::Strike { request, expected } => {
                let sent = self.send(request);
                strike(sent, expected).await
            }
            Order::StrikeBare { frame, times, expected } => {
                let control = self.control.as_mut().expect("the bare loop was opened");
                let order = bare::Order::Write { frame, times };
                let sent = (Arc::clone(&self.tally), async move {
                    ask_bare(control, &order).await.map(|()| String::new())
                });
                strike(sent, expected).await
            }
            Order::Storm(storm) => storm.run().await,
        }
    }

    async fn open(
        &mut self,
        address: String,
        tokens: Vec<String>,
        documents: Vec<String>,
    ) -> io::Result<String> {
        let (address, documents) = (Arc::new(address), Arc::new(documents));
        let gate = Arc::new(Semaphore::new(CONNECTING_MAX));
        let mut opening = JoinSet::new();
        for token in tokens {
            let (address, documents) = (Arc::clone(&address), Arc::clone(&documents));
            let (gate, tally) = (Arc::clone(&gate), Arc::clone(&self.tally));
            opening.spawn(async move {
                let _turn = gate.acquire().await.expect("it is never closed");
                let mut socket = Socket::connect(&address).await?;
                socket.subscribe(&token, &documents).await?;
                tokio::spawn(socket.listen(tally));
                io::Result::Ok(())
            });
        }
        joined(opening).await
    }

    async fn open_bare(&mut self, address: String, count: usize) -> io::Result<String> {
        let mut control = match self.control.take() {
            Some(control) => control,
            None => TcpStream::connect(&address).await?,
        };
        let order = serde_json::to_string(&bare::Order::Accept { count })? + "\n";
        control.write_all(order.as_bytes()).await?;
        for _ in 0..count {
            let socket = Socket::connect(&address).await?;
            tokio::spawn(socket.listen(Arc::clone(&self.tally)));
        }
        control.read_exact(&mut [0]).await?;
        self.control = Some(control);
        Ok("{}".into())
    }

    fn send(&mut self, request: Request) -> (Arc<Tally>, impl Future<Output = io::Result<String>>) {
        let Request { address, token, body } = request;
        let kept = &mut self.caller;
        let call = async move {
            let mut caller = match kept.take() {
                Some((known, caller)) if known == address => caller,
                _ => Caller::connect(&address).await?,
            };
            let answer = caller.call(token.as_deref(), &body).await?;
            *kept = Some((address, caller));
            Ok(answer)
        };
        (Arc::clone(&self.tally), call)
    }
}

async fn strike(
    (tally, sending): (Arc<Tally>, impl Future<Output = io::Result<String>>),
    expected: Expected,
) -> io::Result<String> {
    tally.expect(expected.deliveries, expected.closings, expected.keep);
    let sent_at = tally.now();
    let answer = async {
        let answer = sending.await?;
        io::Result::Ok((answer, tally.now()))
    };
    let both = async { tokio::join!(answer, tally.reached()) };
    let since = |at: u64| at.saturating_sub(sent_at) as f64 / 1e9;
    let Ok((answer, ())) = tokio::time::timeout(ANSWER_MAX, both).await else {
        let heard = tally.counted().deliveries;
        return Err(io::Error::other(format!("{heard} of {} deliveries came", expected.deliveries)));
    };
    let (answer, answered_at) = answer?;
    let (counted, kept) = (tally.counted(), tally.kept());
    let struck = Struck {
        answer,
        answered: since(answered_at),
        first: since(counted.first_at),
        last: since(counted.last_at),
        closed: since(counted.closed_at),
        deliveries: counted.deliveries,
        bytes: counted.bytes,
        kept_at: kept.as_ref().map_or(0, |kept| kept.arrived_at),
        kept: kept.map(|kept| kept.text),
    };
    Ok(serde_json::to_string(&struck)?)
}

async fn ask_bare(control: &mut TcpStream, order: &bare::Order) -> io::Result<()> {
    control.write_all((serde_json::to_string(order)? + "\n").as_bytes()).await?;
    control.read_exact(&mut [0]).await?;
    Ok(())
}

async fn joined(mut opening: JoinSet<io::Result<()>>) -> io::Result<String> {
    while let Some(opened) = opening.join_next().await {
        opened.expect("nothing panics there")?;
    }
    Ok("{}".into())
}
