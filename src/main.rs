//! The command line. Reads the settings, runs one command, and says what went wrong in words.
//!
//! Never holds a rule or a default; see `config` and `app`.

// A mutation's future holds one of every mutation's, and a release build computes its layout to the bottom.
#![recursion_limit = "256"]

use std::process::ExitCode;

use clap::Parser;
use rollcall::app::{commands, operator};
use rollcall::config::{Cli, Command};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Serve(serve) => commands::serve(serve).await,
        Command::Migrate(migrate) => commands::migrate(migrate).await,
        Command::Schema => commands::schema(),
        Command::Mailbox(mailbox) => commands::mailbox(mailbox).await,
        Command::Restored(restored) => commands::restored(restored).await,
        Command::Recover(recover) => operator::recover(recover).await,
        Command::GrantAdmin(grant) => operator::grant_admin(grant).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            commands::complain(&error);
            ExitCode::FAILURE
        }
    }
}
