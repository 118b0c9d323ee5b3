//! Races around a block, with real concurrency on real sockets: exactly one outcome, and the log tells which.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::on_both_stages;
use crate::support::app::Stage;
use crate::support::cast::{
    ACCEPT, BLOCK, DEACTIVATE, ENTER, INVITE, LEAVE, REACTIVATE, REMOVE, Seat, received,
};

const WHOAMI: &str = "{ workspace { viewerMember { id } } }";
/// How often a race is run; each time with people of its own.
const ROUNDS: usize = 6;

async fn two_admins(stage: &Stage, round: usize) -> (Seat, Seat) {
    let ada = stage.person(&format!("Ada{round}")).await;
    let admin = stage.workspace(&ada, "TEAM").await;
    let bob = stage.person(&format!("Bob{round}")).await;
    let other = stage.join(&admin, &bob, "Admin", &[]).await;
    (admin, other)
}

fn is_done(answer: &Value) -> bool {
    answer["data"]["blockMember"]["member"]["status"] == "BLOCKED"
}

on_both_stages! {
    /// WSP-6, REV-3: of two admins who block each other at the same moment exactly one is out.
    async fn two_admins_who_block_each_other(stage) {
        for round in 0..ROUNDS {
            let (one, two) = two_admins(stage, round).await;
            let block = |by: Seat, at: usize, whom: String| async move {
                let server = &stage.servers[at % stage.servers.len()];
                let variables = json!({ "input": { "memberId": whom } });
                stage.ask_at(server, Some(&by.token), BLOCK, variables).await
            };
            let (first, second) = tokio::join!(
                block(one.clone(), 0, two.member_id.clone()),
                block(two.clone(), 1, one.member_id.clone()),
            );
            assert!(is_done(&first) ^ is_done(&second), "{first:#}\n{second:#}");
            let lost = if is_done(&first) { second } else { first };
            assert_eq!(lost["errors"][0]["extensions"]["sessionEnd"]["cause"], "BLOCKED", "{lost:#}");
            let blocked = stage.event_types(&one.workspace_id).await;
            assert_eq!(blocked.iter().filter(|it| *it == "MemberBlocked").count(), 1);
        }
    }

    /// REV-3: what a blocked admin had under way is wholly before the block or not at all.
    async fn a_block_against_a_mutation_of_the_blocked_admin(stage) {
        use rollcall::platform::journal::{StreamId, read_after};
        use rollcall::primitives::actor::Actor;
        use rollcall::primitives::ids::{MemberId, WorkspaceId};
        for round in 0..ROUNDS {
            let (admin, other) = two_admins(stage, round).await;
            let writes = join_all((0..8).map(|number| {
                let (other, round) = (other.clone(), round);
                async move {
                    let server = &stage.servers[number % stage.servers.len()];
                    let list = format!("guest{round}.{number}@example.com");
                    stage.ask_at(server, Some(&other.token), INVITE, json!({ "input": { "list": list } })).await
                }
            }));
            let input = json!({ "input": { "memberId": other.member_id } });
            let block = stage.ask_at(stage.elsewhere(), Some(&admin.token), BLOCK, input);
            let (writes, block) = tokio::join!(writes, block);
            assert!(is_done(&block), "{block:#}");
            let stream = StreamId::Workspace(WorkspaceId::parse(&admin.workspace_id).unwrap());
            let database = stage.here().app.gate.database().reader();
            let events = read_after(database, stream, 0, 1000).await.unwrap();
            let blocked = events.iter().find(|event| event.kind == "MemberBlocked").expect("the block").seq;
            let actor = Actor::Member(MemberId::parse(&other.member_id).unwrap());
            let by_blocked: Vec<i64> =
                events.iter().filter(|event| event.actor == actor && event.kind == "MemberInvited").map(|it| it.seq).collect();
            assert!(by_blocked.iter().all(|seq| *seq < blocked), "{by_blocked:?} after {blocked}");
            let acknowledged =
                writes.iter().filter(|it| it["data"]["inviteMembers"]["results"][0]["member"]["id"].is_string()).count();
            assert_eq!(acknowledged, by_blocked.len(), "what was acknowledged is in the log, and nothing else");
        }
    }

    /// REV-1, BLK-3: a session made while the block commits is dead when the block has been answered.
    async fn a_block_against_entering(stage) {
        for round in 0..ROUNDS {
            let ada = stage.person(&format!("Ada{round}")).await;
            let admin = stage.workspace(&ada, "WALLET").await;
            let mallory = stage.person(&format!("Mallory{round}")).await;
            let member = stage.join(&admin, &mallory, "Workspace operator", &[]).await;
            let entering = join_all((0..8).map(|number| {
                let (member, workspace) = (member.clone(), admin.workspace_id.clone());
                async move {
                    let server = &stage.servers[number % stage.servers.len()];
                    let variables = json!({ "input": { "workspaceId": workspace } });
                    stage.ask_at(server, Some(&member.person.token), ENTER, variables).await
                }
            }));
            let block = stage.block(&admin, &member);
            let (entered, _) = tokio::join!(entering, block);
            for answer in entered {
                let payload = &answer["data"]["enterWorkspace"];
                let Some(token) = payload["token"].as_str() else {
                    assert_eq!(payload["userErrors"][0]["code"], "MEMBERSHIP_BLOCKED", "{answer:#}");
                    continue;
                };
                for server in &stage.servers {
                    let refused = stage.ask_at(server, Some(token), WHOAMI, json!({})).await;
                    assert_eq!(refused["errors"][0]["extensions"]["sessionEnd"]["cause"], "BLOCKED", "{refused:#}");
                }
            }
        }
    }

    /// REV-1: requests that begin after the block's answer never succeed, however many are under way before.
    async fn no_request_that_begins_after_the_answer_succeeds(stage) {
        use std::sync::atomic::{AtomicBool, Ordering};
        let (admin, member) = two_admins(stage, 0).await;
        let answered = AtomicBool::new(false);
        let stop = AtomicBool::new(false);
        let hammer = join_all((0..8).map(|number| {
            let (answered, stop, token) = (&answered, &stop, member.token.clone());
            async move {
                let server = &stage.servers[number % stage.servers.len()];
                let mut after = 0;
                while after < 5 && !stop.load(Ordering::SeqCst) {
                    let began_after = answered.load(Ordering::SeqCst);
                    let answer = stage.ask_at(server, Some(&token), WHOAMI, json!({})).await;
                    if began_after {
                        after += 1;
                        assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{answer:#}");
                    }
                }
            }
        }));
        let block = async {
            let blocked = stage.block(&admin, &member).await;
            answered.store(true, Ordering::SeqCst);
            blocked
        };
        tokio::join!(hammer, block);
    }

    /// WSP-6, REV-3: of two admins who put each other to rest at the same moment exactly one is out.
    async fn two_admins_who_deactivate_each_other(stage) {
        for round in 0..ROUNDS {
            let (one, two) = two_admins(stage, round).await;
            let deactivate = |by: Seat, at: usize, whom: String| async move {
                let server = &stage.servers[at % stage.servers.len()];
                stage.ask_at(server, Some(&by.token), DEACTIVATE, json!({ "input": { "memberId": whom } })).await
            };
            let (first, second) = tokio::join!(
                deactivate(one.clone(), 0, two.member_id.clone()),
                deactivate(two.clone(), 1, one.member_id.clone()),
            );
            let done = |answer: &Value| answer["data"]["deactivateMember"]["member"]["status"] == "DEACTIVATED";
            assert!(done(&first) ^ done(&second), "{first:#}\n{second:#}");
            let lost = if done(&first) { second } else { first };
            assert_eq!(lost["errors"][0]["extensions"]["sessionEnd"]["cause"], "DEACTIVATED", "{lost:#}");
        }
    }

    /// REV-1, DEA-2: a session made while the deactivation commits is dead when it has been answered.
    async fn a_deactivation_against_entering(stage) {
        for round in 0..ROUNDS {
            let (admin, member) = two_admins(stage, round).await;
            let entering = join_all((0..8).map(|number| {
                let (member, workspace) = (member.clone(), admin.workspace_id.clone());
                async move {
                    let server = &stage.servers[number % stage.servers.len()];
                    let variables = json!({ "input": { "workspaceId": workspace } });
                    stage.ask_at(server, Some(&member.person.token), ENTER, variables).await
                }
            }));
            let (entered, _) = tokio::join!(entering, stage.deactivate(&admin, &member));
            for answer in entered {
                let payload = &answer["data"]["enterWorkspace"];
                let Some(token) = payload["token"].as_str() else {
                    assert_eq!(payload["userErrors"][0]["code"], "MEMBERSHIP_DEACTIVATED", "{answer:#}");
                    continue;
                };
                for server in &stage.servers {
                    let refused = stage.ask_at(server, Some(token), WHOAMI, json!({})).await;
                    assert_eq!(refused["errors"][0]["extensions"]["sessionEnd"]["cause"], "DEACTIVATED", "{refused:#}");
                }
            }
        }
    }

    /// BLK-7: of a block and a reactivation at the same moment the member comes out blocked, whichever was first.
    async fn a_block_against_a_reactivation(stage) {
        for round in 0..ROUNDS {
            let (admin, member) = two_admins(stage, round).await;
            stage.deactivate(&admin, &member).await;
            let target = json!({ "input": { "memberId": member.member_id } });
            let back = stage.ask_at(stage.here(), Some(&admin.token), REACTIVATE, target.clone());
            let block = stage.ask_at(stage.elsewhere(), Some(&admin.token), BLOCK, target);
            let (back, block) = tokio::join!(back, block);
            assert!(is_done(&block), "{block:#}");
            let types = stage.event_types(&admin.workspace_id).await;
            let place = |kind: &str| types.iter().rposition(|it| it == kind);
            match place("MemberReactivated") {
                Some(at) => assert!(at < place("MemberBlocked").unwrap(), "{types:?}"),
                None => assert_eq!(back["data"]["reactivateMember"]["userErrors"][0]["code"], "NOT_ALLOWED_IN_STATUS"),
            }
        }
    }

    /// WSP-6, REV-3: of two admins who remove each other at the same moment exactly one is out.
    async fn two_admins_who_remove_each_other(stage) {
        for round in 0..ROUNDS {
            let (one, two) = two_admins(stage, round).await;
            let remove = |by: Seat, at: usize, whom: String| async move {
                let server = &stage.servers[at % stage.servers.len()];
                stage.ask_at(server, Some(&by.token), REMOVE, json!({ "input": { "memberId": whom } })).await
            };
            let (first, second) = tokio::join!(
                remove(one.clone(), 0, two.member_id.clone()),
                remove(two.clone(), 1, one.member_id.clone()),
            );
            let done = |answer: &Value| answer["data"]["removeMember"]["member"]["status"] == "REMOVED";
            assert!(done(&first) ^ done(&second), "{first:#}\n{second:#}");
            let lost = if done(&first) { second } else { first };
            assert_eq!(lost["errors"][0]["extensions"]["sessionEnd"]["cause"], "REMOVED", "{lost:#}");
        }
    }

    /// WSP-6: of the last two admins who leave at the same moment exactly one is out.
    async fn the_last_two_admins_who_leave_at_once(stage) {
        for round in 0..ROUNDS {
            let (one, two) = two_admins(stage, round).await;
            let leave = |seat: Seat, at: usize| async move {
                let server = &stage.servers[at % stage.servers.len()];
                stage.ask_at(server, Some(&seat.token), LEAVE, json!({ "input": {} })).await
            };
            let (first, second) = tokio::join!(leave(one.clone(), 0), leave(two, 1));
            let done = |answer: &Value| answer["data"]["leaveWorkspace"]["leftMembershipId"].is_string();
            assert!(done(&first) ^ done(&second), "{first:#}\n{second:#}");
            let lost = if done(&first) { second } else { first };
            assert_eq!(lost["data"]["leaveWorkspace"]["userErrors"][0]["code"], "LAST_ADMIN", "{lost:#}");
        }
    }

    /// REV-1: a session made while the removal commits is dead when it has been answered.
    async fn a_removal_against_entering(stage) {
        for round in 0..ROUNDS {
            let (admin, member) = two_admins(stage, round).await;
            let entering = join_all((0..8).map(|number| {
                let (member, workspace) = (member.clone(), admin.workspace_id.clone());
                async move {
                    let server = &stage.servers[number % stage.servers.len()];
                    let variables = json!({ "input": { "workspaceId": workspace } });
                    stage.ask_at(server, Some(&member.person.token), ENTER, variables).await
                }
            }));
            let (entered, _) = tokio::join!(entering, stage.remove(&admin, &member));
            for answer in entered {
                let payload = &answer["data"]["enterWorkspace"];
                let Some(token) = payload["token"].as_str() else {
                    assert_eq!(payload["userErrors"][0]["code"], "NOT_FOUND", "{answer:#}");
                    continue;
                };
                for server in &stage.servers {
                    let refused = stage.ask_at(server, Some(token), WHOAMI, json!({})).await;
                    assert_eq!(refused["errors"][0]["extensions"]["sessionEnd"]["cause"], "REMOVED", "{refused:#}");
                }
            }
        }
    }

    /// INV-6, WSP-6: a removal against an acceptance by the same inviter's guest: one order or the other, and the
    /// loser is told which.
    async fn removing_the_inviter_against_an_acceptance(stage) {
        for round in 0..ROUNDS {
            let (admin, inviter) = two_admins(stage, round).await;
            let guest = stage.person(&format!("Guest{round}")).await;
            let (_, invitation) = stage.invite(&inviter, &guest.email, "Member", &[]).await;
            let input = json!({ "input": { "invitationId": received(&invitation) } });
            let accept = stage.ask_at(stage.elsewhere(), Some(&guest.token), ACCEPT, input);
            let (accepted, _) = tokio::join!(accept, stage.remove(&admin, &inviter));
            let payload = &accepted["data"]["acceptInvitation"];
            let types = stage.event_types(&admin.workspace_id).await;
            let place = |kind: &str| types.iter().rposition(|it| it == kind);
            if payload["userErrors"] == json!([]) {
                assert!(place("MemberJoined") < place("MemberRemoved"), "{types:?}");
            } else {
                assert_eq!(payload["userErrors"][0]["code"], "INVITATION_NOT_VALID", "{accepted:#}");
                assert!(place("InvitationAcceptanceRefused") > place("MemberRemoved"), "{types:?}");
            }
        }
    }
}
