//! Who listens to a stream, found by what they want: everybody, those who read the audit trail, one person.
//!
//! Never holds anybody up: it is gone through in bounded pieces, so that nobody waits for thousands to be called.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use uuid::Uuid;

use super::listener::Listener;

/// Everybody who is called for an event, one class within the other.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Ord, PartialOrd)]
pub(super) enum Class {
    /// Who subscribes to something and may read the audit trail.
    Auditors,
    /// Who subscribes to something.
    Followers,
    /// Who is connected.
    Everybody,
}

/// In the order of their registrations, so that a round goes on where it stopped.
#[derive(Debug, Default)]
pub(super) struct Roll {
    all: BTreeMap<u64, Arc<Listener>>,
    /// Empty where all are of one person: there whoever follows is called.
    auditors: BTreeMap<u64, Arc<Listener>>,
    /// By member and by account; empty where all are of one person.
    people: BTreeMap<(Uuid, u64), Arc<Listener>>,
    of_one_person: bool,
}

impl Roll {
    /// Of one person's own stream: whatever concerns anybody there concerns all.
    pub(super) fn of_one_person() -> Self {
        Self { of_one_person: true, ..Self::default() }
    }

    pub(super) fn enter(&mut self, id: u64, listener: &Arc<Listener>) {
        for person in people_of(listener).filter(|_| !self.of_one_person) {
            self.people.insert((person, id), Arc::clone(listener));
        }
        self.all.insert(id, Arc::clone(listener));
    }

    pub(super) fn leave(&mut self, id: u64) {
        let Some(listener) = self.all.remove(&id) else { return };
        self.auditors.remove(&id);
        for person in people_of(&listener) {
            self.people.remove(&(person, id));
        }
    }

    pub(super) fn set_interest(&mut self, id: u64, follows: bool, audits: bool) {
        let Some(listener) = self.all.get(&id) else { return };
        listener.set_follows(follows);
        if follows && audits && !self.of_one_person {
            self.auditors.insert(id, Arc::clone(listener));
        } else {
            self.auditors.remove(&id);
        }
    }

    pub(super) fn count(&self) -> usize {
        self.all.len()
    }

    pub(super) fn everybody(&self) -> impl Iterator<Item = &Arc<Listener>> {
        self.all.values()
    }

    pub(super) fn of_person(&self, person: Uuid) -> impl Iterator<Item = &Arc<Listener>> {
        let found = self.people.range((person, 0)..=(person, u64::MAX)).map(|(_, listener)| listener);
        found.chain(self.all.values().filter(|_| self.of_one_person))
    }

    /// The next of a class after this registration, at most so many; with the last registration that was looked at,
    /// if there are more.
    pub(super) fn next(
        &self,
        class: Class,
        after: Option<u64>,
        most: usize,
    ) -> (Vec<Arc<Listener>>, Option<u64>) {
        let of_auditors = class == Class::Auditors && !self.of_one_person;
        let map = if of_auditors { &self.auditors } else { &self.all };
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let mut found = Vec::new();
        let (mut last, mut seen) = (None, 0);
        for (id, listener) in map.range((start, Bound::Unbounded)).take(most) {
            (last, seen) = (Some(*id), seen + 1);
            if of_auditors || class == Class::Everybody || listener.follows() {
                found.push(Arc::clone(listener));
            }
        }
        (found, last.filter(|_| seen == most))
    }
}

fn people_of(listener: &Listener) -> impl Iterator<Item = Uuid> + use<> {
    let identity = listener.identity();
    [Some(identity.account().as_uuid()), identity.member().map(|member| member.as_uuid())]
        .into_iter()
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::hub::Identity;
    use crate::primitives::ids::{AccountId, AccountSessionId};

    fn listener() -> Arc<Listener> {
        let (session, account) = (AccountSessionId::new(), AccountId::new());
        Arc::new(Listener::new(Identity::Account { session, account, generation: 1 }))
    }

    /// Ids of those who are called in a round, so many at a time.
    fn called(roll: &Roll, listeners: &[Arc<Listener>], class: Class, most: usize) -> Vec<usize> {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let (some, last) = roll.next(class, after, most);
            for one in some {
                found.extend(listeners.iter().position(|listener| Arc::ptr_eq(listener, &one)));
            }
            after = last;
            if last.is_none() {
                return found;
            }
        }
    }

    #[test]
    fn a_round_calls_each_of_a_class_once() {
        let (mut roll, listeners) = (Roll::default(), [(); 5].map(|()| listener()));
        for (id, listener) in (0..).zip(&listeners) {
            roll.enter(id, listener);
        }
        roll.set_interest(1, true, false);
        roll.set_interest(3, true, true);
        roll.set_interest(4, false, true);
        for most in 1..7 {
            assert_eq!(called(&roll, &listeners, Class::Everybody, most), [0, 1, 2, 3, 4]);
            assert_eq!(called(&roll, &listeners, Class::Followers, most), [1, 3]);
            assert_eq!(called(&roll, &listeners, Class::Auditors, most), [3]);
        }
        roll.leave(3);
        assert_eq!(called(&roll, &listeners, Class::Everybody, 2), [0, 1, 2, 4]);
        assert!(called(&roll, &listeners, Class::Auditors, 2).is_empty());
        assert_eq!(roll.count(), 4);
    }

    #[test]
    fn a_person_is_found_by_themselves() {
        let (mut roll, [one, other]) = (Roll::default(), [listener(), listener()]);
        roll.enter(1, &one);
        roll.enter(2, &one);
        roll.enter(3, &other);
        assert_eq!(roll.of_person(one.identity().account().as_uuid()).count(), 2);
        roll.leave(1);
        assert_eq!(roll.of_person(one.identity().account().as_uuid()).count(), 1);
        roll.leave(3);
        assert_eq!(roll.of_person(other.identity().account().as_uuid()).count(), 0);
    }
}
