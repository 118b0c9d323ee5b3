//! Last uses, and sessions that nobody uses any more.

use rollcall::access::{Proof, Refusal};
use rollcall::members;
use rollcall::primitives::actor::EndCause;
use rollcall::sessions::Touches;

use crate::support::gate::{House, Inside, Place};

const DAY: i64 = 24 * 3600;

async fn use_and_flush(house: &House, touches: &Touches, inside: &Inside) {
    let proof = house.workspace_proof(&inside.token).await.expect("it holds");
    touches.note(&Proof::Workspace(proof), house.clock.now());
    touches.flush(house.database()).await.expect("written");
}

async fn is_expired(house: &House, inside: &Inside) -> bool {
    match house.workspace_proof(&inside.token).await {
        Ok(_) => false,
        Err(Refusal::Ended(end)) => {
            assert_eq!(end.cause, EndCause::Expired);
            true
        }
        Err(other) => panic!("{other:?}"),
    }
}

async fn founded(house: &House) -> (Place, Inside) {
    let ada = house.person("ada@example.com").await;
    let place = house.workspace(&ada, "Harbour").await;
    let inside = house.enter(&ada, &place).await;
    (place, inside)
}

/// SES-4: working in a workspace is use of the account session that it hangs on, too.
#[tokio::test]
async fn a_session_in_use_stays_and_one_that_lies_idle_ends() {
    for house in House::on_both().await {
        let (_, inside) = founded(&house).await;
        let touches = Touches::default();
        for _ in 0..4 {
            house.clock.advance_seconds(6 * DAY);
            use_and_flush(&house, &touches, &inside).await;
        }
        assert!(
            !is_expired(&house, &inside).await,
            "24 days in use, and 14 are the bound of the account session"
        );
        house.clock.advance_seconds(7 * DAY);
        assert!(is_expired(&house, &inside).await);
    }
}

/// SES-4: whoever uses it every day is out after its absolute age all the same.
#[tokio::test]
async fn no_use_prolongs_a_session_past_its_absolute_age() {
    let house = House::sqlite().await;
    let (_, inside) = founded(&house).await;
    let touches = Touches::default();
    for _ in 0..5 {
        house.clock.advance_seconds(6 * DAY - 1);
        use_and_flush(&house, &touches, &inside).await;
    }
    house.clock.advance_seconds(5);
    assert!(is_expired(&house, &inside).await);
}

/// SES-3: last use is known to the minute, and a request writes nothing itself.
#[tokio::test]
async fn a_use_is_noted_once_a_minute_and_written_by_the_job() {
    for house in House::on_both().await {
        let (place, inside) = founded(&house).await;
        let touches = Touches::default();
        touches.note_entry(&inside.session);
        assert_eq!(touches.flush(house.database()).await.expect("written"), 1);

        let last_active = async || {
            let member = members::find(house.database().reader(), place.id, place.founder.id).await;
            member.expect("it reads").expect("a member").last_active_at
        };
        let entered_at = inside.session.footprint.created_at;
        assert_eq!(last_active().await, Some(entered_at));

        house.clock.advance_seconds(59);
        let proof = house.workspace_proof(&inside.token).await.expect("it holds");
        touches.note(&Proof::Workspace(proof.clone()), house.clock.now());
        assert_eq!(touches.flush(house.database()).await.expect("written"), 0);
        house.clock.advance_seconds(1);
        touches.note(&Proof::Workspace(proof.clone()), house.clock.now());
        touches.note(&Proof::Workspace(proof), house.clock.now());
        assert_eq!(last_active().await, Some(entered_at), "nothing is written before the job");
        assert_eq!(touches.flush(house.database()).await.expect("written"), 3, "session, parent, member");
        assert_eq!(last_active().await, Some(house.clock.now()));
        let fresh = house.workspace_proof(&inside.token).await.expect("it holds");
        assert_eq!(fresh.last_used_at, Some(house.clock.now()));
    }
}
