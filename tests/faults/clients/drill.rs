//! Somebody who is in, works, listens, and is put out in one of the ways there are; then let in again. All day.
//!
//! Never looks at the rights itself: it asks on with what it has, and the checker says what should have come of it.

use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::cast::{Seat, WHERE};
use super::inviter::ACCEPT;
use super::line::{Line, Step};
use super::reading::{LOGOUT_MAX, Place};
use super::{Token, World};
use crate::faults::dice::Dice;
use crate::faults::record::What;
use crate::support::cast::{
    BLOCK, DEACTIVATE, INVITE, LEAVE, PASSWORD, REACTIVATE, REMOVE, SET_ROLE, UNBLOCK,
};

const END_MEMBER_SESSIONS: &str = "mutation($input: EndMemberSessionsInput!) { endMemberSessions(input: $input) { \
     eventCursor userErrors { code } } }";
const SIGN_OUT: &str =
    "mutation($input: SignOutInput!) { signOut(input: $input) { signedOut userErrors { code } } }";
const END_SESSION: &str =
    "mutation($input: EndSessionInput!) { endSession(input: $input) { endedSessionId userErrors { code } } }";
const CHANGE_PASSWORD: &str =
    "mutation($input: ChangePasswordInput!) { changePassword(input: $input) { userErrors { code } } }";
const INVITATIONS: &str = "{ viewer { invitations(first: 5) { nodes { id } } } }";
/// How people are put out here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Habit {
    /// Blocked, deactivated, removed, signed out, their sessions ended; or they leave, or change their password.
    PutOut,
    /// Demoted, and made an admin again.
    Demoted,
}

pub struct Drill {
    pub world: World,
    pub seat: Seat,
    /// Who acts on them.
    pub admin: Token,
    pub roles: [String; 2],
    pub place: Place,
    pub habit: Habit,
    pub dice: Dice,
}

impl Drill {
    pub async fn run(mut self) -> Place {
        while !self.world.is_over() {
            match self.habit {
                Habit::PutOut => self.put_out_round().await,
                Habit::Demoted => self.demoted_round().await,
            }
        }
        self.place
    }

    fn anywhere(&mut self) -> usize {
        self.dice.below(self.world.fronts.len())
    }

    async fn put_out_round(&mut self) {
        let Some((laptop, session)) = self.come_in().await else { return };
        let (work, listening) = self.begin(&session);
        self.world.pause(self.dice.millis(100, 600)).await;
        self.knock(&session);
        let known = match self.dice.below(14) {
            0..4 => self.block().await,
            4 => self.by_admin(What::EndMemberSessions(self.seat.member), END_MEMBER_SESSIONS).await,
            5 => self.sign_out(&session, &session).await,
            6 => self.sign_out(&laptop, &session).await,
            7 => self.end_session(&session).await,
            8 | 9 => self.by_admin(What::Deactivate(self.seat.member), DEACTIVATE).await,
            10 => self.remove().await,
            11 => self.leave(&session).await,
            _ if laptop.id == self.seat.person.phone.id => self.block().await,
            _ => self.change_password().await,
        };
        if known {
            self.ask_everywhere(&session).await;
            self.world.pause(self.dice.millis(20, 120)).await;
        }
        self.finish(work, listening).await;
        self.unblock().await;
    }

    /// A role is taken and given while the session lives.
    async fn demoted_round(&mut self) {
        let Some((_, session)) = self.come_in().await else { return };
        let (work, listening) = self.begin(&session);
        for _ in 0..4 {
            for admin in [false, true] {
                self.world.pause(self.dice.millis(80, 400)).await;
                if self.set_role(admin).await && !admin {
                    self.ask_everywhere(&session).await;
                }
            }
        }
        self.by_admin(What::EndMemberSessions(self.seat.member), END_MEMBER_SESSIONS).await;
        self.finish(work, listening).await;
    }

    /// Signs in and enters, for as long as it takes.
    async fn come_in(&mut self) -> Option<(Token, Token)> {
        while !self.world.is_over() {
            let server = self.anywhere();
            // A hash costs more than all the rest; most enter from the session that they have.
            let laptop = if self.dice.once_in(3) {
                self.world.sign_in(server, &self.seat.person).await
            } else {
                Some(self.seat.person.phone.clone())
            };
            if let Some(laptop) = laptop {
                let server = self.anywhere();
                match self.world.enter(server, &laptop, &self.seat).await {
                    Ok(session) => return Some((laptop, session)),
                    Err(answer) if answer.refused("MEMBERSHIP_BLOCKED") => self.unblock().await,
                    Err(answer) if answer.refused("MEMBERSHIP_DEACTIVATED") => {
                        self.by_admin(What::Reactivate(self.seat.member), REACTIVATE).await;
                    }
                    // Removed, or gone.
                    Err(answer) if answer.refused("NOT_FOUND") => self.come_back().await,
                    Err(_) => {}
                }
            }
            self.world.pause(self.dice.millis(30, 150)).await;
        }
        None
    }

    /// Requests by the session, and a window that listens.
    fn begin(&mut self, session: &Token) -> (Work, JoinSet<Place>) {
        let (leave, left) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for at in 0..2 {
            let dice = Dice::new(self.dice.below(usize::MAX) as u64, &format!("work {at}"));
            tasks.spawn(work(self.world.clone(), session.clone(), dice, left.clone()));
        }
        let (world, token, mut place) = (self.world.clone(), session.clone(), self.place.clone());
        let mut dice = Dice::new(self.dice.below(usize::MAX) as u64, "window");
        let mut listening = JoinSet::new();
        listening.spawn(async move {
            place.follow(&world, &token, &mut dice, left).await;
            place
        });
        (Work { leave, tasks }, listening)
    }

    /// One more window, opened about when somebody is put out, that stays until it is closed.
    fn knock(&mut self, session: &Token) {
        let (world, token) = (self.world.clone(), session.clone());
        let (server, after) = (self.anywhere(), self.dice.millis(0, 30));
        tokio::spawn(async move {
            tokio::time::sleep(after).await;
            sit_still(world, token, server).await;
        });
    }

    /// Waits for the forced logout, and for the requests under way.
    async fn finish(&mut self, work: Work, mut listening: JoinSet<Place>) {
        let Work { leave, mut tasks } = work;
        let heard = tokio::time::timeout(LOGOUT_MAX, listening.join_next());
        let mut over = self.world.over.clone();
        let place = tokio::select! {
            place = heard => place.ok().flatten(),
            _ = over.wait_for(|over| *over) => None,
        };
        let _ = leave.send(true);
        let place = match place {
            Some(place) => Some(place),
            None => listening.join_next().await,
        };
        self.place = place.expect("a window gives its place back").expect("it does not break");
        while let Some(ended) = tasks.join_next().await {
            ended.expect("work does not break");
        }
    }

    /// One request at each server, at once.
    async fn ask_everywhere(&mut self, session: &Token) {
        let mut asking = JoinSet::new();
        for server in 0..self.world.fronts.len() {
            let (world, token) = (self.world.clone(), session.clone());
            asking.spawn(async move { ask_once(&world, &token, server, server % 2 == 0).await });
        }
        asking.join_all().await;
    }

    async fn by_admin(&mut self, what: What, mutation: &str) -> bool {
        let input = json!({ "input": { "memberId": self.seat.member_id } });
        let asked = (mutation, input, &["NOT_ALLOWED_IN_STATUS"][..]);
        self.world.insist(&mut self.dice, &self.admin, &what, asked).await
    }

    async fn block(&mut self) -> bool {
        self.by_admin(What::Block(self.seat.member), BLOCK).await
    }

    async fn unblock(&mut self) {
        self.by_admin(What::Unblock(self.seat.member), UNBLOCK).await;
    }

    async fn remove(&mut self) -> bool {
        let assets = json!({ "everything": { "to": "WORKSPACE" } });
        let input = json!({ "input": { "memberId": self.seat.member_id, "assets": assets } });
        let asked = (REMOVE, input, &["NOT_ALLOWED_IN_STATUS"][..]);
        let what = What::Remove(self.seat.member);
        self.world.insist(&mut self.dice, &self.admin, &what, asked).await
    }

    async fn leave(&mut self, session: &Token) -> bool {
        let asked = (LEAVE, json!({ "input": {} }), &["UNAUTHENTICATED"][..]);
        self.world.insist(&mut self.dice, session, &What::Leave, asked).await
    }

    /// The same one again: whoever has it is none the wiser, and the sessions end all the same.
    async fn change_password(&mut self) -> bool {
        let input = json!({ "input": { "currentPassword": PASSWORD, "newPassword": PASSWORD } });
        let phone = self.seat.person.phone.clone();
        let asked = (CHANGE_PASSWORD, input, &[][..]);
        self.world.insist(&mut self.dice, &phone, &What::ChangePassword, asked).await
    }

    /// Invited again and accepted, each tried once: whoever still finds no way in asks again.
    async fn come_back(&mut self) {
        let row = json!({ "email": self.seat.person.email, "roleId": self.roles[0], "giveUpKeptData": true });
        let invite = (INVITE, json!({ "input": { "members": [row] } }));
        let server = self.anywhere();
        // Where an invitation is open already, this is refused.
        self.world.ask(server, &self.admin, What::Invite, invite).await;
        let phone = self.seat.person.phone.clone();
        let found = self.world.ask(server, &phone, What::Read, (INVITATIONS, json!({}))).await;
        let Some(id) = found.payload["invitations"]["nodes"][0]["id"].as_str() else { return };
        let what = What::Accept { workspace: self.seat.workspace, member: self.seat.member };
        let accept = (ACCEPT, json!({ "input": { "invitationId": id } }));
        let server = self.anywhere();
        self.world.ask(server, &phone, what, accept).await;
    }

    async fn set_role(&mut self, admin: bool) -> bool {
        let role = &self.roles[usize::from(!admin)];
        let input = json!({ "input": { "memberId": self.seat.member_id, "roleId": role } });
        let what = What::SetRole { member: self.seat.member, admin };
        let asked = (SET_ROLE, input, &["NOT_ALLOWED_IN_STATUS"][..]);
        self.world.insist(&mut self.dice, &self.admin, &what, asked).await
    }

    async fn sign_out(&mut self, by: &Token, session: &Token) -> bool {
        // The phone stays signed in: it is how they come back.
        let by = if by.id == self.seat.person.phone.id { session } else { by };
        let asked = (SIGN_OUT, json!({ "input": {} }), &["UNAUTHENTICATED"][..]);
        self.world.insist(&mut self.dice, by, &What::SignOut, asked).await
    }

    async fn end_session(&mut self, session: &Token) -> bool {
        let id = {
            let record = self.world.recorder.with();
            match record.credential(session.id).holder {
                crate::faults::record::Holder::Member { session, .. } => session,
                holder => unreachable!("{holder:?} is no workspace session"),
            }
        };
        let id = rollcall::primitives::ids::WorkspaceSessionId::from_uuid(id).to_string();
        let asked = (END_SESSION, json!({ "input": { "sessionId": id } }), &["NOT_FOUND"][..]);
        let phone = self.seat.person.phone.clone();
        self.world.insist(&mut self.dice, &phone, &What::EndSession(session.id), asked).await
    }
}

/// What somebody does while they are in.
struct Work {
    leave: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

async fn work(world: World, token: Token, mut dice: Dice, left: watch::Receiver<bool>) {
    while !*left.borrow() && !world.is_over() {
        let server = dice.below(world.fronts.len());
        ask_once(&world, &token, server, dice.once_in(4)).await;
        tokio::time::sleep(dice.millis(20, 100)).await;
    }
}

/// A window that asks for nothing, until it is closed or the curtain falls.
pub async fn sit_still(world: World, token: Token, server: usize) {
    let mut curtain = world.curtain.clone();
    let Ok(mut line) = Line::open(&world, &token, server, None).await else { return };
    let sitting = async { while !matches!(line.step().await, Step::Closed(_)) {} };
    tokio::select! { () = sitting => {}, _ = curtain.wait_for(|fallen| *fallen) => {} }
}

/// A query, or a change that takes an admin's rights.
pub async fn ask_once(world: &World, token: &Token, server: usize, change: bool) {
    if change {
        let id = rollcall::primitives::ids::OperationId::new().as_uuid();
        let input: Value = json!({ "kind": "FLOW", "name": "A flow", "externalId": id.to_string() });
        let asked = (REGISTER, json!({ "input": input }));
        world.ask(server, token, What::RegisterAsset, asked).await;
    } else {
        world.ask(server, token, What::Read, (WHERE, json!({}))).await;
    }
}

const REGISTER: &str = "mutation($input: RegisterAssetInput!) { registerAsset(input: $input) { asset { id } \
     eventCursor userErrors { code message field } } }";
