//! The connections under HTTP: taking them, bounding how long a head may take and how long a client may take nothing of
//! an answer, and letting them go when the server goes down.
//!
//! Never waits for a client without a bound. The framework's own loop has no timeout for a request's head, none for a
//! connection that lies idle, and waits for ever for requests under way; so the loop is ours, on the parts that it is
//! made of.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::doors::Doors;
use super::watched::Watched;
use crate::config::HttpLimits;
use crate::primitives::network::Network;
use crate::primitives::places::Place;

/// After a failure that is the machine's own (no more file descriptors): running at it helps nobody.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);

/// Most of a request's head, and of what is kept to be written; the framework's own bound is 400 KiB for each.
const BUFFER_BYTES_MAX: usize = 32 * 1024;

/// Serves until `shutdown` completes; then answers the requests under way, takes no others, and cuts off what has not
/// ended within the bound. Sockets are no longer its own: whoever speaks on them ends them.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: &HttpLimits,
    shutdown: impl Future<Output = ()> + Send,
) {
    let (closing, closed) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut doors = Doors::new(limits);
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        tokio::select! {
            (stream, peer) = accept(&listener) => {
                let Some((stream, place)) = doors.enter(stream, peer) else { continue };
                let connection = Connection { router: router.clone(), peer, limits: limits.clone() };
                connections.spawn(connection.attend(stream, place, closed.clone()));
            }
            Some(_) = connections.join_next() => {}
            () = &mut shutdown => break,
        }
    }
    drop(listener);
    closing.send_replace(true);
    let ending = async { while connections.join_next().await.is_some() {} };
    if timeout(Duration::from_secs(limits.drain_seconds_max), ending).await.is_err() {
        tracing::warn!(connections = connections.len(), "requests under way took too long and were cut off");
        connections.shutdown().await;
    }
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            // The other side went away before it was taken.
            Err(error) if matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) => {
            }
            Err(error) => {
                tracing::error!(%error, "no connection can be taken");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

struct Connection {
    router: Router,
    peer: SocketAddr,
    limits: HttpLimits,
}

impl Connection {
    async fn attend(self, stream: TcpStream, place: Place<Network>, mut closed: watch::Receiver<bool>) {
        // Without it, an event to a socket waits for the acknowledgement of the one before.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "no TCP_NODELAY on a connection");
        }
        let asked = Arc::new(AtomicBool::new(false));
        let stream = Watched::new(stream, place, Duration::from_secs(self.limits.answer_stall_seconds));
        let upgraded = stream.upgraded();
        let service = self.service(Arc::clone(&asked));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .max_buf_size(BUFFER_BYTES_MAX)
            .header_read_timeout(Duration::from_secs(self.limits.idle_seconds_max))
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        let mut connection = std::pin::pin!(connection);
        // Until its first request it is a stranger's.
        let mut first = std::pin::pin!(sleep(Duration::from_secs(self.limits.head_seconds_max)));
        let (mut leaving, mut looked) = (false, false);
        loop {
            tokio::select! {
                ended = connection.as_mut() => {
                    match ended {
                        Ok(()) => upgraded.store(true, Ordering::Relaxed),
                        Err(error) => tracing::debug!(%error, "a connection broke off"),
                    }
                    return;
                }
                _ = closed.wait_for(|closed| *closed), if !leaving => {
                    leaving = true;
                    connection.as_mut().graceful_shutdown();
                }
                () = first.as_mut(), if !looked => {
                    looked = true;
                    if !asked.load(Ordering::Relaxed) {
                        return;
                    }
                }
            }
        }
    }

    fn service(
        &self,
        asked: Arc<AtomicBool>,
    ) -> impl Service<Request<Incoming>, Response = axum::response::Response, Error = Infallible, Future: Send>
    + use<> {
        let (router, peer) = (TowerToHyperService::new(self.router.clone()), self.peer);
        service_fn(move |mut request: Request<Incoming>| {
            asked.store(true, Ordering::Relaxed);
            request.extensions_mut().insert(ConnectInfo(peer));
            router.call(request)
        })
    }
}
