//! One connection after its handshake: the loop that everything on it goes through.
//!
//! Never waits for one thing alone: an end of the session is seen at every step, also while the client takes nothing.

use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use super::following::Following;
use super::operations::{Finished, Operations};
use super::rooms::Holder;
use super::timing::Timer;
use super::wire::{Turn, Wire};
use super::{Shared, farewell, protocol::CloseCode};
use crate::platform::hub::{Attachment, Call, History, Identity, Listener, Verdict};
use crate::primitives::places::Place;
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
    _place: Place<Holder>,
    pub(super) identity: Identity,
    /// What the session may do in its workspace, as of the last event that was applied; none outside of one.
    pub(super) rights: Option<Arc<Rights>>,
    /// A number of the workspace's stream: where the member's own view of it begins.
    pub(super) joined_seq: i64,
    pub(super) history: History,
    /// The installation's id as the last check has read it; none before the first.
    pub(super) epoch_id: Option<Uuid>,
    /// The person's own stream, then the workspace's.
    pub(super) streams: [Option<Following>; 2],
    pub(super) operations: Operations,
    /// Not known whether the session holds: nothing is written until it is (REV-2).
    pub(super) suspended: bool,
    pub(super) retry_at: Option<Instant>,
    pub(super) heard_at: Instant,
    pub(super) pinged_at: Instant,
    pub(super) timer: Timer,
    /// What it was called for and has not done yet.
    pub(super) pending: Call,
    /// Events that were sent and are not counted yet.
    pub(super) delivered: u64,
}

/// The next thing to do.
enum Step {
    Called(Call),
    Finished(Result<Finished, String>),
    Turned(Turn),
    More,
}

/// Why a connection ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Ending {
    /// The client went away.
    Gone,
    /// It said so, and waits to hear that it was heard.
    Left,
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
    pub(super) place: Place<Holder>,
}

impl Connection {
    pub(super) fn new(beginning: Beginning) -> Self {
        let Beginning { shared, client, secret, by_cookie, wire, attachment, place } = beginning;
        let streams = [Some(attachment.account()), attachment.workspace()];
        let streams = streams.map(|reader| reader.cloned().map(Following::new));
        let now = Instant::now();
        Self {
            operations: Operations::new(shared.parts.socket_limits.socket_operations_max),
            identity: attachment.listener().identity().clone(),
            history: attachment.history(),
            epoch_id: None,
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
            timer: Timer::default(),
            pending: Call::EVERYTHING,
            delivered: 0,
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
        self.pending = self.pending.with(self.listener().take_calls());
        self.obey()?;
        if self.pending.has(Call::TIME) {
            self.take_time()?;
        }
        self.keep_proof().await?;
        let more = self.pump().await?;
        self.set_timer();
        match self.wait(more).await {
            Step::Called(calls) => self.pending = self.pending.with(calls),
            Step::Finished(finished) => Box::pin(self.take_finished(finished)).await?,
            Step::Turned(turn) => self.take_turn(turn)?,
            Step::More => {}
        }
        Ok(())
    }

    /// Waits for the next thing to do. All in one look, without a future for each: it is taken at every event.
    async fn wait(&mut self, more: bool) -> Step {
        let stall_max = Duration::from_secs(self.shared.parts.socket_limits.socket_stall_seconds);
        let Self { attachment, operations, wire, timer, .. } = self;
        let listener = attachment.listener();
        let mut woken = false;
        std::future::poll_fn(|cx| {
            // Mostly this is why it was woken; but not the first time, or calls in a row would keep the wire waiting.
            if woken && let Poll::Ready(calls) = listener.poll_called(cx) {
                return Poll::Ready(Step::Called(calls));
            }
            woken = true;
            if listener.verdict().is_some() {
                return Poll::Ready(Step::Called(Call::FATE));
            }
            if let Poll::Ready(finished) = operations.poll_finished(cx) {
                return Poll::Ready(Step::Finished(finished));
            }
            if let Poll::Ready(turn) = wire.poll_turn(cx) {
                return Poll::Ready(Step::Turned(turn));
            }
            if let Some(since) = wire.stalled_since() {
                timer.set(since + stall_max, attachment);
            }
            match listener.poll_called(cx) {
                Poll::Ready(calls) => Poll::Ready(Step::Called(calls)),
                Poll::Pending if more => Poll::Ready(Step::More),
                Poll::Pending => Poll::Pending,
            }
        })
        .await
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
}
