//! One connection as the hub sees it: whose it is, what calls it, and what became of it.
//!
//! Never holds an event: a connection reads by its own cursors, and a call only says that looking may be worth it.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll};

use futures_util::task::AtomicWaker;

use super::exits::Exit;
use super::identity::Identity;
use crate::platform::journal::{Effect, Event, StreamId};
use crate::primitives::actor::EndCause;
use crate::primitives::time::Timestamp;

/// Why a connection must close.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// Its session has ended: forced logout.
    Ended(EndCause),
    /// Too long without proof that nothing was missed.
    Lapsed,
    /// The server goes down.
    ShuttingDown,
}

/// What a connection was called for; several things at once, where it was called several times.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Call(u8);

impl Call {
    /// Something may be new on the person's own stream.
    pub const ACCOUNT: Self = Self(1);
    /// Something may be new on the workspace's stream.
    pub const WORKSPACE: Self = Self(2);
    /// The time that it asked for has come.
    pub const TIME: Self = Self(4);
    /// There is a verdict, or the session has to be checked again.
    pub const FATE: Self = Self(8);
    pub const EVERYTHING: Self = Self(15);

    pub const fn any(self) -> bool {
        self.0 != 0
    }

    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

/// A registered connection. One task at a time waits for its calls.
#[derive(Debug)]
pub struct Listener {
    identity: Identity,
    task: AtomicWaker,
    calls: AtomicU8,
    verdict: OnceLock<Verdict>,
    recheck: AtomicBool,
    /// Does it subscribe to anything?
    follows: AtomicBool,
    /// In microseconds; when its session ends unless it is used before.
    holds_until: AtomicI64,
    /// Up to which number of the person's own stream, and of the workspace's, a check has seen all that happened.
    checked: [AtomicI64; 2],
    /// Up to which number of the person's own stream, and of the workspace's, all its subscriptions have come.
    places: [AtomicI64; 2],
    leaving: Mutex<Leaving>,
}

/// No check has seen anything.
const UNCHECKED: i64 = i64::MIN;
/// It subscribes to nothing on the stream.
const NO_PLACE: i64 = i64::MAX;

#[derive(Debug)]
enum Leaving {
    No,
    With(#[expect(dead_code, reason = "held, so that its end is noted")] Arc<Exit>),
    Gone,
}

impl Listener {
    pub(super) fn new(identity: Identity) -> Self {
        Self {
            identity,
            task: AtomicWaker::new(),
            calls: AtomicU8::new(0),
            verdict: OnceLock::new(),
            recheck: AtomicBool::new(false),
            follows: AtomicBool::new(false),
            holds_until: AtomicI64::new(i64::MAX),
            checked: [const { AtomicI64::new(UNCHECKED) }; 2],
            places: [const { AtomicI64::new(NO_PLACE) }; 2],
            leaving: Mutex::new(Leaving::No),
        }
    }

    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// What it was called for since this was asked last.
    pub fn take_calls(&self) -> Call {
        // Looking is cheaper than taking, and mostly there is nothing.
        if self.calls.load(Ordering::Acquire) == 0 {
            return Call::default();
        }
        Call(self.calls.swap(0, Ordering::AcqRel))
    }

    /// Ready when looking at the streams, the verdict and the recheck may be worth it.
    pub fn poll_called(&self, cx: &Context<'_>) -> Poll<Call> {
        let calls = self.take_calls();
        if calls.any() {
            return Poll::Ready(calls);
        }
        self.task.register(cx.waker());
        let calls = self.take_calls();
        if calls.any() { Poll::Ready(calls) } else { Poll::Pending }
    }

    /// Returns when looking at the streams, the verdict and the recheck may be worth it.
    pub async fn called(&self) -> Call {
        std::future::poll_fn(|cx| self.poll_called(cx)).await
    }

    /// Why this connection must close, once it must. The first verdict stands.
    pub fn verdict(&self) -> Option<Verdict> {
        self.verdict.get().copied()
    }

    /// Returns when this connection must close; leaves what it was called for.
    pub async fn decided(&self) {
        std::future::poll_fn(|cx| {
            if self.verdict().is_none() {
                self.task.register(cx.waker());
            }
            if self.verdict().is_some() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    /// Must the session be checked before anything more is written? Asking takes the mark away.
    pub fn take_recheck(&self) -> bool {
        self.recheck.load(Ordering::Acquire) && self.recheck.swap(false, Ordering::AcqRel)
    }

    /// Tells the hub when the session is to be looked at again.
    pub fn set_holds_until(&self, until: Option<Timestamp>) {
        self.holds_until.store(until.map_or(i64::MAX, Timestamp::as_micros), Ordering::Release);
    }

    /// Tells how far all its subscriptions have come, on the person's own stream and on the workspace's; none where there
    /// is no subscription.
    pub fn set_places(&self, places: [Option<i64>; 2]) {
        for (place, now) in self.places.iter().zip(places) {
            place.store(now.unwrap_or(NO_PLACE), Ordering::Relaxed);
        }
    }

    /// A check found that the session holds, having seen this much of the person's own stream and of the workspace's.
    pub fn set_checked(&self, heads: [Option<i64>; 2]) {
        for (checked, head) in self.checked.iter().zip(heads) {
            checked.store(head.unwrap_or(UNCHECKED), Ordering::Release);
        }
    }

    /// Another history has begun: its numbers say nothing about what was checked.
    pub(super) fn forget_checked(&self) {
        self.set_checked([None; 2]);
    }

    pub(super) fn place(&self, stream: StreamId) -> Option<i64> {
        Some(self.places[at(stream)].load(Ordering::Relaxed)).filter(|place| *place != NO_PLACE)
    }

    pub(super) fn set_follows(&self, follows: bool) {
        self.follows.store(follows, Ordering::Release);
    }

    pub(super) fn follows(&self) -> bool {
        self.follows.load(Ordering::Acquire)
    }

    /// Ends this connection. It discards its backlog and goes.
    pub fn decide(&self, verdict: Verdict) {
        if self.verdict.set(verdict).is_ok() {
            self.call(Call::FATE);
        }
    }

    pub(super) fn call(&self, call: Call) {
        self.calls.fetch_or(call.0, Ordering::AcqRel);
        self.task.wake();
    }

    pub(super) fn demand_recheck(&self) {
        self.recheck.store(true, Ordering::Release);
        self.call(Call::FATE);
    }

    /// Demands a recheck when the session may have come of age; once per time that was told.
    pub(super) fn check_age(&self, now: Timestamp) {
        let until = self.holds_until.load(Ordering::Acquire);
        if until <= now.as_micros()
            && self.holds_until.compare_exchange(until, i64::MAX, Ordering::AcqRel, Ordering::Acquire).is_ok()
        {
            self.demand_recheck();
        }
    }

    /// Marks what the event does to this connection. What a check has seen it has judged: the session may be newer than
    /// the event, which a server that catches up hears of late.
    pub(super) fn mark(&self, event: &Event, exit: impl FnOnce() -> Arc<Exit>) {
        let Some(effect) = &event.effect else { return };
        if event.seq <= self.checked[at(event.stream)].load(Ordering::Acquire) {
            return;
        }
        if matches!(effect, Effect::CheckAnew | Effect::Unknown) {
            self.demand_recheck();
        } else if let Some(cause) = self.identity.ended_by(effect).filter(|_| self.verdict().is_none()) {
            // Before the verdict: it may be gone right after.
            let mut leaving = self.leaving.lock().unwrap_or_else(PoisonError::into_inner);
            if matches!(*leaving, Leaving::No) {
                *leaving = Leaving::With(exit());
            }
            drop(leaving);
            self.decide(Verdict::Ended(cause));
        }
    }

    /// The connection is no more.
    pub(super) fn leave(&self) {
        *self.leaving.lock().unwrap_or_else(PoisonError::into_inner) = Leaving::Gone;
    }
}

/// The place of a stream among those of a connection.
const fn at(stream: StreamId) -> usize {
    match stream {
        StreamId::Account(_) => 0,
        StreamId::Workspace(_) => 1,
    }
}
