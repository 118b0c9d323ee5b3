//! One connection as the hub sees it: whose it is, what wakes it, and what became of it.
//!
//! Never holds an event: a connection reads by its own cursors, and a wake-up only says that looking may be worth it.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use tokio::sync::Notify;

use super::identity::Identity;
use crate::platform::journal::{Effect, Event, Subject};
use crate::primitives::actor::{Audience, EndCause};
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

/// A registered connection.
#[derive(Debug)]
pub struct Listener {
    identity: Identity,
    wake: Notify,
    /// Apart from the other wake-ups, so that whoever waits for the verdict alone takes none of them away.
    decided: Notify,
    verdict: OnceLock<Verdict>,
    recheck: AtomicBool,
    /// Does it subscribe to anything?
    follows: AtomicBool,
    /// May it read the audit trail?
    audits: AtomicBool,
    /// In microseconds; when its session ends unless it is used before.
    holds_until: AtomicI64,
}

impl Listener {
    pub(super) fn new(identity: Identity) -> Self {
        Self {
            identity,
            wake: Notify::new(),
            decided: Notify::new(),
            verdict: OnceLock::new(),
            recheck: AtomicBool::new(false),
            follows: AtomicBool::new(false),
            audits: AtomicBool::new(false),
            holds_until: AtomicI64::new(i64::MAX),
        }
    }

    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Returns when looking at the streams, the verdict and the recheck may be worth it.
    pub async fn woken(&self) {
        self.wake.notified().await;
    }

    /// Why this connection must close, once it must. The first verdict stands.
    pub fn verdict(&self) -> Option<Verdict> {
        self.verdict.get().copied()
    }

    /// Returns when this connection must close. For one task at a time.
    pub async fn decided(&self) {
        if self.verdict().is_none() {
            self.decided.notified().await;
        }
    }

    /// Must the session be checked before anything more is written? Asking takes the mark away.
    pub fn take_recheck(&self) -> bool {
        self.recheck.swap(false, Ordering::AcqRel)
    }

    /// Tells the hub what this connection wants to be woken for.
    pub fn set_interest(&self, follows: bool, audits: bool) {
        self.follows.store(follows, Ordering::Release);
        self.audits.store(audits, Ordering::Release);
    }

    /// Tells the hub when the session is to be looked at again.
    pub fn set_holds_until(&self, until: Option<Timestamp>) {
        self.holds_until.store(until.map_or(i64::MAX, Timestamp::as_micros), Ordering::Release);
    }

    /// Ends this connection. It discards its backlog and goes.
    pub fn decide(&self, verdict: Verdict) {
        if self.verdict.set(verdict).is_ok() {
            self.decided.notify_one();
            self.wake.notify_one();
        }
    }

    pub(super) fn wake(&self) {
        self.wake.notify_one();
    }

    pub(super) fn demand_recheck(&self) {
        self.recheck.store(true, Ordering::Release);
        self.wake.notify_one();
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

    /// Marks what the effect does to this connection.
    pub(super) fn mark(&self, effect: &Effect) {
        if matches!(effect, Effect::CheckAnew | Effect::Unknown) {
            self.demand_recheck();
        } else if let Some(cause) = self.identity.ended_by(effect) {
            self.decide(Verdict::Ended(cause));
        }
    }

    /// Is the event worth waking this connection? Too often costs a look; never is made good by the next wake-up.
    pub(super) fn wants(&self, event: &Event) -> bool {
        if !self.follows.load(Ordering::Acquire) {
            return false;
        }
        let audits = self.audits.load(Ordering::Acquire);
        match event.audience {
            Audience::Members => true,
            Audience::Admins => audits,
            Audience::AdminsAndSubject => audits || self.is_subject(event),
            Audience::Subject => self.is_subject(event),
        }
    }

    fn is_subject(&self, event: &Event) -> bool {
        match event.subject {
            Some(Subject::Member(member)) => self.identity.member() == Some(member),
            Some(Subject::Account(account)) => self.identity.account() == account,
            None => false,
        }
    }
}
