//! What an operation would do, asked before (REM-3), from the outside.

use serde_json::{Value, json};

use crate::on_both_stages;
use crate::support::cast::{REMOVE, text};

const IMPACT: &str = "query($id: ID!, $of: ImpactOf!) { workspace { member(id: $id) { ownedAssets(first: 5) { totalCount nodes { name } } \
     impact(of: $of) { endingSessionCount ownedAssetCount undecidedAssets assetTakers { id } openInvitations { id } \
     stoppingApiKeys { id name } } } } }";

on_both_stages! {
    /// REM-3: sessions that end, assets and who could take them, open invitations and keys of the member.
    async fn an_admin_sees_before_what_a_removal_would_do(stage) {
        let ada = stage.person("Ada").await;
        let admin = stage.workspace(&ada, "TEAM").await;
        let olga = stage.person("Olga").await;
        let owner = stage.join(&admin, &olga, "Admin", &[]).await;
        let bob = stage.person("Bob").await;
        let member = stage.join(&admin, &bob, "Member", &[]).await;
        stage.take_seat_at(stage.elsewhere(), &olga, &admin.workspace_id).await;
        stage.asset(&owner, "One").await;
        stage.asset(&owner, "Two").await;
        stage.api_key(&owner).await;
        let (_, invitation) = stage.invite(&owner, "late@example.com", "Member", &[]).await;
        stage.invite(&admin, "other@example.com", "Member", &[]).await;
        let ask = async |of: &str| {
            let data = stage.data(Some(&admin.token), IMPACT, json!({ "id": owner.member_id, "of": of })).await;
            data["workspace"]["member"].clone()
        };
        let shown = ask("REMOVE").await;
        let impact = &shown["impact"];
        assert_eq!((&impact["endingSessionCount"], &impact["ownedAssetCount"]), (&json!(2), &json!(2)));
        assert_eq!(impact["undecidedAssets"], "PERSON");
        let mut takers: Vec<String> = impact["assetTakers"].as_array().unwrap().iter().map(|it| text(&it["id"])).collect();
        takers.sort();
        let mut expected = vec![admin.member_id.clone(), member.member_id.clone()];
        expected.sort();
        assert_eq!(takers, expected);
        assert_eq!(impact["openInvitations"], json!([{ "id": invitation }]));
        assert_eq!(impact["stoppingApiKeys"][0]["name"], "sync");
        assert_eq!(shown["ownedAssets"]["totalCount"], 2);
        for of in ["BLOCK", "DEACTIVATE"] {
            let impact = ask(of).await["impact"].clone();
            assert_eq!((&impact["undecidedAssets"], &impact["assetTakers"]), (&Value::Null, &json!([])), "nothing changes hands");
            assert_eq!((&impact["endingSessionCount"], &impact["ownedAssetCount"]), (&json!(2), &json!(2)));
        }
        let all = json!({ "memberId": owner.member_id, "assets": { "everything": { "to": "MEMBER", "memberId": member.member_id } } });
        stage.done(Some(&admin.token), REMOVE, all).await;
        let after = ask("REMOVE").await["impact"].clone();
        assert_eq!((&after["endingSessionCount"], &after["ownedAssetCount"]), (&json!(0), &json!(0)));
    }

    /// REM-3, WSP-3: for admins alone; what a key may not look at is null for it.
    async fn the_impact_is_for_admins(stage) {
        let ada = stage.person("Ada").await;
        let admin = stage.workspace(&ada, "TEAM").await;
        let bob = stage.person("Bob").await;
        let member = stage.join(&admin, &bob, "Member", &[]).await;
        let key = stage.api_key(&admin).await;
        let variables = json!({ "id": admin.member_id, "of": "REMOVE" });
        let seen = stage.data(Some(&member.token), IMPACT, variables.clone()).await;
        assert_eq!(seen["workspace"]["member"], json!({ "ownedAssets": null, "impact": null }));
        let seen = stage.data(Some(&key), IMPACT, variables).await;
        assert_eq!(seen["workspace"]["member"]["impact"]["stoppingApiKeys"], Value::Null);
        assert_eq!(seen["workspace"]["member"]["impact"]["endingSessionCount"], 1);
    }
}
