//! The limit of seats: who takes one, and every way to one more (rules.md, section 5).

use futures_util::future::join_all;
use rollcall::access::Failure;
use rollcall::invitations::{AnswerRefusal, BringAssets, accept_by_account};
use rollcall::members::{SeatsTaken, UpdateSeatPlan, update_seat_plan};
use rollcall::policy::Kind;
use serde_json::{Value, json};

use crate::architecture::Source;
use crate::invitations::{invite_rows, row};
use crate::support::app::Stage;
use crate::support::cast::{
    ACCEPT, BLOCK, DEACTIVATE, REACTIVATE, REJOIN, Seat, UNBLOCK, UPDATE_SEAT_PLAN, received,
};
use crate::{on_both, on_both_stages};

pub const SEATS: &str = "{ workspace { seats { limit used reserved free } } }";

async fn seats(stage: &Stage, admin: &Seat) -> Value {
    stage.data(Some(&admin.token), SEATS, json!({})).await["workspace"]["seats"].clone()
}

async fn limit(stage: &Stage, admin: &Seat, limit: Value) -> Value {
    stage.done(Some(&admin.token), UPDATE_SEAT_PLAN, json!({ "limit": limit })).await
}

/// A team of Ada, its admin, Bob and Cleo.
async fn trio(stage: &Stage) -> (Seat, Seat, Seat) {
    let ada = stage.person("Ada").await;
    let admin = stage.workspace(&ada, "TEAM").await;
    let (bob, cleo) = (stage.person("Bob").await, stage.person("Cleo").await);
    let bob = stage.join(&admin, &bob, "Member", &[]).await;
    let cleo = stage.join(&admin, &cleo, "Member", &[]).await;
    (admin, bob, cleo)
}

fn full(refusal: &Value, field: &str) {
    assert_eq!(
        (&refusal["__typename"], &refusal["code"]),
        (&json!("SeatLimitReached"), &json!("SEAT_LIMIT_REACHED"))
    );
    assert_eq!(refusal["field"], json!(["input", field]));
}

on_both_stages! {
    /// SEAT-1, BLK-9: active members take a seat and nobody else does.
    async fn active_members_take_a_seat_and_nobody_else_does(stage) {
        let (admin, bob, cleo) = trio(stage).await;
        assert_eq!(seats(stage, &admin).await, json!({ "limit": null, "used": 3, "reserved": 0, "free": null }));
        limit(stage, &admin, json!(5)).await;
        stage.invite(&admin, "dora@example.com", "Member", &[]).await;
        assert_eq!(seats(stage, &admin).await, json!({ "limit": 5, "used": 3, "reserved": 0, "free": 2 }));
        stage.block(&admin, &bob).await;
        stage.deactivate(&admin, &cleo).await;
        assert_eq!(seats(stage, &admin).await["used"], 1);
        stage.reactivate(&admin, &cleo).await;
        stage.remove(&admin, &cleo).await;
        stage.unblock(&admin, &bob).await;
        assert_eq!(seats(stage, &admin).await, json!({ "limit": 5, "used": 2, "reserved": 0, "free": 3 }));
        limit(stage, &admin, json!(null)).await;
        assert_eq!(seats(stage, &admin).await["free"], Value::Null);
    }

    /// SEAT-2: each way to one more seat is refused when none is free, with the figures, and changes nothing.
    async fn each_way_to_one_more_seat_is_refused_when_none_is_free(stage) {
        let (admin, bob, cleo) = trio(stage).await;
        stage.sql(r#"UPDATE workspaces SET policy = '{"rejoin_deactivated":true}'"#).await;
        let dora = stage.person("Dora").await;
        let (_, invitation) = stage.invite(&admin, &dora.email, "Member", &[]).await;
        stage.block(&admin, &bob).await;
        stage.deactivate(&admin, &cleo).await;
        limit(stage, &admin, json!(1)).await;
        let before = stage.event_types(&admin.workspace_id).await;
        let token = Some(admin.token.as_str());
        let reactivated = stage.data(token, &REACTIVATE.replace("__typename", "__typename ... on SeatLimitReached { limit used reserved }"),
            json!({ "input": { "memberId": cleo.member_id } })).await;
        let refusal = &reactivated["reactivateMember"]["userErrors"][0];
        full(refusal, "memberId");
        assert_eq!((&refusal["limit"], &refusal["used"], &refusal["reserved"]), (&json!(1), &json!(1), &json!(0)));
        full(&stage.refused(token, UNBLOCK, json!({ "memberId": bob.member_id })).await, "memberId");
        full(&stage.refused(Some(&cleo.person.token), REJOIN, json!({ "workspaceId": admin.workspace_id })).await, "workspaceId");
        let accepted = stage.refused(Some(&dora.token), ACCEPT, json!({ "invitationId": received(&invitation) })).await;
        assert_eq!((&accepted["code"], &accepted["field"]), (&json!("SEAT_LIMIT_REACHED"), &json!(["input", "invitationId"])));
        assert_eq!(stage.event_types(&admin.workspace_id).await, before, "nothing has changed");
        // Whoever rests takes none.
        stage.done(token, UNBLOCK, json!({ "memberId": bob.member_id, "intoDeactivated": true })).await;
        limit(stage, &admin, json!(2)).await;
        stage.done(Some(&cleo.person.token), REJOIN, json!({ "workspaceId": admin.workspace_id })).await;
        full(&stage.refused(token, REACTIVATE, json!({ "memberId": bob.member_id })).await, "memberId");
    }

    /// SEAT-2: whoever has no account yet is refused before one is made.
    async fn a_newcomer_who_finds_no_seat_gets_no_account(stage) {
        let ada = stage.person("Ada").await;
        let admin = stage.workspace(&ada, "TEAM").await;
        stage.invite(&admin, "new@example.com", "Member", &[]).await;
        let token = stage.mailed_token("new@example.com").await;
        limit(stage, &admin, json!(1)).await;
        let input = json!({ "token": token, "name": "New", "password": "four words that rhyme" });
        let refusal = stage.refused(None, ACCEPT, input.clone()).await;
        assert_eq!((&refusal["code"], &refusal["field"]), (&json!("SEAT_LIMIT_REACHED"), &json!(["input", "token"])));
        assert_eq!(stage.sql("SELECT id FROM accounts WHERE email_key = 'new@example.com'").await.len(), 0);
        limit(stage, &admin, json!(2)).await;
        stage.done(None, ACCEPT, input).await;
    }

    /// LIF-3, SEAT-2: what may be done is told beforehand.
    async fn available_actions_know_that_no_seat_is_free(stage) {
        let (admin, bob, _) = trio(stage).await;
        stage.done(Some(&admin.token), DEACTIVATE, json!({ "memberId": bob.member_id })).await;
        let query = "query($id: ID!) { workspace { member(id: $id) { availableActions { action allowed refusal { code } } } } }";
        let told = async || {
            let data = stage.data(Some(&admin.token), query, json!({ "id": bob.member_id })).await;
            let actions = data["workspace"]["member"]["availableActions"].as_array().expect("a list").clone();
            actions.into_iter().find(|it| it["action"] == "REACTIVATE").expect("every action")
        };
        assert_eq!(told().await["allowed"], true);
        limit(stage, &admin, json!(2)).await;
        assert_eq!(told().await["refusal"]["code"], "SEAT_LIMIT_REACHED");
    }

    /// SEAT-3: a limit below the seats that are taken is refused; bad input names its field; nothing changes.
    async fn a_limit_that_makes_no_sense_is_refused(stage) {
        let (admin, _, _) = trio(stage).await;
        let before = stage.event_types(&admin.workspace_id).await;
        let token = Some(admin.token.as_str());
        let refusal = stage.refused(token, UPDATE_SEAT_PLAN, json!({ "limit": 2 })).await;
        full(&refusal, "limit");
        assert_eq!((&refusal["limit"], &refusal["used"], &refusal["reserved"]), (&json!(2), &json!(3), &json!(0)));
        for bad in [json!(0), json!(-1), json!(10_000_001), json!(i64::MAX)] {
            let refusal = stage.refused(token, UPDATE_SEAT_PLAN, json!({ "limit": bad })).await;
            assert_eq!((&refusal["code"], &refusal["field"]), (&json!("INVALID_INPUT"), &json!(["input", "limit"])));
        }
        let refusal = stage.refused(token, UPDATE_SEAT_PLAN, json!({})).await;
        assert_eq!((&refusal["code"], &refusal["field"]), (&json!("INVALID_INPUT"), &json!(["input"])));
        assert_eq!(stage.event_types(&admin.workspace_id).await, before);
    }

    /// WSP-3, API-3: seats and their plan are for admins in their own session.
    async fn seats_are_for_admins_in_their_own_session(stage) {
        let (admin, bob, _) = trio(stage).await;
        let key = stage.api_key(&admin).await;
        for token in [&bob.token, &key] {
            assert_eq!(stage.failed(Some(token), SEATS, json!({})).await["code"], "FORBIDDEN");
            let input = json!({ "input": { "limit": 9 } });
            assert_eq!(stage.failed(Some(token), UPDATE_SEAT_PLAN, input).await["code"], "FORBIDDEN");
        }
        let updated = limit(stage, &admin, json!(9)).await;
        assert_eq!(updated["plan"], json!({ "limit": 9, "revision": 1 }));
        assert!(updated["eventCursor"].is_string());
        assert_eq!(stage.event_types(&admin.workspace_id).await.last().map(String::as_str), Some("SeatPlanUpdated"));
        stage.done(Some(&key), BLOCK, json!({ "memberId": bob.member_id })).await;
    }
}

on_both! {
    /// SEAT-2: of fifty people who accept at once, exactly as many get in as there are free seats.
    async fn fifty_acceptances_at_once_on_ten_free_seats_make_ten_members(house) {
        let ada = house.person("ada@example.com").await;
        let place = house.place(&ada, Kind::Team).await;
        let request = UpdateSeatPlan { limit: Some(Some(11)), price: None };
        update_seat_plan(&house.gate, &place.admin, request).await.expect("limited");
        let (mut people, mut rows) = (Vec::new(), Vec::new());
        for number in 0..50 {
            let email = format!("p{number}@example.com");
            people.push(house.person(&email).await);
            rows.push(row(&email));
        }
        let invited = invite_rows(house, &place.admin, rows).await;
        let answers = join_all(people.iter().zip(&invited).map(async |(person, row)| {
            let invitation = row.result.as_ref().expect("invited").invitation.id;
            accept_by_account(&house.gate, &person.proof, invitation, BringAssets::No).await
        }))
        .await;
        let taken = SeatsTaken { limit: 11, used: 11, reserved: 0 };
        let mut inside = 0;
        for answer in answers {
            match answer {
                Ok(_) => inside += 1,
                Err(Failure::Refused(refusal)) => assert_eq!(refusal, AnswerRefusal::SeatsTaken(taken)),
                Err(other) => panic!("neither in nor refused: {other:?}"),
            }
        }
        assert_eq!(inside, 10);
        let active = "SELECT COUNT(*) FROM members WHERE workspace_id = $1 AND state = 'ACTIVE'";
        assert_eq!(house.number(active, vec![place.id.into()]).await, 11);
    }

    /// SEAT-2, SEAT-3: a limit against an acceptance: whichever comes first, nobody is in above the limit.
    async fn a_limit_against_an_acceptance_leaves_nobody_above_it(house) {
        let ada = house.person("ada@example.com").await;
        for round in 0..6 {
            let place = house.place(&ada, Kind::Team).await;
            let email = format!("p{round}@example.com");
            let person = house.person(&email).await;
            let invited = invite_rows(house, &place.admin, vec![row(&email)]).await.remove(0);
            let invitation = invited.result.expect("invited").invitation.id;
            let (accepted, limited) = tokio::join!(
                accept_by_account(&house.gate, &person.proof, invitation, BringAssets::No),
                update_seat_plan(&house.gate, &place.admin, UpdateSeatPlan { limit: Some(Some(1)), price: None }),
            );
            assert!(accepted.is_ok() != limited.is_ok(), "{accepted:?} {limited:?}");
        }
    }
}

/// SEAT-2: there is one place that makes somebody active, and it asks for a seat first.
#[test]
fn one_place_alone_makes_somebody_active() {
    let makes = |source: &Source| source.text.contains("state = MemberState::Active");
    let places: Vec<String> =
        Source::tree(&["src"]).into_iter().filter(makes).map(|source| source.path).collect();
    assert_eq!(places, ["src/members/seating.rs"]);
}
