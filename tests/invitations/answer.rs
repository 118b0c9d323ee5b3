//! What the invited person does: look, accept, decline.

use std::time::Duration;

use rollcall::access::{Failure, Never};
use rollcall::accounts::{Entrance, EntranceLimits};
use rollcall::invitations::{
    self, AnswerRefusal, BringAssets, BrokenPromise, InvitationOutcome, InvitationStatus, LinkState,
    Newcomer, accept_by_account, accept_by_link, count_received, decline_by_account, decline_by_link,
    list_received, preview, resend, withdraw,
};
use rollcall::members::lifecycle::LifecycleRefusal;
use rollcall::platform::journal::StreamId;
use rollcall::policy::Kind;
use rollcall::primitives::actor::{Actor, MemberStatus, Origin};
use rollcall::primitives::ids::{InvitationId, WorkspaceId};
use rollcall::primitives::page::{PageArguments, PageRequest};
use rollcall::primitives::secret::{Secret, SecretKind};

use super::porch::Porch;
use super::{accept, invite, newcomer, refusal, row, row_as};
use crate::on_both;
use crate::support::gate::{LIMITS, PASSWORD, Person, SENDING, client};

async fn received(house: &Porch, person: &Person) -> Vec<InvitationId> {
    let request = PageRequest::new(&PageArguments::default(), invitations::Offer::ORDER).expect("a page");
    let view = house.sight(person);
    let page = list_received::<Never>(&view, &request).await.expect("it answers");
    assert_eq!(count_received::<Never>(&view).await.expect("it answers"), page.rows.len() as u64);
    page.rows.into_iter().map(|offer| offer.id).collect()
}

async fn every_row(house: &Porch, workspace: WorkspaceId) -> (i64, i64, i64) {
    let members = house.number("SELECT CAST(SUM(revision) AS bigint) FROM members", vec![]).await;
    let invitations = house.number("SELECT CAST(SUM(revision) AS bigint) FROM invitations", vec![]).await;
    (members, invitations, house.head(workspace).await)
}

on_both! {
    /// INV-5, INV-8
    async fn a_link_shows_four_things_and_opening_it_changes_nothing(house) {
        let ada = house.person("ada@example.com").await;
        let place = house.place(&ada, Kind::Team).await;
        let sent = invite(house, &place.admin, row("joe@example.com")).await;
        let link = house.mailed_link("joe@example.com").await;
        let before = every_row(house, place.id).await;
        for _ in 0..3 {
            let shown = preview(&house.gate, &link).await.expect("it answers").expect("a link");
            assert_eq!(shown.state, LinkState::Newest(InvitationStatus::Sent));
            let offer = shown.offer.expect("shown");
            let seen = (offer.workspace_name.as_str(), offer.inviter_name.as_str(), offer.role_name.as_str());
            assert_eq!(seen, ("Acme", "Name of ada@example.com", "Member"));
            assert_eq!(offer.expires_at, sent.invitation.expires_at);
        }
        assert_eq!(every_row(house, place.id).await, before);
        accept(house, "joe@example.com").await;
        let shown = preview(&house.gate, &link).await.expect("it answers").expect("a link");
        assert_eq!((shown.state, shown.offer), (LinkState::Newest(InvitationStatus::Accepted), None));
        let unknown = Secret::mint(SecretKind::InvitationLink);
        assert_eq!(preview(&house.gate, &unknown).await.expect("it answers"), None);
    }

    /// INV-5
    async fn the_secret_of_a_link_is_stored_nowhere_but_in_the_letter(house) {
        let ada = house.person("ada@example.com").await;
        let place = house.place(&ada, Kind::Team).await;
        invite(house, &place.admin, row("joe@example.com")).await;
        assert_eq!(house.number("SELECT COUNT(*) FROM invitation_links", vec![]).await, 0);
        let link = house.mailed_link("joe@example.com").await;
        let held = house.number("SELECT COUNT(*) FROM invitation_links WHERE token_hash = $1", vec![link.hash().into()]);
        assert_eq!(held.await, 1);
        for event in house.events(StreamId::Workspace(place.id)).await {
            let payload = event.payload.to_string();
            assert!(!payload.contains(link.reveal()) && !payload.contains("joe@"), "{payload}");
        }
    }

    /// INV-6
    async fn accepting_by_the_link_makes_an_account_whose_address_is_verified(house) {
        let ada = house.person("ada@example.com").await;
        let place = house.place(&ada, Kind::Team).await;
        let sent = invite(house, &place.admin, row("Joe@example.com")).await;
        let accepted = accept(house, "joe@example.com").await;
        assert_eq!(accepted.member.id, sent.member.id);
        assert_eq!(accepted.member.status(house.clock.now()), MemberStatus::Active);
        assert_eq!(accepted.member.name, "Joe");
        let account = house.account(accepted.account).await;
        assert!(account.email_verified && account.email == "Joe@example.com");
        assert_eq!(accepted.newcomer.expect("made by the link").account().id, accepted.account);
        let events = house.events(StreamId::Workspace(place.id)).await;
        let joined = events.iter().find(|event| event.payload["member"]["id"] == serde_json::json!(sent.member.id)
            && event.kind == "MemberJoined").expect("announced");
        assert_eq!((joined.actor, joined.origin), (Actor::Account(accepted.account), Some(Origin::StandardFlow)));
        let own: Vec<String> =
            house.events(StreamId::Account(accepted.account)).await.into_iter().map(|event| event.kind).collect();
        assert!(own.contains(&"MembershipGranted".to_owned()), "{own:?}");
    }

    /// INV-6
    async fn accepting_by_the_link_joins_the_account_that_holds_the_address(house) {
        let (ada, joe) = (house.person("ada@example.com").await, house.person("joe@example.com").await);
        let place = house.place(&ada, Kind::Team).await;
        invite(house, &place.admin, row("JOE@example.com")).await;
        let link = house.mailed_link("joe@example.com").await;
        let accepted = accept_by_link(&house.gate, &house.entrance, &link, None, BringAssets::No).await.expect("accepted");
        assert_eq!(accepted.account, joe.account.id);
        assert!(accepted.newcomer.is_none());
        assert_eq!(house.number("SELECT COUNT(*) FROM accounts", vec![]).await, 2);
    }

    /// INV-6, SES-6
    async fn an_unverified_account_of_the_address_does_not_hold_it(house) {
        let (ada, squatter) = (house.person("ada@example.com").await, house.person("joe@example.com").await);
        let sql = "UPDATE accounts SET verified_email_key = NULL WHERE id = $1";
        house.execute(sql, vec![squatter.account.id.into()]).await;
        let place = house.place(&ada, Kind::Team).await;
        let sent = invite(house, &place.admin, row("joe@example.com")).await;
        assert!(received(house, &squatter).await.is_empty());
        let by_session = accept_by_account(&house.gate, &squatter.proof, sent.invitation.id, BringAssets::No).await;
        assert_eq!(refusal(by_session), AnswerRefusal::EmailNotVerified);
        let accepted = accept(house, "joe@example.com").await;
        assert_ne!(accepted.account, squatter.account.id);
    }

    /// INV-6
    async fn a_new_account_wants_a_name_and_a_fit_password(house) {
        let ada = house.person("ada@example.com").await;
        let place = house.place(&ada, Kind::Team).await;
        invite(house, &place.admin, row("joe@example.com")).await;
        let link = house.mailed_link("joe@example.com").await;
        let head = house.head(place.id).await;
        let try_as = async |newcomer| refusal(accept_by_link(&house.gate, &house.entrance, &link, newcomer, BringAssets::No).await);
        assert_eq!(try_as(None).await, AnswerRefusal::NewAccountNeeded);
        for (name, password, wanted) in [
            (" ", "a long enough secret", "name"),
            (&"x".repeat(201), "a long enough secret", "name"),
            ("Joe", "short", "password"),
            ("Joe", "password123", "password"),
            ("Joe", "joe@example.com", "password"),
            ("Joe", &"x".repeat(10_000), "password"),
        ] {
            let newcomer = Some(Newcomer { name: name.to_owned(), password: password.to_owned(), client: client() });
            let AnswerRefusal::Malformed { field, .. } = try_as(newcomer).await else { panic!("{name} {password}") };
            assert_eq!(field, wanted);
        }
        assert_eq!(house.head(place.id).await, head);
        accept(house, "joe@example.com").await;
    }

    /// INV-6
    async fn without_the_link_it_needs_the_account_of_the_invited_address(house) {
        let (ada, joe) = (house.person("ada@example.com").await, house.person("joe@example.com").await);
        let eve = house.person("eve@example.com").await;
        let place = house.place(&ada, Kind::Team).await;
        let sent = invite(house, &place.admin, row("joe@example.com")).await.invitation.id;
        // To everybody else it doesn't exist (WSP-8).
        for (person, id) in [(&eve, sent), (&joe, InvitationId::new())] {
            let refused = accept_by_account(&house.gate, &person.proof, id, BringAssets::No).await.unwrap_err();
            assert!(matches!(refused, Failure::NotFound { field: "input.invitationId" }), "{refused:?}");
            let refused = decline_by_account(&house.gate, &person.proof, id).await.unwrap_err();
            assert!(matches!(refused, Failure::NotFound { field: "input.invitationId" }), "{refused:?}");
        }
        let accepted = accept_by_account(&house.gate, &joe.proof, sent, BringAssets::No).await.expect("accepted");
        assert_eq!(accepted.member.account, Some(joe.account.id));
    }

    /// WSP-8
    async fn an_unverified_account_is_told_the_same_of_every_invitation(house) {
        let ada = house.person("ada@example.com").await;
        let place = house.place(&ada, Kind::Team).await;
        let sent = invite(house, &place.admin, row("joe@example.com")).await.invitation.id;
        house.sign_up("eve@example.com", PASSWORD).await;
        let eve = house.again("eve@example.com").await;
        for id in [sent, InvitationId::new()] {
            let refused = refusal(accept_by_account(&house.gate, &eve.proof, id, BringAssets::No).await);
            assert_eq!(refused, AnswerRefusal::EmailNotVerified);
            assert_eq!(refusal(decline_by_account(&house.gate, &eve.proof, id).await), refused);
        }
    }

    /// WSP-8: whoever holds the workspace's lock makes no stranger wait.
    async fn an_invitation_to_somebody_else_is_unknown_without_its_workspaces_lock(house) {
        let (ada, eve) = (house.person("ada@example.com").await, house.person("eve@example.com").await);
        let place = house.place(&ada, Kind::Team).await;
        let sent = invite(house, &place.admin, row("joe@example.com")).await.invitation.id;
        let held = house.gate.by_job::<Never>(place.id).await.expect("opened");
        let asked = tokio::time::timeout(Duration::from_secs(5), accept_by_account(&house.gate, &eve.proof, sent, BringAssets::No));
        let refused = asked.await.expect("it waits for nothing").unwrap_err();
        assert!(matches!(refused, Failure::NotFound { field: "input.invitationId" }), "{refused:?}");
        drop(held);
    }

    /// INV-7, SES-1: where no hash can be computed, what can't be accepted is told all the same.
    async fn nothing_is_hashed_for_an_invitation_that_cannot_be_accepted(house) {
        let ada = house.person("ada@example.com").await;
        let place = house.place(&ada, Kind::Wallet).await;
        let shop = house.asset(&place.admin, "shop").await;
        let developer = place.role("Workspace developer");
        invite(house, &place.admin, row_as("joe@example.com", developer, &[shop])).await;
        let link = house.mailed_link("joe@example.com").await;
        let limits = EntranceLimits { hashes_max: 0, hashes_waiting_max: 0, ..LIMITS };
        let closed = Entrance::new(limits, &house.clock);
        let alive = accept_by_link(&house.gate, &closed, &link, newcomer("Joe"), BringAssets::No).await;
        assert!(matches!(alive, Err(Failure::Unavailable)), "{alive:?}");
        house.execute("DELETE FROM assets WHERE id = $1", vec![shop.into()]).await;
        let broken = accept_by_link(&house.gate, &closed, &link, newcomer("Joe"), BringAssets::No).await;
        assert_eq!(refusal(broken), AnswerRefusal::Broken(BrokenPromise::AssetGone));
    }

    /// SES-1: before the hash, by network, and apart from the attempts to sign in.
    async fn accepting_by_the_link_is_counted_before_anything_is_hashed(house) {
        let ada = house.person("ada@example.com").await;
        let place = house.place(&ada, Kind::Team).await;
        invite(house, &place.admin, row("joe@example.com")).await;
        let link = house.mailed_link("joe@example.com").await;
        let limits = EntranceLimits { address_attempts_max: 2, hashes_max: 0, hashes_waiting_max: 0, ..LIMITS };
        let closed = Entrance::new(limits, &house.clock);
        for _ in 0..2 {
            let tried = accept_by_link(&house.gate, &closed, &link, newcomer("Joe"), BringAssets::No).await;
            assert!(matches!(tried, Err(Failure::Unavailable)), "{tried:?}");
        }
        let limited = accept_by_link(&house.gate, &closed, &link, newcomer("Joe"), BringAssets::No).await;
        assert!(matches!(limited, Err(Failure::RateLimited { .. })), "{limited:?}");
        let signing_in = house.credentials("ada@example.com", PASSWORD);
        let signed_in = rollcall::accounts::authenticate(&house.gate, &closed, signing_in).await;
        assert!(matches!(signed_in, Err(Failure::Unavailable)), "counted by itself: {signed_in:?}");
        house.clock.advance_seconds(15 * 60);
        accept(house, "joe@example.com").await;
    }

    /// INV-6
    async fn whoever_comes_second_is_told_what_the_invitation_came_to(house) {
        let (ada, joe) = (house.person("ada@example.com").await, house.person("joe@example.com").await);
        let place = house.place(&ada, Kind::Team).await;
        let told = async |link: &Secret, id| {
            let by_link = refusal(accept_by_link(&house.gate, &house.entrance, link, newcomer("Joe"), BringAssets::No).await);
            assert_eq!(refusal(decline_by_link(&house.gate, link).await), by_link);
            assert_eq!(refusal(accept_by_account(&house.gate, &joe.proof, id, BringAssets::No).await), by_link);
            by_link
        };
        let sent = invite(house, &place.admin, row("joe@example.com")).await.invitation.id;
        let link = house.mailed_link("joe@example.com").await;
        withdraw(&house.gate, &place.admin, sent).await.expect("withdrawn");
        assert_eq!(told(&link, sent).await, AnswerRefusal::Ended(InvitationOutcome::Withdrawn));

        let sent = invite(house, &place.admin, row("joe@example.com")).await.invitation.id;
        let link = house.mailed_link("joe@example.com").await;
        decline_by_link(&house.gate, &link).await.expect("declined");
        assert_eq!(told(&link, sent).await, AnswerRefusal::Ended(InvitationOutcome::Declined));

        let sent = invite(house, &place.admin, row("joe@example.com")).await.invitation.id;
        let link = house.mailed_link("joe@example.com").await;
        house.clock.advance_seconds(72 * 3600);
        let expired = AnswerRefusal::Lifecycle { refusal: LifecycleRefusal::InvitationExpired, blocked_at: None };
        assert_eq!(told(&link, sent).await, expired);

        resend(&house.gate, SENDING, &place.admin, sent).await.expect("resent");
        let newer = house.mailed_link("joe@example.com").await;
        accept_by_link(&house.gate, &house.entrance, &newer, None, BringAssets::No).await.expect("accepted");
        for link in [&link, &newer] {
            assert_eq!(told(link, sent).await, AnswerRefusal::Ended(InvitationOutcome::Accepted));
        }
        let never = Secret::mint(SecretKind::InvitationLink);
        let refused = accept_by_link(&house.gate, &house.entrance, &never, newcomer("Joe"), BringAssets::No).await;
        assert_eq!(refusal(refused), AnswerRefusal::LinkInvalid);
    }

    /// INV-9
    async fn the_invited_person_can_decline_and_the_admins_see_it(house) {
        let (ada, joe) = (house.person("ada@example.com").await, house.person("joe@example.com").await);
        let place = house.place(&ada, Kind::Team).await;
        let sent = invite(house, &place.admin, row("joe@example.com")).await;
        decline_by_account(&house.gate, &joe.proof, sent.invitation.id).await.expect("declined");
        assert!(house.member(place.id, sent.member.id).await.is_none());
        let events = house.events(StreamId::Workspace(place.id)).await;
        let declined = events.last().expect("an event");
        assert_eq!((declined.kind.as_str(), declined.actor), ("InvitationDeclined", Actor::Account(joe.account.id)));
        assert_eq!(declined.payload["invitation"]["status"], "DECLINED");

        // By the link it needs no account at all.
        let sent = invite(house, &place.admin, row("new@example.com")).await;
        let link = house.mailed_link("new@example.com").await;
        decline_by_link(&house.gate, &link).await.expect("declined");
        let events = house.events(StreamId::Workspace(place.id)).await;
        assert_eq!(events.last().expect("an event").actor, Actor::Member(sent.member.id));
    }

    /// INV-9
    async fn a_person_with_a_verified_account_finds_the_invitation_among_theirs(house) {
        let (ada, joe) = (house.person("ada@example.com").await, house.person("joe@example.com").await);
        let (one, two) = (house.place(&ada, Kind::Team).await, house.place(&ada, Kind::Wallet).await);
        let first = invite(house, &one.admin, row("Joe@Example.com")).await.invitation.id;
        house.clock.advance_seconds(1);
        let second = invite(house, &two.admin, row("joe@example.com")).await.invitation.id;
        invite(house, &two.admin, row("ann@example.com")).await;
        assert_eq!(received(house, &joe).await, [second, first]);
        accept_by_account(&house.gate, &joe.proof, first, BringAssets::No).await.expect("accepted");
        withdraw(&house.gate, &two.admin, second).await.expect("withdrawn");
        assert!(received(house, &joe).await.is_empty());
        let told: Vec<(String, String)> = house.events(StreamId::Account(joe.account.id)).await.into_iter()
            .filter(|event| event.kind.starts_with("Invitation"))
            .map(|event| (event.kind, event.payload["invitation"]["status"].as_str().unwrap_or("").to_owned()))
            .collect();
        let pair = |kind: &str, status: &str| (kind.to_owned(), status.to_owned());
        assert_eq!(told, [
            pair("InvitationReceived", "SENT"), pair("InvitationReceived", "SENT"),
            pair("InvitationClosed", "ACCEPTED"), pair("InvitationClosed", "WITHDRAWN"),
        ]);
    }
}
