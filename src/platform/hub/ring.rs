//! The last events of one stream, without gaps: what most readers are answered from.
//!
//! Never holds an event whose predecessor it has not held, and never grows past its capacity.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::platform::journal::Event;

/// What became of an event that was offered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Push {
    /// It is the new head.
    Appended,
    /// It was here before.
    Known,
    /// Events before it are missing.
    Ahead,
}

#[derive(Debug)]
pub(super) struct Ring {
    /// The number of the last event known; none until the journal was looked at.
    head: Option<i64>,
    recent: VecDeque<Arc<Event>>,
    capacity: usize,
}

impl Ring {
    pub(super) fn new(capacity: usize) -> Self {
        Self { head: None, recent: VecDeque::new(), capacity }
    }

    pub(super) const fn head(&self) -> Option<i64> {
        self.head
    }

    /// Starts at a head that the journal told, where nothing is known yet.
    pub(super) fn begin(&mut self, head: i64) {
        self.head.get_or_insert(head);
    }

    pub(super) fn push(&mut self, event: &Arc<Event>) -> Push {
        match self.head {
            Some(head) if event.seq <= head => return Push::Known,
            Some(head) if event.seq == head + 1 => {}
            _ => return Push::Ahead,
        }
        if self.recent.len() == self.capacity {
            self.recent.pop_front();
        }
        self.head = Some(event.seq);
        self.recent.push_back(Arc::clone(event));
        Push::Appended
    }

    /// The events after a number, at most `limit`; none where they lie below the ring.
    pub(super) fn after(&self, cursor: i64, limit: usize) -> Option<Vec<Arc<Event>>> {
        let Some(head) = self.head.filter(|head| cursor < *head) else { return Some(Vec::new()) };
        let behind = usize::try_from(head - cursor).ok()?;
        let start = self.recent.len().checked_sub(behind)?;
        Some(self.recent.range(start..).take(limit).cloned().collect())
    }

    /// Begins anew with this event: what lies before it is to be had nowhere. Whoever has not seen all of it is answered
    /// from the journal, which says so.
    pub(super) fn begin_with(&mut self, event: &Arc<Event>) {
        self.head = Some(event.seq);
        self.recent = VecDeque::from([Arc::clone(event)]);
    }

    /// Forgets everything: the numbers belong to a history that is gone.
    pub(super) fn clear(&mut self) {
        self.head = None;
        self.recent.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::journal::samples;

    fn event(seq: i64) -> Arc<Event> {
        Arc::new(samples::event(seq))
    }

    fn seqs(ring: &Ring, cursor: i64, limit: usize) -> Option<Vec<i64>> {
        ring.after(cursor, limit).map(|events| events.iter().map(|event| event.seq).collect())
    }

    #[test]
    fn a_ring_takes_the_next_number_alone() {
        let mut ring = Ring::new(4);
        assert_eq!(ring.push(&event(6)), Push::Ahead, "the journal says where a ring begins");
        ring.begin(5);
        ring.begin(9);
        assert_eq!(ring.head(), Some(5));
        assert_eq!(ring.push(&event(7)), Push::Ahead);
        assert_eq!(ring.push(&event(6)), Push::Appended);
        assert_eq!(ring.push(&event(6)), Push::Known);
        assert_eq!(ring.push(&event(7)), Push::Appended);
        assert_eq!(seqs(&ring, 5, 10), Some(vec![6, 7]));
        assert_eq!(seqs(&ring, 5, 1), Some(vec![6]));
        assert_eq!(seqs(&ring, 7, 10), Some(vec![]));
        assert_eq!(seqs(&ring, 99, 10), Some(vec![]));
    }

    #[test]
    fn a_cursor_below_the_ring_is_not_answered_from_it() {
        let mut ring = Ring::new(2);
        ring.begin(0);
        for seq in 1..=5 {
            assert_eq!(ring.push(&event(seq)), Push::Appended);
        }
        assert_eq!(seqs(&ring, 2, 10), None);
        assert_eq!(seqs(&ring, 3, 10), Some(vec![4, 5]));
    }

    #[test]
    fn a_ring_that_begins_anew_answers_nobody_who_missed_something() {
        let mut ring = Ring::new(4);
        ring.begin(0);
        assert_eq!(ring.push(&event(1)), Push::Appended);
        ring.begin_with(&event(4));
        assert_eq!(ring.push(&event(5)), Push::Appended);
        assert_eq!(seqs(&ring, 3, 10), Some(vec![4, 5]));
        assert_eq!(seqs(&ring, 2, 10), None);
    }

    #[test]
    fn an_empty_ring_that_knows_its_head_answers_from_the_journal_below_it() {
        let mut ring = Ring::new(2);
        ring.begin(5);
        assert_eq!(seqs(&ring, 4, 10), None);
        assert_eq!(seqs(&ring, 5, 10), Some(vec![]));
    }
}
