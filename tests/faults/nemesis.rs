//! What goes wrong: parts killed, frozen, cut off and started anew, in an order and for times that the seed decides.
//!
//! Never leaves a part hurt: each blow is undone before the next of the same hand, and all before a run ends.

use std::sync::Arc;

use super::cluster::Cluster;
use super::dice::Dice;
use super::proxy::{Cut, Proxy};
use super::record::{Fault, Micros, Recorder, SECOND};
use crate::support::own_postgres::execute;

/// What can go wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Blow {
    KillServer,
    FreezeServer,
    CutDatabase,
    CutRedis,
    CutClients,
    Reset,
    RestartRedis,
    FreezeRedis,
    TerminateConnections,
    RestartPostgres,
}

impl Blow {
    pub const fn name(self) -> &'static str {
        match self {
            Self::KillServer => "kill -9 of a server",
            Self::FreezeServer => "freeze of a server",
            Self::CutDatabase => "cut to the database",
            Self::CutRedis => "cut to Redis",
            Self::CutClients => "cut to the clients",
            Self::Reset => "reset connections",
            Self::RestartRedis => "restart of an empty Redis",
            Self::FreezeRedis => "freeze of Redis",
            Self::TerminateConnections => "terminated database connections",
            Self::RestartPostgres => "immediate restart of PostgreSQL",
        }
    }
}

/// Near the servers, and at what they stand on: two hands that strike apart from each other.
pub const ON_POSTGRES: [&[Blow]; 2] = [
    &[Blow::KillServer, Blow::FreezeServer, Blow::CutDatabase, Blow::CutRedis, Blow::CutClients, Blow::Reset],
    &[Blow::RestartRedis, Blow::FreezeRedis, Blow::TerminateConnections, Blow::RestartPostgres],
];
pub const ON_SQLITE: [&[Blow]; 2] =
    [&[Blow::KillServer, Blow::FreezeServer], &[Blow::CutClients, Blow::Reset]];

/// Strikes for so many seconds, and until each blow has fallen at least once.
pub async fn rage(cluster: &Arc<Cluster>, recorder: &Recorder, hands: [&'static [Blow]; 2], seconds: u64) {
    let seed = recorder.with().seed;
    let until = recorder.now() + seconds * SECOND;
    let hand = |name, blows| Hand {
        cluster: Arc::clone(cluster),
        recorder: recorder.clone(),
        dice: Dice::new(seed, name),
        blows,
    };
    let [near, far] = hands;
    tokio::join!(hand("near", near).strike(until), hand("far", far).strike(until));
}

struct Hand {
    cluster: Arc<Cluster>,
    recorder: Recorder,
    dice: Dice,
    blows: &'static [Blow],
}

impl Hand {
    /// Deals all blows in a new order, again and again.
    async fn strike(mut self, until: Micros) {
        loop {
            let mut deck = self.blows.to_vec();
            self.dice.shuffle(&mut deck);
            for blow in deck {
                tokio::time::sleep(self.dice.millis(300, 1500)).await;
                let from = self.recorder.now();
                let what = self.deal(blow).await;
                let to = self.recorder.now();
                self.recorder.with().faults.push(Fault { kind: blow.name(), what, from, to });
                if to >= until && self.has_dealt_all() {
                    return;
                }
            }
        }
    }

    fn has_dealt_all(&self) -> bool {
        let record = self.recorder.with();
        self.blows.iter().all(|blow| record.faults.iter().any(|fault| fault.kind == blow.name()))
    }

    async fn deal(&mut self, blow: Blow) -> String {
        let at = self.dice.below(self.cluster.servers.len());
        let server = Arc::clone(&self.cluster.servers[at]);
        match blow {
            Blow::KillServer => {
                server.kill().await;
                self.wait(50, 1200).await;
                server.revive();
                format!("server {at}")
            }
            Blow::FreezeServer => {
                server.signal("STOP").await;
                self.wait(200, 2000).await;
                server.signal("CONT").await;
                format!("server {at}")
            }
            Blow::CutDatabase => self.cut(server.to_database.as_ref(), at).await,
            Blow::CutRedis => self.cut(server.to_redis.as_ref(), at).await,
            Blow::CutClients => self.cut(Some(&server.front), at).await,
            Blow::Reset => {
                server.lines().for_each(Proxy::reset);
                format!("server {at}")
            }
            Blow::RestartRedis | Blow::FreezeRedis => self.hurt_redis(blow).await,
            Blow::TerminateConnections => self.terminate_connections().await,
            Blow::RestartPostgres => self.restart_postgres().await,
        }
    }

    async fn wait(&mut self, from: u64, to: u64) {
        tokio::time::sleep(self.dice.millis(from, to)).await;
    }

    async fn cut(&mut self, line: Option<&Proxy>, at: usize) -> String {
        let line = line.expect("a set-up without this line never deals this blow");
        let cut = [Cut::Up, Cut::Down, Cut::Both][self.dice.below(3)];
        line.cut(cut);
        self.wait(200, 1800).await;
        line.mend();
        format!("server {at}, {cut:?}")
    }

    async fn hurt_redis(&mut self, blow: Blow) -> String {
        let cluster = Arc::clone(&self.cluster);
        let mut redis = cluster.redis.as_ref().expect("there is a Redis").lock().await;
        if blow == Blow::FreezeRedis {
            redis.signal("STOP");
            self.wait(200, 2000).await;
            redis.signal("CONT");
        } else {
            tokio::task::block_in_place(|| redis.stop());
            self.wait(20, 900).await;
            tokio::task::block_in_place(|| redis.start_again());
        }
        String::from("Redis")
    }

    async fn terminate_connections(&self) -> String {
        let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                   WHERE datname = current_database() AND pid <> pg_backend_pid()";
        let done = execute(&self.cluster.direct, sql).await;
        format!("all of them, {}", if done.is_ok() { "done" } else { "the database did not answer" })
    }

    async fn restart_postgres(&mut self) -> String {
        let cluster = Arc::clone(&self.cluster);
        let mut postgres = cluster.postgres.as_ref().expect("there is a PostgreSQL").lock().await;
        tokio::task::block_in_place(|| postgres.stop());
        self.wait(20, 600).await;
        tokio::task::block_in_place(|| postgres.start_again());
        String::from("PostgreSQL")
    }
}
