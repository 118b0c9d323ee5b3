//! Mail through a mail server, on real sockets: what arrives, and what becomes of it while the server doesn't take it.

mod down;
mod sent;
mod tls;
