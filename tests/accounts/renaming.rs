//! Another name, and how memberships take over what accounts change.

use rollcall::accounts::{self, Account};
use rollcall::members::{self, BlockMember, Member};
use rollcall::platform::journal::StreamId;
use rollcall::primitives::actor::{Actor, Audience};
use rollcall::primitives::ids::MemberId;

use crate::support::gate::{House, Person, Place};

const ADA: &str = "ada@example.com";

async fn rename(house: &House, person: &Person, name: &str) -> Account {
    accounts::update_account(&house.gate, &person.proof, name.to_owned()).await.expect("renamed")
}

async fn found(house: &House, place: &Place, member: MemberId) -> Member {
    let found = members::find(house.database().reader(), place.id, member).await;
    found.expect("it reads").expect("a member")
}

/// EVT-1: each workspace is told in its own log, with the member's after-state and no name.
#[tokio::test]
async fn a_name_reaches_every_workspace_by_a_job_with_an_event() {
    for house in House::on_both().await {
        let ada = house.person(ADA).await;
        let (one, two) = (house.workspace(&ada, "One").await, house.workspace(&ada, "Two").await);
        house.take_events();
        let account = rename(&house, &ada, "Countess Lovelace").await;
        assert_eq!(house.take_kinds(), ["AccountUpdated"]);
        assert_eq!(account.revision, ada.account.revision + 1);

        let runs = tokio::join!(
            members::copy_changed_accounts(&house.gate),
            members::copy_changed_accounts(&house.gate)
        );
        assert!(matches!(runs, (Ok(_), Ok(_))), "{runs:?}");
        let events = house.take_events();
        let mut told: Vec<_> = events.iter().map(|event| event.stream).collect();
        told.sort();
        let mut wanted = [StreamId::Workspace(one.id), StreamId::Workspace(two.id)];
        wanted.sort();
        assert_eq!(told, wanted, "once each, however many servers do it");
        for event in &events {
            assert_eq!((event.kind.as_str(), event.audience), ("MemberUpdated", Audience::Members));
            assert!(matches!(event.actor, Actor::Member(_)));
            assert!(!event.payload.to_string().contains("Lovelace"), "no name in a payload");
        }
        let member = found(&house, &one, one.founder.id).await;
        assert_eq!(member.name, "Countess Lovelace");
        assert_eq!(member.revision, one.founder.revision + 1);
        assert_eq!(members::copy_changed_accounts(&house.gate).await.expect("run"), 0);
        let words = house.rows("SELECT word FROM member_words WHERE word = 'lovelace'", vec![]).await;
        assert_eq!(words.len(), 2, "search finds the new name");
        assert_eq!(rename(&house, &ada, "Countess Lovelace").await.revision, account.revision);
        assert!(house.take_events().is_empty(), "the same name is no change");
    }
}

/// WSP-3, BLK-1: what befalls a blocked member is for admins; whoever is out keeps to themselves what they are called.
#[tokio::test]
async fn a_blocked_members_name_is_told_to_admins_and_a_removed_ones_to_nobody() {
    for house in House::on_both().await {
        let (ada, bob) = (house.person(ADA).await, house.person("bob@example.com").await);
        let (place, left) = (house.workspace(&ada, "Harbour").await, house.workspace(&ada, "Left").await);
        let member = house.join(&place, &bob, &place.other).await;
        let gone = house.join(&left, &bob, &left.other).await;
        let admin = house.enter(&ada, &place).await;
        let block = BlockMember { member: member.id, category: None, note: None, review_at: None };
        members::block(&house.gate, &admin.proof, block).await.expect("blocked");
        let sql = "UPDATE members SET state = 'REMOVED', removed_at = $1 WHERE id = $2";
        house.execute(sql, vec![house.clock.now().into(), gone.id.into()]).await;
        rename(&house, &bob, "Robert").await;
        house.take_events();
        members::copy_changed_accounts(&house.gate).await.expect("copied");
        let events = house.take_events();
        assert_eq!(events.len(), 1);
        assert_eq!(
            (events[0].stream, events[0].audience),
            (StreamId::Workspace(place.id), Audience::AdminsAndSubject)
        );
        assert_eq!(found(&house, &place, member.id).await.name, "Robert");
        assert_eq!(found(&house, &left, gone.id).await.name, gone.name);
    }
}
