//! How many connections there may be, all together and from one network.
//!
//! Never lets clients take what the database and Redis are reached by: past the bound a connection is told so and closed.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::config::HttpLimits;
use crate::primitives::network::Network;
use crate::primitives::places::{Full, Place, Places};

const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\n\
    content-type: text/plain\r\ncontent-length: 43\r\n\r\ntoo many connections; try again in a moment";
/// At most so often the log says it.
const TOLD_EVERY: Duration = Duration::from_secs(60);

pub(super) struct Doors {
    places: Arc<Places<Network>>,
    refused: usize,
    told_at: Option<Instant>,
}

impl Doors {
    pub(super) fn new(limits: &HttpLimits) -> Self {
        let most = limits.connections_max;
        let most_each = limits.connections_per_network_max.unwrap_or(most / 2);
        Self { places: Places::new(most, most_each), refused: 0, told_at: None }
    }

    /// A place for a connection; where there is none, its client is told and the connection closed.
    pub(super) fn enter(
        &mut self,
        stream: TcpStream,
        peer: SocketAddr,
    ) -> Option<(TcpStream, Place<Network>)> {
        match self.places.take(Network::of(peer.ip())) {
            Ok(place) => Some((stream, place)),
            Err(full) => {
                refuse(stream);
                self.tell(full, peer);
                None
            }
        }
    }

    fn tell(&mut self, full: Full, peer: SocketAddr) {
        self.refused += 1;
        if self.told_at.is_none_or(|told| told.elapsed() >= TOLD_EVERY) {
            let bound = match full {
                Full::All => "connections-max",
                Full::Share => "connections-per-network-max",
            };
            tracing::warn!(bound, refused = self.refused, last = %peer, "connections are refused: there are too many");
            (self.refused, self.told_at) = (0, Some(Instant::now()));
        }
    }
}

/// Without waiting: what was sent already is read, or closing would reset the connection and with it what is said.
fn refuse(stream: TcpStream) {
    let Ok(mut stream) = stream.into_std() else { return };
    let _asked = stream.read(&mut [0; 4096]);
    // Where it can't be said, closing says it.
    let _ = stream.write_all(FULL);
}
