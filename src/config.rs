//! Every setting: its flag, its environment variable, its default and its bounds. The only reader of the environment.
//!
//! Never acts on a setting, and never prints a password: URLs that may hold one are [`ConnectionUrl`]s.

mod command;
mod connections;
mod limits;
mod origin;

use std::net::SocketAddr;

use clap::Args;
use clap::builder::{BoolishValueParser, RangedU64ValueParser};

pub use command::{
    Cli, Command, GrantAdminCommand, MailboxCommand, MigrateCommand, RecoverCommand, RestoredCommand,
    ServeCommand,
};
pub use connections::{ConnectionUrl, DatabaseSettings, DeliverySettings, MailSettings};
pub use limits::{
    BulkLimits, DocumentLimits, HttpLimits, InvitationLimits, KeyLimits, Retention, SessionAges,
    SignInLimits, SocketLimits,
};
pub use origin::Origin;

/// All that `rollcall serve` can be told.
#[derive(Args, Clone, Debug)]
pub struct Config {
    #[command(flatten)]
    pub http: HttpSettings,
    #[command(flatten)]
    pub database: DatabaseSettings,
    #[command(flatten)]
    pub delivery: DeliverySettings,
    #[command(flatten)]
    pub mail: MailSettings,
    #[command(flatten)]
    pub request_limits: HttpLimits,
    #[command(flatten)]
    pub document_limits: DocumentLimits,
    #[command(flatten)]
    pub socket_limits: SocketLimits,
    #[command(flatten)]
    pub session_ages: SessionAges,
    #[command(flatten)]
    pub sign_in_limits: SignInLimits,
    #[command(flatten)]
    pub invitation_limits: InvitationLimits,
    #[command(flatten)]
    pub key_limits: KeyLimits,
    #[command(flatten)]
    pub retention: Retention,
    #[command(flatten)]
    pub bulk_limits: BulkLimits,
    #[command(flatten)]
    pub log: LogSettings,
}

/// Where the service listens, and how it is reached.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "HTTP")]
pub struct HttpSettings {
    /// Address to listen on; port 0 picks a free one, and the address is logged
    #[arg(long, env = "ROLLCALL_LISTEN", default_value = "127.0.0.1:4000")]
    pub listen: SocketAddr,
    /// What links in mails start with; by default http:// and the listen address
    #[arg(long, env = "ROLLCALL_PUBLIC_URL", value_parser = public_url)]
    pub public_url: Option<String>,
    /// Take the client's address from the last entry of X-Forwarded-For: only behind a proxy of yours that sets it
    #[arg(long, env = "ROLLCALL_TRUST_FORWARDED_FOR")]
    pub trust_forwarded_for: bool,
    /// Serve the explorer at /graphiql
    #[arg(long, env = "ROLLCALL_GRAPHIQL", default_value_t = true, action = clap::ArgAction::Set,
          value_parser = BoolishValueParser::new())]
    pub graphiql: bool,
    /// Origins whose pages may call from a browser (`https://app.example.com`), separated by commas; none by default
    #[arg(long, env = "ROLLCALL_CORS_ORIGINS", value_delimiter = ',')]
    pub cors_origins: Vec<Origin>,
    /// How long a server that was told to stop goes on, not ready, until the proxy has noticed, in seconds
    #[arg(long, env = "ROLLCALL_GRACE_SECONDS", default_value_t = 0, value_parser = within::<u64>(0, 300))]
    pub grace_seconds: u64,
}

impl HttpSettings {
    /// What links start with, once the address that was really bound is known.
    pub fn public_url(&self, bound: SocketAddr) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("http://{bound}"))
    }
}

/// How the service tells what it does.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Log")]
pub struct LogSettings {
    /// What is logged: a level, or directives such as `info,rollcall::http=debug`
    #[arg(long, env = "ROLLCALL_LOG", default_value = "info")]
    pub log: String,
    /// Form of the log
    #[arg(long, env = "ROLLCALL_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug, Eq, PartialEq)]
pub enum LogFormat {
    /// Lines for people
    Text,
    /// One JSON object a line
    Json,
}

/// The settings of a service that was told nothing; the environment is not read.
pub fn defaults<T: Args>() -> T {
    let command = T::augment_args(clap::Command::new("rollcall"))
        .mut_args(|argument| argument.env(clap::builder::Resettable::Reset));
    let matches = command.try_get_matches_from(["rollcall"]).expect("every setting has a default");
    T::from_arg_matches(&matches).expect("every setting has a default")
}

impl Default for Config {
    fn default() -> Self {
        defaults()
    }
}

/// A whole number from `least` to `most`.
fn within<T: TryFrom<u64>>(least: u64, most: u64) -> RangedU64ValueParser<T> {
    RangedU64ValueParser::new().range(least..=most)
}

fn public_url(text: &str) -> Result<String, String> {
    let url = text.trim_end_matches('/');
    let known = url.starts_with("http://") || url.starts_with("https://");
    if known { Ok(url.to_owned()) } else { Err("must start with http:// or https://".into()) }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::*;

    fn serve(arguments: &[&str]) -> Result<Config, clap::Error> {
        let arguments = ["rollcall", "serve"].iter().chain(arguments);
        Cli::try_parse_from(arguments).map(|cli| match cli.command {
            Command::Serve(serve) => *serve.config,
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn defaults_are_those_of_the_contract() {
        let config = Config::default();
        assert_eq!(config.http.listen.to_string(), "127.0.0.1:4000");
        assert_eq!(config.database.database_url.expose(), "sqlite://rollcall.db?mode=rwc");
        assert!(config.delivery.redis_url.is_none() && config.mail.smtp_url.is_none());
        assert!(config.http.graphiql && config.document_limits.introspection);
        assert_eq!(config.http.public_url(config.http.listen), "http://127.0.0.1:4000");
    }

    #[test]
    fn every_setting_has_a_flag_an_environment_variable_and_a_help_text() {
        let command = Config::augment_args(clap::Command::new("rollcall"));
        for argument in command.get_arguments() {
            let flag = argument.get_long().expect("a flag").to_owned();
            let variable = format!("ROLLCALL_{}", flag.replace('-', "_").to_uppercase());
            assert_eq!(argument.get_env().and_then(|name| name.to_str()), Some(variable.as_str()));
            assert!(argument.get_help().is_some(), "{flag}");
        }
    }

    #[test]
    fn a_setting_out_of_bounds_is_refused_by_name() {
        for (flag, value) in [
            ("--query-depth-max", "0"),
            ("--body-bytes-max", "99999999999"),
            ("--database-url", "mysql://localhost/x"),
            ("--redis-url", "http://localhost"),
            ("--public-url", "example.com"),
        ] {
            let refusal = serve(&[flag, value]).expect_err(flag).to_string();
            assert!(refusal.contains(flag), "{refusal}");
        }
    }

    #[test]
    fn switches_can_be_turned_off() {
        let config = serve(&["--graphiql", "off", "--introspection=false"]).expect("valid");
        assert!(!config.http.graphiql && !config.document_limits.introspection);
    }

    #[test]
    fn no_password_is_ever_printed() {
        let config = serve(&[
            "--database-url",
            "postgres://rollcall:hunter2@db/rollcall",
            "--redis-url",
            "redis://:hunter2@cache",
        ]);
        let shown = format!("{:?}", config.expect("valid"));
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
