//! The date at which a block is to be looked at again (BLK-11).

use serde_json::{Value, json};

use crate::on_both_stages;
use crate::support::app::Stage;
use crate::support::cast::{BLOCK, Seat, text};
use crate::support::people::mutation;

const SHOWN: &str = "query($id: ID!) { workspace { member(id: $id) { status block { reviewAt } } } }";
/// The stage begins on 2026-03-01 at noon.
const TOMORROW: &str = "2026-03-02T12:00:00.000000Z";

fn set() -> String {
    mutation("setBlockReview", "member { status block { reviewAt } } eventCursor")
}

async fn member(stage: &Stage) -> (Seat, Seat) {
    let ada = stage.person("Ada").await;
    let admin = stage.workspace(&ada, "WALLET").await;
    let mallory = stage.person("Mallory").await;
    let seat = stage.join(&admin, &mallory, "Workspace operator", &[]).await;
    (admin, seat)
}

async fn shown(stage: &Stage, admin: &Seat, member: &Seat) -> Value {
    stage.data(Some(&admin.token), SHOWN, json!({ "id": member.member_id })).await["workspace"]["member"]
        .clone()
}

async fn count(stage: &Stage, admin: &Seat, kind: &str) -> usize {
    stage.event_types(&admin.workspace_id).await.iter().filter(|it| *it == kind).count()
}

on_both_stages! {
    /// BLK-11: a date named with the block is shown, and when it comes the admins are told once; nothing else changes.
    async fn blk_11_at_the_review_date_the_admins_are_told_once_and_the_member_stays_blocked(stage) {
        let (admin, member) = member(stage).await;
        let input = json!({ "memberId": member.member_id, "reviewAt": TOMORROW });
        stage.done(Some(&admin.token), BLOCK, input).await;
        let blocked = json!({ "status": "BLOCKED", "block": { "reviewAt": TOMORROW } });
        assert_eq!(shown(stage, &admin, &member).await, blocked);
        stage.advance_hours(23);
        stage.run_jobs().await;
        assert_eq!(count(stage, &admin, "BlockReviewDue").await, 0);
        stage.advance_hours(1);
        for server in &stage.servers {
            server.app.run_jobs().await.expect("the jobs run");
        }
        stage.run_jobs().await;
        assert_eq!(count(stage, &admin, "BlockReviewDue").await, 1);
        assert_eq!(shown(stage, &admin, &member).await, blocked);
    }

    /// BLK-11: it is moved, cleared, and set anew; a key may, as it may block. Each is on record.
    async fn blk_11_the_date_is_set_moved_and_cleared(stage) {
        let (admin, member) = member(stage).await;
        stage.block(&admin, &member).await;
        let key = stage.api_key(&admin).await;
        let later = "2026-03-03T12:00:00.000000Z";
        for (token, at) in [(&admin.token, json!(TOMORROW)), (&key, json!(later)), (&admin.token, Value::Null)] {
            let input = json!({ "memberId": member.member_id, "reviewAt": at });
            let done = stage.done(Some(token), &set(), input).await;
            assert_eq!(done["member"], json!({ "status": "BLOCKED", "block": { "reviewAt": at } }));
        }
        stage.advance_hours(72);
        stage.run_jobs().await;
        assert_eq!(count(stage, &admin, "BlockReviewSet").await, 3);
        assert_eq!(count(stage, &admin, "BlockReviewDue").await, 0, "it was cleared");
        let ada = stage.sign_in_as("Ada", &admin.person.email).await;
        let admin = stage.take_seat(&ada, &admin.workspace_id).await;
        let again = json!({ "memberId": member.member_id, "reviewAt": "2026-03-05T12:00:00Z" });
        stage.done(Some(&admin.token), &set(), again).await;
        stage.unblock(&admin, &member).await;
        stage.advance_hours(48);
        stage.run_jobs().await;
        assert_eq!(count(stage, &admin, "BlockReviewDue").await, 0, "the block was lifted before");
    }

    /// BLK-11, LIF-2: bad input names its field and changes nothing.
    async fn a_review_date_that_can_not_be_is_refused(stage) {
        let (admin, member) = member(stage).await;
        let token = Some(admin.token.as_str());
        let wish = |id: &str, at: &str| json!({ "memberId": id, "reviewAt": at });
        let refusal = stage.refused(token, &set(), wish(&member.member_id, TOMORROW)).await;
        assert_eq!((&refusal["code"], &refusal["field"]), (&json!("NOT_ALLOWED_IN_STATUS"), &json!(["input", "memberId"])));
        let past = "2026-03-01T11:59:59Z";
        let refusal = stage.refused(token, BLOCK, wish(&member.member_id, past)).await;
        assert_eq!((&refusal["code"], &refusal["field"]), (&json!("INVALID_INPUT"), &json!(["input", "reviewAt"])));
        assert_eq!(text(&shown(stage, &admin, &member).await["status"]), "ACTIVE");
        stage.block(&admin, &member).await;
        let before = stage.event_types(&admin.workspace_id).await;
        let refusal = stage.refused(token, &set(), wish(&member.member_id, past)).await;
        assert_eq!((&refusal["code"], &refusal["field"]), (&json!("INVALID_INPUT"), &json!(["input", "reviewAt"])));
        let refusal = stage.refused(token, &set(), wish(&admin.member_id, TOMORROW)).await;
        assert_eq!(refusal["code"], "NOT_ALLOWED_IN_STATUS");
        let unknown = rollcall::primitives::ids::MemberId::new().to_string();
        assert_eq!(stage.refused(token, &set(), wish(&unknown, TOMORROW)).await["code"], "NOT_FOUND");
        assert_eq!(stage.event_types(&admin.workspace_id).await, before);
    }
}
