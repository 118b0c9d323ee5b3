//! The commands of the command line.
//!
//! Never prints a secret but where that is the command's purpose: the sample data's sign-in, and the mailbox.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line talks to its user")]

use std::io::IsTerminal;
use std::net::SocketAddr;

use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

use super::start::{App, Settings, StartError, database_settings};
use super::{demo, descriptors, serving};
use crate::config::{
    Config, LogFormat, LogSettings, MailboxCommand, MigrateCommand, RestoredCommand, ServeCommand,
};
use crate::graphql::schema;
use crate::platform::database::Database;
use crate::platform::mail;
use crate::primitives::email::Email;
use crate::primitives::time::Clock;
use crate::{accounts, api_keys};

/// What went wrong, for the person at the terminal.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("can't listen on {address}: {error}; set --listen to a free address")]
    Listen { address: SocketAddr, error: std::io::Error },
    #[error("the sample data can't be made: {0}")]
    Demo(String),
    #[error("the database fails: {0}")]
    Database(#[from] sea_orm::DbErr),
    #[error(transparent)]
    Restore(#[from] crate::access::InstallationError),
    #[error("--to: {0}")]
    Address(#[from] crate::primitives::email::EmailError),
    #[error("serving broke off: {0}")]
    Serve(std::io::Error),
    #[error("{0}")]
    Refused(String),
    #[error("--log: {0}")]
    Log(String),
}

/// Tells the person at the terminal what went wrong.
pub fn complain(error: &CommandError) {
    eprintln!("rollcall: {error}");
}

pub async fn serve(command: ServeCommand) -> Result<(), CommandError> {
    let config = *command.config;
    start_log(&config.log)?;
    let config = descriptors::fit(config);
    let address = config.http.listen;
    let listener =
        TcpListener::bind(address).await.map_err(|error| CommandError::Listen { address, error })?;
    let bound = listener.local_addr().map_err(CommandError::Serve)?;
    let public_url = config.http.public_url(bound);
    warn_of_lone_servers(&config);
    let settings = Settings {
        config: config.clone(),
        clock: Clock::system(),
        public_url: public_url.clone(),
        migrate: !command.no_migrate,
    };
    let app = App::start(settings).await?;
    if command.demo {
        let demo = demo::fill(&app).await.map_err(CommandError::Demo)?;
        println!("{}", demo::greeting(&demo, &public_url));
    }
    let asked_to_stop = serving::asked_to_stop().map_err(CommandError::Serve)?;
    tracing::info!(address = %bound, "listening");
    serving::run(app, listener, &config, asked_to_stop).await;
    Ok(())
}

fn warn_of_lone_servers(config: &Config) {
    let shared = config.database.database_url.scheme().starts_with("postgres");
    if shared && config.delivery.redis_url.is_none() {
        tracing::warn!(
            "no --redis-url: news from other servers on this database arrives by the look at the heads alone, every \
             {} ms; nothing is lost",
            config.delivery.head_poll_ms
        );
    }
}

pub async fn migrate(command: MigrateCommand) -> Result<(), CommandError> {
    let database = Database::open(&database_settings(&command.database)).await.map_err(StartError::from)?;
    let pending = database.pending_migrations().await?;
    if command.status {
        match pending.as_slice() {
            [] => println!("up to date"),
            pending => println!("to be applied: {}", pending.join(", ")),
        }
    } else {
        database.migrate().await?;
        println!("{} applied; up to date", pending.len());
    }
    database.close().await;
    Ok(())
}

pub fn schema() -> Result<(), CommandError> {
    print!("{}", schema::sdl());
    Ok(())
}

pub async fn mailbox(command: MailboxCommand) -> Result<(), CommandError> {
    let to = command.to.as_deref().map(Email::parse).transpose()?;
    let database = Database::open(&database_settings(&command.database)).await.map_err(StartError::from)?;
    let letters = mail::list(database.reader(), to.as_ref().map(Email::key)).await?;
    for letter in letters {
        if command.json {
            println!(
                "{}",
                serde_json::json!({
                    "to": letter.to,
                    "sentAt": letter.sent_at.to_rfc3339(),
                    "subject": letter.subject,
                    "body": letter.body,
                })
            );
        } else {
            let sent_at = letter.sent_at.to_rfc3339();
            println!(
                "To: {}\nDate: {sent_at}\nSubject: {}\n\n{}\n----",
                letter.to, letter.subject, letter.body
            );
        }
    }
    database.close().await;
    Ok(())
}

pub async fn restored(command: RestoredCommand) -> Result<(), CommandError> {
    let database = Database::open(&database_settings(&command.database)).await.map_err(StartError::from)?;
    database.migrate().await?;
    let told = accounts::end_all_sessions(&database, &Clock::system()).await?;
    let keys = api_keys::count_unrevoked(&database).await?;
    println!(
        "Every session has ended, and clients begin anew: told in the logs of {} workspaces and {} people.",
        told.workspaces, told.accounts
    );
    println!(
        "{keys} API keys work on: revoke again what was revoked since the backup, and block again who was blocked."
    );
    database.close().await;
    Ok(())
}

fn start_log(settings: &LogSettings) -> Result<(), CommandError> {
    let filter = EnvFilter::try_new(&settings.log).map_err(|error| CommandError::Log(error.to_string()))?;
    // Colours are for a person's terminal, not for a file.
    let colours = std::io::stderr().is_terminal();
    let log =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours);
    match settings.log_format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
    Ok(())
}
