//! The check when the database doesn't answer.

use rollcall::access::{Failure, Never, Refusal};

use crate::support::gate::House;

/// REV-2: a server that can't know refuses; what it said a moment ago counts for nothing.
#[tokio::test]
async fn rev_2_a_server_that_can_not_ask_refuses_what_it_let_in_a_moment_ago() {
    for house in House::on_both().await {
        let ada = house.person("ada@example.com").await;
        let place = house.workspace(&ada, "Harbour").await;
        let inside = house.enter(&ada, &place).await;
        let checker = house.gate.checker();
        assert!(checker.check(&inside.token).await.is_ok());

        house.database().close().await;
        for token in [&inside.token, &ada.token] {
            assert_eq!(checker.check(token).await.unwrap_err(), Refusal::Unavailable);
        }
        let write = house.gate.by_membership::<Never>(&inside.proof).await;
        assert!(matches!(write, Err(Failure::Unavailable)));
    }
}

/// REV-2 is about what can't be known. What the log says of the time is no such thing: one event that a server with a
/// wrong clock has dated ahead leaves everybody's session as it is, for writes as for reads.
#[tokio::test]
async fn an_event_dated_ahead_expires_no_session() {
    for house in House::on_both().await {
        let ada = house.person("ada@example.com").await;
        let place = house.workspace(&ada, "Harbour").await;
        let inside = house.enter(&ada, &place).await;
        let years_ahead = house.clock.now().plus_seconds(3 * 366 * 86_400).as_micros();
        house.execute("UPDATE streams SET last_at = $1", vec![years_ahead.into()]).await;
        assert!(house.gate.checker().check(&inside.token).await.is_ok());
        let write = house.gate.by_membership::<Never>(&inside.proof).await;
        let tx = write.expect("the session holds");
        // The log's own time goes on from there: it never runs backwards.
        assert_eq!(tx.now().as_micros(), years_ahead);
    }
}
