//! The integration tests: one binary, so that it is linked once and the servers it starts are shared.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::panic,
    unreachable_pub,
    reason = "tests stop at the first surprise, and what they share is public to them alone"
)]

mod accounts;
mod answers;
mod architecture;
mod audit;
mod command_line;
mod contracts;
mod documents;
mod endings;
mod faults;
mod harness;
mod invitations;
mod mail;
mod operations;
mod plans;
mod realtime;
mod sessions;
mod stock_client;
mod strangers;
mod support;

mod api_keys {
    mod keys;
    mod over_http;
}

mod assets {
    mod changing;
    mod losing;
    mod mirror;
    mod over_http;
    mod races;
    mod register;
}

mod billing {
    mod charging;
    pub mod limit;
    mod over_http;
    mod reservation;
}

mod members {
    mod block;
    mod bulk;
    mod bulk_many;
    mod contact;
    mod deactivate;
    mod impact;
    mod leave;
    mod lifecycle;
    mod listing;
    mod races;
    mod remove;
    mod returning;
    mod reviews;
    mod roles;
}

mod notices {
    mod dismissing;
}

mod roles {
    mod custom;
    mod races;
    mod rights;
}

mod workspaces {
    mod create;
    mod memberships;
    mod nodes;
    mod over_http;
    mod policy;
    mod updating;
}
