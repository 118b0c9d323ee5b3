//! Reading a stream for as long as one may: from server to server, each time from the last cursor on.
//!
//! Never asks anew for what it has seen, and never skips.

use std::time::Duration;

use tokio::sync::watch;

use serde_json::json;
use tokio::task::JoinSet;

use super::cast::{Person, Seat, VIEWER, WHERE};
use super::line::{Line, Root, Step};
use super::{Token, World, seq};
use crate::faults::dice::Dice;
use crate::faults::record::{Reader, ReaderId, Sight};

/// How long somebody waits for the forced logout before they go on; it is the checker's to say whether that was too long.
pub const LOGOUT_MAX: Duration = Duration::from_secs(8);

/// A place in a stream that somebody reads on from.
#[derive(Clone, Debug)]
pub struct Place {
    pub reader: ReaderId,
    pub root: Root,
    pub cursor: String,
}

/// How a reading ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum End {
    /// Told to.
    Called,
    /// The session has ended.
    PutOut,
}

/// Waits until all windows were put out, but neither too long nor longer than the work goes on.
pub async fn await_logout(world: &World, mut windows: JoinSet<End>) {
    let mut over = world.over.clone();
    let all = async { while windows.join_next().await.is_some() {} };
    tokio::select! {
        _ = tokio::time::timeout(LOGOUT_MAX, all) => {}
        _ = over.wait_for(|over| *over) => {}
    }
}

impl Place {
    /// A reader of the workspace's stream from now on, while the work goes on; none where the server doesn't answer.
    pub async fn here(
        world: &World,
        server: usize,
        (name, seat, admin): (String, &Seat, bool),
    ) -> Option<Self> {
        let place = world.send(server, Some(&seat.token.secret), WHERE, json!({})).await;
        let cursor = place.payload["eventCursor"].as_str()?.to_owned();
        let sight = Sight::Member { member: seat.member, admin, joined: 0 };
        let first = seq(&place.payload["eventCursor"])?;
        let reader = Reader { name, stream: seat.workspace, sight, first, stays: false };
        Some(Self { reader: world.recorder.reader(reader), root: Root::Workspace, cursor })
    }

    /// The same of the person's own stream, through this account session.
    pub async fn of_viewer(
        world: &World,
        server: usize,
        (name, person, by): (String, &Person, &Token),
    ) -> Option<Self> {
        let viewer = world.send(server, Some(&by.secret), VIEWER, json!({})).await;
        let cursor = viewer.payload["eventCursor"].as_str()?.to_owned();
        let first = seq(&viewer.payload["eventCursor"])?;
        let sight = Sight::Account(person.account);
        let reader = Reader { name, stream: person.account, sight, first, stays: false };
        Some(Self { reader: world.recorder.reader(reader), root: Root::Viewer, cursor })
    }

    /// Reads until it is called off or the session has ended. Now and then it leaves by itself and comes back elsewhere.
    pub async fn follow(
        &mut self,
        world: &World,
        token: &Token,
        dice: &mut Dice,
        mut called: watch::Receiver<bool>,
    ) -> End {
        loop {
            let server = dice.below(world.fronts.len());
            let stay = if dice.once_in(3) { dice.millis(200, 2500) } else { Duration::from_secs(3600) };
            let code = tokio::select! {
                _ = called.wait_for(|called| *called) => return End::Called,
                code = self.sit(world, token, server) => code,
                () = tokio::time::sleep(stay) => None,
            };
            if code == Some(4401) {
                return End::PutOut;
            }
            tokio::time::sleep(dice.millis(10, 120)).await;
        }
    }

    /// Reads on one socket until it ends; says with which code.
    async fn sit(&mut self, world: &World, token: &Token, server: usize) -> Option<u16> {
        let mut line = match Line::open(world, token, server, Some(self.reader)).await {
            Ok(line) => line,
            Err(code) => return code,
        };
        if self.root == Root::Workspace {
            line.listen_to_session().await;
        }
        line.listen(self.root, &self.cursor).await;
        loop {
            match line.step().await {
                Step::Cursor(cursor) => self.cursor = cursor,
                Step::Other => {}
                Step::Refused => return None,
                Step::Closed(code) => return code,
            }
        }
    }
}
