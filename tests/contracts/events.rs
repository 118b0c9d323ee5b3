//! What events carry: the form of each type's payload, its audience, its subject and its effect, as a golden file.
//! Clients patch their caches from these, and servers of another release read them.

use std::collections::BTreeMap;
use std::fmt::Write;

use rollcall::primitives::ids::{MemberId, WorkspaceId};
use serde_json::{Value, json};

use crate::support::app::Stage;
use crate::support::cast::{
    ACCEPT, BLOCK, INVITE, LEAVE, PASSWORD, REJOIN, REMOVE, SET_ASSIGNMENTS, SET_ROLE, SIGN_UP, Seat,
    UNBLOCK, received, text,
};

/// Everything that the product can announce happens at least once.
async fn live(stage: &Stage) {
    let ada = stage.person("Ada").await;
    let admin = stage.workspace(&ada, "WALLET").await;
    live_invitations(stage, &admin).await;
    live_membership(stage, &admin).await;
    live_settings(stage, &admin.token).await;
    let again = json!({ "email": ada.email, "name": "Ada", "password": PASSWORD });
    stage.done(None, SIGN_UP, again).await;
    live_endings(stage, &admin).await;
    let own = stage.take_seat(&ada, &admin.workspace_id).await;
    live_account(stage, &ada.token).await;
    act(stage, &own.token, "signOut", json!({})).await;
    act(stage, &ada.token, "signOut", json!({})).await;
    let ghost = json!({ "email": "ghost@example.com", "name": "Ghost", "password": PASSWORD });
    stage.done(None, SIGN_UP, ghost).await;
    stage.run_jobs().await;
    // Far enough for a renewal of seats.
    stage.advance_hours(40 * 24);
    stage.run_jobs().await;
    live_workspace_ends(stage).await;
}

/// Any mutation, by name; it must succeed.
async fn act(stage: &Stage, token: &str, mutation: &str, input: Value) -> Value {
    let capital = format!("{}{}", mutation[..1].to_uppercase(), &mutation[1..]);
    let query = format!(
        "mutation($input: {capital}Input!) {{ {mutation}(input: $input) {{ userErrors {{ code message field }} }} }}"
    );
    stage.done(Some(token), &query, input).await
}

async fn live_settings(stage: &Stage, token: &str) {
    act(stage, token, "updatePolicy", json!({ "changeBlocked": true })).await;
    act(stage, token, "updateWorkspace", json!({ "name": "Engine", "contactText": "Grace" })).await;
    act(
        stage,
        token,
        "createRole",
        json!({ "name": "Editor", "assetScope": "ALL", "permissions": ["app:report.publish"] }),
    )
    .await;
    let query = "{ workspace { roles(first: 50) { nodes { id name } } } }";
    let roles = stage.data(Some(token), query, json!({})).await;
    let roles = roles["workspace"]["roles"]["nodes"].as_array().cloned().unwrap_or_default();
    let role = |name: &str| roles.iter().find(|role| role["name"] == name).expect("a role")["id"].clone();
    act(stage, token, "updateRole", json!({ "roleId": role("Editor"), "permissions": [] })).await;
    let input = json!({ "roleId": role("Editor"), "successorId": role("Workspace operator") });
    act(stage, token, "deleteRole", input).await;
}

async fn live_account(stage: &Stage, token: &str) {
    act(stage, token, "updateAccount", json!({ "name": "Countess" })).await;
    act(stage, token, "requestPasswordReset", json!({ "email": "ada@example.com" })).await;
    stage.run_jobs().await;
    act(stage, token, "changePassword", json!({ "currentPassword": PASSWORD, "newPassword": PASSWORD }))
        .await;
    act(stage, token, "changeEmail", json!({ "email": "countess@example.com", "password": PASSWORD })).await;
    let link = stage.mailed_token("countess@example.com").await;
    act(stage, token, "verifyEmail", json!({ "token": link, "password": PASSWORD })).await;
}

async fn live_invitations(stage: &Stage, admin: &Seat) {
    let (_, invitation) = stage.invite(admin, "late@example.com", "Workspace operator", &[]).await;
    act(stage, &admin.token, "updateInvitation", json!({ "invitationId": invitation, "name": "Late" })).await;
    stage.run_jobs().await;
    stage.advance_hours(73);
    stage.run_jobs().await;
    act(stage, &admin.token, "resendInvitation", json!({ "invitationId": invitation })).await;
    act(stage, &admin.token, "withdrawInvitation", json!({ "invitationId": invitation })).await;
    let dora = stage.person("Dora").await;
    let (_, invitation) = stage.invite(admin, &dora.email, "Workspace operator", &[]).await;
    act(stage, &dora.token, "declineInvitation", json!({ "invitationId": received(&invitation) })).await;
    let bob = stage.person("Bob").await;
    let bob = stage.join(admin, &bob, "Workspace admin", &[]).await;
    let eve = stage.person("Eve").await;
    let (_, invitation) = stage.invite(&bob, &eve.email, "Workspace operator", &[]).await;
    stage.block(admin, &bob).await;
    stage.refused(Some(&eve.token), ACCEPT, json!({ "invitationId": received(&invitation) })).await;
}

async fn live_membership(stage: &Stage, admin: &Seat) {
    let token = Some(admin.token.as_str());
    let (one, two) = (stage.asset(admin, "One").await, stage.asset(admin, "Two").await);
    let grace = stage.person("Grace").await;
    let member = stage.join(admin, &grace, "Workspace developer", &[&one]).await;
    let id = &member.member_id;
    stage.done(token, SET_ASSIGNMENTS, json!({ "memberId": id, "assignments": [{ "assetId": two }] })).await;
    let reviewer = stage.role(admin, "Workspace reviewer").await;
    stage.done(token, SET_ROLE, json!({ "memberId": id, "roleId": reviewer })).await;
    act(stage, &admin.token, "setDefaultRole", json!({ "roleId": reviewer })).await;
    let price = json!({ "amount": 1000, "currency": "EUR", "period": "MONTH" });
    act(stage, &admin.token, "updateSeatPlan", json!({ "limit": 100, "price": price })).await;
    act(stage, &admin.token, "endMemberSessions", json!({ "memberId": id })).await;
    let key = stage.api_key(admin).await;
    stage.done(Some(&key), BLOCK, json!({ "memberId": id, "category": "OTHER" })).await;
    stage.refused(Some(&key), UNBLOCK, json!({ "memberId": id })).await;
    stage.done(token, INVITE, json!({ "list": grace.email })).await;
    stage.unblock(admin, &member).await;
    stage.deactivate(admin, &member).await;
    stage.reactivate(admin, &member).await;
    live_departures(stage, admin, &member).await;
    live_credit(stage, admin, &member).await;
    live_assets(stage, admin, &two).await;
    let keys = stage.data(token, "{ workspace { apiKeys(first: 1) { nodes { id } } } }", json!({})).await;
    let key = text(&keys["workspace"]["apiKeys"]["nodes"][0]["id"]);
    act(stage, &admin.token, "revokeApiKey", json!({ "apiKeyId": key })).await;
}

/// What deleting for ever gives back, and the host takes out.
async fn live_credit(stage: &Stage, admin: &Seat, gone: &Seat) {
    let workspace = WorkspaceId::parse(&admin.workspace_id).unwrap();
    let mut tx = stage.here().app.gate.by_job::<()>(workspace).await.unwrap();
    let member = MemberId::parse(&gone.member_id).unwrap();
    rollcall::billing::settle_deletion(&mut tx, member).await.unwrap().expect("something is left");
    tx.commit().await.unwrap();
    act(stage, &admin.token, "takeOutCredit", json!({ "amount": 1, "currency": "EUR" })).await;
}

async fn live_assets(stage: &Stage, admin: &Seat, asset: &str) {
    let token = &admin.token;
    act(stage, token, "updateAsset", json!({ "assetId": asset, "name": "Grace" })).await;
    let (member, channel) = (&admin.member_id, "#grace");
    let with = json!({ "assetId": asset, "withMemberIds": [member], "withChannels": [channel] });
    act(stage, token, "shareAsset", with).await;
    act(stage, token, "shareAsset", json!({ "assetId": asset, "backFromMemberIds": [member] })).await;
    act(stage, token, "reassignAssets", json!({ "assetIds": [asset], "toMemberId": null })).await;
    act(stage, token, "archiveAsset", json!({ "assetId": asset })).await;
}

async fn live_departures(stage: &Stage, admin: &Seat, member: &Seat) {
    let olga = stage.person("Olga").await;
    let owner = stage.join(admin, &olga, "Workspace admin", &[]).await;
    stage.asset(&owner, "Lost").await;
    let lost = json!({ "everything": { "to": "LOST" } });
    stage.done(Some(&admin.token), REMOVE, json!({ "memberId": owner.member_id, "assets": lost })).await;
    let notices =
        stage.data(Some(&olga.token), "{ viewer { notices(first: 1) { nodes { id } } } }", json!({})).await;
    let notice = text(&notices["viewer"]["notices"]["nodes"][0]["id"]);
    let hello = json!({ "workspaceId": admin.workspace_id, "message": "Nobody reads this." });
    act(stage, &olga.token, "contactAdmins", hello).await;
    act(stage, &olga.token, "dismissNotice", json!({ "noticeId": notice })).await;
    stage.sql(r#"UPDATE workspaces SET policy = '{"rejoin_deactivated":true}'"#).await;
    stage.deactivate(admin, member).await;
    stage.done(Some(&member.person.token), REJOIN, json!({ "workspaceId": admin.workspace_id })).await;
    let back = stage.take_seat(&member.person, &admin.workspace_id).await;
    stage.done(Some(&back.token), LEAVE, json!({})).await;
}

async fn live_endings(stage: &Stage, admin: &Seat) {
    let ends = stage.person("Ends").await;
    let seat = stage.join(admin, &ends, "Workspace operator", &[]).await;
    stage.block(admin, &seat).await;
    let at = "2027-01-01T00:00:00Z";
    act(stage, &admin.token, "setBlockReview", json!({ "memberId": seat.member_id, "reviewAt": at })).await;
    let past = "UPDATE members SET block_review_at = 1 WHERE block_review_at IS NOT NULL";
    stage.sql(past).await;
    stage.run_jobs().await;
    stage.remove(admin, &seat).await;
    let wish = json!({ "memberId": seat.member_id, "email": ends.email });
    act(stage, &admin.token, "deleteMemberForever", wish).await;
    // Whom nobody here knows any more, and whom no key invites.
    let key = stage.api_key(admin).await;
    stage.done(Some(&key), INVITE, json!({ "list": ends.email })).await;
    act(stage, &ends.token, "deleteAccount", json!({ "password": PASSWORD })).await;
    stage.run_jobs().await;
}

async fn live_workspace_ends(stage: &Stage) {
    use rollcall::endings;
    use rollcall::primitives::email::Email;
    use rollcall::primitives::ids::WorkspaceId;
    let (zoe, yan) = (stage.person("Zoe").await, stage.person("Yan").await);
    let admin = stage.workspace(&zoe, "TEAM").await;
    let (gate, id) = (&stage.here().app.gate, WorkspaceId::parse(&admin.workspace_id).unwrap());
    act(stage, &admin.token, "deleteWorkspace", json!({ "name": "Zoe's TEAM" })).await;
    endings::recover_workspace(gate, id).await.expect("it is back");
    let admins = "role_id IN (SELECT id FROM roles WHERE is_admin)";
    stage.sql(&format!("UPDATE members SET blocked_at = 1 WHERE {admins}")).await;
    let email = Email::parse(&yan.email).unwrap();
    let request = endings::GrantAdmin { workspace: id, email, admins_unusable: false };
    endings::grant_admin(gate, request).await.expect("an admin");
    let seat = stage.take_seat(&yan, &admin.workspace_id).await;
    act(stage, &seat.token, "deleteWorkspace", json!({ "name": "Zoe's TEAM" })).await;
    stage.advance_hours(24 * 30);
    stage.run_jobs().await;
}

/// The form of a value: names and kinds, no contents but the words of enums.
fn form(value: &Value) -> Value {
    match value {
        Value::Object(object) => object.iter().map(|(name, value)| (name.clone(), form(value))).collect(),
        Value::Array(items) => items.first().map_or(json!([]), |item| json!([form(item)])),
        Value::Number(_) => json!("number"),
        Value::String(word) if word.chars().all(|c| c.is_ascii_uppercase() || c == '_') => json!(word),
        Value::String(word) if uuid::Uuid::parse_str(word).is_ok() => json!("uuid"),
        Value::String(_) => json!("text"),
        other => other.clone(),
    }
}

/// Types that change nothing which was there before: something begins, ends for good, or was only tried. And one that
/// must not say from what to what: both name a person (DEL-1).
fn is_mere_fact(kind: &str) -> bool {
    const ENDINGS: &[&str] = &[
        "Created",
        "Registered",
        "Purged",
        "Recorded",
        "Ended",
        "Revoked",
        "Contacted",
        "Refused",
        "Restored",
        "Deleted",
        "Due",
        "Archived",
        "Charged",
        "Credited",
        "Forever",
        "Recovered",
        "Renewed",
        "Shared",
        "TakenOut",
        "Unshared",
    ];
    // What a member or an asset was called, and is, is in no event.
    ENDINGS.iter().any(|ending| kind.ends_with(ending)) || ["MemberUpdated", "AssetUpdated"].contains(&kind)
}

/// EVT-3: whatever else a workspace's log tells of says what it was before, in the places where it says what it is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn evt_3_every_change_says_what_was_before() {
    let stage = Stage::sqlite().await;
    live(&stage).await;
    for row in stage.sql("SELECT type, payload FROM events WHERE stream_kind = 'WORKSPACE'").await {
        let (kind, payload): (String, String) =
            (row.try_get("", "type").unwrap(), row.try_get("", "payload").unwrap());
        let payload: Value = serde_json::from_str(&payload).unwrap();
        let says =
            payload["before"].is_object() || (payload.get("from").is_some() && payload["to"].is_object());
        assert!(says || is_mere_fact(&kind), "{kind} has no `before`: {payload}");
    }
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_events_carry() {
    let stage = Stage::sqlite().await;
    live(&stage).await;
    let rows = stage
        .sql("SELECT stream_kind, type, version, audience, subject_kind, effect, payload FROM events ORDER BY stream_kind, type")
        .await;
    let mut forms: BTreeMap<(String, String), String> = BTreeMap::new();
    for row in rows {
        let column =
            |name: &str| row.try_get::<Option<String>>("", name).unwrap().unwrap_or_else(|| "-".into());
        let mut text = String::new();
        let version: i16 = row.try_get("", "version").unwrap();
        writeln!(
            text,
            "version {version}, audience {}, about {}",
            column("audience"),
            column("subject_kind")
        )
        .unwrap();
        if let Ok(effect) = serde_json::from_str::<Value>(&column("effect")) {
            writeln!(text, "effect  {}", form(&effect)).unwrap();
        }
        let payload: Value = serde_json::from_str(&column("payload")).unwrap();
        writeln!(text, "payload {}", form(&payload)).unwrap();
        forms.entry((column("stream_kind"), column("type"))).or_insert(text);
    }
    let golden: String =
        forms.iter().map(|((stream, kind), form)| format!("{stream} {kind}\n{form}\n")).collect();
    insta::assert_snapshot!(golden);
    let all = stage.sql("SELECT payload FROM events").await;
    for row in all {
        let payload: String = row.try_get("", "payload").unwrap();
        assert!(!payload.contains('@'), "DEL-1: no address in an event: {payload}");
        for name in ["Grace", "#grace", "Dora", "Late", "lost laptop", "abroad", "Nobody reads"] {
            assert!(!payload.contains(name), "DEL-1: no name and no note in an event: {payload}");
        }
    }
    stage.close().await;
}
