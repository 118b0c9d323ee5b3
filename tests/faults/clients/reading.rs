//! Reading a stream for as long as one may: from server to server, each time from the last cursor on.
//!
//! Never asks anew for what it has seen, and never skips.

use std::time::Duration;

use tokio::sync::watch;

use super::line::{Line, Root, Step};
use super::{Token, World};
use crate::faults::dice::Dice;
use crate::faults::record::ReaderId;

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

impl Place {
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
