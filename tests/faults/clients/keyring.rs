//! Keys that are made, used and revoked, by an admin who stays and by one who is put out meanwhile.

use serde_json::json;

use super::cast::Seat;
use super::drill::ask_once;
use super::{Token, World, uuid};
use crate::faults::dice::Dice;
use crate::faults::record::{Holder, What};
use crate::support::cast::text;

pub const CREATE: &str = "mutation($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret apiKey { id } \
     eventCursor userErrors { code message field } } }";
const REVOKE: &str = "mutation($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { eventCursor \
     userErrors { code } } }";

/// Makes a key, has it ask at every server, revokes it, has it ask again.
pub async fn run(world: World, maker: Seat, revoker: Token, mut dice: Dice) {
    while !world.is_over() {
        let server = dice.below(world.fronts.len());
        let asked = (CREATE, json!({ "input": { "name": "sync" } }));
        let answer = world.ask(server, &maker.token, What::CreateKey, asked).await;
        if answer.is_done() {
            let key = uuid(&answer.payload["apiKey"]["id"]);
            let holder = Holder::Key { workspace: maker.workspace, maker: maker.member, key };
            let id = world.recorder.credential(holder, i64::MAX);
            let token = Token { id, secret: text(&answer.payload["secret"]).into() };
            use_and_revoke(&world, &token, &text(&answer.payload["apiKey"]["id"]), (&revoker, &mut dice))
                .await;
        }
        world.pause(dice.millis(100, 400)).await;
    }
}

async fn use_and_revoke(world: &World, token: &Token, key_id: &str, (revoker, dice): (&Token, &mut Dice)) {
    for _ in 0..4 {
        ask_once(world, token, dice.below(world.fronts.len()), dice.once_in(3)).await;
        world.pause(dice.millis(20, 120)).await;
    }
    let asked = (REVOKE, json!({ "input": { "apiKeyId": key_id } }), &["ALREADY_REVOKED"][..]);
    if world.insist(dice, revoker, &What::RevokeKey(token.id), asked).await {
        for server in 0..world.fronts.len() {
            ask_once(world, token, server, server == 0).await;
        }
    }
}
