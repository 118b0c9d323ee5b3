//! Signing in and entering a workspace.

use rollcall::access::{Failure, Proof, Refusal, SessionEnd};
use rollcall::members::{self, BlockMember, Contact, Member, UnblockMember};
use rollcall::primitives::actor::EndCause;
use rollcall::primitives::ids::WorkspaceId;
use rollcall::sessions::{self, EnterRefusal, EnterWorkspace, Entered};

use crate::support::gate::{House, Inside, LIFETIMES, Person, client};

async fn enter(
    house: &House,
    person: &Person,
    workspace: WorkspaceId,
) -> Result<Entered, Failure<EnterRefusal>> {
    let request = EnterWorkspace { workspace, client: client() };
    sessions::enter_workspace(&house.gate, LIFETIMES, &person.proof, request).await
}

pub async fn block(house: &House, admin: &Inside, member: &Member) {
    let request = BlockMember { member: member.id, category: None, note: None, review_at: None };
    members::block(&house.gate, &admin.proof, request).await.expect("blocked");
}

async fn unblock(house: &House, admin: &Inside, member: &Member) {
    let request = UnblockMember { member: member.id, category: None, note: None, into_deactivated: false };
    members::unblock(&house.gate, &admin.proof, request).await.expect("unblocked");
}

/// SES-2: a prefix that names the kind, and only a hash in the database.
#[tokio::test]
async fn tokens_name_their_kind_and_are_stored_as_hashes_alone() {
    for house in House::on_both().await {
        let ada = house.person("ada@example.com").await;
        let place = house.workspace(&ada, "Harbour").await;
        let inside = house.enter(&ada, &place).await;
        assert!(ada.token.reveal().starts_with("rca_") && inside.token.reveal().starts_with("rcw_"));
        for (table, token) in [("account_sessions", &ada.token), ("workspace_sessions", &inside.token)] {
            let rows = house.rows(&format!("SELECT token_hash FROM {table}"), vec![]).await;
            let stored: Vec<Vec<u8>> =
                rows.iter().map(|row| row.try_get("", "token_hash").unwrap()).collect();
            assert_eq!(stored, [token.hash().as_bytes().to_vec()], "{table}");
        }
    }
}

/// WSP-1, SES-3: whoever enters is who they are, with what their role gives.
#[tokio::test]
async fn a_member_enters_with_the_rights_of_their_role_and_leaves_no_event() {
    for house in House::on_both().await {
        let ada = house.person("ada@example.com").await;
        let bob = house.person("bob@example.com").await;
        let place = house.workspace(&ada, "Harbour").await;
        let member = house.join(&place, &bob, &place.other).await;
        house.take_events();
        let (admin, other) = (house.enter(&ada, &place).await, house.enter(&bob, &place).await);
        assert!(admin.proof.rights.admin && !other.proof.rights.admin);
        assert_eq!((other.proof.member, other.proof.workspace), (member.id, place.id));
        assert_eq!(other.session.workspace_name, "Harbour");
        assert!(house.take_events().is_empty());
    }
}

/// WSP-8: who isn't in hears what a workspace that doesn't exist would say.
#[tokio::test]
async fn a_workspace_of_others_answers_as_one_that_does_not_exist() {
    for house in House::on_both().await {
        let ada = house.person("ada@example.com").await;
        let eve = house.person("eve@example.com").await;
        let place = house.workspace(&ada, "Harbour").await;
        for workspace in [place.id, WorkspaceId::new()] {
            let answer = enter(&house, &eve, workspace).await;
            assert!(matches!(answer, Err(Failure::NotFound { field: "input.workspaceId" })), "{answer:?}");
        }
        let bob = house.person("bob@example.com").await;
        let removed = house.join(&place, &bob, &place.other).await;
        let sql = "UPDATE members SET state = 'REMOVED' WHERE id = $1";
        house.execute(sql, vec![removed.id.into()]).await;
        assert!(matches!(enter(&house, &bob, place.id).await, Err(Failure::NotFound { .. })));
    }
}

/// BLK-3, BLK-4.
#[tokio::test]
async fn a_blocked_member_cannot_enter_and_is_told_who_can_help() {
    for house in House::on_both().await {
        let ada = house.person("ada@example.com").await;
        let bob = house.person("bob@example.com").await;
        let place = house.workspace(&ada, "Harbour").await;
        let elsewhere = house.workspace(&bob, "Elsewhere").await;
        let member = house.join(&place, &bob, &place.other).await;
        let admin = house.enter(&ada, &place).await;
        block(&house, &admin, &member).await;

        let Err(Failure::Refused(EnterRefusal::Blocked(contact))) = enter(&house, &bob, place.id).await
        else {
            panic!("a blocked member enters");
        };
        assert_eq!(contact.email.as_deref(), Some("ada@example.com"));
        house.enter(&bob, &elsewhere).await;
    }
}

/// WSP-9.
#[tokio::test]
async fn a_contact_that_is_set_counts_as_a_whole() {
    let house = House::sqlite().await;
    let ada = house.person("ada@example.com").await;
    let place = house.workspace(&ada, "Harbour").await;
    let contact =
        async || members::find_contact(house.database().reader(), place.id).await.expect("it reads");
    assert_eq!(contact().await.expect("a contact").email.as_deref(), Some("ada@example.com"));
    let sql = "UPDATE workspaces SET contact_text = 'Ask the desk' WHERE id = $1";
    house.execute(sql, vec![place.id.into()]).await;
    assert_eq!(contact().await, Some(Contact { text: Some("Ask the desk".into()), email: None }));
    let nowhere = members::find_contact(house.database().reader(), WorkspaceId::new()).await;
    assert_eq!(nowhere.expect("it reads"), None);
}

/// DEA-2.
#[tokio::test]
async fn a_deactivated_member_cannot_enter_and_is_told_so() {
    for house in House::on_both().await {
        let ada = house.person("ada@example.com").await;
        let bob = house.person("bob@example.com").await;
        let place = house.workspace(&ada, "Harbour").await;
        let member = house.join(&place, &bob, &place.other).await;
        let sql = "UPDATE members SET state = 'DEACTIVATED', generation = generation + 1 WHERE id = $1";
        house.execute(sql, vec![member.id.into()]).await;
        let answer = enter(&house, &bob, place.id).await;
        assert!(matches!(answer, Err(Failure::Refused(EnterRefusal::Deactivated(_)))), "{answer:?}");
    }
}

/// BLK-2, BLK-6: what the block ended stays ended; the credentials work.
#[tokio::test]
async fn after_unblocking_old_sessions_stay_dead_and_the_person_enters_anew() {
    for house in House::on_both().await {
        let ada = house.person("ada@example.com").await;
        let bob = house.person("bob@example.com").await;
        let place = house.workspace(&ada, "Harbour").await;
        let member = house.join(&place, &bob, &place.other).await;
        let admin = house.enter(&ada, &place).await;
        let before = house.enter(&bob, &place).await;
        block(&house, &admin, &member).await;
        let end = SessionEnd { cause: EndCause::Blocked, workspace: Some(place.id) };
        assert_eq!(house.workspace_proof(&before.token).await.unwrap_err(), Refusal::Ended(end));
        assert!(house.account_proof(&bob.token).await.is_ok(), "the person stays signed in");

        unblock(&house, &admin, &member).await;
        assert_eq!(house.workspace_proof(&before.token).await.unwrap_err(), Refusal::Ended(end));
        let after = house.enter(&bob, &place).await;
        assert_eq!(after.proof.rights, before.proof.rights);
    }
}

/// SES-3, SES-4: a workspace session ends with its account session at the latest.
#[tokio::test]
async fn whoever_has_signed_out_or_expired_cannot_enter() {
    for house in House::on_both().await {
        let ada = house.person("ada@example.com").await;
        let place = house.workspace(&ada, "Harbour").await;
        let proof = Proof::Account(ada.proof.clone());
        sessions::sign_out(&house.gate, &proof).await.expect("signed out");
        let cause = |answer| match answer {
            Err(Failure::Unauthenticated(Some(end))) => end.cause,
            other => panic!("{other:?}"),
        };
        assert_eq!(cause(enter(&house, &ada, place.id).await.map(|_| ())), EndCause::SignedOut);

        let again = house.again("ada@example.com").await;
        house.clock.advance_seconds(80 * 24 * 3600);
        house.execute("UPDATE account_sessions SET last_used_at = $1", vec![house.clock.now().into()]).await;
        let inside = house.enter(&again, &place).await;
        assert_eq!(inside.session.footprint.expires_at, again.proof.expires_at);
        house.clock.advance_seconds(14 * 24 * 3600);
        assert_eq!(cause(enter(&house, &again, place.id).await.map(|_| ())), EndCause::Expired);
    }
}
