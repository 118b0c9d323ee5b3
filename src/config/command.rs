//! The command line: one binary, its commands.
//!
//! Never runs one; that is `main`.

use clap::{Parser, Subcommand};

use super::{Config, DatabaseSettings};

/// Self-hosted workspace membership: who is in, as what, and how somebody is put out now.
#[derive(Parser, Debug)]
#[command(
    name = "rollcall",
    version,
    about,
    after_help = "Every setting has a flag, an environment variable and a default: see `rollcall serve --help`."
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand, Debug)]
pub enum Command {
    /// HTTP, sockets and jobs in one process; brings its database up to date first
    Serve(ServeCommand),
    /// Bring the database up to date
    Migrate(MigrateCommand),
    /// Print the GraphQL schema (SDL)
    Schema,
    /// The mails that the local mailbox holds, links included
    Mailbox(MailboxCommand),
    /// After a backup was brought back: end every session and void every cursor; brings the database up to date first
    Restored(RestoredCommand),
}

#[derive(clap::Args, Debug)]
pub struct ServeCommand {
    /// Fill an empty database with sample people, workspaces and assets, and print how to sign in
    #[arg(long)]
    pub demo: bool,
    /// Leave the database as it is; refuses to start on one that is not up to date
    #[arg(long)]
    pub no_migrate: bool,
    // Boxed: the other commands are small.
    #[command(flatten)]
    pub config: Box<Config>,
}

#[derive(clap::Args, Debug)]
pub struct MigrateCommand {
    /// Only tell what is applied and what is not
    #[arg(long)]
    pub status: bool,
    #[command(flatten)]
    pub database: DatabaseSettings,
}

#[derive(clap::Args, Debug)]
pub struct MailboxCommand {
    /// Only mails to this address
    #[arg(long, value_name = "ADDRESS")]
    pub to: Option<String>,
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub database: DatabaseSettings,
}

#[derive(clap::Args, Debug)]
pub struct RestoredCommand {
    #[command(flatten)]
    pub database: DatabaseSettings,
}
