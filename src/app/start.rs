//! Starting a server: each part is built once, in the order of the floors.
//!
//! Never half: a server whose database can't carry the promises does not start.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_graphql::{Request, Variables};
use axum::Router;

use super::edge::{Credentials, Exporter, SocketDocuments};
use super::jobs::{Bells, Workshop};
use super::last_uses::LastUses;
use super::{figures, jobs};
use crate::access::answers::KeyLimit;
use crate::access::check::{Checker, SessionAges};
use crate::access::{Gate, Outlet};
use crate::accounts::{Entrance, EntranceLimits};
use crate::config::{Config, MailSettings, Origin};
use crate::graphql::contacts::Contacts;
use crate::graphql::document::DocumentBounds;
use crate::graphql::execute::Executor;
use crate::graphql::schema;
use crate::http::{self, Authenticate, HttpEdge, Origins, Readiness};
use crate::platform::bus::{Bus, InProcess, RedisBus, RedisTimings};
use crate::platform::database::{Database, DatabaseSettings, OpenError};
use crate::platform::hub::{Hub, HubSettings};
use crate::platform::jobs::{Jobs, RunningJobs};
use crate::platform::journal;
use crate::platform::mail::{PublicUrl, Smtp, SmtpSettings, SmtpSettingsError, Transport};
use crate::platform::tally::{self, Tally};
use crate::platform::telemetry::Telemetry;
use crate::primitives::cursor::Epoch;
use crate::primitives::secret::Secret;
use crate::primitives::time::Clock;
use crate::realtime::{self, Realtime};

/// Events that are remembered of each stream that somebody listens to.
const RING_CAPACITY: usize = 1024;

/// Connections to SQLite for session checks.
const SQLITE_CHECKERS: u32 = 2;

/// Sign-ins that may wait for a password hash. At 15 ms each on two cores the last one waits about two seconds.
const HASHES_WAITING_MAX: usize = 256;

/// What a server is made from.
pub struct Settings {
    pub config: Config,
    pub clock: Clock,
    /// What links in mails start with.
    pub public_url: String,
    /// Bring the database up to date first.
    pub migrate: bool,
}

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("the database can't be brought up to date: {0}")]
    Database(#[from] sea_orm::DbErr),
    #[error("the database lacks changes ({}); run `rollcall migrate`, or leave out --no-migrate", .0.join(", "))]
    NotMigrated(Vec<String>),
    #[error("--redis-url can't work: {0}")]
    Redis(String),
    #[error(transparent)]
    Smtp(#[from] SmtpSettingsError),
    #[error("--mail-from is missing: a mail server wants to know who mails come from")]
    NoSender,
    #[error("--smtp-ca-file can't be read: {0}")]
    SmtpAuthorities(std::io::Error),
}

/// A server, ready to serve. Clones share it.
#[derive(Clone)]
pub struct App {
    pub gate: Gate,
    pub hub: Hub,
    bus: Arc<dyn Bus>,
    jobs: Jobs,
    /// It was told to stop: not ready any more, whatever else holds.
    retired: Arc<AtomicBool>,
    router: Router,
    credentials: Credentials,
    executor: Executor,
}

/// How the configured database is reached.
pub(super) fn database_settings(config: &crate::config::DatabaseSettings) -> DatabaseSettings {
    let sqlite = config.database_url.expose().starts_with("sqlite:");
    let most = config.database_connections_max;
    let checkers = if sqlite { SQLITE_CHECKERS } else { (most / 8).max(1) };
    // Half for the writers: they may wait for locks.
    let writers = (most / 2).max(1);
    let readers = most.saturating_sub(checkers + writers).max(1);
    DatabaseSettings {
        url: config.database_url.expose().to_owned(),
        checkers,
        readers: if sqlite { config.sqlite_readers_max } else { readers },
        writers,
        acquire_timeout: Duration::from_millis(config.database_wait_ms),
        allow_non_durable: config.allow_non_durable,
    }
}

impl App {
    pub async fn start(settings: Settings) -> Result<Self, StartError> {
        let Settings { config, clock, public_url, migrate } = settings;
        // Before anything is touched: settings by which no mail could leave.
        let smtp = smtp(&config.mail)?;
        let database = open_database(&config, &clock, migrate).await?;
        let epoch = journal::epoch(database.reader()).await?;
        let hub = Hub::start(database.clone(), clock.clone(), epoch, hub_settings(&config));
        let bus = start_bus(&config, &hub)?;
        let checker = Checker::new(database.clone(), clock.clone(), ages(&config), check_deadline(&config));
        let bells = Bells::default();
        let gate = Gate::new(database, clock.clone(), checker, epoch, outlet(&bus, &bells));
        jobs::follow_history(&hub, &gate);
        let entrance = Entrance::sharing(entrance_limits(&config), &clock, tally(&config, epoch)?);
        let uses = LastUses::default();
        let frontend = public_url;
        let public_url = PublicUrl::new(&frontend);
        let transport = smtp.map_or_else(|| Transport::Mailbox(gate.database().clone()), Transport::Smtp);
        let workshop = Workshop {
            transport,
            gate: &gate,
            uses: &uses,
            public_url: &public_url,
            config: &config,
            bells: &bells,
        };
        let jobs = jobs::jobs(&workshop);
        let schema = schema::build(&gate, &entrance, &uses.sessions, &config);
        let executor = Executor::new(schema, Contacts::new(gate.clone()), key_limit(&config));
        let telemetry = Arc::new(Telemetry::default());
        figures::register(&telemetry, &gate, &hub, &bus);
        let retired = Arc::<AtomicBool>::default();
        let credentials = Credentials { gate: gate.clone(), uses };
        let readiness = readiness(&hub, &retired);
        let settings = (&config, frontend.as_str());
        let edge = http_edge(settings, credentials.clone(), executor.clone(), &hub, (telemetry, readiness));
        let router = http::router(edge);
        Ok(Self { gate, hub, bus, jobs, retired, router, credentials, executor })
    }

    /// All endpoints.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// Runs one request without a network, as an HTTP request would be run.
    pub(super) async fn call(
        &self,
        token: Option<&str>,
        query: &str,
        variables: serde_json::Value,
    ) -> serde_json::Value {
        let request = Request::new(query).variables(Variables::from_json(variables));
        let secret = token.and_then(Secret::parse);
        let response = match self.credentials.authenticate(secret, request).await {
            Ok(request) => self.executor.execute(request).await,
            Err(error) => error.into_response(),
        };
        serde_json::to_value(response).unwrap_or_default()
    }

    /// Not ready from here on, while everything else goes on.
    pub fn retire(&self) {
        self.retired.store(true, Ordering::Relaxed);
    }

    /// Writes down what is only remembered here, when nobody asks anything any more.
    pub(super) async fn settle(&self) {
        if let Err(failure) = self.credentials.uses.flush(self.gate.database()).await {
            tracing::warn!(?failure, "when some sessions and API keys were last used is forgotten");
        }
    }

    /// Returns when the other servers have been told of all that was committed here, or won't be.
    pub(super) async fn hand_over_news(&self) {
        self.bus.flush().await;
    }

    /// Starts the jobs of the product's own.
    pub fn start_jobs(&self) -> RunningJobs {
        self.jobs.start()
    }

    /// Runs each job once; for tests and for the sample data.
    pub async fn run_jobs(&self) -> Result<(), crate::platform::jobs::JobError> {
        self.jobs.run_once().await
    }
}

async fn open_database(config: &Config, clock: &Clock, migrate: bool) -> Result<Database, StartError> {
    let database = Database::open(&database_settings(&config.database)).await?;
    if migrate {
        database.migrate().await?;
    } else {
        let pending = database.pending_migrations().await?;
        if !pending.is_empty() {
            return Err(StartError::NotMigrated(pending));
        }
    }
    let tx = database.begin().await?;
    journal::ensure_installation(&tx, clock.now()).await?;
    tx.commit().await?;
    Ok(database)
}

fn start_bus(config: &Config, hub: &Hub) -> Result<Arc<dyn Bus>, StartError> {
    let Some(url) = &config.delivery.redis_url else { return Ok(Arc::new(InProcess::new(hub.clone()))) };
    let bus = RedisBus::start(url.expose(), hub.clone(), RedisTimings::default());
    // What the library says of an address may repeat it, with its password.
    Ok(Arc::new(bus.map_err(|_| StartError::Redis(url.redacted()))?))
}

/// What servers that share a Redis count together.
fn tally(config: &Config, epoch: Epoch) -> Result<Option<Tally>, StartError> {
    let Some(url) = &config.delivery.redis_url else { return Ok(None) };
    let tally = Tally::new(url.expose(), epoch.id, tally::ANSWER_MAX);
    Ok(Some(tally.map_err(|_| StartError::Redis(url.redacted()))?))
}

fn smtp(mail: &MailSettings) -> Result<Option<Smtp>, StartError> {
    let Some(url) = &mail.smtp_url else { return Ok(None) };
    let from = mail.mail_from.as_deref().ok_or(StartError::NoSender)?;
    let patience = Duration::from_secs(mail.smtp_seconds_max);
    let authorities = mail.smtp_ca_file.as_ref().map(std::fs::read).transpose();
    let authorities = authorities.map_err(StartError::SmtpAuthorities)?;
    let settings = SmtpSettings { url: url.expose(), from, patience, authorities: authorities.as_deref() };
    Ok(Some(Smtp::new(settings)?))
}

/// Committed events go to the bus; and jobs that have work by them are woken.
fn outlet(bus: &Arc<dyn Bus>, bells: &Bells) -> Outlet {
    let (bus, bells) = (Arc::clone(bus), bells.clone());
    Arc::new(move |events| {
        bells.ring(&events);
        bus.publish(events);
    })
}

fn entrance_limits(config: &Config) -> EntranceLimits {
    let limits = &config.sign_in_limits;
    EntranceLimits {
        account_attempts_max: limits.sign_in_account_attempts_max,
        account_total_attempts_max: limits.sign_in_account_total_attempts_max,
        address_attempts_max: limits.sign_in_address_attempts_max,
        window_minutes: limits.sign_in_window_minutes,
        hashes_max: limits.password_hashes_max,
        hashes_waiting_max: HASHES_WAITING_MAX,
    }
}

const fn key_limit(config: &Config) -> KeyLimit {
    KeyLimit { keys_max: config.key_limits.idempotency_keys_max }
}

const fn hub_settings(config: &Config) -> HubSettings {
    HubSettings {
        poll_every: Duration::from_millis(config.delivery.head_poll_ms),
        lease: Duration::from_millis(config.delivery.lease_ms),
        ring_capacity: RING_CAPACITY,
    }
}

fn ages(config: &Config) -> SessionAges {
    SessionAges {
        account_idle_seconds: i64::from(config.session_ages.account_session_idle_hours) * 3600,
        workspace_idle_seconds: i64::from(config.session_ages.workspace_session_idle_hours) * 3600,
    }
}

const fn check_deadline(config: &Config) -> Duration {
    Duration::from_millis(config.database.database_wait_ms)
}

fn readiness(hub: &Hub, retired: &Arc<AtomicBool>) -> Readiness {
    let (hub, retired) = (hub.clone(), Arc::clone(retired));
    Arc::new(move || {
        if retired.load(Ordering::Relaxed) {
            return Err("the server is going down".into());
        }
        if hub.is_ready() { Ok(()) } else { Err("the database has not answered recently".into()) }
    })
}

fn http_edge(
    (config, frontend): (&Config, &str),
    credentials: Credentials,
    executor: Executor,
    hub: &Hub,
    (telemetry, readiness): (Arc<Telemetry>, Readiness),
) -> HttpEdge {
    let named = config.http.cors_origins.iter().map(Origin::as_str);
    let origins = Origins::of(named.chain([frontend]));
    let document_bounds = Arc::new(DocumentBounds::new(config.document_limits.clone()));
    let realtime = Realtime::new(realtime::Parts {
        hub: hub.clone(),
        checker: credentials.gate.checker().clone(),
        clock: credentials.gate.clock().clone(),
        documents: Arc::new(SocketDocuments { credentials: credentials.clone(), executor: executor.clone() }),
        socket_limits: config.socket_limits.clone(),
        document_bounds: Arc::clone(&document_bounds),
        telemetry: Arc::clone(&telemetry),
    });
    let exporter = Exporter { credentials: credentials.clone(), executor: executor.clone() };
    HttpEdge {
        exports: Arc::new(exporter),
        authenticate: Arc::new(credentials),
        execute: Arc::new(executor),
        sockets: Arc::new(realtime),
        readiness,
        telemetry,
        limits: config.request_limits.clone(),
        document_bounds,
        trust_forwarded_for: config.http.trust_forwarded_for,
        origins,
        graphiql: config.http.graphiql,
        cors_origins: config.http.cors_origins.clone(),
    }
}
