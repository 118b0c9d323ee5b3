//! One stream as this server knows it: its last events, and who listens.
//!
//! Never hands out an event before all its predecessors, and never waits: what it lacks, the journal is asked for by
//! `catch_up`, one asking at a time.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use super::exits::{Exit, Exits};
use super::identity::member_of;
use super::listener::{Call, Listener, Verdict};
use super::ring::{Push, Ring};
use super::roll::{Class, Roll};
use crate::platform::journal::{Effect, Event, StreamId, Subject};
use crate::primitives::actor::Audience;

/// So many events at most pass before everybody who listens is called, wanted or not: a sleeper never falls off the
/// ring.
const fn call_all_every(capacity: usize) -> usize {
    capacity.div_ceil(4)
}

#[derive(Debug)]
pub(super) struct Feed {
    pub(super) stream: StreamId,
    exits: Exits,
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
    since_all_called: usize,
    roll: Roll,
    /// Who has to be called from the beginning, for what was delivered since the round under way began.
    to_call: Option<Class>,
    round: Option<Round>,
}

/// A round of calls: whom, and how far it has come.
#[derive(Clone, Copy, Debug)]
struct Round {
    class: Class,
    after: Option<u64>,
}

/// What a feed needs after it was told something.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[must_use]
pub(super) struct Need {
    /// The journal holds more: somebody must read it now.
    pub(super) catch_up: bool,
    /// Somebody has to be called, and nobody is at it.
    pub(super) call: bool,
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
    pub(super) fn new(
        stream: StreamId,
        history: u64,
        ring_capacity: usize,
        (now, exits): (i64, Exits),
    ) -> Self {
        let state = State {
            history,
            ring: Ring::new(ring_capacity),
            ring_capacity,
            target: 0,
            reading: false,
            unproven: None,
            since_all_called: 0,
            roll: match stream {
                StreamId::Workspace(_) => Roll::default(),
                StreamId::Account(_) => Roll::of_one_person(),
            },
            to_call: None,
            round: None,
        };
        Self { stream, exits, proven_at: AtomicI64::new(now), state: Mutex::new(state) }
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
        self.state().roll.enter(id, listener);
    }

    /// True when nobody listens any more.
    pub(super) fn leave(&self, id: u64) -> bool {
        let mut state = self.state();
        state.roll.leave(id);
        state.roll.count() == 0
    }

    /// What one who listens wants to be called for.
    pub(super) fn set_interest(&self, id: u64, follows: bool, audits: bool) {
        self.state().roll.set_interest(id, follows, audits);
    }

    /// Ends all who listen.
    pub(super) fn end_all(&self, verdict: Verdict) {
        self.state().roll.everybody().for_each(|listener| listener.decide(verdict));
    }

    pub(super) fn listeners(&self) -> usize {
        self.state().roll.count()
    }

    /// Events that were committed together, in their order. Whoever they put out is marked before this returns.
    pub(super) fn deliver(&self, events: &[Arc<Event>]) -> Need {
        let mut state = self.state();
        let mut need = Need::default();
        for event in events {
            match state.ring.push(event) {
                Push::Known => {}
                Push::Ahead => need.catch_up |= state.want(event.seq),
                Push::Appended => self.tell(&mut state, event),
            }
        }
        self.settle(&mut state);
        Need { call: state.begin_round(), ..need }
    }

    /// Calls the next of those who are to be called; false when all are.
    pub(super) fn call_some(&self, most: usize) -> bool {
        let (some, more) = self.state().next_to_call(most);
        let call = self.call();
        // Not under the lock: whoever is called needs it.
        for listener in some {
            listener.call(call);
        }
        more
    }

    const fn call(&self) -> Call {
        match self.stream {
            StreamId::Workspace(_) => Call::WORKSPACE,
            StreamId::Account(_) => Call::ACCOUNT,
        }
    }

    /// The journal is said to reach this number. Where a ring begins is only taken from the journal itself.
    pub(super) fn announce(&self, seq: i64) -> Need {
        Need { catch_up: self.state().want(seq), call: false }
    }

    /// The journal reached this number in somebody's snapshot.
    pub(super) fn saw(&self, head: i64) -> Need {
        let mut state = self.state();
        state.ring.begin(head);
        Need { catch_up: state.want(head), call: false }
    }

    /// The journal was asked at `asked_at` and reached this number.
    pub(super) fn proves(&self, head: i64, asked_at: i64) -> Need {
        let mut state = self.state();
        state.ring.begin(head);
        state.unproven = Some((head, asked_at));
        self.settle(&mut state);
        Need { catch_up: state.want(head), call: false }
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
    pub(super) fn read(&self, events: Vec<Event>, history: u64) -> Need {
        let mut state = self.state();
        if state.history != history {
            return Need::default();
        }
        if events.is_empty() {
            state.target = state.ring.head().unwrap_or_default();
            state.unproven = None;
        }
        for event in events.into_iter().map(Arc::new) {
            match state.ring.push(&event) {
                Push::Known => continue,
                Push::Appended => {}
                Push::Ahead => self.pass_gap(&mut state, &event),
            }
            self.tell(&mut state, &event);
        }
        self.settle(&mut state);
        Need { catch_up: false, call: state.begin_round() }
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
        for listener in state.roll.everybody() {
            listener.forget_checked();
            listener.demand_recheck();
        }
    }

    /// The journal itself goes on beyond what is missing in it: the operator archived it, or it is damaged. Waiting for it
    /// would be for ever; whoever has not seen it finds out by reading.
    fn pass_gap(&self, state: &mut State, event: &Arc<Event>) {
        tracing::warn!(
            stream = ?self.stream, after = state.ring.head(), next = event.seq,
            "events are missing in the journal; whoever has not seen them begins anew"
        );
        state.ring.begin_with(event);
        state.to_call = Some(Class::Everybody);
    }

    /// Marks whoever the event puts out, and sees to it that whoever may want it is called.
    fn tell(&self, state: &mut State, event: &Event) {
        state.since_all_called += 1;
        let mut class = class_of(event);
        if state.since_all_called >= call_all_every(state.ring_capacity) {
            state.since_all_called = 0;
            class = Some(Class::Everybody);
        }
        state.to_call = state.to_call.max(class);
        let mut exit: Option<Arc<Exit>> = None;
        let mut exit = || Arc::clone(exit.get_or_insert_with(|| self.exits.begin(event.occurred_at)));
        if let Some(Effect::CheckAnew | Effect::Unknown) = &event.effect {
            state.roll.everybody().for_each(|listener| listener.mark(event, &mut exit));
        }
        for listener in persons(event).flat_map(|person| state.roll.of_person(person)) {
            listener.mark(event, &mut exit);
            listener.call(self.call());
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

impl State {
    /// True when somebody has to begin reading.
    fn want(&mut self, target: i64) -> bool {
        self.target = self.target.max(target);
        let behind = self.ring.head().is_some_and(|head| head < self.target);
        let begins = behind && !self.reading;
        self.reading |= begins;
        begins
    }

    /// True when somebody is to be called and nobody is at it.
    fn begin_round(&mut self) -> bool {
        if self.round.is_some() {
            return false;
        }
        self.round = self.to_call.take().map(|class| Round { class, after: None });
        self.round.is_some()
    }

    fn next_to_call(&mut self, most: usize) -> (Vec<Arc<Listener>>, bool) {
        let Some(round) = self.round.take() else { return (Vec::new(), false) };
        let (some, after) = self.roll.next(round.class, round.after, most);
        match after {
            Some(_) => self.round = Some(Round { after, ..round }),
            None => {
                self.begin_round();
            }
        }
        (some, self.round.is_some())
    }
}

/// Who may want the event, those apart whom it concerns by name. Too many cost a look each; who is missed is called
/// for a later one.
fn class_of(event: &Event) -> Option<Class> {
    let by_effect = matches!(event.effect, Some(Effect::ChangeRoleRights { .. })).then_some(Class::Followers);
    let by_audience = match event.audience {
        Audience::Members => Some(Class::Followers),
        Audience::Admins | Audience::AdminsAndSubject => Some(Class::Auditors),
        Audience::Subject => None,
    };
    by_effect.max(by_audience)
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
