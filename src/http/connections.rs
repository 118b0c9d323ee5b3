//! The connections under HTTP: taking them, bounding how long a head may take, and letting them go when the server goes
//! down.
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
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::config::HttpLimits;

/// After a failure that is the machine's own (no more file descriptors): running at it helps nobody.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);

/// Ends the connection that a request came by: for an answer whose client takes nothing. In the request's extensions.
#[derive(Clone)]
pub(super) struct Hangup(Arc<Notify>);

impl Hangup {
    pub(super) fn hang_up(&self) {
        self.0.notify_one();
    }
}

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
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        tokio::select! {
            (stream, peer) = accept(&listener) => {
                let connection = Connection { router: router.clone(), peer, limits: limits.clone() };
                connections.spawn(connection.attend(stream, closed.clone()));
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
    async fn attend(self, stream: TcpStream, mut closed: watch::Receiver<bool>) {
        // Without it, an event to a socket waits for the acknowledgement of the one before.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "no TCP_NODELAY on a connection");
        }
        let asked = Arc::new(AtomicBool::new(false));
        let hangup = Hangup(Arc::default());
        let service = self.service(Arc::clone(&asked), hangup.clone());
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
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
                    if let Err(error) = ended {
                        tracing::debug!(%error, "a connection broke off");
                    }
                    return;
                }
                _ = closed.wait_for(|closed| *closed), if !leaving => {
                    leaving = true;
                    connection.as_mut().graceful_shutdown();
                }
                () = hangup.0.notified() => return,
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
        hangup: Hangup,
    ) -> impl Service<Request<Incoming>, Response = axum::response::Response, Error = Infallible, Future: Send>
    + use<> {
        let (router, peer) = (TowerToHyperService::new(self.router.clone()), self.peer);
        service_fn(move |mut request: Request<Incoming>| {
            asked.store(true, Ordering::Relaxed);
            request.extensions_mut().insert(ConnectInfo(peer));
            request.extensions_mut().insert(hangup.clone());
            router.call(request)
        })
    }
}
