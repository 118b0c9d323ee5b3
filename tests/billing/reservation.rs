//! Seats that open invitations reserve, where the policy says so (SEAT-3).

use rollcall::access::Failure;
use rollcall::invitations::{InvitationRefusal, RowRefusal, resend, withdraw};
use rollcall::members::{self, SeatPlanRefusal, SeatsTaken, UpdateSeatPlan, update_seat_plan};
use rollcall::policy::Kind;
use serde_json::json;

use super::limit::SEATS;
use crate::invitations::porch::{Place, Porch};
use crate::invitations::{accept, invite, invite_rows, refusal, refused, row};
use crate::support::cast::{INVITE, UPDATE_SEAT_PLAN};
use crate::support::gate::SENDING;
use crate::support::people::mutation;
use crate::{on_both, on_both_stages};

async fn limited(house: &Porch, limit: i64) -> Place {
    let ada = house.person("ada@example.com").await;
    let place = house.place(&ada, Kind::Team).await;
    let policy = r#"UPDATE workspaces SET policy = '{"invitations_reserve_seats":true}'"#;
    house.execute(policy, Vec::new()).await;
    set(house, &place, limit).await.expect("limited");
    place
}

async fn set(house: &Porch, place: &Place, limit: i64) -> Result<(), Failure<SeatPlanRefusal>> {
    let request = UpdateSeatPlan { limit: Some(Some(limit)), price: None };
    update_seat_plan(&house.gate, &place.admin, request).await.map(drop)
}

const fn taken(limit: i64, used: i64, reserved: i64) -> SeatsTaken {
    SeatsTaken { limit, used, reserved }
}

on_both! {
    /// SEAT-3: past the limit a row is refused, for itself; whoever was invited in time gets in.
    async fn inviting_past_the_limit_is_refused_row_by_row(house) {
        let place = limited(house, 3).await;
        let rows = ["one@example.com", "two@example.com", "three@example.com"].map(row).to_vec();
        let answers = invite_rows(house, &place.admin, rows).await;
        assert!(answers[0].result.is_ok() && answers[1].result.is_ok());
        let Err(told) = &answers[2].result else { panic!("invited past the limit") };
        assert_eq!(told, &RowRefusal::SeatsTaken(taken(3, 1, 2)));
        let seats = members::seats::<()>(&house.workspace_view(&place.admin)).await.expect("told");
        assert_eq!((seats.used, seats.reserved, seats.free()), (1, 2, Some(0)));
        accept(house, "one@example.com").await;
        accept(house, "two@example.com").await;
        let seats = members::seats::<()>(&house.workspace_view(&place.admin)).await.expect("told");
        assert_eq!((seats.used, seats.reserved, seats.free()), (3, 0, Some(0)));
        assert_eq!(refused(house, &place.admin, row("three@example.com")).await, RowRefusal::SeatsTaken(taken(3, 3, 0)));
    }

    /// INV-2, INV-4, SEAT-3: an invitation whose time is over keeps no seat, without any job; sent again it needs one.
    async fn an_expired_invitation_frees_its_seat_and_sent_again_needs_one(house) {
        let place = limited(house, 2).await;
        let late = invite(house, &place.admin, row("late@example.com")).await;
        assert_eq!(refused(house, &place.admin, row("next@example.com")).await, RowRefusal::SeatsTaken(taken(2, 1, 1)));
        house.clock.advance_seconds(72 * 3600);
        let next = invite(house, &place.admin, row("next@example.com")).await;
        let again = resend(&house.gate, SENDING, &place.admin, late.invitation.id).await;
        assert_eq!(refusal(again), InvitationRefusal::SeatsTaken(taken(2, 1, 1)));
        withdraw(&house.gate, &place.admin, next.invitation.id).await.expect("withdrawn");
        resend(&house.gate, SENDING, &place.admin, late.invitation.id).await.expect("sent again");
        // A valid one that is sent again has its seat.
        house.clock.advance_seconds(3600);
        resend(&house.gate, SENDING, &place.admin, late.invitation.id).await.expect("sent again");
        accept(house, "late@example.com").await;
    }

    /// SEAT-3: nobody who was invited is turned away by a later limit.
    async fn a_limit_below_active_and_reserved_is_refused(house) {
        let place = limited(house, 5).await;
        invite(house, &place.admin, row("one@example.com")).await;
        invite(house, &place.admin, row("two@example.com")).await;
        assert_eq!(refusal(set(house, &place, 2).await), SeatPlanRefusal::LimitTooLow(taken(2, 1, 2)));
        set(house, &place, 3).await.expect("they fit");
        let tx = house.gate.by_job::<()>(place.id).await.expect("opened");
        members::find_reservable(&tx).await.expect("each has one");
        drop(tx);
        house.clock.advance_seconds(72 * 3600);
        set(house, &place, 1).await.expect("their time is over");
    }

    /// SEAT-3: begun while more are invited than would fit, a reservation would turn somebody away.
    async fn a_reservation_that_would_not_fit_is_told(house) {
        let place = limited(house, 2).await;
        house.execute("UPDATE workspaces SET policy = '{}'", Vec::new()).await;
        invite(house, &place.admin, row("one@example.com")).await;
        invite(house, &place.admin, row("two@example.com")).await;
        let tx = house.gate.by_job::<()>(place.id).await.expect("opened");
        assert_eq!(refusal(members::find_reservable(&tx).await), taken(2, 1, 2));
    }

    /// SEAT-3: two calls for the last seat.
    async fn two_invitations_at_once_for_the_last_seat_reserve_it_once(house) {
        let place = limited(house, 2).await;
        for round in 0..6 {
            let (one, two) = (format!("a{round}@example.com"), format!("b{round}@example.com"));
            let (one, two) = tokio::join!(
                invite_rows(house, &place.admin, vec![row(&one)]),
                invite_rows(house, &place.admin, vec![row(&two)]),
            );
            let results: Vec<_> = one.into_iter().chain(two).map(|row| row.result).collect();
            let won: Vec<_> = results.iter().filter_map(|result| result.as_ref().ok()).collect();
            assert_eq!(won.len(), 1, "{results:?}");
            withdraw(&house.gate, &place.admin, won[0].invitation.id).await.expect("withdrawn");
        }
    }
}

on_both_stages! {
    /// SEAT-3: a policy begins to reserve only where each open invitation can have a seat.
    async fn a_policy_reserves_no_more_than_there_is(stage) {
        let ada = stage.person("Ada").await;
        let admin = stage.workspace(&ada, "TEAM").await;
        let token = Some(admin.token.as_str());
        stage.done(token, UPDATE_SEAT_PLAN, json!({ "limit": 2 })).await;
        stage.done(token, INVITE, json!({ "list": "one@example.com, two@example.com" })).await;
        let update = mutation("updatePolicy", "eventCursor");
        let wish = json!({ "invitationsReserveSeats": true });
        let refusal = stage.refused(token, &update, wish.clone()).await;
        assert_eq!(refusal["code"], "SEAT_LIMIT_REACHED");
        assert_eq!(refusal["field"], json!(["input", "invitationsReserveSeats"]));
        stage.done(token, UPDATE_SEAT_PLAN, json!({ "limit": 3 })).await;
        stage.done(token, &update, wish).await;
        let told = stage.data(token, SEATS, json!({})).await;
        assert_eq!(told["workspace"]["seats"], json!({ "limit": 3, "used": 1, "reserved": 2, "free": 0 }));
    }

    /// SEAT-3: as a frontend sees it.
    async fn a_row_past_the_limit_names_its_address_and_the_figures(stage) {
        let ada = stage.person("Ada").await;
        let admin = stage.workspace(&ada, "TEAM").await;
        stage.sql(r#"UPDATE workspaces SET policy = '{"invitations_reserve_seats":true}'"#).await;
        stage.done(Some(&admin.token), UPDATE_SEAT_PLAN, json!({ "limit": 2 })).await;
        let input = json!({ "members": [{ "email": "one@example.com" }, { "email": "two@example.com" }] });
        let invited = stage.done(Some(&admin.token), INVITE, input).await;
        assert_eq!(invited["results"][0]["userErrors"], json!([]));
        let error = &invited["results"][1]["userErrors"][0];
        assert_eq!((&error["code"], &error["field"]), (&json!("SEAT_LIMIT_REACHED"), &json!(["input", "members", "1", "email"])));
        let told = stage.data(Some(&admin.token), SEATS, json!({})).await;
        assert_eq!(told["workspace"]["seats"], json!({ "limit": 2, "used": 1, "reserved": 1, "free": 0 }));
    }
}
