//! From a commit to a socket: the hub, the bus, the protocol, the revocation (EVT-*, REV-*).

mod bus;
pub mod company;
mod forced_logout;
mod hub;
mod hub_failures;
mod interleavings;
mod lag;
mod limits;
mod protocol;
mod races;
mod resuming;
mod rewound_check;
mod rights;
mod role_edits;
mod sharing;
mod stock;
mod watcher;
mod watching;
