//! How many invitations a workspace may send within an hour.

use rollcall::invitations::{
    InvitationRefusal, InviteMembers, RowRefusal, SendingLimit, invite_members, resend, withdraw,
};
use rollcall::policy::Kind;
use serde_json::json;

use super::{refusal, row};
use crate::on_both;
use crate::support::app::Stage;
use crate::support::people::mutation;

const THREE: SendingLimit = SendingLimit { per_hour_max: 3 };

fn call(range: std::ops::Range<usize>) -> InviteMembers {
    let rows = range.map(|at| row(&format!("p{at}@example.com"))).collect();
    InviteMembers { rows, ..InviteMembers::default() }
}

on_both! {
    /// INV-1: the rows past the bound are refused, each for itself; withdrawing gives none back, an hour does.
    async fn a_workspace_sends_so_many_invitations_an_hour_and_no_more(house) {
        let ada = house.person("ada@example.com").await;
        let (place, other) = (house.place(&ada, Kind::Team).await, house.place(&ada, Kind::Team).await);
        let rows = invite_members(&house.gate, THREE, &place.admin, call(0..5)).await.expect("answered").rows;
        let sent: Vec<bool> = rows.iter().map(|row| row.result.is_ok()).collect();
        assert_eq!(sent, [true, true, true, false, false]);
        assert_eq!(rows[4].result.clone().unwrap_err(), RowRefusal::RateLimited { per_hour_max: 3 });
        assert_eq!(house.number("SELECT COUNT(*) FROM outbox WHERE kind = 'INVITATION'", vec![]).await, 3);

        let first = rows[0].result.clone().expect("invited").invitation.id;
        withdraw(&house.gate, &place.admin, first).await.expect("withdrawn");
        let again = invite_members(&house.gate, THREE, &place.admin, call(5..6)).await.expect("answered").rows;
        assert_eq!(again[0].result.clone().unwrap_err(), RowRefusal::RateLimited { per_hour_max: 3 });
        let there = invite_members(&house.gate, THREE, &other.admin, call(0..1)).await.expect("answered").rows;
        assert!(there[0].result.is_ok(), "each workspace by itself");
        house.clock.advance_seconds(3600);
        let later = invite_members(&house.gate, THREE, &place.admin, call(5..6)).await.expect("answered").rows;
        assert!(later[0].result.is_ok());
    }

    /// INV-4: sending again counts by what has left, however often it is the same invitation.
    async fn sending_again_counts(house) {
        let ada = house.person("ada@example.com").await;
        let place = house.place(&ada, Kind::Team).await;
        let rows = invite_members(&house.gate, THREE, &place.admin, call(0..1)).await.expect("answered").rows;
        let id = rows[0].result.clone().expect("invited").invitation.id;
        for _ in 0..2 {
            house.deliver().await;
            resend(&house.gate, THREE, &place.admin, id).await.expect("resent");
        }
        house.deliver().await;
        let head = house.head(place.id).await;
        let limited = refusal(resend(&house.gate, THREE, &place.admin, id).await);
        assert_eq!(limited, InvitationRefusal::RateLimited { per_hour_max: 3 });
        assert_eq!(house.head(place.id).await, head);
        house.clock.advance_seconds(3600);
        resend(&house.gate, THREE, &place.admin, id).await.expect("resent");
    }
}

/// INV-1, INV-4
#[tokio::test]
async fn the_answer_names_the_row_and_the_way_out() {
    let stage = Stage::sqlite_with(|config| config.invitation_limits.invitations_per_hour_max = 1).await;
    let ada = stage.human("Ada").await;
    let harbour = stage.found(&ada, "Harbour", "TEAM").await;
    let admin = stage.enter(&ada, &harbour).await;
    let invite = mutation("inviteMembers", "results { invitation { id } userErrors { code message field } }");
    let input = json!({ "members": [{ "email": "joe@example.com" }, { "email": "ann@example.com" }] });
    let results = stage.done(Some(&admin), &invite, input).await["results"].clone();
    let limited = &results[1]["userErrors"][0];
    assert_eq!(limited["code"], "RATE_LIMITED");
    assert_eq!(limited["field"], json!(["input", "members", "1", "email"]));
    assert!(limited["message"].as_str().expect("a message").contains("try again later"));
    let resend = mutation("resendInvitation", "invitation { id }");
    let input = json!({ "invitationId": results[0]["invitation"]["id"] });
    assert_eq!(stage.refused(Some(&admin), &resend, input).await["code"], "RATE_LIMITED");
    stage.close().await;
}
