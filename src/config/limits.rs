//! Bounds on what a stranger, a client or a session may ask of the service, each with its default.
//!
//! Never enforces one: the part that does takes the struct. Page sizes are fixed (`primitives::page`).

use clap::Args;
use clap::builder::BoolishValueParser;

use super::{defaults, within};

/// What one HTTP request may cost before it is understood.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Limits of a request")]
pub struct HttpLimits {
    /// Largest body, in bytes
    #[arg(long, env = "ROLLCALL_BODY_BYTES_MAX", default_value_t = 64 * 1024,
          value_parser = within::<usize>(1024, 16 << 20))]
    pub body_bytes_max: usize,
    /// How long a client may take to send its body, in seconds
    #[arg(long, env = "ROLLCALL_BODY_SECONDS_MAX", default_value_t = 10,
          value_parser = within::<u64>(1, 300))]
    pub body_seconds_max: u64,
    /// How long a new connection may take to send the head of its first request, in seconds
    #[arg(long, env = "ROLLCALL_HEAD_SECONDS_MAX", default_value_t = 10,
          value_parser = within::<u64>(1, 300))]
    pub head_seconds_max: u64,
    /// How long a connection may lie idle until the head of its next request is there, in seconds; more than the proxy's own
    #[arg(long, env = "ROLLCALL_IDLE_SECONDS_MAX", default_value_t = 75,
          value_parser = within::<u64>(1, 3600))]
    pub idle_seconds_max: u64,
    /// How long a client may take nothing of an answer that waits for it before its connection is dropped, in seconds
    #[arg(long, env = "ROLLCALL_ANSWER_STALL_SECONDS", default_value_t = 10,
          value_parser = within::<u64>(1, 300))]
    pub answer_stall_seconds: u64,
    /// Most connections at a time, sockets included; fewer where the process may not open so many files. Past it, 503
    #[arg(long, env = "ROLLCALL_CONNECTIONS_MAX", default_value_t = 25_000,
          value_parser = within::<usize>(16, 10_000_000))]
    pub connections_max: usize,
    /// Most of them from one network (an address of IPv4, a /64 of IPv6); by default half, and all where X-Forwarded-For is trusted
    #[arg(long, env = "ROLLCALL_CONNECTIONS_PER_NETWORK_MAX", value_parser = within::<usize>(1, 10_000_000))]
    pub connections_per_network_max: Option<usize>,
    /// How long requests under way may take when the server goes down, in seconds
    #[arg(long, env = "ROLLCALL_DRAIN_SECONDS_MAX", default_value_t = 10,
          value_parser = within::<u64>(1, 300))]
    pub drain_seconds_max: u64,
}

/// What a GraphQL document may cost. Fragments count wherever they are spread.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Limits of a GraphQL document")]
pub struct DocumentLimits {
    /// Longest query text, in bytes
    #[arg(long, env = "ROLLCALL_QUERY_BYTES_MAX", default_value_t = 16 * 1024,
          value_parser = within::<usize>(256, 1 << 20))]
    pub query_bytes_max: usize,
    /// Deepest nesting of fields
    #[arg(long, env = "ROLLCALL_QUERY_DEPTH_MAX", default_value_t = 12,
          value_parser = within::<usize>(1, 24))]
    pub query_depth_max: usize,
    /// Most selections: fields, and the fragments around them
    #[arg(long, env = "ROLLCALL_QUERY_COMPLEXITY_MAX", default_value_t = 2000,
          value_parser = within::<usize>(1, 100_000))]
    pub query_complexity_max: usize,
    /// Most fields in the answer: what stands inside a page counts once per row (a size in a variable counts as 100)
    #[arg(long, env = "ROLLCALL_QUERY_COST_MAX", default_value_t = 100_000,
          value_parser = within::<usize>(1, 100_000_000))]
    pub query_cost_max: usize,
    /// Longest answer, in bytes
    #[arg(long, env = "ROLLCALL_ANSWER_BYTES_MAX", default_value_t = 8 << 20,
          value_parser = within::<usize>(64 * 1024, 1 << 30))]
    pub answer_bytes_max: usize,
    /// Most aliases
    #[arg(long, env = "ROLLCALL_QUERY_ALIASES_MAX", default_value_t = 30,
          value_parser = within::<usize>(0, 100_000))]
    pub query_aliases_max: usize,
    /// Most directives
    #[arg(long, env = "ROLLCALL_QUERY_DIRECTIVES_MAX", default_value_t = 30,
          value_parser = within::<usize>(0, 100_000))]
    pub query_directives_max: usize,
    /// Answer what the schema holds; when off, errors give no hints of names either
    #[arg(long, env = "ROLLCALL_INTROSPECTION", default_value_t = true, action = clap::ArgAction::Set,
          value_parser = BoolishValueParser::new())]
    pub introspection: bool,
}

/// What one WebSocket may hold.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Limits of a socket")]
pub struct SocketLimits {
    /// Most sockets on this server, and never more than four fifths of its connections; besides, a tenth as many and at least 16 may be about to sign in, half from one network
    #[arg(long, env = "ROLLCALL_SOCKETS_MAX", default_value_t = 20_000,
          value_parser = within::<usize>(1, 10_000_000))]
    pub sockets_max: usize,
    /// Most of them of one account, whatever its sessions, or of one API key; past it, 1008
    #[arg(long, env = "ROLLCALL_SOCKETS_PER_ACCOUNT_MAX", default_value_t = 100,
          value_parser = within::<usize>(1, 10_000_000))]
    pub sockets_per_account_max: usize,
    /// Most operations at a time on one socket
    #[arg(long, env = "ROLLCALL_SOCKET_OPERATIONS_MAX", default_value_t = 50,
          value_parser = within::<usize>(1, 10_000))]
    pub socket_operations_max: usize,
    /// How long a socket may take to send connection_init, in seconds
    #[arg(long, env = "ROLLCALL_CONNECTION_INIT_SECONDS", default_value_t = 3,
          value_parser = within::<u64>(1, 60))]
    pub connection_init_seconds: u64,
    /// Largest message, in bytes
    #[arg(long, env = "ROLLCALL_SOCKET_MESSAGE_BYTES_MAX", default_value_t = 64 * 1024,
          value_parser = within::<usize>(1024, 16 << 20))]
    pub socket_message_bytes_max: usize,
    /// Most messages that wait for a slow reader before it is told to resume
    #[arg(long, env = "ROLLCALL_SOCKET_BACKLOG_MAX", default_value_t = 1000,
          value_parser = within::<usize>(16, 100_000))]
    pub socket_backlog_max: usize,
    /// Most bytes that wait likewise; nothing more is read or begun until they are fewer
    #[arg(long, env = "ROLLCALL_SOCKET_BACKLOG_BYTES_MAX", default_value_t = 1 << 20,
          value_parser = within::<usize>(16 * 1024, 1 << 30))]
    pub socket_backlog_bytes_max: usize,
    /// How long a socket may take nothing of what waits for it before it is told to resume, in seconds
    #[arg(long, env = "ROLLCALL_SOCKET_STALL_SECONDS", default_value_t = 10,
          value_parser = within::<u64>(1, 300))]
    pub socket_stall_seconds: u64,
    /// How often a socket is pinged, in seconds; one that is silent for twice as long is closed
    #[arg(long, env = "ROLLCALL_SOCKET_PING_SECONDS", default_value_t = 15,
          value_parser = within::<u64>(1, 300))]
    pub socket_ping_seconds: u64,
}

/// How long sessions live (SES-4). An open socket is not use.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Sessions")]
pub struct SessionAges {
    /// An account session ends when it was not used for so many hours
    #[arg(long, env = "ROLLCALL_ACCOUNT_SESSION_IDLE_HOURS", default_value_t = 24 * 14,
          value_parser = within::<u32>(1, 87_600))]
    pub account_session_idle_hours: u32,
    /// An account session ends so many hours after signing in
    #[arg(long, env = "ROLLCALL_ACCOUNT_SESSION_HOURS_MAX", default_value_t = 24 * 90,
          value_parser = within::<u32>(1, 87_600))]
    pub account_session_hours_max: u32,
    /// A workspace session ends when it was not used for so many hours
    #[arg(long, env = "ROLLCALL_WORKSPACE_SESSION_IDLE_HOURS", default_value_t = 24 * 7,
          value_parser = within::<u32>(1, 87_600))]
    pub workspace_session_idle_hours: u32,
    /// A workspace session ends so many hours after entering
    #[arg(long, env = "ROLLCALL_WORKSPACE_SESSION_HOURS_MAX", default_value_t = 24 * 30,
          value_parser = within::<u32>(1, 87_600))]
    pub workspace_session_hours_max: u32,
}

/// How often somebody may try to sign in (SES-1).
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Signing in")]
pub struct SignInLimits {
    /// Attempts on one account from one network within the window
    #[arg(long, env = "ROLLCALL_SIGN_IN_ACCOUNT_ATTEMPTS_MAX", default_value_t = 10,
          value_parser = within::<u32>(1, 1_000_000))]
    pub sign_in_account_attempts_max: u32,
    /// Attempts on one account from all networks together within the window; far more, or anybody could lock anybody out
    #[arg(long, env = "ROLLCALL_SIGN_IN_ACCOUNT_TOTAL_ATTEMPTS_MAX", default_value_t = 200,
          value_parser = within::<u32>(1, 1_000_000))]
    pub sign_in_account_total_attempts_max: u32,
    /// Attempts from one address within the window
    #[arg(long, env = "ROLLCALL_SIGN_IN_ADDRESS_ATTEMPTS_MAX", default_value_t = 100,
          value_parser = within::<u32>(1, 1_000_000))]
    pub sign_in_address_attempts_max: u32,
    /// The window, in minutes
    #[arg(long, env = "ROLLCALL_SIGN_IN_WINDOW_MINUTES", default_value_t = 15,
          value_parser = within::<u32>(1, 1440))]
    pub sign_in_window_minutes: u32,
    /// An account whose address nobody proves goes after so many days; not while a link or a mail to it is under way
    #[arg(long, env = "ROLLCALL_UNPROVED_ACCOUNT_DAYS", default_value_t = 7, value_parser = within::<u32>(1, 3650))]
    pub unproved_account_days: u32,
    /// Password hashes computed at a time; each takes 19 MiB and a core for about 15 ms
    #[arg(long, env = "ROLLCALL_PASSWORD_HASHES_MAX", default_value_t = 2,
          value_parser = within::<usize>(1, 256))]
    pub password_hashes_max: usize,
}

/// How much a workspace may have mailed to strangers.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Invitations")]
pub struct InvitationLimits {
    /// Invitations that a workspace may send within an hour, those sent again included
    #[arg(long, env = "ROLLCALL_INVITATIONS_PER_HOUR_MAX", default_value_t = 500,
          value_parser = within::<u32>(1, 1_000_000))]
    pub invitations_per_hour_max: u32,
}

/// How much is remembered for clients that may have to ask again (LIF-6).
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Idempotency keys")]
pub struct KeyLimits {
    /// Idempotency keys that are known at a time of one person, over all sessions, or of one API key; each for a day, with an answer of at most 256 KiB
    #[arg(long, env = "ROLLCALL_IDEMPOTENCY_KEYS_MAX", default_value_t = 10_000,
          value_parser = within::<u32>(1, 10_000_000))]
    pub idempotency_keys_max: u32,
}

/// How long what is deleted can be brought back.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Retention")]
pub struct Retention {
    /// A deleted workspace is purged after so many days; until then `rollcall recover` brings it back
    #[arg(long, env = "ROLLCALL_DELETED_WORKSPACE_DAYS", default_value_t = 30,
          value_parser = within::<u32>(1, 3650))]
    pub deleted_workspace_days: u32,
}

/// How much one call may change.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Bulk calls")]
pub struct BulkLimits {
    /// Members that one call of bulkUpdateMembers may name
    #[arg(long, env = "ROLLCALL_BULK_ROWS_MAX", default_value_t = 500,
          value_parser = within::<usize>(1, 500))]
    pub bulk_rows_max: usize,
}

/// Defaults without the environment, for whoever builds a part by itself.
macro_rules! default_from_arguments {
    ($($limits:ty),*) => { $(impl Default for $limits { fn default() -> Self { defaults() } })* };
}
default_from_arguments!(
    HttpLimits,
    DocumentLimits,
    SocketLimits,
    SessionAges,
    SignInLimits,
    InvitationLimits,
    KeyLimits,
    Retention,
    BulkLimits
);
