//! Archiving against what gives the asset: one order or the other, and nobody works on what is archived.

use serde_json::json;

use super::changing::archive;
use crate::on_both_stages;
use crate::support::cast::{ACCEPT, SET_ASSIGNMENTS, received};

/// How often a race is run.
const ROUNDS: usize = 6;

on_both_stages! {
    /// WSP-2, REV-3: of an archiving and an assigning at the same moment the asset comes out archived and unassigned.
    async fn archiving_against_assigning(stage) {
        let ada = stage.person("Ada").await;
        let admin = stage.workspace(&ada, "WALLET").await;
        let keep = stage.asset(&admin, "Keep").await;
        let dev = stage.person("Dev").await;
        let member = stage.join(&admin, &dev, "Workspace developer", &[&keep]).await;
        for round in 0..ROUNDS {
            let asset = stage.asset(&admin, &format!("A{round}")).await;
            let (query, gone) = (archive(), json!({ "input": { "assetId": asset } }));
            let archived = stage.ask_at(stage.here(), Some(&admin.token), &query, gone);
            let both = json!([{ "assetId": keep }, { "assetId": asset }]);
            let input = json!({ "input": { "memberId": member.member_id, "assignments": both } });
            let assigned = stage.ask_at(stage.elsewhere(), Some(&admin.token), SET_ASSIGNMENTS, input);
            let (archived, assigned) = tokio::join!(archived, assigned);
            assert_eq!(archived["data"]["archiveAsset"]["userErrors"], json!([]), "{archived:#}");
            let error = &assigned["data"]["setMemberAssignments"]["userErrors"][0]["code"];
            assert!(error.is_null() || *error == "NOT_FOUND", "{assigned:#}");
            let query = "query($id: ID!) { workspace { member(id: $id) { assignments { assetId } } } }";
            let seen = stage.data(Some(&admin.token), query, json!({ "id": member.member_id })).await;
            assert_eq!(seen["workspace"]["member"]["assignments"], json!([{ "assetId": keep }]));
        }
    }

    /// INV-7: of an archiving and an acceptance that it was promised in, whichever was first, nobody works on it.
    async fn archiving_against_an_acceptance(stage) {
        let ada = stage.person("Ada").await;
        let admin = stage.workspace(&ada, "WALLET").await;
        for round in 0..ROUNDS {
            let asset = stage.asset(&admin, &format!("A{round}")).await;
            let guest = stage.person(&format!("Guest{round}")).await;
            let (member, invitation) = stage.invite(&admin, &guest.email, "Workspace developer", &[&asset]).await;
            let (query, gone) = (archive(), json!({ "input": { "assetId": asset } }));
            let archived = stage.ask_at(stage.here(), Some(&admin.token), &query, gone);
            let input = json!({ "input": { "invitationId": received(&invitation) } });
            let accepted = stage.ask_at(stage.elsewhere(), Some(&guest.token), ACCEPT, input);
            let (archived, accepted) = tokio::join!(archived, accepted);
            assert_eq!(archived["data"]["archiveAsset"]["userErrors"], json!([]), "{archived:#}");
            let types = stage.event_types(&admin.workspace_id).await;
            let last = |kind: &str| types.iter().rposition(|it| it == kind);
            match accepted["data"]["acceptInvitation"]["userErrors"][0]["code"].as_str() {
                None => assert!(last("MemberJoined") < last("AssetArchived"), "{types:?}"),
                Some(code) => {
                    assert_eq!(code, "INVITATION_NOT_VALID");
                    assert!(last("InvitationAcceptanceRefused") > last("AssetArchived"), "{types:?}");
                }
            }
            let query = "query($id: ID!) { workspace { member(id: $id) { assignments { assetId } } } }";
            let seen = stage.data(Some(&admin.token), query, json!({ "id": member })).await;
            assert_eq!(seen["workspace"]["member"]["assignments"], json!([]));
        }
    }
}
