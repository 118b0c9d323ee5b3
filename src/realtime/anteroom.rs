//! Where sockets wait that have not shown a credential yet: few of them, and not all from one address.
//!
//! Never takes a place from those who are let in, so that strangers can't keep anybody out who is already inside; and
//! never counts one address that many share for more than half of it.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// As a share of the sockets that this server holds.
const SHARE: usize = 10;
const PLACES_MIN: usize = 16;

#[derive(Debug)]
pub(super) struct Anteroom {
    places: usize,
    places_per_address: usize,
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    all: usize,
    by_address: HashMap<Option<IpAddr>, usize>,
}

/// A place; dropping it gives it back.
#[derive(Debug)]
pub(super) struct Place {
    anteroom: Arc<Anteroom>,
    address: Option<IpAddr>,
}

impl Anteroom {
    pub(super) fn new(sockets_max: usize) -> Self {
        let places = (sockets_max / SHARE).max(PLACES_MIN);
        Self { places, places_per_address: places / 2, waiting: Mutex::default() }
    }

    pub(super) fn enter(self: &Arc<Self>, address: Option<IpAddr>) -> Option<Place> {
        let mut waiting = self.waiting();
        let from_there = waiting.by_address.get(&address).copied().unwrap_or_default();
        if waiting.all >= self.places || from_there >= self.places_per_address {
            return None;
        }
        waiting.all += 1;
        waiting.by_address.insert(address, from_there + 1);
        Some(Place { anteroom: Arc::clone(self), address })
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut waiting = self.anteroom.waiting();
        waiting.all -= 1;
        if let Some(from_there) = waiting.by_address.get_mut(&self.address) {
            *from_there -= 1;
            if *from_there == 0 {
                waiting.by_address.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> Option<IpAddr> {
        Some(IpAddr::from([192, 0, 2, last]))
    }

    #[test]
    fn one_address_gets_half_of_the_places_and_all_together_no_more_than_there_are() {
        let anteroom = Arc::new(Anteroom::new(200));
        let enter = |from: u8| (0..100).map_while(|_| anteroom.enter(address(from))).collect::<Vec<_>>();
        let first = enter(1);
        let second = enter(2);
        assert_eq!([first.len(), second.len(), enter(3).len()], [10, 10, 0]);
        drop(first);
        assert_eq!([enter(2).len(), enter(3).len()], [0, 10]);
        drop(second);
        assert!(anteroom.waiting().by_address.is_empty(), "nothing is remembered of who has left");
    }

    #[test]
    fn a_small_server_has_places_for_newcomers_too() {
        assert_eq!(Anteroom::new(1).places, 16);
    }
}
