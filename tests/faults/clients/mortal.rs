//! People who forget their passwords, set others by mailed links, and delete their accounts in the end: one after the
//! other, out of a reserve that was made before the run.
//!
//! Never looks at the rights itself: what they had is tried again everywhere, old passwords too, and the checker says what
//! should have come of it.

use serde_json::json;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::cast::{Seat, VIEWER};
use super::drill::{ask_once, sit_still};
use super::lodger::ask_with_all;
use super::reading::{End, Place, await_logout};
use super::{Answer, Token, World, seq, uuid};
use crate::faults::dice::Dice;
use crate::faults::record::{Holder, Outcome, What};
use crate::support::cast::{PASSWORD, SIGN_IN};

const REQUEST: &str = "mutation($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { mailedTo \
     userErrors { code } } }";
const RESET: &str = "mutation($input: ResetPasswordInput!) { resetPassword(input: $input) { account { id } \
     userErrors { code } } }";
const DELETE_ACCOUNT: &str = "mutation($input: DeleteAccountInput!) { deleteAccount(input: $input) { deletedAccountId \
     userErrors { code } } }";
/// Before they go people forget their passwords never, once, or twice, in turn.
const RESETS: usize = 3;
/// So many times ten seconds somebody waits for a mail.
const LINK_WAITS: usize = 4;

/// Everybody's password is another one each time.
fn password(number: usize) -> String {
    if number == 0 { PASSWORD.to_owned() } else { format!("{PASSWORD} {number}") }
}

/// They live one after the other.
pub async fn run(world: World, seats: Vec<Seat>, mut dice: Dice) {
    for (at, seat) in seats.into_iter().enumerate() {
        let nobody = Holder::Account { account: Uuid::nil(), session: Uuid::nil() };
        let nobody = Token { id: world.recorder.credential(nobody, i64::MAX), secret: "".into() };
        let known = world.newest_secret(&seat.person.email).await;
        let dice = Dice::new(dice.below(usize::MAX) as u64, "mortal");
        let mut mortal = Mortal { world: world.clone(), seat, nobody, password: 0, known, dice };
        for _ in 0..at % RESETS {
            mortal.forget_password().await;
        }
        mortal.delete_account().await;
        if world.is_over() {
            return;
        }
    }
}

struct Mortal {
    world: World,
    seat: Seat,
    /// What is asked without a session is on record with this.
    nobody: Token,
    password: usize,
    /// The newest link that was used, or is for something else.
    known: Option<String>,
    dice: Dice,
}

/// An account session, a workspace session under it, and the windows of both.
struct In {
    laptop: Token,
    session: Token,
    windows: JoinSet<End>,
}

impl Mortal {
    fn anywhere(&mut self) -> usize {
        self.dice.below(self.world.fronts.len())
    }

    async fn forget_password(&mut self) {
        let Some(inside) = self.come_in().await else { return };
        if self.reset().await {
            self.try_again(&inside).await;
        }
        await_logout(&self.world, inside.windows).await;
    }

    async fn delete_account(&mut self) {
        let Some(inside) = self.come_in().await else { return };
        let input = json!({ "input": { "password": password(self.password) } });
        let asked = (DELETE_ACCOUNT, input, &["UNAUTHENTICATED"][..]);
        if self.world.insist(&mut self.dice, &inside.laptop, &What::DeleteAccount, asked).await {
            self.try_again(&inside).await;
            self.sign_in_everywhere(self.password).await;
        }
        await_logout(&self.world, inside.windows).await;
    }

    /// With the sessions that have ended, and with the first password.
    async fn try_again(&self, inside: &In) {
        let viewers = (0..self.world.fronts.len()).map(|server| {
            let (world, laptop) = (self.world.clone(), inside.laptop.clone());
            async move { world.ask(server, &laptop, What::Read, (VIEWER, json!({}))).await }
        });
        let viewers: JoinSet<_> = viewers.collect();
        ask_with_all(&self.world, [&inside.session].into_iter()).await;
        viewers.join_all().await;
        if self.password > 0 {
            self.sign_in_everywhere(self.password - 1).await;
        }
    }

    async fn sign_in_everywhere(&self, password: usize) {
        for server in 0..self.world.fronts.len() {
            self.sign_in(server, password).await;
        }
    }

    async fn sign_in(&self, server: usize, number: usize) -> Option<Token> {
        let account = self.seat.person.account;
        let input = json!({ "email": self.seat.person.email, "password": password(number) });
        let what = What::SignIn { account, password: number };
        let answer = self.world.ask(server, &self.nobody, what, (SIGN_IN, json!({ "input": input }))).await;
        let secret = answer.payload["token"].as_str()?.to_owned();
        let holder = Holder::Account { account, session: uuid(&answer.payload["session"]["id"]) };
        let id = self.world.recorder.credential(holder, i64::MAX);
        let viewer = self.world.send(server, Some(&secret), VIEWER, json!({})).await;
        if let Some(floor) = viewer.payload.get("eventCursor").and_then(seq) {
            self.world.recorder.with().credentials[id.0].floor = floor;
        }
        Some(Token { id, secret: secret.into() })
    }

    /// Signs in, enters, opens windows and works a little.
    async fn come_in(&mut self) -> Option<In> {
        while !self.world.is_over() {
            let server = self.anywhere();
            if let Some(laptop) = self.sign_in(server, self.password).await {
                let server = self.anywhere();
                if let Ok(session) = self.world.enter(server, &laptop, &self.seat).await {
                    let windows = self.open_windows(&laptop, &session).await;
                    for _ in 0..3 {
                        let server = self.anywhere();
                        ask_once(&self.world, &session, server, false).await;
                        self.world.pause(self.dice.millis(20, 100)).await;
                    }
                    return Some(In { laptop, session, windows });
                }
            }
            self.world.pause(self.dice.millis(50, 250)).await;
        }
        None
    }

    /// Both streams are read, and two windows sit still.
    async fn open_windows(&mut self, laptop: &Token, session: &Token) -> JoinSet<End> {
        let mut windows = JoinSet::new();
        let server = self.anywhere();
        let seat = Seat { token: session.clone(), ..self.seat.clone() };
        let name =
            |what: &str| format!("{what} of mortal {}, credential {}", seat.person.account, session.id.0);
        let workspace = Place::here(&self.world, server, (name("window"), &seat, false)).await;
        let own = Place::of_viewer(&self.world, server, (name("phone"), &self.seat.person, laptop)).await;
        for (place, token) in [(workspace, session), (own, laptop)] {
            tokio::spawn(sit_still(self.world.clone(), token.clone(), self.anywhere()));
            let Some(mut place) = place else { continue };
            let (world, token, curtain) = (self.world.clone(), token.clone(), self.world.curtain.clone());
            let mut dice = Dice::new(self.dice.below(usize::MAX) as u64, "mortal's window");
            windows.spawn(async move { place.follow(&world, &token, &mut dice, curtain).await });
        }
        windows
    }

    /// Sets the next password by a mailed link, now and then at two servers at once: the link works once.
    async fn reset(&mut self) -> bool {
        while !self.world.is_over() {
            let Some(link) = self.ask_for_link().await else { continue };
            if self.use_link(&link).await {
                self.password += 1;
                return true;
            }
        }
        false
    }

    /// Again and again, for links are few in an hour; false where it turns out to be dead.
    async fn use_link(&mut self, link: &str) -> bool {
        let next = self.password + 1;
        let what = What::ResetPassword { account: self.seat.person.account, password: next };
        let input = json!({ "input": { "token": link, "newPassword": password(next) } });
        let mut lost = false;
        while !self.world.is_over() {
            let mut servers = vec![self.anywhere()];
            servers.extend(self.dice.once_in(2).then(|| self.anywhere()));
            let asks = servers.into_iter().map(|server| {
                let (world, by) = (self.world.clone(), self.nobody.clone());
                let (what, asked) = (what.clone(), (RESET, input.clone()));
                async move { world.ask(server, &by, what, asked).await }
            });
            let answers = asks.collect::<JoinSet<_>>().join_all().await;
            if answers.iter().any(Answer::is_done) {
                return true;
            }
            lost |= answers.iter().any(|answer| answer.outcome == Outcome::Unknown);
            if answers.iter().any(|answer| answer.code().starts_with("LINK_")) {
                // Used by one of these whose answer was lost, or dead.
                return lost;
            }
            self.world.pause(self.dice.millis(30, 200)).await;
        }
        false
    }

    /// Asked for once, and again only where no mail comes for long.
    async fn ask_for_link(&mut self) -> Option<String> {
        let input = json!({ "input": { "email": self.seat.person.email } });
        loop {
            let server = self.anywhere();
            if self.world.is_over() || self.world.send(server, None, REQUEST, input.clone()).await.is_done() {
                break;
            }
            self.world.pause(self.dice.millis(30, 200)).await;
        }
        for _ in 0..LINK_WAITS {
            let link = self.world.mailed_since(&self.seat.person.email, self.known.as_deref()).await;
            if link.is_some() || self.world.is_over() {
                self.known.clone_from(&link);
                return link;
            }
        }
        None
    }
}
