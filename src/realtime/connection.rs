//! One connection after its handshake: the loop that everything on it goes through.
//!
//! Never waits for one thing alone: an end of the session is seen at every step, also while the client takes nothing.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use super::following::Following;
use super::operations::Operations;
use super::wire::Wire;
use super::{Shared, farewell, protocol::CloseCode};
use crate::platform::hub::{Attachment, History, Identity, Listener, Verdict};
use crate::primitives::request::Client;
use crate::primitives::rights::Rights;
use crate::primitives::secret::Secret;

/// The places of a connection's streams.
pub(super) const ACCOUNT: usize = 0;
pub(super) const WORKSPACE: usize = 1;

/// How long to wait before the database is asked again.
pub(super) const RETRY: Duration = Duration::from_millis(250);

pub(super) struct Connection {
    pub(super) shared: Arc<Shared>,
    pub(super) client: Client,
    pub(super) secret: Secret,
    /// The secret came out of a cookie: no answer on this socket tells a token.
    pub(super) by_cookie: bool,
    pub(super) wire: Wire,
    pub(super) attachment: Attachment,
    /// Its place among the sockets of this server; given back when it is dropped.
    _place: OwnedSemaphorePermit,
    pub(super) identity: Identity,
    /// What the session may do in its workspace, as of the last event that was applied; none outside of one.
    pub(super) rights: Option<Arc<Rights>>,
    /// A number of the workspace's stream: where the member's own view of it begins.
    pub(super) joined_seq: i64,
    pub(super) history: History,
    /// The person's own stream, then the workspace's.
    pub(super) streams: [Option<Following>; 2],
    pub(super) operations: Operations,
    /// Not known whether the session holds: nothing is written until it is (REV-2).
    pub(super) suspended: bool,
    pub(super) retry_at: Option<Instant>,
    pub(super) heard_at: Instant,
    pub(super) pinged_at: Instant,
    timer: std::pin::Pin<Box<tokio::time::Sleep>>,
}

/// Why a connection ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Ending {
    /// The client went away.
    Gone,
    Verdict(Verdict),
    Close(CloseCode, &'static str),
}

/// What a new connection starts from.
pub(super) struct Beginning {
    pub(super) shared: Arc<Shared>,
    pub(super) client: Client,
    pub(super) secret: Secret,
    pub(super) by_cookie: bool,
    pub(super) wire: Wire,
    pub(super) attachment: Attachment,
    pub(super) place: OwnedSemaphorePermit,
}

impl Connection {
    pub(super) fn new(beginning: Beginning) -> Self {
        let Beginning { shared, client, secret, by_cookie, wire, attachment, place } = beginning;
        let streams = [attachment.account(), attachment.workspace()];
        let streams = streams.map(|reader| reader.cloned().map(Following::new));
        let now = Instant::now();
        Self {
            operations: Operations::new(shared.parts.socket_limits.socket_operations_max),
            identity: attachment.listener().identity().clone(),
            history: attachment.history(),
            shared,
            client,
            secret,
            by_cookie,
            wire,
            attachment,
            _place: place,
            rights: None,
            joined_seq: 0,
            streams,
            suspended: false,
            retry_at: None,
            heard_at: now,
            pinged_at: now,
            timer: Box::pin(tokio::time::sleep(Duration::ZERO)),
        }
    }

    pub(super) async fn run(mut self: Box<Self>) {
        loop {
            if let Err(ending) = self.turn().await {
                return Box::pin(farewell::part(self, ending)).await;
            }
        }
    }

    pub(super) fn listener(&self) -> &Listener {
        self.attachment.listener()
    }

    /// The verdict, if there is one.
    pub(super) fn obey(&self) -> Result<(), Ending> {
        match self.listener().verdict() {
            Some(verdict) => Err(Ending::Verdict(verdict)),
            None => Ok(()),
        }
    }

    async fn turn(&mut self) -> Result<(), Ending> {
        self.obey()?;
        self.keep_proof().await?;
        let more = self.pump().await?;
        self.set_timer();
        let listener = Arc::clone(self.attachment.listener());
        tokio::select! {
            biased;
            () = listener.decided() => Ok(()),
            finished = self.operations.finished() => Box::pin(self.take_finished(finished)).await,
            turn = self.wire.turn() => self.take_turn(turn),
            () = listener.woken() => Ok(()),
            () = self.timer.as_mut() => self.take_time(),
            () = std::future::ready(()), if more => Ok(()),
        }
    }

    /// Waits for what can take long, unless the connection has to end.
    pub(super) async fn unless_ended<T>(
        listener: &Listener,
        work: impl Future<Output = T>,
    ) -> Result<T, Ending> {
        tokio::select! {
            biased;
            () = listener.decided() => {
                Err(listener.verdict().map_or(Ending::Gone, Ending::Verdict))
            }
            done = work => Ok(done),
        }
    }

    /// One timer for all that a connection waits for; it is only ever moved forward, and looks when it fires.
    fn set_timer(&mut self) {
        let ping_every = Duration::from_secs(self.shared.parts.socket_limits.socket_ping_seconds);
        let stall_max = Duration::from_secs(self.shared.parts.socket_limits.socket_stall_seconds);
        let stalled = self.wire.stalled_since().map(|since| since + stall_max);
        let next = [Some(self.pinged_at + ping_every), stalled, self.retry_at].into_iter().flatten().min();
        let next = next.expect("the next ping always comes");
        if next < self.timer.deadline() || self.timer.is_elapsed() {
            self.timer.as_mut().reset(next);
        }
    }

    fn take_time(&mut self) -> Result<(), Ending> {
        let now = Instant::now();
        let limits = &self.shared.parts.socket_limits;
        let stall_max = Duration::from_secs(limits.socket_stall_seconds);
        let ping_every = Duration::from_secs(limits.socket_ping_seconds);
        if self.wire.stalled_since().is_some_and(|since| now >= since + stall_max) {
            return Err(Ending::Close(CloseCode::TryAgainLater, "Too slow; go on from the last cursor"));
        }
        if now >= self.heard_at + 2 * ping_every + Duration::from_secs(1) {
            return Err(Ending::Close(CloseCode::TryAgainLater, "No answer to pings"));
        }
        if now >= self.pinged_at + ping_every {
            self.pinged_at = now;
            self.wire.ping();
        }
        if self.retry_at.is_some_and(|at| now >= at) {
            self.retry_at = None;
        }
        Ok(())
    }
}
