//! What goes by itself: accounts that nobody proved, dead links, sessions that are long over.

use rollcall::access::{Failure, Refusal};
use rollcall::accounts::{self, LinkRefusal, Retention};
use rollcall::platform::journal::Effect;
use rollcall::primitives::actor::EndCause;
use rollcall::sessions;

use crate::support::gate::{House, PASSWORD};

const DAY: i64 = 24 * 3600;
const WEEK: Retention = Retention { unproved_days: 7 };

async fn count(house: &House, table: &str) -> i64 {
    let rows = house.rows(&format!("SELECT COUNT(*) AS it FROM {table}"), vec![]).await;
    rows[0].try_get("", "it").expect("a count")
}

/// SES-6, EVT-1: with its sessions and links; the log keeps the fact. Whoever proved theirs stays.
#[tokio::test]
async fn an_account_that_nobody_proved_goes_after_a_week() {
    for house in House::on_both().await {
        house.person("ada@example.com").await;
        house.sign_up("late@example.com", PASSWORD).await;
        let link = house.mailed_link("late@example.com").await;
        let late = house.sign_in("late@example.com").await;
        house.clock.advance_seconds(7 * DAY);
        assert_eq!(accounts::purge(&house.gate, WEEK).await.expect("run"), 0, "not before");
        house.take_events();
        house.clock.advance_seconds(1);
        accounts::purge(&house.gate, WEEK).await.expect("run");
        let events = house.take_events();
        assert_eq!((events.len(), events[0].kind.as_str()), (1, "AccountDeleted"));
        assert!(
            matches!(events[0].effect, Some(Effect::EndAccountSessions { account, cause: EndCause::AccountDeleted, .. })
            if account == late.account.id)
        );
        assert_eq!(count(&house, "accounts").await, 1);
        assert!(matches!(house.account_proof(&late.token).await, Err(Refusal::Unknown)));
        let dead = house.verify(&link, PASSWORD).await;
        assert!(matches!(dead, Err(Failure::Refused(LinkRefusal::Unknown))), "{dead:?}");
        house.sign_up("late@example.com", PASSWORD).await;
        assert_eq!(accounts::purge(&house.gate, WEEK).await.expect("run"), 0);
    }
}

/// INV-14: a mail server that was down for a week must not cost anybody their account.
#[tokio::test]
async fn an_account_whose_mail_is_under_way_stays() {
    for house in House::on_both().await {
        house.sign_up("late@example.com", PASSWORD).await;
        house.clock.advance_seconds(8 * DAY);
        assert_eq!(accounts::purge(&house.gate, WEEK).await.expect("run"), 0, "the mail waits");
        let link = house.mailed_link("late@example.com").await;
        assert_eq!(accounts::purge(&house.gate, WEEK).await.expect("run"), 0, "the link holds");
        house.verify(&link, PASSWORD).await.expect("verified");
        house.clock.advance_seconds(30 * DAY);
        accounts::purge(&house.gate, WEEK).await.expect("run");
        assert_eq!(count(&house, "accounts").await, 1);
    }
}

#[tokio::test]
async fn dead_links_go_a_week_after_their_end() {
    for house in House::on_both().await {
        house.person("ada@example.com").await;
        house.clock.advance_seconds(7 * DAY);
        accounts::purge(&house.gate, WEEK).await.expect("run");
        assert_eq!(count(&house, "email_links").await, 1);
        house.clock.advance_seconds(DAY + 1);
        accounts::purge(&house.gate, WEEK).await.expect("run");
        assert_eq!(count(&house, "email_links").await, 0);
    }
}

/// SES-4: a month past the age that they could have reached; until then whoever comes back learns why they are out.
#[tokio::test]
async fn sessions_that_are_long_over_go_and_no_others() {
    for house in House::on_both().await {
        let ada = house.person("ada@example.com").await;
        let place = house.workspace(&ada, "Harbour").await;
        house.enter(&ada, &place).await;
        house.clock.advance_seconds(60 * DAY + 1);
        let fresh = house.again("ada@example.com").await;
        let inside = house.enter(&fresh, &place).await;
        assert_eq!(sessions::purge(&house.gate).await.expect("run"), 1, "the first workspace session");
        assert_eq!(count(&house, "account_sessions").await, 2);
        house.clock.advance_seconds(60 * DAY + 1);
        sessions::purge(&house.gate).await.expect("run");
        assert_eq!(
            (count(&house, "account_sessions").await, count(&house, "workspace_sessions").await),
            (1, 0)
        );
        assert!(matches!(house.account_proof(&fresh.token).await, Err(Refusal::Ended(_))));
        assert!(matches!(house.workspace_proof(&inside.token).await, Err(Refusal::Unknown)));
    }
}

/// REV-4: one that a workspace hasn't been told of stays until it was.
#[tokio::test]
async fn a_session_whose_end_is_not_told_everywhere_stays() {
    for house in House::on_both().await {
        house.person("ada@example.com").await;
        house.execute("UPDATE account_sessions SET ended_at = created_at, unfinished = TRUE", vec![]).await;
        house.clock.advance_seconds(200 * DAY);
        assert_eq!(sessions::purge(&house.gate).await.expect("run"), 0);
        sessions::finish_ended_sessions(&house.gate).await.expect("told");
        assert_eq!(sessions::purge(&house.gate).await.expect("run"), 1);
    }
}
