//! Races around an end, with real concurrency on real sockets: exactly one outcome, and the log tells which.

use serde_json::{Value, json};

use super::delete_member::DELETE;
use crate::on_both_stages;
use crate::support::app::Stage;
use crate::support::cast::{INVITE, REACTIVATE, Seat};

/// How often a race is run; each time with people of its own.
const ROUNDS: usize = 5;

async fn resting(stage: &Stage, round: usize) -> (Seat, Seat) {
    let ada = stage.person(&format!("Ada{round}")).await;
    let admin = stage.workspace(&ada, "WALLET").await;
    let rosa = stage.person(&format!("Rosa{round}")).await;
    let seat = stage.join(&admin, &rosa, "Workspace operator", &[]).await;
    stage.deactivate(&admin, &seat).await;
    (admin, seat)
}

fn wish(seat: &Seat) -> Value {
    json!({ "input": { "memberId": seat.member_id, "email": seat.person.email } })
}

fn codes(answer: &Value, mutation: &str) -> Vec<String> {
    let errors = answer["data"][mutation]["userErrors"].as_array().unwrap_or_else(|| panic!("{answer:#}"));
    errors.iter().map(|error| error["code"].as_str().unwrap_or_default().to_owned()).collect()
}

on_both_stages! {
    /// DEL-1: of a deletion for ever and a reactivation exactly one is done.
    async fn a_deletion_for_ever_against_a_reactivation(stage) {
        for round in 0..ROUNDS {
            let (admin, rosa) = resting(stage, round).await;
            let bring_back = json!({ "input": { "memberId": rosa.member_id } });
            let (deleted, back) = tokio::join!(
                stage.ask_at(stage.here(), Some(&admin.token), DELETE, wish(&rosa)),
                stage.ask_at(stage.elsewhere(), Some(&admin.token), REACTIVATE, bring_back),
            );
            let (deleted, back) = (codes(&deleted, "deleteMemberForever"), codes(&back, "reactivateMember"));
            let types = stage.event_types(&admin.workspace_id).await;
            let last = types.last().expect("an event");
            match last.as_str() {
                "MemberDeletedForever" => assert_eq!((deleted, back), (vec![], vec!["NOT_FOUND".to_owned()])),
                "MemberReactivated" => {
                    assert_eq!((deleted, back), (vec!["NOT_ALLOWED_IN_STATUS".to_owned()], vec![]));
                }
                other => panic!("{other}"),
            }
        }
    }

    /// DEL-1, INV-10: an invitation beside a deletion is for the old member, and refused, or for somebody new.
    async fn a_deletion_for_ever_against_an_invitation(stage) {
        for round in 0..ROUNDS {
            let (admin, rosa) = resting(stage, round).await;
            let invite = json!({ "input": { "list": rosa.person.email } });
            let (deleted, invited) = tokio::join!(
                stage.ask_at(stage.here(), Some(&admin.token), DELETE, wish(&rosa)),
                stage.ask_at(stage.elsewhere(), Some(&admin.token), INVITE, invite),
            );
            assert_eq!(codes(&deleted, "deleteMemberForever"), Vec::<String>::new());
            let row = invited["data"]["inviteMembers"]["results"][0].clone();
            let types = stage.event_types(&admin.workspace_id).await;
            if row["userErrors"] == json!([]) {
                assert_ne!(row["member"]["id"], rosa.member_id);
                assert!(types.ends_with(&["MemberDeletedForever".into(), "MemberInvited".into()]), "{types:?}");
            } else {
                assert_eq!(types.last().expect("an event"), "MemberDeletedForever");
                assert!(!types[5..].contains(&"MemberInvited".to_owned()) || types.iter().filter(|it| *it == "MemberInvited").count() == 1);
            }
        }
    }
}
