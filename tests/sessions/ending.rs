//! Signing out, ending sessions, and seeing which there are.

use rollcall::access::{Failure, Proof};
use rollcall::platform::journal::{Effect, StreamId};
use rollcall::primitives::actor::{Actor, EndCause};
use rollcall::primitives::ids::AccountSessionId;
use rollcall::primitives::page::{PageArguments, PageRequest};
use rollcall::sessions::{self, Session, SessionId};

use crate::support::gate::{AGES, House, Person, cause};

fn page(first: i32, after: Option<&str>) -> PageRequest {
    let arguments = PageArguments { first: Some(first), after, ..PageArguments::default() };
    PageRequest::new(&arguments, Session::ORDER).expect("a page")
}

async fn own(house: &House, person: &Person) -> Vec<Session> {
    let view = house.account_view(&person.proof);
    sessions::list_own::<()>(&view, AGES, &page(100, None)).await.expect("listed").rows
}

/// SES-3, REV-1, REV-4: what hangs on an account session ends with it, and each workspace's log says so.
#[tokio::test]
async fn signing_out_ends_the_account_session_and_what_hangs_on_it() {
    for house in House::on_both().await {
        let ada = house.person("ada@example.com").await;
        let other_device = house.again("ada@example.com").await;
        let (one, two) = (house.workspace(&ada, "One").await, house.workspace(&ada, "Two").await);
        let insides = [house.enter(&ada, &one).await, house.enter(&ada, &two).await];
        let stays = house.enter(&other_device, &one).await;
        house.take_events();

        sessions::sign_out(&house.gate, &Proof::Account(ada.proof.clone())).await.expect("signed out");
        assert_eq!(cause(house.account_proof(&ada.token).await), EndCause::SignedOut);
        for inside in &insides {
            assert_eq!(cause(house.workspace_proof(&inside.token).await), EndCause::SignedOut);
        }
        assert!(house.workspace_proof(&stays.token).await.is_ok());

        let events = house.take_events();
        assert_eq!(events[0].stream, StreamId::Account(ada.account.id), "refused from here on");
        assert_eq!(events[0].kind, "AccountSessionEnded");
        let mut told: Vec<_> = events[1..].iter().map(|event| event.stream).collect();
        told.sort();
        let mut workspaces = [StreamId::Workspace(one.id), StreamId::Workspace(two.id)];
        workspaces.sort();
        assert_eq!(told, workspaces);
        let (session, account) = (ada.proof.session, ada.account.id);
        let effect = Effect::EndAccountSession { session, account, cause: EndCause::SignedOut };
        assert_eq!(events[0].effect, Some(effect));
        for event in &events[1..] {
            assert!(matches!(event.effect, Some(Effect::EndSessionsUnder { account_session, .. })
                if account_session == session));
            assert!(matches!(event.actor, Actor::Member(_)));
        }
        let again = sessions::sign_out(&house.gate, &Proof::Account(ada.proof.clone())).await;
        assert!(matches!(again, Err(Failure::Unauthenticated(Some(_)))));
        assert!(house.take_events().is_empty());
    }
}

/// A crash after the first commit loses nothing: requests are refused since then, and a job tells the workspaces, once.
#[tokio::test]
async fn a_job_finishes_what_a_crash_left_of_signing_out() {
    for house in House::on_both().await {
        let ada = house.person("ada@example.com").await;
        let place = house.workspace(&ada, "Harbour").await;
        let inside = house.enter(&ada, &place).await;
        let sql = "UPDATE account_sessions SET ended_at = $1, end_cause = 'SIGNED_OUT', unfinished = TRUE \
                   WHERE id = $2";
        house.execute(sql, vec![house.clock.now().into(), ada.proof.session.into()]).await;
        house.take_events();
        assert_eq!(cause(house.workspace_proof(&inside.token).await), EndCause::SignedOut);

        let finished = tokio::join!(
            sessions::finish_ended_sessions(&house.gate),
            sessions::finish_ended_sessions(&house.gate),
        );
        assert!(matches!(finished, (Ok(_), Ok(_))), "{finished:?}");
        assert_eq!(house.take_kinds(), ["MemberSessionEnded"], "told once, however many servers do it");
        assert_eq!(sessions::finish_ended_sessions(&house.gate).await.expect("run"), 0);
    }
}

/// One workspace that can't be told holds up neither the person's others nor anybody else's; the job tells of it.
#[tokio::test]
async fn the_job_goes_on_past_what_fails_and_tells_of_it_at_the_end() {
    for house in House::on_both().await {
        let (ada, bob) = (house.person("ada@example.com").await, house.person("bob@example.com").await);
        let (broken, fine) = (house.workspace(&ada, "Broken").await, house.workspace(&ada, "Fine").await);
        let bobs = house.workspace(&bob, "Bob's").await;
        for (person, place) in [(&ada, &broken), (&ada, &fine), (&bob, &bobs)] {
            house.enter(person, place).await;
        }
        let sql = "UPDATE account_sessions SET ended_at = $1, end_cause = 'SIGNED_OUT', unfinished = TRUE";
        house.execute(sql, vec![house.clock.now().into()]).await;
        // The next number of its stream is taken: nothing can be appended there.
        let shift = "UPDATE streams SET seq = seq + $2 WHERE id = $1";
        house.execute(shift, vec![broken.id.into(), (-1_i64).into()]).await;
        house.take_events();
        sessions::finish_ended_sessions(&house.gate).await.expect_err("told");
        let told: Vec<_> = house.take_events().iter().map(|event| event.stream).collect();
        assert_eq!(told, [StreamId::Workspace(fine.id), StreamId::Workspace(bobs.id)]);

        house.execute(shift, vec![broken.id.into(), 1_i64.into()]).await;
        assert_eq!(sessions::finish_ended_sessions(&house.gate).await.expect("run"), 1);
        let told: Vec<_> = house.take_events().iter().map(|event| event.stream).collect();
        assert_eq!(told, [StreamId::Workspace(broken.id)]);
    }
}

/// Signing out with a workspace's token ends that session alone; a key has none to end.
#[tokio::test]
async fn signing_out_of_a_workspace_leaves_the_person_signed_in() {
    for house in House::on_both().await {
        let ada = house.person("ada@example.com").await;
        let place = house.workspace(&ada, "Harbour").await;
        let (leaves, stays) = (house.enter(&ada, &place).await, house.enter(&ada, &place).await);
        house.take_events();
        sessions::sign_out(&house.gate, &Proof::Workspace(leaves.proof.clone())).await.expect("signed out");
        assert_eq!(cause(house.workspace_proof(&leaves.token).await), EndCause::SignedOut);
        assert!(house.workspace_proof(&stays.token).await.is_ok());
        assert!(house.account_proof(&ada.token).await.is_ok());
        let events = house.take_events();
        assert_eq!((events.len(), events[0].kind.as_str()), (1, "MemberSessionEnded"));
        assert!(matches!(events[0].effect, Some(Effect::EndWorkspaceSession { session, .. })
            if session == leaves.session.id));
    }
}

/// SES-3.
#[tokio::test]
async fn a_person_sees_their_sessions_of_both_kinds_and_ends_any_of_them() {
    for house in House::on_both().await {
        let ada = house.person("ada@example.com").await;
        house.clock.advance_seconds(1);
        let other = house.again("ada@example.com").await;
        let place = house.workspace(&ada, "Harbour").await;
        house.clock.advance_seconds(1);
        let inside = house.enter(&other, &place).await;

        let listed = own(&house, &ada).await;
        let [Session::Workspace(first), Session::Account(second), Session::Account(third)] = &listed[..]
        else {
            panic!("{listed:?}");
        };
        assert_eq!(first, &inside.session);
        assert_eq!((second.id, third.id), (other.proof.session, ada.proof.session));
        assert_eq!(second.footprint.device.as_deref(), Some("a test"));
        assert_eq!(second.footprint.address.as_deref(), Some("192.0.2.7"));

        let ids = [SessionId::Workspace(inside.session.id), SessionId::Account(other.proof.session)];
        for id in ids {
            sessions::end_session(&house.gate, &ada.proof, id).await.expect("ended");
        }
        assert_eq!(cause(house.workspace_proof(&inside.token).await), EndCause::Ended);
        assert_eq!(cause(house.account_proof(&other.token).await), EndCause::Ended);
        assert_eq!(own(&house, &ada).await.len(), 1);
        for id in ids {
            let again = sessions::end_session(&house.gate, &ada.proof, id).await;
            assert!(matches!(again, Err(Failure::NotFound { field: "input.sessionId" })), "{again:?}");
        }
    }
}

/// A page of one's own sessions follows the other without a gap.
#[tokio::test]
async fn own_sessions_page_through_from_new_to_old() {
    for house in House::on_both().await {
        let ada = house.person("ada@example.com").await;
        let place = house.workspace(&ada, "Harbour").await;
        for _ in 0..4 {
            house.enter(&ada, &place).await;
            house.again("ada@example.com").await;
        }
        let view = house.account_view(&ada.proof);
        let whole = own(&house, &ada).await;
        assert_eq!(sessions::count_own::<()>(&view, AGES).await.expect("counted"), 9);
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let request = page(2, after.as_deref());
            let rows = sessions::list_own::<()>(&view, AGES, &request).await.expect("listed");
            after = rows.rows.last().map(|last| last.place().encode());
            seen.extend(rows.rows);
            if !rows.has_next {
                break;
            }
        }
        assert_eq!(seen, whole);
        assert_eq!(seen.len(), 9);
    }
}

/// WSP-8, SES-3: somebody else's session is unknown.
#[tokio::test]
async fn nobody_ends_the_session_of_somebody_else() {
    for house in House::on_both().await {
        let ada = house.person("ada@example.com").await;
        let eve = house.person("eve@example.com").await;
        let place = house.workspace(&ada, "Harbour").await;
        let inside = house.enter(&ada, &place).await;
        house.take_events();
        let ids = [
            SessionId::Account(ada.proof.session),
            SessionId::Account(AccountSessionId::new()),
            SessionId::Workspace(inside.session.id),
        ];
        for id in ids {
            let answer = sessions::end_session(&house.gate, &eve.proof, id).await;
            assert!(matches!(answer, Err(Failure::NotFound { field: "input.sessionId" })), "{answer:?}");
        }
        assert!(house.workspace_proof(&inside.token).await.is_ok());
        assert!(house.take_events().is_empty());
    }
}

/// SES-3, REV-1.
#[tokio::test]
async fn ending_the_other_sessions_leaves_the_one_that_asks() {
    for house in House::on_both().await {
        let ada = house.person("ada@example.com").await;
        let place = house.workspace(&ada, "Harbour").await;
        let kept = house.enter(&ada, &place).await;
        let others = [house.again("ada@example.com").await, house.again("ada@example.com").await];
        let under = house.enter(&others[0], &place).await;
        let ended = sessions::end_other_sessions(&house.gate, &ada.proof).await.expect("ended");
        assert_eq!(ended, 2);
        for other in &others {
            assert_eq!(cause(house.account_proof(&other.token).await), EndCause::Ended);
        }
        assert_eq!(cause(house.workspace_proof(&under.token).await), EndCause::Ended);
        assert!(house.account_proof(&ada.token).await.is_ok());
        assert!(house.workspace_proof(&kept.token).await.is_ok());
        house.take_events();
        assert_eq!(sessions::end_other_sessions(&house.gate, &ada.proof).await.expect("nothing to do"), 0);
        assert!(house.take_events().is_empty());
    }
}

/// SES-3: an admin sees and ends the sessions of a member in this workspace, and no others.
#[tokio::test]
async fn an_admin_sees_and_ends_the_sessions_of_a_member() {
    for house in House::on_both().await {
        let ada = house.person("ada@example.com").await;
        let bob = house.person("bob@example.com").await;
        let place = house.workspace(&ada, "Harbour").await;
        let elsewhere = house.workspace(&bob, "Elsewhere").await;
        let member = house.join(&place, &bob, &place.other).await;
        let admin = house.enter(&ada, &place).await;
        let (seen, unseen) = (house.enter(&bob, &place).await, house.enter(&bob, &elsewhere).await);

        let view = house.workspace_view(&admin.proof);
        let list = async || {
            let listed = sessions::list_member_sessions::<()>(&view, member.id, AGES, &page(10, None)).await;
            listed.expect("listed").rows
        };
        assert_eq!(list().await, std::slice::from_ref(&seen.session));
        let counted = sessions::count_member_sessions::<()>(&view, member.id, AGES).await;
        assert_eq!(counted.expect("counted"), 1);
        let others = house.workspace_view(&seen.proof);
        let refused = sessions::list_member_sessions::<()>(&others, member.id, AGES, &page(10, None)).await;
        assert!(matches!(refused, Err(Failure::Forbidden)));

        rollcall::members::end_sessions(&house.gate, &admin.proof, member.id).await.expect("ended");
        assert_eq!(cause(house.workspace_proof(&seen.token).await), EndCause::Ended);
        assert!(house.workspace_proof(&unseen.token).await.is_ok());
        assert!(list().await.is_empty());
        house.enter(&bob, &place).await;
    }
}
