//! Where sockets have their places: those who have shown a credential inside, those who have not yet in the anteroom.
//!
//! Never gives strangers a place of those who are let in, and never lets one account, one API key or one network have
//! them all.

use std::net::IpAddr;
use std::sync::Arc;

use crate::config::SocketLimits;
use crate::platform::hub::Identity;
use crate::primitives::ids::{AccountId, ApiKeyId};
use crate::primitives::network::Network;
use crate::primitives::places::{Full, Place, Places};

/// The anteroom's places, as a share of those inside.
const SHARE: usize = 10;
const ANTEROOM_MIN: usize = 16;

/// Who a place inside is counted for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Holder {
    Account(AccountId),
    Key(ApiKeyId),
}

pub(super) struct Rooms {
    inside: Arc<Places<Holder>>,
    anteroom: Arc<Places<Option<Network>>>,
}

impl Rooms {
    pub(super) fn new(limits: &SocketLimits) -> Self {
        let anteroom = (limits.sockets_max / SHARE).max(ANTEROOM_MIN);
        Self {
            inside: Places::new(limits.sockets_max, limits.sockets_per_account_max),
            anteroom: Places::new(anteroom, anteroom / 2),
        }
    }

    /// A place to wait at; none where there is no room inside to wait for either.
    pub(super) fn wait(&self, address: Option<IpAddr>) -> Option<Place<Option<Network>>> {
        self.anteroom.take(address.map(Network::of)).ok().filter(|_| self.inside.has_room())
    }

    pub(super) fn enter(&self, identity: &Identity) -> Result<Place<Holder>, Full> {
        self.inside.take(match identity {
            Identity::Account { account, .. } | Identity::Member { account, .. } => Holder::Account(*account),
            Identity::Key { key, .. } => Holder::Key(*key),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rooms(sockets_max: usize) -> Rooms {
        Rooms::new(&SocketLimits { sockets_max, ..SocketLimits::default() })
    }

    #[test]
    fn strangers_wait_in_half_of_the_anteroom_whichever_addresses_of_their_network_they_use() {
        let rooms = rooms(200);
        let address = |last: u16| Some(IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, last]));
        let waiting: Vec<_> = (0..100).map_while(|last| rooms.wait(address(last))).collect();
        assert_eq!(waiting.len(), 10);
        assert!(rooms.wait("192.0.2.1".parse().ok()).is_some() && rooms.wait(None).is_some());
    }

    #[test]
    fn a_small_server_has_places_for_newcomers_too() {
        let rooms = rooms(1);
        let waiting: Vec<_> = (0..100).map_while(|_| rooms.wait(None)).collect();
        assert_eq!(waiting.len(), 8);
    }
}
