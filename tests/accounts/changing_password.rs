//! Changing a password.

use rollcall::access::Failure;
use rollcall::accounts::{
    self, Account, ChangePassword, ChangePasswordRefusal, Entrance, EntranceLimits, Password, PasswordError,
};
use rollcall::platform::journal::{Effect, StreamId};
use rollcall::primitives::actor::EndCause;
use rollcall::sessions;

use crate::support::gate::{House, LIFETIMES, LIMITS, PASSWORD, Person, cause, client};

const ADA: &str = "ada@example.com";
const NEW: &str = "another quiet afternoon";

fn request(current: &str, new: &str) -> ChangePassword {
    ChangePassword { current: Password::claimed(current), new: Password::claimed(new), client: client() }
}

async fn change(
    house: &House,
    person: &Person,
    current: &str,
    new: &str,
) -> Result<Account, Failure<ChangePasswordRefusal>> {
    sessions::change_password(&house.gate, &house.entrance, &person.proof, request(current, new)).await
}

/// SES-5, REV-1, REV-4: the one that asks goes on, with what hangs on it, however often.
#[tokio::test]
async fn changing_the_password_ends_all_sessions_but_the_one_that_asks() {
    for house in House::on_both().await {
        let ada = house.person(ADA).await;
        let place = house.workspace(&ada, "Harbour").await;
        let kept = house.enter(&ada, &place).await;
        let other = house.again(ADA).await;
        let under = house.enter(&other, &place).await;
        house.take_events();

        let account = change(&house, &ada, PASSWORD, NEW).await.expect("changed");
        assert_eq!(cause(house.account_proof(&other.token).await), EndCause::PasswordChanged);
        assert_eq!(cause(house.workspace_proof(&under.token).await), EndCause::PasswordChanged);
        let proof = house.account_proof(&ada.token).await.expect("it goes on");
        assert_eq!(proof.generation, account.generation);
        house.workspace_proof(&kept.token).await.expect("it goes on");

        let events = house.take_events();
        assert_eq!(
            (events[0].stream, events[0].kind.as_str()),
            (StreamId::Account(account.id), "PasswordChanged")
        );
        let effect = Effect::EndAccountSessions {
            account: account.id,
            below_generation: account.generation,
            cause: EndCause::PasswordChanged,
            except: Some(ada.proof.session),
        };
        assert_eq!(events[0].effect, Some(effect));
        assert_eq!(events.len(), 2, "one workspace had a session that ended");
        assert!(matches!(events[1].effect, Some(Effect::EndSessionsUnder { account_session, .. })
            if account_session == other.proof.session));

        change(&house, &ada, NEW, PASSWORD).await.expect("changed again");
        house.workspace_proof(&kept.token).await.expect("it goes on");
        assert_eq!(house.take_kinds(), ["PasswordChanged"], "nobody else was in");
    }
}

/// SES-5: a crash after the first commit loses nothing: a job tells the workspaces, once.
#[tokio::test]
async fn a_job_finishes_what_a_crash_left_of_a_change() {
    for house in House::on_both().await {
        let ada = house.person(ADA).await;
        let place = house.workspace(&ada, "Harbour").await;
        let inside = house.enter(&ada, &place).await;
        let sql = "UPDATE accounts SET generation = generation + 1, generation_cause = 'PASSWORD_CHANGED', untold = TRUE";
        house.execute(sql, vec![]).await;
        house.take_events();
        assert_eq!(cause(house.workspace_proof(&inside.token).await), EndCause::PasswordChanged);
        let finished = tokio::join!(
            sessions::finish_ended_sessions(&house.gate),
            sessions::finish_ended_sessions(&house.gate),
        );
        assert!(matches!(finished, (Ok(_), Ok(_))), "{finished:?}");
        assert_eq!(house.take_kinds(), ["MemberSessionEnded"], "told once, however many servers do it");
        assert_eq!(sessions::finish_ended_sessions(&house.gate).await.expect("run"), 0);
        assert_eq!(cause(house.account_proof(&ada.token).await), EndCause::PasswordChanged);
    }
}

/// SES-1, SES-5: nothing changes, no session ends, no event is written.
#[tokio::test]
async fn a_wrong_current_password_and_an_unfit_new_one_change_nothing() {
    for house in House::on_both().await {
        let (ada, other) = (house.person(ADA).await, house.again(ADA).await);
        house.take_events();
        for (current, new, refusal) in [
            ("not her password", NEW, ChangePasswordRefusal::WrongPassword),
            (PASSWORD, "short", ChangePasswordRefusal::Unfit(PasswordError::TooShort)),
            (PASSWORD, "password123", ChangePasswordRefusal::Unfit(PasswordError::Common)),
            (PASSWORD, "ADA@example.com", ChangePasswordRefusal::Unfit(PasswordError::LikeAddress)),
        ] {
            let answer = change(&house, &ada, current, new).await;
            assert!(matches!(&answer, Err(Failure::Refused(it)) if *it == refusal), "{new}: {answer:?}");
        }
        assert!(house.take_events().is_empty());
        house.account_proof(&other.token).await.expect("it goes on");
        house.sign_in(ADA).await;
    }
}

/// SES-1: whoever sits down at an open session doesn't get to guess for long.
#[tokio::test]
async fn guesses_at_the_current_password_are_limited() {
    let house = House::sqlite().await;
    let ada = house.person(ADA).await;
    let entrance = Entrance::new(EntranceLimits { account_attempts_max: 2, ..LIMITS }, &house.clock);
    let change = async |current: &str| {
        sessions::change_password(&house.gate, &entrance, &ada.proof, request(current, NEW)).await
    };
    for _ in 0..2 {
        let guess = change("a guess").await;
        assert!(matches!(guess, Err(Failure::Refused(ChangePasswordRefusal::WrongPassword))), "{guess:?}");
    }
    assert!(matches!(change(PASSWORD).await, Err(Failure::RateLimited { .. })));
    let signing_in = house.credentials(ADA, PASSWORD);
    accounts::authenticate(&house.gate, &entrance, signing_in).await.expect("counted by itself");
}

/// SES-5, REV-3: of two sessions that change it at once, one wins and is signed in; the other is out or was wrong.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_sessions_that_change_it_at_once_one_goes_on() {
    for house in House::on_both().await {
        let (ada, other) = (house.person(ADA).await, house.again(ADA).await);
        let changed = tokio::join!(
            change(&house, &ada, PASSWORD, NEW),
            change(&house, &other, PASSWORD, "yet another afternoon"),
        );
        assert_eq!(usize::from(changed.0.is_ok()) + usize::from(changed.1.is_ok()), 1, "{changed:?}");
        let held = [house.account_proof(&ada.token).await, house.account_proof(&other.token).await];
        assert_eq!(held.map(|proof| proof.is_ok()), [changed.0.is_ok(), changed.1.is_ok()]);
    }
}

/// SES-5, REV-1: a sign-in with the old password that is under way makes no session that outlives the change.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_in_by_the_old_password_once_the_change_was_answered() {
    for house in House::on_both().await {
        let ada = house.person(ADA).await;
        let (mut current, mut next) = (PASSWORD, NEW);
        for round in 0..6 {
            let signing_in: Vec<_> = (0..4)
                .map(|_| {
                    let (gate, entrance) = (house.gate.clone(), house.entrance.clone());
                    let credentials = house.credentials(ADA, current);
                    tokio::spawn(
                        async move { sessions::sign_in(&gate, &entrance, LIFETIMES, credentials).await },
                    )
                })
                .collect();
            change(&house, &ada, current, next).await.expect("changed");
            for attempt in signing_in {
                if let Ok(signed_in) = attempt.await.expect("it ran") {
                    let held = house.account_proof(&signed_in.token).await;
                    assert!(held.is_err(), "round {round}: in by the old password");
                }
            }
            std::mem::swap(&mut current, &mut next);
        }
    }
}
