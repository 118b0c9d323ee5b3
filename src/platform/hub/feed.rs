//! One stream as this server knows it: its last events, and who listens.
//!
//! Never hands out an event before all its predecessors, and never waits: what it lacks, the journal is asked for by
//! `catch_up`, one asking at a time.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use super::identity::member_of;
use super::listener::Listener;
use super::ring::{Push, Ring};
use crate::platform::journal::{Effect, Event, StreamId, Subject};
use crate::primitives::actor::Audience;

/// So many events at most pass before everybody who listens is woken, wanted or not: a sleeper never falls off the
/// ring.
const fn wake_all_every(capacity: usize) -> usize {
    capacity.div_ceil(4)
}

#[derive(Debug)]
pub(super) struct Feed {
    pub(super) stream: StreamId,
    /// When it was last known that nothing is missing here, in microseconds of the hub's own time.
    proven_at: AtomicI64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Which history the numbers belong to.
    history: u64,
    ring: Ring,
    ring_capacity: usize,
    /// The highest number that the journal is said to hold.
    target: i64,
    /// Is somebody reading the journal for this feed?
    reading: bool,
    /// A look at the journal that told more than is known here: its head, and when it was asked.
    unproven: Option<(i64, i64)>,
    since_all_woken: usize,
    listeners: HashMap<u64, Arc<Listener>>,
    /// By member and by account.
    people: HashMap<Uuid, HashMap<u64, Arc<Listener>>>,
}

/// What a feed needs after it was told something.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use]
pub(super) enum Need {
    Nothing,
    /// The journal holds more: somebody must read it now.
    CatchUp,
}

/// What a feed can tell of the events after a number.
#[derive(Debug)]
pub(super) enum After {
    Here(Vec<Arc<Event>>),
    /// They lie below the ring; the journal holds them, up to this head.
    InJournal {
        head: i64,
    },
    /// The number belongs to a history that is gone.
    Rewound,
}

impl Feed {
    pub(super) fn new(stream: StreamId, history: u64, ring_capacity: usize, now: i64) -> Self {
        let state = State {
            history,
            ring: Ring::new(ring_capacity),
            ring_capacity,
            target: 0,
            reading: false,
            unproven: None,
            since_all_woken: 0,
            listeners: HashMap::new(),
            people: HashMap::new(),
        };
        Self { stream, proven_at: AtomicI64::new(now), state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn proven_at(&self) -> i64 {
        self.proven_at.load(Ordering::Acquire)
    }

    pub(super) fn head(&self) -> Option<i64> {
        self.state().ring.head()
    }

    pub(super) fn join(&self, id: u64, listener: &Arc<Listener>) {
        let mut state = self.state();
        for person in people_of(listener) {
            state.people.entry(person).or_default().insert(id, Arc::clone(listener));
        }
        state.listeners.insert(id, Arc::clone(listener));
    }

    /// True when nobody listens any more.
    pub(super) fn leave(&self, id: u64) -> bool {
        let mut state = self.state();
        if let Some(listener) = state.listeners.remove(&id) {
            for person in people_of(&listener) {
                let gone = state.people.get_mut(&person).is_some_and(|own| {
                    own.remove(&id);
                    own.is_empty()
                });
                if gone {
                    state.people.remove(&person);
                }
            }
        }
        state.listeners.is_empty()
    }

    /// An event that was committed. Whoever it puts out is marked before this returns.
    pub(super) fn deliver(&self, event: &Arc<Event>) -> Need {
        let mut state = self.state();
        match state.ring.push(event) {
            Push::Known => Need::Nothing,
            Push::Ahead => state.want(event.seq),
            Push::Appended => {
                self.settle(&mut state);
                state.tell(event);
                Need::Nothing
            }
        }
    }

    /// The journal is said to reach this number. Where a ring begins is only taken from the journal itself.
    pub(super) fn announce(&self, seq: i64) -> Need {
        self.state().want(seq)
    }

    /// The journal reached this number in somebody's snapshot.
    pub(super) fn saw(&self, head: i64) -> Need {
        let mut state = self.state();
        state.ring.begin(head);
        state.want(head)
    }

    /// The journal was asked at `asked_at` and reached this number.
    pub(super) fn proves(&self, head: i64, asked_at: i64) -> Need {
        let mut state = self.state();
        state.ring.begin(head);
        state.unproven = Some((head, asked_at));
        self.settle(&mut state);
        state.want(head)
    }

    /// Where the journal has to be read from, and in which history; none when enough has been read.
    pub(super) fn next_to_read(&self) -> Option<(i64, u64)> {
        let mut state = self.state();
        match state.ring.head().filter(|head| *head < state.target) {
            Some(head) => Some((head, state.history)),
            None => {
                state.reading = false;
                None
            }
        }
    }

    /// What the journal answered. Nothing at all where more was announced means that the announcement was false.
    pub(super) fn read(&self, events: Vec<Event>, history: u64) {
        let mut state = self.state();
        if state.history != history {
            return;
        }
        if events.is_empty() {
            state.target = state.ring.head().unwrap_or_default();
            state.unproven = None;
        }
        for event in events.into_iter().map(Arc::new) {
            if state.ring.push(&event) == Push::Appended {
                state.tell(&event);
            }
        }
        self.settle(&mut state);
    }

    /// The journal could not be read; the next look at the heads starts again.
    pub(super) fn stop_reading(&self) {
        self.state().reading = false;
    }

    pub(super) fn after(&self, cursor: i64, limit: usize, history: u64) -> After {
        let state = self.state();
        if state.history != history {
            return After::Rewound;
        }
        match state.ring.after(cursor, limit) {
            Some(events) => After::Here(events),
            None => After::InJournal { head: state.ring.head().unwrap_or_default() },
        }
    }

    /// Another history has begun: forgets all that was known and tells whoever listens.
    pub(super) fn rewind(&self, history: u64) {
        let mut state = self.state();
        state.history = history;
        state.ring.clear();
        state.target = 0;
        state.unproven = None;
        for listener in state.listeners.values() {
            listener.demand_recheck();
        }
    }

    /// Takes a look at the journal as proof once everything that it told is here.
    fn settle(&self, state: &mut State) {
        let head = state.ring.head();
        if let Some((_, asked_at)) = state.unproven.take_if(|(told, _)| head >= Some(*told)) {
            self.proven_at.fetch_max(asked_at, Ordering::AcqRel);
        }
    }
}

fn people_of(listener: &Listener) -> impl Iterator<Item = Uuid> + use<> {
    let identity = listener.identity();
    [Some(identity.account().as_uuid()), identity.member().map(|member| member.as_uuid())]
        .into_iter()
        .flatten()
}

impl State {
    fn want(&mut self, target: i64) -> Need {
        self.target = self.target.max(target);
        let behind = self.ring.head().is_some_and(|head| head < self.target);
        if !behind || self.reading {
            return Need::Nothing;
        }
        self.reading = true;
        Need::CatchUp
    }

    /// Marks whoever the event puts out, and wakes whoever may want it.
    fn tell(&mut self, event: &Event) {
        self.since_all_woken += 1;
        if self.since_all_woken >= wake_all_every(self.ring_capacity) {
            self.since_all_woken = 0;
            self.listeners.values().for_each(|listener| listener.wake());
        }
        if concerns_all(event) {
            for listener in self.listeners.values() {
                tell_one(listener, event);
            }
            return;
        }
        for person in persons(event) {
            for listener in self.people.get(&person).into_iter().flat_map(HashMap::values) {
                tell_one(listener, event);
                listener.wake();
            }
        }
    }
}

fn tell_one(listener: &Listener, event: &Event) {
    if let Some(effect) = &event.effect {
        listener.mark(effect);
    }
    if listener.wants(event) {
        listener.wake();
    }
}

/// Does the event have to be looked at for every listener?
const fn concerns_all(event: &Event) -> bool {
    matches!(event.effect, Some(Effect::ChangeRoleRights { .. } | Effect::CheckAnew | Effect::Unknown))
        || !matches!(event.audience, Audience::Subject)
}

/// Whom an event concerns by name.
fn persons(event: &Event) -> impl Iterator<Item = Uuid> + use<> {
    let subject = event.subject.map(|subject| match subject {
        Subject::Member(member) => member.as_uuid(),
        Subject::Account(account) => account.as_uuid(),
    });
    let effect = event.effect.as_ref().and_then(|effect| match effect {
        Effect::EndAccountSessions { account, .. } | Effect::EndAccountSession { account, .. } => {
            Some(account.as_uuid())
        }
        effect => member_of(effect).map(|member| member.as_uuid()),
    });
    subject.into_iter().chain(effect.filter(|person| Some(*person) != subject))
}
