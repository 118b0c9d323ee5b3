//! API keys as a client sees them (API-1 to API-3), and bad input.

use rollcall::primitives::ids::ApiKeyId;
use serde_json::{Value, json};

use crate::on_both_stages;
use crate::support::people::{mutation, text};

fn create() -> String {
    mutation(
        "createApiKey",
        "apiKey { id name maker { name } revokedAt revision } apiKeyEdge { node { id } } secret eventCursor",
    )
}

fn revoke() -> String {
    mutation("revokeApiKey", "apiKey { id revokedAt revision } eventCursor")
}

on_both_stages! {
    /// API-1, REV-1: from the answer on, no server lets it in.
    async fn api_1_a_key_works_on_every_server_until_it_is_revoked(stage) {
        let ada = stage.human("Ada").await;
        let harbour = stage.found(&ada, "Harbour", "TEAM").await;
        let inside = stage.enter(&ada, &harbour).await;
        let created = stage.done(Some(&inside), &create(), json!({ "name": "ci" })).await;
        assert_eq!(created["apiKey"]["maker"]["name"], "Ada");
        let secret = text(&created["secret"]);
        let name = "{ workspace { name } }";
        for server in &stage.servers {
            let answer = stage.ask_at(server, Some(&secret), name, json!({})).await;
            assert_eq!(answer["data"]["workspace"]["name"], "Harbour");
        }
        let list = "{ workspace { apiKeys { totalCount nodes { id name revokedAt } } } }";
        let listed = stage.data(Some(&inside), list, json!({})).await["workspace"]["apiKeys"].clone();
        assert_eq!(listed["nodes"], json!([{ "id": created["apiKey"]["id"], "name": "ci", "revokedAt": null }]));
        let input = json!({ "apiKeyId": created["apiKey"]["id"] });
        let revoked = stage.done(Some(&inside), &revoke(), input.clone()).await;
        assert!(revoked["apiKey"]["revokedAt"].is_string());
        for server in &stage.servers {
            let answer = stage.ask_at(server, Some(&secret), name, json!({})).await;
            let extensions = &answer["errors"][0]["extensions"];
            assert_eq!((&extensions["code"], &extensions["sessionEnd"]["cause"]), (&json!("UNAUTHENTICATED"), &json!("KEY_REVOKED")));
        }
        let error = stage.refused(Some(&inside), &revoke(), input).await;
        assert_eq!((&error["code"], &error["field"]), (&json!("ALREADY_REVOKED"), &json!(["input", "apiKeyId"])));
    }

    /// API-1: admins see when a key was last at work, to about a minute.
    async fn api_1_admins_see_when_a_key_was_last_used(stage) {
        let ada = stage.human("Ada").await;
        let harbour = stage.found(&ada, "Harbour", "TEAM").await;
        let inside = stage.enter(&ada, &harbour).await;
        let secret = text(&stage.done(Some(&inside), &create(), json!({ "name": "ci" })).await["secret"]);
        let last_used = async || {
            stage.run_jobs().await;
            let query = "{ workspace { apiKeys { nodes { lastUsedAt } } } }";
            let seen = stage.data(Some(&inside), query, json!({})).await;
            seen["workspace"]["apiKeys"]["nodes"][0]["lastUsedAt"].clone()
        };
        let work = async || stage.data(Some(&secret), "{ workspace { name } }", json!({})).await;
        assert_eq!(last_used().await, Value::Null);
        work().await;
        assert_eq!(last_used().await, "2026-03-01T12:00:00.000000Z");
        for (seconds, seen) in [(59, "2026-03-01T12:00:00.000000Z"), (1, "2026-03-01T12:01:00.000000Z")] {
            stage.clock.advance_seconds(seconds);
            work().await;
            assert_eq!(last_used().await, seen);
        }
    }

    /// API-3, and a key is no person.
    async fn api_3_a_key_neither_manages_keys_nor_is_a_person(stage) {
        let ada = stage.human("Ada").await;
        let harbour = stage.found(&ada, "Harbour", "TEAM").await;
        let inside = stage.enter(&ada, &harbour).await;
        let created = stage.done(Some(&inside), &create(), json!({ "name": "ci" })).await;
        let secret = text(&created["secret"]);
        let another = json!({ "input": { "name": "another" } });
        assert_eq!(stage.failed(Some(&secret), &create(), another).await["code"], "FORBIDDEN");
        let own = json!({ "input": { "apiKeyId": created["apiKey"]["id"] } });
        assert_eq!(stage.failed(Some(&secret), &revoke(), own).await["code"], "FORBIDDEN");
        assert_eq!(stage.failed(Some(&secret), "{ viewer { memberships { totalCount } } }", json!({})).await["code"], "FORBIDDEN");
        let answer = stage.ask(Some(&secret), "{ workspace { name apiKeys { totalCount } } }", json!({})).await;
        assert_eq!(answer["data"]["workspace"], json!({ "name": "Harbour", "apiKeys": null }));
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN");
        assert_eq!(stage.sql("SELECT id FROM api_keys").await.len(), 1);
    }

    async fn api_1_bad_input_names_the_field_and_changes_nothing(stage) {
        let (ada, eve) = (stage.human("Ada").await, stage.human("Eve").await);
        let (harbour, theirs) = (stage.found(&ada, "Harbour", "TEAM").await, stage.found(&eve, "Theirs", "TEAM").await);
        let (inside, foreign) = (stage.enter(&ada, &harbour).await, stage.enter(&eve, &theirs).await);
        for name in [String::new(), "x".repeat(201)] {
            let error = stage.refused(Some(&inside), &create(), json!({ "name": name })).await;
            assert_eq!((&error["code"], &error["field"]), (&json!("INVALID_INPUT"), &json!(["input", "name"])));
        }
        let key = stage.done(Some(&foreign), &create(), json!({ "name": "theirs" })).await;
        let unknown = json!(ApiKeyId::new().to_string());
        for id in [&key["apiKey"]["id"], &unknown] {
            let error = stage.refused(Some(&inside), &revoke(), json!({ "apiKeyId": id })).await;
            assert_eq!((&error["code"], &error["field"]), (&json!("NOT_FOUND"), &json!(["input", "apiKeyId"])));
        }
        let failed = stage.failed(Some(&inside), &revoke(), json!({ "input": { "apiKeyId": harbour } })).await;
        assert_eq!((&failed["code"], &failed["field"]), (&json!("BAD_USER_INPUT"), &json!(["input", "apiKeyId"])));
        assert_eq!(stage.sql("SELECT id FROM api_keys WHERE revoked_at IS NULL").await.len(), 1);
        let still = stage.data(Some(&text(&key["secret"])), "{ workspace { name } }", json!({})).await;
        assert_eq!(still["workspace"]["name"], "Theirs");
    }

    /// API-3: even a key of an admin gives nobody the admin role.
    async fn api_3_a_key_never_gives_the_admin_role(stage) {
        let (ada, bob) = (stage.human("Ada").await, stage.human("Bob").await);
        let harbour = stage.found(&ada, "Harbour", "TEAM").await;
        stage.take_in(&harbour, &bob, "Member", &[]).await;
        let inside = stage.enter(&ada, &harbour).await;
        let secret = text(&stage.done(Some(&inside), &create(), json!({ "name": "ci" })).await["secret"]);
        let query = "{ workspace { roles { nodes { id isAdmin } } members { nodes { id name role { isAdmin } } } } }";
        let seen = stage.data(Some(&secret), query, json!({})).await["workspace"].clone();
        let nodes = |of: &Value| of["nodes"].as_array().expect("nodes").clone();
        let admin = nodes(&seen["roles"]).into_iter().find(|role| role["isAdmin"] == true).expect("one");
        let bobs = nodes(&seen["members"]).into_iter().find(|member| member["role"]["isAdmin"] == false).expect("Bob");
        let input = json!({ "memberId": bobs["id"], "roleId": admin["id"] });
        let error = stage.refused(Some(&secret), &mutation("setMemberRole", ""), input).await;
        assert_eq!((&error["code"], &error["field"]), (&json!("ADMIN_ROLE_BY_KEY"), &json!(["input", "roleId"])));
    }
}
