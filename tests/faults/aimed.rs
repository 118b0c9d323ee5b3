//! Faults aimed at the moments that matter: somebody is blocked while a check of theirs is under way on a server that is
//! cut off, and while they write at every server at once. What random faults hit rarely is hit here each time.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;

use super::clients::cast::Seat;
use super::clients::drill::{ask_once, sit_still};
use super::clients::{Token, World, keyring};
use super::cluster::Cluster;
use super::dice::Dice;
use super::proxy::Cut;
use super::record::{Fault, What};
use super::run::{Ended, Plan, Stage};
use crate::support::cast::{BLOCK, UNBLOCK};

/// What a round calls its cut.
pub const CUT: &str = "aimed cut to the database";
/// How many are put out so.
pub const DRILLED: usize = 6;
const ROUNDS: usize = 6;
/// Requests at a time, and windows that open, at the server that is cut off.
const READERS: usize = 4;
const WINDOWS: usize = 8;
/// Writers at each server.
const WRITERS: usize = 3;

pub async fn run(cluster: Cluster, plan: Plan) -> Ended {
    let cluster = Arc::new(cluster);
    let mut stage = Stage::set(&cluster, plan.seed).await;
    let (admin, drilled) = stage.open(plan).await.admin_and_drilled();
    stage.world.recorder.with().since = stage.heads().await;
    let mut rounds = Rounds {
        world: stage.world.clone(),
        cluster: Arc::clone(&cluster),
        admin,
        drilled: drilled[0].clone(),
        dice: Dice::new(plan.seed, "aimed"),
    };
    for _ in 0..ROUNDS {
        rounds.in_a_flood().await;
    }
    // Each is cut off once, and last: a later block would end what outlived an earlier one.
    for seat in drilled {
        rounds.drilled = seat;
        rounds.cut_off().await;
    }
    cluster.ready().await;
    stage.healed();
    stage.end(plan.terms, &cluster).await
}

struct Rounds {
    world: World,
    cluster: Arc<Cluster>,
    admin: Seat,
    drilled: Seat,
    dice: Dice,
}

impl Rounds {
    /// Checks are under way at a server that from one moment on hears nothing from its database: some were answered
    /// there and the answer is on its way. The block is answered elsewhere; then somebody asks that server again.
    async fn cut_off(&mut self) {
        let Some(session) = self.come_in().await else { return };
        let near = self.dice.below(self.cluster.servers.len());
        let far = (near + 1) % self.cluster.servers.len();
        let server = Arc::clone(&self.cluster.servers[near]);
        let line = server.to_database.as_ref().expect("there is a line");
        let mut asking = self.flood(&session, near);
        tokio::time::sleep(self.dice.millis(20, 60)).await;
        let from = self.world.recorder.now();
        line.cut(Cut::Down);
        self.block(far).await;
        for _ in 0..2 {
            let (world, token) = (self.world.clone(), session.clone());
            asking.spawn(async move { ask_once(&world, &token, near, false).await });
        }
        tokio::time::sleep(Duration::from_millis(80)).await;
        line.mend();
        let to = self.world.recorder.now();
        let what = format!("server {near}, Down");
        self.world.recorder.with().faults.push(Fault { kind: CUT, what, from, to });
        asking.join_all().await;
        self.unblock().await;
    }

    /// Requests and new windows of one session at one server, as fast as they go.
    fn flood(&mut self, session: &Token, server: usize) -> JoinSet<()> {
        let mut asking = JoinSet::new();
        for _ in 0..READERS {
            let (world, token) = (self.world.clone(), session.clone());
            asking.spawn(async move {
                for _ in 0..8 {
                    ask_once(&world, &token, server, false).await;
                }
            });
        }
        for _ in 0..WINDOWS {
            let (world, token, after) = (self.world.clone(), session.clone(), self.dice.millis(0, 50));
            tokio::spawn(async move {
                tokio::time::sleep(after).await;
                sit_still(world, token, server).await;
            });
        }
        asking
    }

    /// The blocked one writes at every server while the block is on its way, and asks everywhere once it was answered.
    async fn in_a_flood(&mut self) {
        let Some(session) = self.come_in().await else { return };
        let mut writing = JoinSet::new();
        for server in (0..self.world.fronts.len()).flat_map(|server| [server; WRITERS]) {
            let (world, token) = (self.world.clone(), session.clone());
            writing.spawn(async move {
                for _ in 0..3 {
                    // An asset looks its owner up anew; a key rests on the proof under the lock alone.
                    ask_once(&world, &token, server, true).await;
                    let asked = (keyring::CREATE, json!({ "input": { "name": "sync" } }));
                    world.ask(server, &token, What::CreateKey, asked).await;
                }
            });
        }
        tokio::time::sleep(self.dice.millis(5, 60)).await;
        let server = self.dice.below(self.world.fronts.len());
        self.block(server).await;
        for server in 0..self.world.fronts.len() {
            ask_once(&self.world, &session, server, false).await;
        }
        writing.join_all().await;
        self.unblock().await;
    }

    async fn come_in(&mut self) -> Option<Token> {
        for _ in 0..20 {
            let server = self.dice.below(self.world.fronts.len());
            let entered = self.world.enter(server, &self.drilled.person.phone, &self.drilled).await;
            match entered {
                Ok(session) => {
                    // In use at every server, as it is in production.
                    for server in 0..self.world.fronts.len() {
                        ask_once(&self.world, &session, server, false).await;
                    }
                    return Some(session);
                }
                Err(_) => self.unblock().await,
            }
        }
        None
    }

    async fn block(&mut self, server: usize) {
        let input = json!({ "input": { "memberId": self.drilled.member_id } });
        self.world.ask(server, &self.admin.token, What::Block(self.drilled.member), (BLOCK, input)).await;
    }

    async fn unblock(&mut self) {
        let input = json!({ "input": { "memberId": self.drilled.member_id } });
        let asked = (UNBLOCK, input, &["NOT_ALLOWED_IN_STATUS"][..]);
        let what = What::Unblock(self.drilled.member);
        self.world.insist(&mut self.dice, &self.admin.token, &what, asked).await;
    }
}
