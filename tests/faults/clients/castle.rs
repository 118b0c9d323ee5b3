//! A workspace that is deleted while people work in it, brought back by the operator, entered anew, and deleted again. What
//! it uses up are sessions and keys: they stay dead, and each round makes others.
//!
//! Never looks at the rights itself: what its people had is tried again everywhere, and the checker says what should have
//! come of it.

use serde_json::json;
use tokio::task::JoinSet;

use super::cast::Seat;
use super::drill::{ask_once, sit_still};
use super::keyring::CREATE;
use super::lodger::ask_with_all;
use super::reading::{End, Place, await_logout};
use super::{Token, World, uuid};
use crate::faults::dice::Dice;
use crate::faults::record::{Ask, Holder, Outcome, What};
use crate::support::binary;

const DELETE: &str = "mutation($input: DeleteWorkspaceInput!) { deleteWorkspace(input: $input) { deletedWorkspaceId \
     eventCursor userErrors { code message field } } }";

/// Who lives there: two admins, then the others.
#[derive(Clone, Debug)]
pub struct Household {
    pub name: String,
    pub seats: Vec<Seat>,
}

pub struct Castle {
    pub world: World,
    pub household: Household,
    pub dice: Dice,
}

impl Castle {
    pub async fn run(mut self) {
        while !self.world.is_over() {
            let Some(inside) = self.come_in().await else { return };
            let windows = self.open_windows(&inside).await;
            let key = self.make_key(&inside[0]).await;
            let mut tokens: Vec<Token> = inside.iter().map(|seat| seat.token.clone()).collect();
            tokens.extend(key);
            if self.delete(&tokens).await {
                ask_with_all(&self.world, tokens.iter()).await;
                self.knock().await;
            }
            await_logout(&self.world, windows).await;
            self.recover().await;
        }
    }

    fn anywhere(&mut self) -> usize {
        self.dice.below(self.world.fronts.len())
    }

    /// Everybody enters, for as long as it takes.
    async fn come_in(&mut self) -> Option<Vec<Seat>> {
        let mut inside = Vec::new();
        for seat in self.household.seats.clone() {
            loop {
                if self.world.is_over() {
                    return None;
                }
                let server = self.anywhere();
                if let Ok(token) = self.world.enter(server, &seat.person.phone, &seat).await {
                    inside.push(Seat { token, ..seat });
                    break;
                }
                self.world.pause(self.dice.millis(30, 150)).await;
            }
        }
        Some(inside)
    }

    async fn open_windows(&mut self, inside: &[Seat]) -> JoinSet<End> {
        let mut windows = JoinSet::new();
        for (at, seat) in inside.iter().enumerate() {
            tokio::spawn(sit_still(self.world.clone(), seat.token.clone(), self.anywhere()));
            let (name, admin) =
                (format!("{} {at} with credential {}", self.household.name, seat.token.id.0), at < 2);
            let server = self.anywhere();
            let Some(mut place) = Place::here(&self.world, server, (name, seat, admin)).await else {
                continue;
            };
            let (world, token, curtain) =
                (self.world.clone(), seat.token.clone(), self.world.curtain.clone());
            let mut dice = Dice::new(self.dice.below(usize::MAX) as u64, "castle's window");
            windows.spawn(async move { place.follow(&world, &token, &mut dice, curtain).await });
        }
        windows
    }

    async fn make_key(&mut self, admin: &Seat) -> Option<Token> {
        let asked = (CREATE, json!({ "input": { "name": "sync" } }));
        let server = self.anywhere();
        let answer = self.world.ask(server, &admin.token, What::CreateKey, asked).await;
        let (secret, id) = (answer.payload["secret"].as_str()?, &answer.payload["apiKey"]["id"]);
        id.as_str()?;
        let holder = Holder::Key { workspace: admin.workspace, maker: admin.member, key: uuid(id) };
        Some(Token { id: self.world.recorder.credential(holder, i64::MAX), secret: secret.into() })
    }

    /// While everybody works; now and then by both admins at once.
    async fn delete(&mut self, tokens: &[Token]) -> bool {
        let mut working = JoinSet::new();
        for token in tokens {
            let (world, token) = (self.world.clone(), token.clone());
            let mut dice = Dice::new(self.dice.below(usize::MAX) as u64, "castle's work");
            working.spawn(async move {
                for _ in 0..6 {
                    ask_once(&world, &token, dice.below(world.fronts.len()), dice.once_in(2)).await;
                }
            });
        }
        self.world.pause(self.dice.millis(20, 250)).await;
        let input = json!({ "input": { "name": self.household.name } });
        let (server, both, world) = (self.anywhere(), self.dice.once_in(3), self.world.clone());
        let asked = (DELETE, input.clone(), &["UNAUTHENTICATED"][..]);
        let deleting = self.world.insist(&mut self.dice, &tokens[0], &What::DeleteWorkspace, asked);
        let done = if both {
            tokio::join!(deleting, world.ask(server, &tokens[1], What::DeleteWorkspace, (DELETE, input))).0
        } else {
            deleting.await
        };
        working.join_all().await;
        done
    }

    /// Nobody comes in at any server.
    async fn knock(&self) {
        let mut knocking = JoinSet::new();
        for (at, seat) in self.household.seats.iter().enumerate() {
            let (world, seat) = (self.world.clone(), seat.clone());
            let server = at % world.fronts.len();
            knocking.spawn(async move { drop(world.enter(server, &seat.person.phone, &seat).await) });
        }
        knocking.join_all().await;
    }

    /// By the operator, at the command line.
    async fn recover(&mut self) {
        let seat = self.household.seats[0].clone();
        while !self.world.is_over() {
            let begun = self.world.recorder.now();
            let arguments =
                ["recover", "--workspace", &seat.workspace_id, "--database-url", &self.world.operator];
            let (well, said) = binary::run(&arguments).await;
            let ended = self.world.recorder.now();
            let not_deleted = said.contains("isn't deleted");
            let outcome = match (well, not_deleted) {
                (true, _) => Outcome::Done(None),
                (false, true) => Outcome::Refused("NOT_DELETED".into()),
                (false, false) => Outcome::Unknown,
            };
            let (by, what) = (seat.person.phone.id, What::Recover(seat.workspace));
            self.world.recorder.with().asks.push(Ask { by, server: 0, what, begun, ended, outcome });
            if well || not_deleted {
                return;
            }
            self.world.pause(self.dice.millis(50, 250)).await;
        }
    }
}
