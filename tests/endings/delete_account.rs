//! Deleting one's account, from the outside (SES-7).

use rollcall::primitives::ids::{AccountId, WorkspaceId};
use serde_json::{Value, json};

use crate::on_both_stages;
use crate::support::app::Stage;
use crate::support::cast::{ACCEPT, INVITE, PASSWORD, Person, REMOVE, SET_ROLE, SIGN_IN, Seat, received};
use crate::support::socket::Socket;

pub const DELETE_ACCOUNT: &str = "mutation($input: DeleteAccountInput!) { deleteAccount(input: $input) { deletedAccountId \
     userErrors { __typename code message field ... on LastAdminOf { workspaces { workspaceId name } } } } }";
const WHOAMI: &str = "{ viewer { account { id } } }";
const SHOWN: &str = "query($id: ID!) { workspace { member(id: $id) { status name email ownedAssets(first: 5) { totalCount } \
     removal { by { kind } whileBlocked } } } }";

async fn team(stage: &Stage) -> (Seat, Seat) {
    let ada = stage.person("Ada").await;
    let admin = stage.workspace(&ada, "WALLET").await;
    let bob = stage.person("Bob").await;
    let other = stage.join(&admin, &bob, "Workspace admin", &[]).await;
    (admin, other)
}

async fn delete(stage: &Stage, person: &Person) -> Value {
    stage.done(Some(&person.token), DELETE_ACCOUNT, json!({ "password": PASSWORD })).await
}

on_both_stages! {
    /// SES-7, REV-1: with the answer every session of both kinds is over on every server, and told why; then the person is
    /// out of every workspace, and their address is free.
    async fn ses_7_a_deleted_account_is_out_everywhere_and_its_address_is_free(stage) {
        let (admin, bob) = team(stage).await;
        stage.asset(&bob, "Left").await;
        let own = stage.person("Own").await;
        let theirs = stage.workspace(&own, "TEAM").await;
        let second = stage.join(&theirs, &bob.person, "Member", &[]).await;
        let mut window = Socket::open(stage.elsewhere(), &bob.token).await;
        let mut person = Socket::open(stage.elsewhere(), &bob.person.token).await;
        delete(stage, &bob.person).await;
        assert_eq!(window.expect_close(4401).await, "ACCOUNT_DELETED");
        assert_eq!(person.expect_close(4401).await, "ACCOUNT_DELETED");
        for server in &stage.servers {
            for token in [&bob.person.token, &bob.token, &second.token] {
                let answer = stage.ask_at(server, Some(token), WHOAMI, json!({})).await;
                let end = &answer["errors"][0]["extensions"]["sessionEnd"];
                assert_eq!(end["cause"], "ACCOUNT_DELETED", "{answer:#}");
            }
        }
        let credentials = json!({ "email": bob.person.email, "password": PASSWORD });
        assert_eq!(stage.refused(None, SIGN_IN, credentials).await["code"], "INVALID_CREDENTIALS");
        stage.run_jobs().await;
        let shown = stage.data(Some(&admin.token), SHOWN, json!({ "id": bob.member_id })).await["workspace"]["member"].clone();
        assert_eq!((&shown["status"], &shown["ownedAssets"]["totalCount"]), (&json!("REMOVED"), &json!(0)));
        assert_eq!(shown["removal"], json!({ "by": { "kind": "ACCOUNT" }, "whileBlocked": false }));
        assert!(stage.sql("SELECT id FROM accounts WHERE ending IS NOT NULL OR email = ''").await.is_empty());
        assert!(stage.event_types(&theirs.workspace_id).await.contains(&"MemberRemoved".to_owned()));
        // The address is anybody's who can open its mails; and the membership follows the address, as for anybody.
        let again = stage.person("Bob").await;
        assert_ne!(again.token, bob.person.token);
        let (_, invitation) = stage.invite(&admin, &again.email, "Workspace operator", &[]).await;
        stage.done(Some(&again.token), ACCEPT, json!({ "invitationId": received(&invitation) })).await;
    }

    /// SES-7, REM-4, BLK-8: an account that ends while its member is blocked leaves the mark, and no wait: nobody removed them.
    async fn ses_7_who_ends_their_account_while_blocked_leaves_a_mark_and_no_wait(stage) {
        let ada = stage.person("Ada").await;
        let admin = stage.workspace(&ada, "TEAM").await;
        let bob = stage.person("Bob").await;
        let member = stage.join(&admin, &bob, "Member", &[]).await;
        stage.block(&admin, &member).await;
        delete(stage, &bob).await;
        stage.run_jobs().await;
        let shown = "query($id: ID!) { workspace { member(id: $id) { removal { whileBlocked reinviteAllowedAt } } } }";
        let shown = stage.data(Some(&admin.token), shown, json!({ "id": member.member_id })).await;
        let removal = &shown["workspace"]["member"]["removal"];
        assert_eq!(*removal, json!({ "whileBlocked": true, "reinviteAllowedAt": null }));
        let invited = stage.done(Some(&admin.token), INVITE, json!({ "list": bob.email })).await;
        assert_eq!(invited["results"][0]["userErrors"], json!([]), "{invited:#}");
    }

    /// SES-7, API-2, REV-1: with the answer the person's API keys are over as well, on every server and on open sockets,
    /// before any job has ended the membership.
    async fn ses_7_the_keys_of_a_deleted_account_are_over_with_the_answer(stage) {
        const KEY_ASKS: &str = "{ workspace { name } }";
        let (_, bob) = team(stage).await;
        let key = stage.api_key(&bob).await;
        let mut windows = [Socket::open(stage.here(), &key).await, Socket::open(stage.elsewhere(), &key).await];
        stage.data(Some(&key), KEY_ASKS, json!({})).await;
        delete(stage, &bob.person).await;
        let over = async || {
            for server in &stage.servers {
                let answer = stage.ask_at(server, Some(&key), KEY_ASKS, json!({})).await;
                let end = &answer["errors"][0]["extensions"]["sessionEnd"];
                assert_eq!(end["cause"], "ACCOUNT_DELETED", "{answer:#}");
            }
        };
        over().await;
        for window in &mut windows {
            assert_eq!(window.expect_close(4401).await, "ACCOUNT_DELETED");
        }
        stage.run_jobs().await;
        over().await;
    }

    /// SES-7, WSP-6: the last admin of a workspace is refused, with the list of them, and nothing has changed.
    async fn ses_7_a_last_admin_is_refused_with_the_list_of_workspaces(stage) {
        let (admin, bob) = team(stage).await;
        let wrong = stage.refused(Some(&admin.person.token), DELETE_ACCOUNT, json!({ "password": "a wrong guess" })).await;
        assert_eq!((&wrong["code"], &wrong["field"]), (&json!("INVALID_CREDENTIALS"), &json!(["input", "password"])));
        stage.block(&admin, &bob).await;
        let team = stage.workspace(&admin.person, "TEAM").await;
        let refusal = stage.refused(Some(&admin.person.token), DELETE_ACCOUNT, json!({ "password": PASSWORD })).await;
        assert_eq!((&refusal["__typename"], &refusal["code"]), (&json!("LastAdminOf"), &json!("LAST_ADMIN")));
        let listed: Vec<&str> =
            refusal["workspaces"].as_array().unwrap().iter().filter_map(|it| it["workspaceId"].as_str()).collect();
        assert_eq!(listed.len(), 2, "{refusal}");
        assert!(listed.contains(&admin.workspace_id.as_str()) && listed.contains(&team.workspace_id.as_str()));
        stage.data(Some(&admin.token), WHOAMI, json!({})).await;
        assert_eq!(stage.failed(Some(&admin.token), DELETE_ACCOUNT, json!({ "input": { "password": PASSWORD } })).await["code"], "FORBIDDEN");
    }

    /// SES-7, BLK-8: whoever is blocked may delete their account, and the mark of the block stays.
    async fn a_blocked_persons_account_ends_and_the_mark_of_the_block_stays(stage) {
        let (admin, bob) = team(stage).await;
        stage.block(&admin, &bob).await;
        delete(stage, &bob.person).await;
        stage.run_jobs().await;
        let shown = stage.data(Some(&admin.token), SHOWN, json!({ "id": bob.member_id })).await["workspace"]["member"].clone();
        assert_eq!(shown["removal"]["whileBlocked"], true);
        let key = stage.api_key(&admin).await;
        let row = stage.done(Some(&key), INVITE, json!({ "list": bob.person.email })).await["results"][0].clone();
        assert_eq!(row["userErrors"][0]["code"], "BLOCKED_REQUIRES_ADMIN");
    }

    /// SES-7, REM-6: what went along with the person goes with the account, and those who worked on it are told.
    async fn what_a_person_kept_goes_with_their_account(stage) {
        let (admin, bob) = team(stage).await;
        let asset = stage.asset(&bob, "Kept").await;
        let dev = stage.person("Dev").await;
        stage.join(&admin, &dev, "Workspace developer", &[&asset]).await;
        let along = json!({ "memberId": bob.member_id, "assets": { "everything": { "to": "PERSON" } } });
        stage.done(Some(&admin.token), REMOVE, along).await;
        delete(stage, &bob.person).await;
        stage.run_jobs().await;
        assert!(stage.sql("SELECT id FROM assets").await.is_empty());
        assert!(stage.sql("SELECT id FROM accounts WHERE ending IS NOT NULL").await.is_empty());
        let types = stage.event_types(&admin.workspace_id).await;
        assert!(types.contains(&"AssetsPurged".to_owned()) && types.contains(&"MemberAssignmentsSet".to_owned()));
    }

    /// SES-7, REV-2: once the membership has ended, and before the account's row is gone, a session from before is refused
    /// as one that has ended, not as one that nobody can check at the moment.
    async fn ses_7_a_session_is_known_to_have_ended_while_its_account_is_being_finished(stage) {
        let (admin, bob) = team(stage).await;
        let own = stage.data(Some(&bob.person.token), WHOAMI, json!({})).await;
        let account = AccountId::parse(own["viewer"]["account"]["id"].as_str().expect("an id")).expect("an id");
        let workspace = WorkspaceId::parse(&admin.workspace_id).expect("an id");
        delete(stage, &bob.person).await;
        let ended = rollcall::members::end_membership(&stage.here().app.gate, workspace, account).await;
        ended.expect("it ends");
        for server in &stage.servers {
            for token in [&bob.person.token, &bob.token] {
                let answer = stage.ask_at(server, Some(token), WHOAMI, json!({})).await;
                assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{answer:#}");
            }
        }
    }

    /// SES-7, WSP-6: of a deletion and a demotion of the other admin at the same moment exactly one is done.
    async fn ses_7_a_deletion_against_a_demotion_of_the_other_admin(stage) {
        for round in 0..5 {
            let ada = stage.person(&format!("Ada{round}")).await;
            let admin = stage.workspace(&ada, "WALLET").await;
            let bob = stage.person(&format!("Bob{round}")).await;
            let other = stage.join(&admin, &bob, "Workspace admin", &[]).await;
            let reviewer = stage.role(&admin, "Workspace reviewer").await;
            let demote = json!({ "input": { "memberId": other.member_id, "roleId": reviewer } });
            let delete = json!({ "input": { "password": PASSWORD } });
            let (deleted, demoted) = tokio::join!(
                stage.ask_at(stage.here(), Some(&ada.token), DELETE_ACCOUNT, delete),
                stage.ask_at(stage.elsewhere(), Some(&admin.token), SET_ROLE, demote),
            );
            let gone = deleted["data"]["deleteAccount"]["deletedAccountId"].is_string();
            let lower = demoted["data"]["setMemberRole"]["member"]["id"].is_string();
            assert!(!(gone && lower), "somebody administers it:\n{deleted:#}\n{demoted:#}");
            stage.run_jobs().await;
            let forsaken = stage
                .sql("SELECT w.id FROM workspaces w WHERE NOT EXISTS (SELECT 1 FROM members m JOIN roles r ON r.id = m.role_id \
                      WHERE m.workspace_id = w.id AND r.is_admin AND m.state = 'ACTIVE' AND m.blocked_at IS NULL)")
                .await;
            assert!(forsaken.is_empty(), "WSP-6: {deleted:#}\n{demoted:#}");
        }
    }

    /// SES-7: of a deletion and an acceptance at the same moment the membership, if there is one, ends with the account.
    async fn a_deletion_against_an_acceptance(stage) {
        let ada = stage.person("Ada").await;
        let admin = stage.workspace(&ada, "WALLET").await;
        for round in 0..5 {
            let bob = stage.person(&format!("Bob{round}")).await;
            let (_, invitation) = stage.invite(&admin, &bob.email, "Workspace operator", &[]).await;
            let accept = json!({ "input": { "invitationId": received(&invitation) } });
            let delete = json!({ "input": { "password": PASSWORD } });
            let (deleted, _) = tokio::join!(
                stage.ask_at(stage.here(), Some(&bob.token), DELETE_ACCOUNT, delete),
                stage.ask_at(stage.elsewhere(), Some(&bob.token), ACCEPT, accept),
            );
            assert!(deleted["data"]["deleteAccount"]["deletedAccountId"].is_string(), "{deleted:#}");
            stage.run_jobs().await;
            assert!(stage.sql("SELECT id FROM accounts WHERE ending IS NOT NULL").await.is_empty());
            let inside = stage.sql("SELECT id FROM members WHERE state = 'ACTIVE'").await;
            assert_eq!(inside.len(), 1, "the admin alone");
            assert!(stage.sql("SELECT id FROM members WHERE account_id IS NULL AND state = 'ACTIVE'").await.is_empty());
        }
    }
}
