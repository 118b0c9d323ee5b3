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
    /// Bring back a deleted workspace or lost assets before they are purged; without either, list what there is
    Recover(RecoverCommand),
    /// Give a workspace without a usable admin a new one, on record in its log
    GrantAdmin(GrantAdminCommand),
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

#[derive(clap::Args, Debug)]
pub struct RecoverCommand {
    /// The deleted workspace to bring back, `workspace_...`
    #[arg(long, value_name = "ID")]
    pub workspace: Option<String>,
    /// A lost asset to bring back, `asset_...`; may be given several times
    #[arg(long = "asset", value_name = "ID")]
    pub assets: Vec<String>,
    #[command(flatten)]
    pub database: DatabaseSettings,
}

#[derive(clap::Args, Debug)]
pub struct GrantAdminCommand {
    /// The workspace, `workspace_...`
    #[arg(long, value_name = "ID")]
    pub workspace: String,
    /// The verified address of the account that is to be its admin
    #[arg(long, value_name = "ADDRESS")]
    pub email: String,
    /// Declare that none of its active admins can be used (they died, or lost mailbox and password); goes on record. They
    /// stay admins until the new one removes them
    #[arg(long)]
    pub admins_unusable: bool,
    #[command(flatten)]
    pub database: DatabaseSettings,
}
