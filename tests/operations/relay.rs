//! A relay between servers and their database: it can be moved to another database, and lose what a commit is asked or
//! answered.
//!
//! Never changes a byte.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};

/// How a commit is asked for on the wire.
const COMMIT: &[u8] = b"COMMIT\0";

/// What becomes of the next commit.
#[derive(Clone, Copy, Debug)]
pub enum Loss {
    /// The database hears of it, but only when it is let through; whoever asked never hears the answer.
    Answer,
    /// The database never hears of it.
    Question,
}

pub struct Relay {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    target: Mutex<SocketAddr>,
    loss: Mutex<Option<Loss>>,
    /// A commit is held back, and nobody waits for its answer any more.
    held: Notify,
    through: Notify,
    cut: watch::Sender<u64>,
}

impl Relay {
    pub async fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let shared = Arc::new(Shared {
            target: Mutex::new(target),
            loss: Mutex::default(),
            held: Notify::new(),
            through: Notify::new(),
            cut: watch::Sender::new(0),
        });
        let carrying = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let shared = Arc::clone(&carrying);
                tokio::spawn(async move {
                    let mut cut = shared.cut.subscribe();
                    tokio::select! { _ = cut.changed() => {}, () = shared.carry(client) => {} }
                });
            }
        });
        Self { address, shared }
    }

    /// The URL of a database, by way of this.
    pub fn url(&self, direct: &str) -> String {
        let (before, rest) = direct.split_once('@').expect("a user");
        let (_, name) = rest.split_once('/').expect("a database");
        format!("{before}@{}/{name}", self.address)
    }

    /// Loses the next commit that passes.
    pub fn lose(&self, loss: Loss) {
        *self.shared.loss.lock().unwrap() = Some(loss);
    }

    /// Returns when the commit is held back.
    pub async fn held(&self) {
        self.shared.held.notified().await;
    }

    /// Lets it through.
    pub fn let_through(&self) {
        self.shared.through.notify_one();
    }

    /// Ends all connections; new ones lead there.
    pub fn move_to(&self, target: SocketAddr) {
        *self.shared.target.lock().unwrap() = target;
        self.shared.cut.send_modify(|count| *count += 1);
    }
}

/// Where a database's server listens.
pub fn address_of(url: &str) -> SocketAddr {
    let place = url.split('@').nth(1).and_then(|rest| rest.split('/').next()).expect("a host");
    place.parse().expect("an address")
}

impl Shared {
    async fn carry(&self, mut client: TcpStream) {
        let target = *self.target.lock().unwrap();
        let Ok(mut database) = TcpStream::connect(target).await else { return };
        let (mut asked, mut answered) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
        loop {
            tokio::select! {
                read = client.read(&mut asked) => {
                    let Ok(count @ 1..) = read else { return };
                    let words = &asked[..count];
                    let is_commit = words.windows(COMMIT.len()).any(|window| window == COMMIT);
                    let loss = if is_commit { self.loss.lock().unwrap().take() } else { None };
                    match loss {
                        None => if database.write_all(words).await.is_err() { return },
                        Some(Loss::Question) => return,
                        Some(Loss::Answer) => {
                            drop(client);
                            self.held.notify_one();
                            self.through.notified().await;
                            let _ = database.write_all(words).await;
                            // It has answered, to nobody: the commit is done.
                            let _ = database.read(&mut answered).await;
                            return;
                        }
                    }
                }
                read = database.read(&mut answered) => {
                    let Ok(count @ 1..) = read else { return };
                    if client.write_all(&answered[..count]).await.is_err() {
                        return;
                    }
                }
            }
        }
    }
}
