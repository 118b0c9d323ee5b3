//! Somebody who comes in, makes a key, works, is put out and deleted for ever; then invited again, as a new member. The
//! account stays: it is memberships that are used up, and each round makes a new one.
//!
//! Never looks at the rights itself: what they had is tried again everywhere, and the checker says what should have come of
//! it.

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::cast::{Person, Seat, WHERE};
use super::drill::{ask_once, sit_still};
use super::inviter::ACCEPT;
use super::keyring::CREATE;
use super::reading::{End, Place, await_logout};
use super::{Token, World, uuid};
use crate::faults::dice::Dice;
use crate::faults::record::{Holder, What};
use crate::support::cast::{DEACTIVATE, INVITE, REACTIVATE, REMOVE};

const DELETE_FOREVER: &str = "mutation($input: DeleteMemberForeverInput!) { deleteMemberForever(input: $input) { \
     deletedMemberId eventCursor userErrors { code message field } } }";
const INVITATIONS: &str = "{ viewer { invitations(first: 5) { nodes { id } } } }";
const FIND: &str = "query($search: String!) { workspace { members(first: 1, filter: { search: $search, statuses: \
     [ACTIVE, DEACTIVATED, BLOCKED, REMOVED, INVITATION_SENT, INVITATION_EXPIRED] }) { nodes { id status } } } }";

pub struct Lodger {
    pub world: World,
    pub person: Person,
    /// Who invite them, put them out and delete them.
    pub admins: [Seat; 2],
    pub admin_role: String,
    pub dice: Dice,
}

impl Lodger {
    pub async fn run(mut self) {
        while !self.world.is_over() {
            let Some(seat) = self.come_in().await else { return };
            let listening = self.begin(&seat).await;
            let key = self.make_key(&seat).await;
            self.work(&seat, key.as_ref()).await;
            if self.put_out(&seat).await {
                self.ask_everywhere(&seat, key.as_ref()).await;
                self.delete(&seat).await;
                self.ask_everywhere(&seat, key.as_ref()).await;
            }
            await_logout(&self.world, listening).await;
        }
    }

    fn anywhere(&mut self) -> usize {
        self.dice.below(self.world.fronts.len())
    }

    async fn come_in(&mut self) -> Option<Seat> {
        while !self.world.is_over() {
            let server = self.anywhere();
            match self.enter(server).await {
                Ok(Some(seat)) => return Some(seat),
                Ok(None) => {}
                Err(code) if code == "NOT_FOUND" => self.be_invited().await,
                Err(code) if code == "MEMBERSHIP_DEACTIVATED" => {
                    if let Some((member, _)) = self.find().await {
                        self.by_admin(What::Reactivate(uuid(&member)), &member, REACTIVATE).await;
                    }
                }
                Err(_) => {}
            }
            self.world.pause(self.dice.millis(30, 150)).await;
        }
        None
    }

    /// The seat that was taken; nothing where who they are there did not come back, the code of a refusal.
    async fn enter(&mut self, server: usize) -> Result<Option<Seat>, String> {
        let workspace = self.admins[0].workspace;
        let entered =
            self.world.enter_workspace(server, &self.person.phone, &self.admins[0].workspace_id).await;
        let (secret, session) = entered.map_err(|answer| answer.code())?;
        let own = self.world.send(server, Some(&secret), WHERE, json!({})).await;
        let Some(member_id) = own.payload["viewerMember"]["id"].as_str() else { return Ok(None) };
        let (member, parent) = (uuid(&json!(member_id)), self.person.phone.id);
        let floor = super::seq(&own.payload["eventCursor"]).unwrap_or(i64::MAX);
        let id = self.world.recorder.credential(Holder::Member { workspace, member, session, parent }, floor);
        Ok(Some(Seat {
            person: self.person.clone(),
            workspace,
            workspace_id: self.admins[0].workspace_id.clone(),
            member,
            member_id: member_id.to_owned(),
            token: Token { id, secret: secret.into() },
        }))
    }

    /// Invited and accepted, each tried once: whoever still finds no way in asks again.
    async fn be_invited(&mut self) {
        let row = json!({ "email": self.person.email, "roleId": self.admin_role, "giveUpKeptData": true });
        let server = self.anywhere();
        let invite = (INVITE, json!({ "input": { "members": [row] } }));
        self.world.ask(server, &self.admins[0].token, What::Invite, invite).await;
        let Some((member, _)) = self.find().await else { return };
        let phone = self.person.phone.clone();
        let found = self.world.ask(server, &phone, What::Read, (INVITATIONS, json!({}))).await;
        let Some(id) = found.payload["invitations"]["nodes"][0]["id"].as_str() else { return };
        let what = What::Accept { workspace: self.admins[0].workspace, member: uuid(&member) };
        let accept = (ACCEPT, json!({ "input": { "invitationId": id } }));
        let server = self.anywhere();
        self.world.ask(server, &phone, what, accept).await;
    }

    /// The membership, as an admin sees it, and its status.
    async fn find(&mut self) -> Option<(Value, Value)> {
        let server = self.anywhere();
        let asked = (FIND, json!({ "search": self.person.email }));
        let answer = self.world.ask(server, &self.admins[0].token, What::Read, asked).await;
        let found = &answer.payload["members"]["nodes"][0];
        found["id"].is_string().then(|| (found["id"].clone(), found["status"].clone()))
    }

    /// Reads the workspace's stream in one window, and sits still in another.
    async fn begin(&mut self, seat: &Seat) -> JoinSet<End> {
        let mut listening = JoinSet::new();
        let server = self.anywhere();
        tokio::spawn(sit_still(self.world.clone(), seat.token.clone(), server));
        let name = format!("lodger {} with credential {}", self.person.account, seat.token.id.0);
        if let Some(mut place) = Place::here(&self.world, server, (name, seat, true)).await {
            let (world, token, curtain) =
                (self.world.clone(), seat.token.clone(), self.world.curtain.clone());
            let mut dice = Dice::new(self.dice.below(usize::MAX) as u64, "lodger's window");
            listening.spawn(async move { place.follow(&world, &token, &mut dice, curtain).await });
        }
        listening
    }

    async fn make_key(&mut self, seat: &Seat) -> Option<Token> {
        let asked = (CREATE, json!({ "input": { "name": "sync" } }));
        let server = self.anywhere();
        let answer = self.world.ask(server, &seat.token, What::CreateKey, asked).await;
        let (secret, id) = (answer.payload["secret"].as_str()?, &answer.payload["apiKey"]["id"]);
        id.as_str()?;
        let holder = Holder::Key { workspace: seat.workspace, maker: seat.member, key: uuid(id) };
        Some(Token { id: self.world.recorder.credential(holder, i64::MAX), secret: secret.into() })
    }

    async fn work(&mut self, seat: &Seat, key: Option<&Token>) {
        for _ in 0..4 {
            for token in [Some(&seat.token), key].into_iter().flatten() {
                let server = self.anywhere();
                ask_once(&self.world, token, server, self.dice.once_in(2)).await;
            }
            self.world.pause(self.dice.millis(20, 100)).await;
        }
    }

    async fn put_out(&mut self, seat: &Seat) -> bool {
        if self.dice.once_in(2) {
            return self.by_admin(What::Deactivate(seat.member), &json!(seat.member_id), DEACTIVATE).await;
        }
        let assets = json!({ "everything": { "to": "WORKSPACE" } });
        let input = json!({ "input": { "memberId": seat.member_id, "assets": assets } });
        let (by, what) = (self.admins[0].token.clone(), What::Remove(seat.member));
        self.world.insist(&mut self.dice, &by, &what, (REMOVE, input, &["NOT_ALLOWED_IN_STATUS"])).await
    }

    async fn by_admin(&mut self, what: What, member: &Value, mutation: &str) -> bool {
        let input = json!({ "input": { "memberId": member } });
        let by = self.admins[0].token.clone();
        let enough = ["NOT_ALLOWED_IN_STATUS", "NOT_FOUND"];
        self.world.insist(&mut self.dice, &by, &what, (mutation, input, &enough)).await
    }

    /// Now and then the other admin brings them back at the same moment: one of the two comes first.
    async fn delete(&mut self, seat: &Seat) {
        let input = json!({ "input": { "memberId": seat.member_id, "email": self.person.email } });
        let (what, by) = (What::DeleteForever(seat.member), self.admins[0].token.clone());
        let (races, server, world) = (self.dice.once_in(3), self.anywhere(), self.world.clone());
        let enough = ["NOT_FOUND", "NOT_ALLOWED_IN_STATUS"];
        let deleting = self.world.insist(&mut self.dice, &by, &what, (DELETE_FOREVER, input, &enough));
        if races {
            let back = (REACTIVATE, json!({ "input": { "memberId": seat.member_id } }));
            let other = self.admins[1].token.clone();
            tokio::join!(deleting, world.ask(server, &other, What::Reactivate(seat.member), back));
        } else {
            deleting.await;
        }
    }

    /// With all that they had, at each server at once.
    async fn ask_everywhere(&self, seat: &Seat, key: Option<&Token>) {
        ask_with_all(&self.world, [Some(&seat.token), key].into_iter().flatten()).await;
    }
}

/// One request with each of them, at each server at once.
pub async fn ask_with_all<'a>(world: &World, tokens: impl Iterator<Item = &'a Token>) {
    let mut asking = JoinSet::new();
    for token in tokens {
        for server in 0..world.fronts.len() {
            let (world, token) = (world.clone(), token.clone());
            asking.spawn(async move { ask_once(&world, &token, server, server % 2 == 1).await });
        }
    }
    asking.join_all().await;
}
