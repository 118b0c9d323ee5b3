//! All who listen to the same stream with the same plan and the same permissions: each event is executed and
//! serialised once for them, by whoever needs it first.
//!
//! Never knows who they are: what it holds is of no person, and an answer that could not be rendered is not remembered.

use std::collections::VecDeque;
use std::collections::hash_map::{Entry, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use async_graphql::{Request, Response, ServerError};
use axum::body::Bytes;
use futures_util::stream::BoxStream;
use tokio::sync::OnceCell;

use super::figures::Figures;
use super::frame;
use super::plan::Plan;
use super::protocol;
use super::rendering::Rendering;
use crate::graphql::errors::{self, TopLevelCode};
use crate::graphql::events::EventItem;
use crate::platform::journal::{Event, StreamId};
use crate::primitives::cursor::EventCursor;
use crate::primitives::ids::EventId;
use crate::primitives::request::RequestId;
use crate::primitives::rights::PermissionSet;

/// Answers that a group remembers at most, in number and in bytes: enough for those who are a little behind.
const ANSWERS_MAX: usize = 64;
const ANSWER_BYTES_MAX: usize = 256 * 1024;

/// What two subscribers must have in common to share.
#[derive(Clone, Debug, Eq, PartialEq, Hash)]
pub(super) struct Key {
    pub(super) stream: StreamId,
    pub(super) plan: Arc<Plan>,
    /// None on a person's own stream.
    pub(super) permissions: Option<Arc<PermissionSet>>,
}

/// Runs a plan's document.
pub(super) type Subscribe<'a> = &'a (dyn Fn(Request) -> BoxStream<'static, Response> + Sync);

/// All groups of this server.
pub(super) struct Groups {
    open: Mutex<HashMap<Key, Weak<Group>>>,
    figures: Arc<Figures>,
    /// May errors suggest names of fields?
    hints: bool,
}

/// Lives as long as a subscription holds it.
pub(super) struct Group {
    key: Key,
    groups: Arc<Groups>,
    rendering: tokio::sync::Mutex<Rendering<EventItem>>,
    answers: Mutex<VecDeque<Remembered>>,
}

struct Remembered {
    /// Both: in a history that was set back, a place is taken again by another event.
    place: (EventCursor, EventId),
    answer: Arc<Answer>,
}

/// Set once; whoever waits for it gets what came of it, also when nothing did.
type Answer = OnceCell<Result<Shown, Unavailable>>;

/// The event can't be rendered now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Unavailable;

/// An event as all of a group see it.
#[derive(Debug)]
pub(super) struct Shown {
    /// An execution result in JSON.
    payload: String,
    /// The frame of the first who took it, with what stands before the payload in it: clients tend to count their
    /// operations alike.
    first: OnceLock<(Box<str>, Bytes)>,
}

impl Shown {
    /// The frame for one operation; `opening` is all of its message before the payload.
    pub(super) fn frame(&self, opening: &str) -> Bytes {
        let whole = || frame::text(&protocol::closed(opening, &self.payload));
        let (own, frame) = self.first.get_or_init(|| (opening.into(), whole()));
        if **own == *opening { frame.clone() } else { whole() }
    }
}

impl Groups {
    pub(super) fn new(figures: Arc<Figures>, hints: bool) -> Arc<Self> {
        Arc::new(Self { open: Mutex::default(), figures, hints })
    }

    /// The group of this key; it begins with the first who asks for it, and is refused if its document is.
    pub(super) async fn join(
        self: &Arc<Self>,
        key: Key,
        subscribe: Subscribe<'_>,
    ) -> Result<Arc<Group>, Vec<ServerError>> {
        if let Some(group) = self.open().get(&key).and_then(Weak::upgrade) {
            return Ok(group);
        }
        let (rendering, _) = Rendering::start(key.plan.request(), subscribe).await?;
        self.figures.groups.add(1);
        let group = Arc::new(Group {
            key: key.clone(),
            groups: Arc::clone(self),
            rendering: tokio::sync::Mutex::new(rendering),
            answers: Mutex::default(),
        });
        // Dropped when the lock is free again: another may have been first.
        Ok(self.enter(key, &group).unwrap_or(group))
    }

    /// The one that is there already, if there is one.
    fn enter(&self, key: Key, group: &Arc<Group>) -> Option<Arc<Group>> {
        match self.open().entry(key) {
            Entry::Occupied(mut entry) => {
                let other = entry.get().upgrade();
                if other.is_none() {
                    entry.insert(Arc::downgrade(group));
                }
                other
            }
            Entry::Vacant(entry) => {
                entry.insert(Arc::downgrade(group));
                None
            }
        }
    }

    fn open(&self) -> MutexGuard<'_, HashMap<Key, Weak<Group>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.groups.figures.groups.add(-1);
        let mut open = self.groups.open();
        // Another may have taken its place.
        if open.get(&self.key).is_some_and(|group| group.strong_count() == 0) {
            open.remove(&self.key);
        }
    }
}

impl Group {
    pub(super) fn key(&self) -> &Key {
        &self.key
    }

    /// The event as this group sees it, if somebody has rendered it.
    pub(super) fn find(self: &Arc<Self>, event: &Event, cursor: EventCursor) -> Arc<Answer> {
        let place = (cursor, event.id);
        let mut answers = self.answers();
        if Arc::strong_count(self) == 1 {
            // Nobody else will ask.
            *answers = VecDeque::new();
            return Arc::default();
        }
        if let Some(found) = answers.iter().rev().find(|remembered| remembered.place == place) {
            return Arc::clone(&found.answer);
        }
        while answers.len() >= ANSWERS_MAX || bytes(&answers) >= ANSWER_BYTES_MAX {
            answers.pop_front();
        }
        let answer = Arc::<Answer>::default();
        answers.push_back(Remembered { place, answer: Arc::clone(&answer) });
        answer
    }

    /// Renders what `find` found not yet rendered; one at a time does, the others wait for it.
    pub(super) async fn complete<'a>(
        &self,
        answer: &'a Arc<Answer>,
        event: &Arc<Event>,
        cursor: EventCursor,
    ) -> Result<&'a Shown, Unavailable> {
        let render = async {
            let permissions = self.key.permissions.clone();
            let shown = self.render(EventItem::Event { event: Arc::clone(event), cursor, permissions }).await;
            if shown.is_err() {
                // Whoever comes later tries again.
                self.answers().retain(|remembered| !Arc::ptr_eq(&remembered.answer, answer));
            }
            shown
        };
        answer.get_or_init(|| render).await.as_ref().map_err(|unavailable| *unavailable)
    }

    /// Renders for one alone.
    pub(super) async fn render(&self, item: EventItem) -> Result<Shown, Unavailable> {
        let response = self.rendering.lock().await.render(item).await;
        self.groups.figures.executions.increment();
        if response.errors.iter().any(|error| errors::code(error) == Some(TopLevelCode::Unavailable)) {
            return Err(Unavailable);
        }
        // An error is found in the log by this id; it is of the rendering, not of whoever asked.
        let response = errors::finish(response, &RequestId::mint(), self.groups.hints);
        Ok(Shown { payload: protocol::result(&response), first: OnceLock::new() })
    }

    fn answers(&self) -> MutexGuard<'_, VecDeque<Remembered>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn bytes(answers: &VecDeque<Remembered>) -> usize {
    let shown = answers.iter().filter_map(|remembered| remembered.answer.get()?.as_ref().ok());
    shown.map(|shown| shown.payload.len()).sum()
}
