//! Races around the end of an account and of a workspace, with real concurrency on real sockets: whatever comes first,
//! nobody is left half in, and no workspace without an admin (SES-7, WSP-6, WSP-10).

use serde_json::{Value, json};

use super::delete_account::DELETE_ACCOUNT;
use super::delete_workspace::DELETE;
use crate::on_both_stages;
use crate::support::app::Stage;
use crate::support::binary::run;
use crate::support::cast::{ACCEPT, CREATE_WORKSPACE, ENTER, INVITE, PASSWORD, Person, Seat};

/// How often a race is run; each time with people of its own.
const ROUNDS: usize = 5;
/// Workspaces that stand and that nobody administers.
const FORSAKEN: &str = "SELECT w.id FROM workspaces w WHERE w.deleted_at IS NULL AND NOT EXISTS (SELECT 1 FROM members m \
    JOIN roles r ON r.id = m.role_id WHERE m.workspace_id = w.id AND r.is_admin AND m.state = 'ACTIVE' AND m.blocked_at IS NULL)";
const WHOAMI: &str = "{ workspace { id } }";

async fn admin_and_friend(stage: &Stage, round: usize) -> (Seat, Person) {
    let ada = stage.person(&format!("Ada{round}")).await;
    let admin = stage.workspace(&ada, "WALLET").await;
    let bob = stage.person(&format!("Bob{round}")).await;
    (admin, bob)
}

fn deletion() -> Value {
    json!({ "input": { "password": PASSWORD } })
}

fn is_deleted(answer: &Value) -> bool {
    answer["data"]["deleteAccount"]["deletedAccountId"].is_string()
}

async fn number(stage: &Stage, sql: &str) -> usize {
    stage.sql(sql).await.len()
}

/// All that an end leaves to the jobs.
async fn settle(stage: &Stage) {
    stage.run_jobs().await;
    assert_eq!(number(stage, "SELECT id FROM accounts WHERE ending IS NOT NULL").await, 0);
}

on_both_stages! {
    /// SES-7, INV-6: of a deletion and an acceptance by the link at the same moment the membership ends with the account, or
    /// the address was free already and the link asks for a new account.
    async fn a_deletion_against_an_acceptance_by_the_link(stage) {
        for round in 0..ROUNDS {
            let (admin, bob) = admin_and_friend(stage, round).await;
            let (member, _) = stage.invite(&admin, &bob.email, "Workspace operator", &[]).await;
            let accept = json!({ "input": { "token": stage.mailed_token(&bob.email).await } });
            let (deleted, accepted) = tokio::join!(
                stage.ask_at(stage.here(), Some(&bob.token), DELETE_ACCOUNT, deletion()),
                stage.ask_at(stage.elsewhere(), None, ACCEPT, accept),
            );
            assert!(is_deleted(&deleted), "{deleted:#}");
            settle(stage).await;
            let types = stage.event_types(&admin.workspace_id).await;
            let joined = accepted["data"]["acceptInvitation"]["userErrors"] == json!([]);
            let shown = "query($id: ID!) { workspace { member(id: $id) { status } } }";
            let shown = stage.data(Some(&admin.token), shown, json!({ "id": member })).await;
            let status = &shown["workspace"]["member"]["status"];
            if joined {
                assert_eq!((status, types.last().expect("an event").as_str()), (&json!("REMOVED"), "MemberRemoved"));
            } else {
                // Nobody has the address any more: the link asks for what a new account is made of.
                let field = &accepted["data"]["acceptInvitation"]["userErrors"][0]["field"];
                assert_eq!((status, field), (&json!("INVITATION_SENT"), &json!(["input", "password"])), "{accepted:#}");
            }
        }
    }

    /// SES-7, INV-9: an invitation to an address whose account ends at that moment stands, for whoever proves the address.
    async fn a_deletion_against_an_invitation_to_that_address(stage) {
        for round in 0..ROUNDS {
            let (admin, bob) = admin_and_friend(stage, round).await;
            let invite = json!({ "input": { "list": bob.email } });
            let (deleted, invited) = tokio::join!(
                stage.ask_at(stage.here(), Some(&bob.token), DELETE_ACCOUNT, deletion()),
                stage.ask_at(stage.elsewhere(), Some(&admin.token), INVITE, invite),
            );
            assert!(is_deleted(&deleted), "{deleted:#}");
            let row = &invited["data"]["inviteMembers"]["results"][0];
            assert_eq!(row["userErrors"], json!([]), "{invited:#}");
            settle(stage).await;
            let token = stage.mailed_token(&bob.email).await;
            let newcomer = json!({ "token": token, "name": "Bob", "password": PASSWORD });
            stage.done(None, ACCEPT, newcomer).await;
            assert_eq!(number(stage, "SELECT id FROM members WHERE state = 'ACTIVE' AND account_id IS NULL").await, 0);
        }
    }

    /// SES-7, WSP-1, WSP-6: whoever founds a workspace while their account comes to its end does one or the other.
    async fn a_deletion_against_founding_a_workspace(stage) {
        for round in 0..2 * ROUNDS {
            let bob = stage.person(&format!("Bob{round}")).await;
            let found = json!({ "input": { "name": "Nobody's", "kind": "TEAM" } });
            let (deleted, founded) = tokio::join!(
                stage.ask_at(stage.here(), Some(&bob.token), DELETE_ACCOUNT, deletion()),
                stage.ask_at(stage.elsewhere(), Some(&bob.token), CREATE_WORKSPACE, found),
            );
            let stands = founded["data"]["createWorkspace"]["membership"]["workspaceId"].is_string();
            if stands {
                let refusal = &deleted["data"]["deleteAccount"]["userErrors"][0]["code"];
                assert_eq!(refusal, "LAST_ADMIN", "{deleted:#}");
            } else {
                assert!(is_deleted(&deleted), "{deleted:#}\n{founded:#}");
                let code = &founded["errors"][0]["extensions"]["code"];
                assert!(["UNAVAILABLE", "UNAUTHENTICATED"].contains(&code.as_str().unwrap_or_default()), "{founded:#}");
            }
            settle(stage).await;
            assert_eq!(number(stage, FORSAKEN).await, 0, "WSP-6: {deleted:#}\n{founded:#}");
        }
    }

    /// SES-7, WSP-6: while an end has been asked for and nobody knows yet what comes of it, its person founds nothing; what is
    /// given up leaves them as they were.
    async fn whose_end_is_asked_for_founds_nothing(stage) {
        let bob = stage.person("Bob").await;
        stage.execute("UPDATE accounts SET ending = 'ASKED', ending_since = 0").await;
        let found = json!({ "input": { "name": "Nobody's", "kind": "TEAM" } });
        let refused = stage.failed(Some(&bob.token), CREATE_WORKSPACE, found.clone()).await;
        assert_eq!((&refused["code"], &refused["retryable"]), (&json!("UNAVAILABLE"), &json!(true)));
        assert_eq!(number(stage, "SELECT id FROM workspaces").await, 0);
        stage.execute("UPDATE accounts SET ending = NULL, ending_since = NULL").await;
        stage.done(Some(&bob.token), CREATE_WORKSPACE, found["input"].clone()).await;
    }

    /// WSP-11, WSP-6: nor does the operator put a workspace into the hands of somebody who is on their way out.
    async fn wsp_11_nobody_whose_account_ends_is_made_the_admin(stage) {
        let (admin, bob) = admin_and_friend(stage, 0).await;
        stage.execute("UPDATE members SET blocked_at = 1").await;
        let asked = format!("UPDATE accounts SET ending = 'ASKED', ending_since = 0 WHERE email = '{}'", bob.email);
        stage.execute(&asked).await;
        let url = stage.config.database.database_url.expose().to_owned();
        let (well, said) =
            run(&["grant-admin", "--workspace", &admin.workspace_id, "--email", &bob.email, "--database-url", &url]).await;
        assert!(!well && said.contains("--email") && said.contains("deleting their account"), "{said}");
    }

    /// WSP-10, REV-1: whoever enters while the workspace is deleted is out of it with its answer, and stays out when it is
    /// brought back.
    async fn wsp_10_a_deletion_against_entering(stage) {
        for round in 0..ROUNDS {
            let (admin, bob) = admin_and_friend(stage, round).await;
            stage.join(&admin, &bob, "Workspace operator", &[]).await;
            let name = json!({ "input": { "name": format!("Ada{round}'s WALLET") } });
            let enter = json!({ "input": { "workspaceId": admin.workspace_id } });
            let (deleted, entered) = tokio::join!(
                stage.ask_at(stage.here(), Some(&admin.token), DELETE, name),
                stage.ask_at(stage.elsewhere(), Some(&bob.token), ENTER, enter),
            );
            assert!(deleted["data"]["deleteWorkspace"]["deletedWorkspaceId"].is_string(), "{deleted:#}");
            let Some(token) = entered["data"]["enterWorkspace"]["token"].as_str() else {
                assert_eq!(entered["data"]["enterWorkspace"]["userErrors"][0]["code"], "NOT_FOUND", "{entered:#}");
                continue;
            };
            for server in &stage.servers {
                let answer = stage.ask_at(server, Some(token), WHOAMI, json!({})).await;
                assert_eq!(answer["errors"][0]["extensions"]["sessionEnd"]["cause"], "WORKSPACE_DELETED", "{answer:#}");
            }
            let id = rollcall::primitives::ids::WorkspaceId::parse(&admin.workspace_id).expect("an id");
            rollcall::endings::recover_workspace(&stage.here().app.gate, id).await.expect("it is back");
            for server in &stage.servers {
                let answer = stage.ask_at(server, Some(token), WHOAMI, json!({})).await;
                assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{answer:#}");
            }
        }
    }
}
