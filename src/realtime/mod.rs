//! The sockets: `graphql-transport-ws` on one task per connection.
//!
//! A connection registers with the hub before it is checked, and checks again at each subscription; what happened after
//! the check's snapshot is applied to it before its first write. It reads its streams in log order, so nothing that
//! comes after the end of its session is ever written to it but the forced logout (REV-4).
//!
//! Never lets a slow client hold up anything but itself, and never trusts a wake-up: it looks in the journal's order.

mod audience;
mod backlog;
mod connection;
mod farewell;
mod figures;
mod following;
mod frame;
mod group;
mod handshake;
mod lane;
mod operations;
mod plan;
mod protocol;
mod proving;
mod pump;
mod receive;
mod rendering;
mod rooms;
#[cfg(test)]
mod sharing_tests;
mod subscribing;
mod timing;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Request, Response, ServerError};
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use hyper::upgrade::Upgraded;

use self::connection::Connection;
use self::figures::Figures;
use self::group::{Group, Groups, Key};
use self::rooms::Rooms;
use self::wire::Wire;
use crate::access::SessionEnd;
use crate::access::check::Checker;
use crate::config::SocketLimits;
use crate::graphql::document::DocumentBounds;
use crate::graphql::errors::SessionEnded;
use crate::graphql::events::EventFields;
use crate::graphql::schema::definitions;
use crate::http::Arrival;
use crate::platform::hub::Hub;
use crate::platform::telemetry::Telemetry;
use crate::primitives::secret::Secret;
use crate::primitives::time::Clock;

/// What runs documents: the schema, with what stands around it.
pub trait Documents: Send + Sync + 'static {
    /// Runs a query or mutation for whoever holds the credential, checked like a request over HTTP.
    fn run(&self, secret: Secret, request: Request) -> BoxFuture<'_, Response>;

    /// Runs a subscription's document. Nobody's credential comes with it.
    fn subscribe(&self, request: Request) -> BoxStream<'static, Response>;

    /// The end of a session as it is told to whoever is put out, with the contact where it is known in time.
    fn ended(&self, end: SessionEnd) -> BoxFuture<'_, SessionEnded>;
}

/// What the sockets are made of.
pub struct Parts {
    pub hub: Hub,
    pub checker: Checker,
    pub clock: Clock,
    pub documents: Arc<dyn Documents>,
    pub socket_limits: SocketLimits,
    pub document_bounds: Arc<DocumentBounds>,
    pub telemetry: Arc<Telemetry>,
}

/// Serves sockets. Clones share everything.
#[derive(Clone)]
pub struct Realtime(Arc<Shared>);

struct Shared {
    parts: Parts,
    event_fields: EventFields,
    figures: Arc<Figures>,
    groups: Arc<Groups>,
    rooms: Rooms,
}

/// How long a connection may take to say farewell: then it is aborted.
const FAREWELL_MAX: Duration = Duration::from_secs(2);

impl Realtime {
    pub fn new(parts: Parts) -> Self {
        let event_fields = EventFields::of(definitions());
        let rooms = Rooms::new(&parts.socket_limits);
        let figures = Arc::new(Figures::new(&parts.telemetry));
        let groups = Groups::new(Arc::clone(&figures), parts.document_bounds.limits.introspection);
        Self(Arc::new(Shared { parts, event_fields, figures, groups, rooms }))
    }

    /// Speaks on an upgraded connection until it ends.
    pub fn serve(&self, socket: Upgraded, arrival: Arrival) -> BoxFuture<'static, ()> {
        let shared = Arc::clone(&self.0);
        Box::pin(async move {
            // Boxed: what is needed once must not take room for as long as the connection lives.
            if let Some(connection) = Box::pin(begin(shared, socket, arrival)).await {
                connection.run().await;
            }
        })
    }
}

/// From the upgrade to a connection that is let in.
async fn begin(shared: Arc<Shared>, socket: Upgraded, arrival: Arrival) -> Option<Box<Connection>> {
    let wire = Wire::new(socket, &shared.parts.socket_limits, Arc::clone(&shared.figures));
    let Some(_waiting) = shared.rooms.wait(arrival.client.address) else {
        farewell::refuse_crowd(wire).await;
        return None;
    };
    match handshake::shake(shared, wire, arrival).await {
        Ok(connection) => Some(connection),
        Err((wire, ending)) => {
            farewell::close(wire, &ending).await;
            None
        }
    }
}

impl Shared {
    fn subscribe(&self, request: Request) -> BoxStream<'static, Response> {
        self.parts.documents.subscribe(request)
    }

    /// Joins those who listen to the same, or begins with it.
    async fn join(&self, key: Key) -> Result<Arc<Group>, Vec<ServerError>> {
        self.groups.join(key, &|request| self.subscribe(request)).await
    }
}
