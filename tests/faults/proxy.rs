//! A line between two parts that can be cut: what one side says is held back, in either direction, or both are reset.
//!
//! Never loses or changes a byte of a connection that lives on: what was held arrives when the line is whole again, as
//! it does after a network came back.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::support::guarded::free_port;

/// Which way bytes don't pass.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Cut {
    /// From whoever connected.
    Up,
    /// To whoever connected.
    Down,
    Both,
}

#[derive(Clone, Copy, Debug, Default)]
struct Rules {
    hold_up: bool,
    hold_down: bool,
    resets: u64,
}

/// A listening end of a line.
#[derive(Debug)]
pub struct Proxy {
    pub address: SocketAddr,
    rules: Arc<watch::Sender<Rules>>,
}

impl Proxy {
    pub async fn to(target: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", free_port())).await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let rules = Arc::new(watch::Sender::new(Rules::default()));
        let told = Arc::clone(&rules);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(carry(near, target, told.subscribe()));
            }
        });
        Self { address, rules }
    }

    pub fn cut(&self, cut: Cut) {
        self.rules.send_modify(|rules| {
            rules.hold_up |= matches!(cut, Cut::Up | Cut::Both);
            rules.hold_down |= matches!(cut, Cut::Down | Cut::Both);
        });
    }

    /// Whole again: what was held goes on its way.
    pub fn mend(&self) {
        self.rules.send_modify(|rules| (rules.hold_up, rules.hold_down) = (false, false));
    }

    /// Resets every connection.
    pub fn reset(&self) {
        self.rules.send_modify(|rules| rules.resets += 1);
    }
}

async fn carry(near: TcpStream, target: u16, rules: watch::Receiver<Rules>) {
    let mut gate = rules.clone();
    if gate.wait_for(|rules| !rules.hold_up).await.is_err() {
        return;
    }
    let Ok(far) = TcpStream::connect(("127.0.0.1", target)).await else { return };
    let _ = (near.set_nodelay(true), far.set_nodelay(true));
    let resets = rules.borrow().resets;
    let mut broken = rules.clone();
    let ((from_near, to_near), (from_far, to_far)) = (near.into_split(), far.into_split());
    tokio::select! {
        _ = pump(from_near, to_far, rules.clone(), |rules| !rules.hold_up) => {}
        _ = pump(from_far, to_near, rules, |rules| !rules.hold_down) => {}
        _ = broken.wait_for(|rules| rules.resets != resets) => {}
    }
}

/// Passes bytes on, as long as the way is open. Ends with either side.
async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut rules: watch::Receiver<Rules>,
    open: impl Fn(&Rules) -> bool + Copy,
) -> Option<()> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        rules.wait_for(open).await.ok()?;
        let count = from.read(&mut buffer).await.ok().filter(|count| *count > 0)?;
        rules.wait_for(open).await.ok()?;
        to.write_all(&buffer[..count]).await.ok()?;
    }
}

#[tokio::test]
async fn a_cut_line_holds_what_is_said_and_delivers_it_when_it_is_mended() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = Proxy::to(listener.local_addr().unwrap().port()).await;
    let mut near = TcpStream::connect(proxy.address).await.unwrap();
    near.write_all(b"a").await.unwrap();
    let (mut far, _) = listener.accept().await.unwrap();
    assert_eq!(far.read_u8().await.unwrap(), b'a');

    proxy.cut(Cut::Up);
    near.write_all(b"b").await.unwrap();
    far.write_all(b"c").await.unwrap();
    assert_eq!(near.read_u8().await.unwrap(), b'c', "the other direction is open");
    let mut held = Box::pin(far.read_u8());
    assert!(futures_util::poll!(&mut held).is_pending());
    proxy.mend();
    assert_eq!(held.await.unwrap(), b'b');

    proxy.reset();
    assert!(near.read_u8().await.is_err(), "both ends are gone");
}
