//! From a commit to a socket: the hub, the bus, the protocol, the revocation (EVT-*, REV-*).

mod bus;
mod hub;
mod hub_failures;
mod interleavings;
mod watcher;
