//! A bounded number of places, of which nobody gets more than a share.
//!
//! Never waits, and never remembers who has left.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The places. Whoever takes one is counted under a key.
#[derive(Debug)]
pub struct Places<K: Eq + Hash> {
    most: usize,
    most_each: usize,
    taken: Mutex<Taken<K>>,
}

#[derive(Debug)]
struct Taken<K> {
    all: usize,
    each: HashMap<K, usize>,
}

/// A place; dropping it gives it back.
#[derive(Debug)]
pub struct Place<K: Eq + Hash> {
    places: Arc<Places<K>>,
    key: K,
}

/// Why there is no place.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Full {
    /// All are taken.
    All,
    /// Whoever asks has taken their share.
    Share,
}

impl<K: Clone + Eq + Hash> Places<K> {
    pub fn new(most: usize, most_each: usize) -> Arc<Self> {
        let taken = Mutex::new(Taken { all: 0, each: HashMap::new() });
        Arc::new(Self { most, most_each, taken })
    }

    pub fn take(self: &Arc<Self>, key: K) -> Result<Place<K>, Full> {
        let mut taken = self.taken();
        if taken.all >= self.most {
            return Err(Full::All);
        }
        let own = taken.each.get(&key).copied().unwrap_or_default();
        if own >= self.most_each {
            return Err(Full::Share);
        }
        taken.all += 1;
        taken.each.insert(key.clone(), own + 1);
        Ok(Place { places: Arc::clone(self), key })
    }
}

impl<K: Eq + Hash> Places<K> {
    pub fn has_room(&self) -> bool {
        self.taken().all < self.most
    }

    fn taken(&self) -> MutexGuard<'_, Taken<K>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash> Drop for Place<K> {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        taken.all -= 1;
        if let Some(own) = taken.each.get_mut(&self.key) {
            *own -= 1;
            if *own == 0 {
                taken.each.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_gets_more_than_a_share_and_all_together_no_more_than_there_are() {
        let places = Places::new(20, 10);
        let take = |key: u8| (0..100).map_while(|_| places.take(key).ok()).collect::<Vec<_>>();
        let first = take(1);
        assert_eq!(places.take(1).err(), Some(Full::Share));
        let second = take(2);
        assert_eq!((first.len(), second.len(), places.take(3).err()), (10, 10, Some(Full::All)));
        assert!(!places.has_room());
        drop(first);
        assert_eq!((take(2).len(), take(3).len()), (0, 10));
        drop(second);
        assert!(places.has_room() && places.taken().each.is_empty(), "nothing is remembered of who has left");
    }
}
