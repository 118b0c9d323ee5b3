//! Roles of a workspace's own that are made, edited and deleted while people hold them and work: what a role gives its
//! holders have, and what it gives no more they have no more, at once on every server.
//!
//! Never looks at the rights itself: its holders ask on, and the checker says what should have come of it.

use rollcall::primitives::ids::OperationId;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::cast::Seat;
use super::drill::ask_once;
use super::{Token, World, uuid};
use crate::faults::checker::word;
use crate::faults::dice::Dice;
use crate::faults::record::What;
use crate::support::cast::SET_ROLE;

const CREATE: &str = "mutation($input: CreateRoleInput!) { createRole(input: $input) { role { id } eventCursor \
     userErrors { code message field } } }";
const UPDATE: &str = "mutation($input: UpdateRoleInput!) { updateRole(input: $input) { role { id } eventCursor \
     userErrors { code message field } } }";
const DELETE: &str = "mutation($input: DeleteRoleInput!) { deleteRole(input: $input) { eventCursor \
     userErrors { code message field } } }";
const ROLES: &str = "{ workspace { roles(first: 100) { nodes { id name } } } }";

pub struct Tailor {
    pub world: World,
    /// Who edits.
    pub admins: [Token; 2],
    /// Who holds the role, with the sessions that they keep.
    pub holders: Vec<Seat>,
    /// Gives nothing: the successor of every role.
    pub plain_role: String,
    pub dice: Dice,
}

impl Tailor {
    pub async fn run(mut self) {
        let mut working = JoinSet::new();
        for (at, holder) in self.holders.iter().enumerate() {
            let dice = Dice::new(self.dice.below(usize::MAX) as u64, &format!("holder {at}"));
            working.spawn(work(self.world.clone(), holder.token.clone(), dice));
        }
        let mut number = 0;
        while !self.world.is_over() {
            number += 1;
            self.round(number).await;
        }
        while let Some(ended) = working.join_next().await {
            ended.expect("work does not break");
        }
    }

    async fn round(&mut self, number: usize) {
        let Some(role) = self.make(&format!("Keeper {number}")).await else { return };
        for holder in self.holders.clone() {
            let (what, asked) = giving(&holder, &role);
            let admin = self.admins[0].clone();
            self.world.insist(&mut self.dice, &admin, &what, (SET_ROLE, asked, &[])).await;
        }
        for gives in [false, true, false, true] {
            self.world.pause(self.dice.millis(40, 300)).await;
            self.edit(&role, gives).await;
            self.ask_everywhere().await;
        }
        self.delete(&role).await;
        self.ask_everywhere().await;
    }

    fn anywhere(&mut self) -> usize {
        self.dice.below(self.world.fronts.len())
    }

    /// Makes a role that gives the right to manage assets; where the answer was lost, looks for it.
    async fn make(&mut self, name: &str) -> Option<String> {
        while !self.world.is_over() {
            let (server, mark) = (self.anywhere(), OperationId::new().as_uuid());
            let permissions = permissions(true, mark);
            let input = json!({ "name": name, "assetScope": "ALL", "permissions": permissions });
            let asked = (CREATE, json!({ "input": input }));
            let made = self.world.ask(server, &self.admins[0], What::CreateRole { mark }, asked).await;
            if let Some(id) = made.payload["role"]["id"].as_str() {
                return Some(id.to_owned());
            }
            if made.is_done() || made.refused("ALREADY_EXISTS") {
                let read = self.world.ask(server, &self.admins[0], What::Read, (ROLES, json!({}))).await;
                let roles = read.payload["roles"]["nodes"].as_array().cloned().unwrap_or_default();
                if let Some(found) = roles.iter().find(|role| role["name"] == name) {
                    return found["id"].as_str().map(str::to_owned);
                }
            }
            self.world.pause(self.dice.millis(30, 200)).await;
        }
        None
    }

    /// Until it is done; now and then the other admin edits the same role elsewhere at the same moment.
    async fn edit(&mut self, role: &str, gives: bool) {
        while !self.world.is_over() {
            let (here, there) = (self.anywhere(), self.anywhere());
            let [first, second] = &self.admins;
            let own = edit_once(&self.world, (first, here), role, gives);
            let done = if self.dice.once_in(3) {
                tokio::join!(own, edit_once(&self.world, (second, there), role, !gives)).0
            } else {
                own.await
            };
            if done {
                return;
            }
            self.world.pause(self.dice.millis(30, 200)).await;
        }
    }

    /// With a successor; now and then somebody is given the role at the same moment.
    async fn delete(&mut self, role: &str) {
        let input = json!({ "input": { "roleId": role, "successorId": self.plain_role } });
        let what = What::DeleteRole(uuid(&json!(role)));
        let (given, server) = (self.dice.once_in(2), self.anywhere());
        let holder = self.holders[self.dice.below(self.holders.len())].clone();
        let (giving, asked) = giving(&holder, role);
        let (world, [admin, other]) = (self.world.clone(), self.admins.clone());
        let deleting = self.world.insist(&mut self.dice, &admin, &what, (DELETE, input, &["NOT_FOUND"]));
        if given {
            tokio::join!(deleting, world.ask(server, &other, giving, (SET_ROLE, asked)));
        } else {
            deleting.await;
        }
    }

    /// Each holder changes something at each server, at once.
    async fn ask_everywhere(&self) {
        let mut asking = JoinSet::new();
        for server in 0..self.world.fronts.len() {
            for holder in &self.holders {
                let (world, token) = (self.world.clone(), holder.token.clone());
                asking.spawn(async move { ask_once(&world, &token, server, true).await });
            }
        }
        asking.join_all().await;
    }
}

/// What a role gives, and by which request.
fn permissions(assets: bool, mark: Uuid) -> Vec<String> {
    let assets = assets.then(|| "MANAGE_ASSETS".to_owned());
    assets.into_iter().chain([word(mark)]).collect()
}

fn giving(holder: &Seat, role: &str) -> (What, Value) {
    let input = json!({ "input": { "memberId": holder.member_id, "roleId": role } });
    (What::SetRole { member: holder.member, admin: false }, input)
}

async fn edit_once(world: &World, (by, server): (&Token, usize), role: &str, gives: bool) -> bool {
    let mark = OperationId::new().as_uuid();
    let input = json!({ "roleId": role, "permissions": permissions(gives, mark) });
    let what = What::UpdateRole { role: uuid(&json!(role)), mark };
    let answer = world.ask(server, by, what, (UPDATE, json!({ "input": input }))).await;
    answer.is_done() || answer.refused("NOT_FOUND")
}

/// Goes on with one session whatever its role gives.
async fn work(world: World, token: Token, mut dice: Dice) {
    while !world.is_over() {
        let server = dice.below(world.fronts.len());
        ask_once(&world, &token, server, dice.once_in(2)).await;
        world.pause(dice.millis(40, 160)).await;
    }
}
