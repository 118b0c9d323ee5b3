//! Counts that servers share: how often something may happen within a while, kept in Redis.
//!
//! Never decides alone: whoever counts here counts in the process as well, and goes by that while Redis can't say. Never
//! holds what it counts in clear, and never makes anybody wait longer than its budget for a Redis that is deaf.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::io::tcp::TcpSettings;
use redis::{AsyncConnectionConfig, AsyncTypedCommands, Client, IntoConnectionInfo, RedisError, Script};
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;
use tokio::time::Instant;
use uuid::Uuid;

use crate::primitives::time::Timestamp;

/// For connecting, and for each answer: whoever waits for it is signing in.
pub const ANSWER_MAX: Duration = Duration::from_millis(150);
/// After a failure Redis is left alone for so long.
const REST: Duration = Duration::from_secs(1);

/// The generic cell rate algorithm: each event moves the time at which all of them would have been due one after the
/// other; whoever comes before that time, less the burst, waits. One number per key, one step, no race.
const SCRIPT: &str = r"
local now, interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local due = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now) + interval
local allowed_at = due - burst * interval
if allowed_at > now then return allowed_at - now end
redis.call('SET', KEYS[1], string.format('%.0f', due), 'PX', math.max(1, math.ceil((due - now) / 1000)))
return 0
";

/// How often: `burst` times at once, and again one by one, all of them within the window.
#[derive(Clone, Copy, Debug)]
pub struct Quota {
    pub burst: u32,
    pub window: Duration,
}

/// Counts in Redis. Clones share the connection.
#[derive(Clone)]
pub struct Tally(Arc<Inner>);

struct Inner {
    client: Client,
    installation: Uuid,
    script: Script,
    answer_max: Duration,
    link: Mutex<Link>,
}

struct Link {
    connection: Option<MultiplexedConnection>,
    /// Not before this is another connection tried.
    retry_at: Instant,
    failing: bool,
}

impl Tally {
    /// Connects when there is something to count. Fails only on an address that can never work.
    pub fn new(url: &str, installation: Uuid, answer_max: Duration) -> Result<Self, RedisError> {
        let tcp = TcpSettings::default().set_nodelay(true);
        let client = Client::open(url.into_connection_info()?.set_tcp_settings(tcp))?;
        let link = Mutex::new(Link { connection: None, retry_at: Instant::now(), failing: false });
        Ok(Self(Arc::new(Inner { client, installation, script: Script::new(SCRIPT), answer_max, link })))
    }

    /// Counts one. `Some(0)`: it may happen; else how long to wait. `None`: Redis can't say.
    pub async fn count(&self, what: &str, quota: Quota, now: Timestamp) -> Option<Duration> {
        let mut connection = self.connection().await?;
        let interval = quota.window.as_micros() / u128::from(quota.burst.max(1));
        let interval = u64::try_from(interval).unwrap_or(u64::MAX).max(1);
        let mut asking = self.0.script.key(self.key(what));
        let asking = asking.arg(now.as_micros()).arg(interval).arg(quota.burst);
        let wait: Result<u64, RedisError> = asking.invoke_async(&mut connection).await;
        Some(Duration::from_micros(self.heed(wait).await?))
    }

    /// Forgets what was counted, where Redis can be reached.
    pub async fn forget(&self, whats: &[&str]) {
        let Some(mut connection) = self.connection().await else { return };
        let keys: Vec<String> = whats.iter().map(|what| self.key(what)).collect();
        let forgotten = connection.del(keys).await;
        self.heed(forgotten).await;
    }

    /// Addresses of persons and networks are counted: none of them stands in Redis.
    fn key(&self, what: &str) -> String {
        let hash = Sha256::digest(format!("{}:{what}", self.0.installation.simple()));
        let hash: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        format!("rollcall:{}:tally:{hash}", self.0.installation.simple())
    }

    async fn connection(&self) -> Option<MultiplexedConnection> {
        let mut link = self.0.link.lock().await;
        if link.connection.is_none() {
            if Instant::now() < link.retry_at {
                return None;
            }
            let config = AsyncConnectionConfig::new()
                .set_connection_timeout(Some(self.0.answer_max))
                .set_response_timeout(Some(self.0.answer_max));
            let connecting = self.0.client.get_multiplexed_async_connection_with_config(&config);
            // The library's own bound leaves out what comes before and after connecting.
            match tokio::time::timeout(2 * self.0.answer_max, connecting).await {
                Ok(Ok(connection)) => link.connection = Some(connection),
                Ok(Err(error)) => link.rest(&error),
                Err(late) => link.rest(&late),
            }
        }
        link.connection.clone()
    }

    async fn heed<T>(&self, answer: Result<T, RedisError>) -> Option<T> {
        let mut link = self.0.link.lock().await;
        match answer {
            Ok(answer) => {
                if std::mem::take(&mut link.failing) {
                    tracing::info!("attempts are counted in Redis again");
                }
                Some(answer)
            }
            Err(error) => {
                link.rest(&error);
                None
            }
        }
    }
}

impl Link {
    fn rest(&mut self, error: &dyn fmt::Display) {
        if !std::mem::replace(&mut self.failing, true) {
            tracing::warn!(%error, "attempts can't be counted in Redis; each server counts by itself");
        }
        self.connection = None;
        self.retry_at = Instant::now() + REST;
    }
}

impl fmt::Debug for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tally")
    }
}
