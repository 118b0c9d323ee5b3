//! WSP-11: a new admin by the operator's hand, where those there are can't be used; never by somebody else's membership.

use serde_json::json;

use super::delete_workspace::{company, operate};
use crate::on_both_stages;
use crate::support::app::Stage;
use crate::support::cast::Seat;

async fn grant(stage: &Stage, admin: &Seat, email: &str, more: &[&str]) -> (bool, String) {
    let named = ["grant-admin", "--workspace", &admin.workspace_id, "--email", email];
    operate(stage, &[&named, more].concat()).await
}

async fn move_to(stage: &Stage, email: &str, to: &str) {
    let sql = format!(
        "UPDATE accounts SET email = '{to}', email_key = '{to}', verified_email_key = '{to}' WHERE email = '{email}'"
    );
    stage.sql(&sql).await;
}

/// Whose row has which role: addresses, in the order of joining.
async fn admins(stage: &Stage) -> Vec<String> {
    let sql = "SELECT m.email FROM members m JOIN roles r ON r.id = m.role_id WHERE r.is_admin AND m.state = 'ACTIVE' \
               ORDER BY m.joined_at, m.id";
    stage.sql(sql).await.iter().map(|row| row.try_get("", "email").expect("an address")).collect()
}

on_both_stages! {
    /// WSP-11, WSP-6: the one admin is still active, and can't be reached any more: the refusal names the way, and the
    /// operator's word is on record.
    async fn wsp_11_the_operator_declares_that_the_admins_there_are_can_not_be_used(stage) {
        let (admin, bob, _) = company(stage).await;
        let (well, said) = grant(stage, &admin, &bob.person.email, &[]).await;
        assert!(!well && said.contains("--admins-unusable"), "{said}");
        let (well, said) = grant(stage, &admin, &bob.person.email, &["--admins-unusable"]).await;
        assert!(well, "{said}");
        assert_eq!(admins(stage).await, ["ada@example.com", "bob@example.com"]);
        let row = stage.sql("SELECT payload, actor_kind FROM events WHERE type = 'AdminGranted'").await.remove(0);
        assert!(row.try_get::<String>("", "payload").expect("text").contains("\"adminsUnusable\":true"));
        assert_eq!(row.try_get::<String>("", "actor_kind").expect("a word"), "SYSTEM");
        let (well, help) = operate(stage, &["grant-admin", "--help"]).await;
        assert!(well && help.contains("--admins-unusable"), "{help}");
    }

    /// WSP-11: whoever had the named address before, active or not, keeps role, membership and account.
    async fn wsp_11_a_membership_of_somebody_else_is_never_given_away(stage) {
        let (admin, bob, _) = company(stage).await;
        move_to(stage, "bob@example.com", "bob@elsewhere.example").await;
        let heir = stage.person("Bob").await;
        let (well, said) = grant(stage, &admin, &heir.email, &["--admins-unusable"]).await;
        assert!(well, "{said}");
        let seat = stage.take_seat(&heir, &admin.workspace_id).await;
        assert_ne!(seat.member_id, bob.member_id);
        let rights = "{ viewer { can(permission: \"BLOCK_MEMBERS\") } }";
        assert_eq!(stage.data(Some(&seat.token), rights, json!({})).await["viewer"]["can"], true);
        assert_eq!(stage.data(Some(&bob.token), rights, json!({})).await["viewer"]["can"], false);
    }

    /// WSP-11, INV-2, EVT-3: the open invitation of whoever is made an admin is taken back, and its expiry is told first.
    async fn wsp_11_an_expired_invitation_is_taken_back_with_its_expiry_on_record(stage) {
        let (admin, _, _) = company(stage).await;
        let dora = stage.person("Dora").await;
        stage.invite(&admin, &dora.email, "Workspace operator", &[]).await;
        stage.sql("UPDATE invitations SET expires_at = 1, sent_at = 0 WHERE ended_at IS NULL").await;
        stage.sql("UPDATE members SET invitation_expires_at = 1 WHERE state = 'INVITED'").await;
        let (well, said) = grant(stage, &admin, &dora.email, &["--admins-unusable"]).await;
        assert!(well, "{said}");
        let types = stage.event_types(&admin.workspace_id).await;
        assert_eq!(types[types.len() - 4..], ["InvitationExpired", "InvitationWithdrawn", "MemberJoined", "AdminGranted"]);
    }
}
