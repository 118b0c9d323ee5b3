//! People who are invited, and who accept at two servers at once: one of the two has to win.

use serde_json::{Value, json};

use super::cast::Seat;
use super::{Token, World, uuid};
use crate::faults::dice::Dice;
use crate::faults::record::{Holder, What};
use crate::support::cast::{INVITE, PASSWORD};

pub const ACCEPT: &str = "mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { eventCursor \
     userErrors { code } } }";

pub async fn run(world: World, admin: Seat, role: String, mut dice: Dice) {
    let mut number = 0;
    while !world.is_over() {
        number += 1;
        let email = format!("guest{number}.{}@example.com", admin.workspace.simple());
        let server = dice.below(world.fronts.len());
        let asked = (INVITE, json!({ "input": { "members": [{ "email": email, "roleId": role }] } }));
        let answer = world.ask(server, &admin.token, What::Invite, asked).await;
        if answer.is_done() {
            let member = uuid(&answer.payload["results"][0]["member"]["id"]);
            if let Some(secret) = world.mailed_secret(&email).await {
                let what = What::Accept { workspace: admin.workspace, member };
                let input = json!({ "token": secret, "name": "Somebody", "password": PASSWORD });
                accept_twice(&world, &what, &input, &mut dice).await;
            }
        }
        world.pause(dice.millis(200, 800)).await;
    }
}

/// At two servers at once, as somebody nobody knows yet.
async fn accept_twice(world: &World, what: &What, input: &Value, dice: &mut Dice) {
    let nobody = uuid::Uuid::nil();
    let holder = Holder::Account { account: nobody, session: nobody };
    let by = Token { id: world.recorder.credential(holder, i64::MAX), secret: "".into() };
    let servers = [dice.below(world.fronts.len()), dice.below(world.fronts.len())];
    let accept = |server| world.ask(server, &by, what.clone(), (ACCEPT, json!({ "input": input })));
    tokio::join!(accept(servers[0]), accept(servers[1]));
}
