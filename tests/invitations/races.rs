//! INV-6: of every race exactly one wins, and the loser is told which.

use rollcall::access::Failure;
use rollcall::invitations::{
    AnswerRefusal, BringAssets, InvitationOutcome, InvitationRefusal, accept_by_account, accept_by_link,
    decline_by_link, withdraw,
};
use rollcall::policy::Kind;
use rollcall::primitives::actor::MemberStatus;

use sea_orm::ConnectionTrait;

use super::porch::Porch;
use super::{invite, newcomer, row};
use crate::on_both;
use crate::support::app::DEADLINE;

const ROUNDS: usize = 8;

on_both! {
    /// INV-6
    async fn accepting_against_withdrawing_has_one_winner(house) {
        let ada = house.person("ada@example.com").await;
        let place = house.place(&ada, Kind::Team).await;
        for round in 0..ROUNDS {
            let email = format!("p{round}@example.com");
            let person = house.person(&email).await;
            let sent = invite(house, &place.admin, row(&email)).await;
            let id = sent.invitation.id;
            let (accepted, withdrawn) = tokio::join!(
                accept_by_account(&house.gate, &person.proof, id, BringAssets::No),
                withdraw(&house.gate, &place.admin, id),
            );
            let member = house.member(place.id, sent.member.id).await;
            match (accepted, withdrawn) {
                (Ok(_), Err(Failure::Refused(InvitationRefusal::Ended { outcome, status, .. }))) => {
                    assert_eq!((outcome, status), (InvitationOutcome::Accepted, Some(MemberStatus::Active)));
                    assert_eq!(member.expect("in").status(house.clock.now()), MemberStatus::Active);
                }
                (Err(Failure::Refused(AnswerRefusal::Ended(outcome))), Ok(_)) => {
                    assert_eq!(outcome, InvitationOutcome::Withdrawn);
                    assert!(member.is_none());
                }
                other => panic!("not one winner: {other:?}"),
            }
        }
    }

    /// INV-6
    async fn two_acceptances_of_one_link_make_one_member_and_one_account(house) {
        let ada = house.person("ada@example.com").await;
        let place = house.place(&ada, Kind::Team).await;
        for round in 0..ROUNDS {
            let email = format!("p{round}@example.com");
            invite(house, &place.admin, row(&email)).await;
            let link = house.mailed_link(&email).await;
            let (one, other) = tokio::join!(
                accept_by_link(&house.gate, &house.entrance, &link, newcomer("One"), BringAssets::No),
                accept_by_link(&house.gate, &house.entrance, &link, newcomer("Other"), BringAssets::No),
            );
            let (won, lost) = match (one, other) {
                (Ok(won), Err(lost)) | (Err(lost), Ok(won)) => (won, lost),
                other => panic!("not one winner: {other:?}"),
            };
            let accepted = AnswerRefusal::Ended(InvitationOutcome::Accepted);
            assert!(matches!(lost, Failure::Refused(refusal) if refusal == accepted));
            assert!(won.newcomer.is_some());
            let sql = "SELECT COUNT(*) FROM accounts WHERE email_key = $1";
            assert_eq!(house.number(sql, vec![email.into()]).await, 1);
        }
    }

    /// INV-6
    async fn accepting_against_declining_has_one_winner(house) {
        let ada = house.person("ada@example.com").await;
        let place = house.place(&ada, Kind::Team).await;
        for round in 0..ROUNDS {
            let email = format!("p{round}@example.com");
            house.person(&email).await;
            invite(house, &place.admin, row(&email)).await;
            let link = house.mailed_link(&email).await;
            let (accepted, declined) = tokio::join!(
                accept_by_link(&house.gate, &house.entrance, &link, None, BringAssets::No),
                decline_by_link(&house.gate, &link),
            );
            let told = match (accepted, declined) {
                (Ok(_), Err(Failure::Refused(told))) => (told, InvitationOutcome::Accepted),
                (Err(Failure::Refused(told)), Ok(_)) => (told, InvitationOutcome::Declined),
                other => panic!("not one winner: {other:?}"),
            };
            assert_eq!(told.0, AnswerRefusal::Ended(told.1));
        }
    }

    /// INV-6: two workspaces invite the same new person, who follows both links at once.
    async fn two_links_to_one_new_address_make_one_account_with_two_memberships(house) {
        let ada = house.person("ada@example.com").await;
        let (one, two) = (house.place(&ada, Kind::Team).await, house.place(&ada, Kind::Team).await);
        for round in 0..ROUNDS {
            let email = format!("p{round}@example.com");
            invite(house, &one.admin, row(&email)).await;
            let first = house.mailed_link(&email).await;
            invite(house, &two.admin, row(&email)).await;
            let second = house.mailed_link(&email).await;
            let (here, there) = tokio::join!(
                accept_by_link(&house.gate, &house.entrance, &first, newcomer("Joe"), BringAssets::No),
                accept_by_link(&house.gate, &house.entrance, &second, newcomer("Joe"), BringAssets::No),
            );
            let (here, there) = (here.expect("accepted"), there.expect("accepted"));
            assert_eq!(here.account, there.account);
            assert!(here.newcomer.is_some() != there.newcomer.is_some());
        }
    }
}

/// INV-6, EVT-1: what a membership copies of its account is what the account is when the acceptance commits, also where the
/// person takes another name at this moment. (On SQLite there is one writer.)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inv_6_an_acceptance_against_another_name_copies_the_newest() {
    let house = Porch::postgres().await;
    let ada = house.person("ada@example.com").await;
    let place = house.place(&ada, Kind::Team).await;
    for by_link in [true, false] {
        let address = format!("joe.{by_link}@example.com");
        let joe = house.person(&address).await;
        let sent = invite(&house, &place.admin, row(&address)).await;
        let link = house.mailed_link(&address).await;
        let renaming = house.database().begin().await.expect("it begins");
        let id = joe.account.id.as_uuid();
        renaming
            .execute_unprepared(&format!("SELECT 1 FROM streams WHERE id = '{id}' FOR UPDATE"))
            .await
            .expect("held");
        let accepting = async {
            if by_link {
                accept_by_link(&house.gate, &house.entrance, &link, None, BringAssets::No).await
            } else {
                accept_by_account(&house.gate, &joe.proof, sent.invitation.id, BringAssets::No).await
            }
        };
        let rename = async {
            let waits = "SELECT COUNT(*) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid \
                         WHERE NOT l.granted AND a.datname = current_database()";
            let waiting = async {
                while house.number(waits, vec![]).await == 0 {
                    tokio::task::yield_now().await;
                }
            };
            tokio::time::timeout(DEADLINE, waiting).await.expect("the acceptance waits");
            let sql =
                format!("UPDATE accounts SET name = 'Joseph', revision = revision + 1 WHERE id = '{id}'");
            renaming.execute_unprepared(&sql).await.expect("renamed");
            renaming.commit().await.expect("committed");
        };
        let (accepted, ()) = tokio::join!(accepting, rename);
        assert_eq!(accepted.expect("in").member.name, "Joseph", "by link: {by_link}");
    }
}
