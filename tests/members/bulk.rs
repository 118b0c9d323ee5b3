//! One operation on many members (`bulkUpdateMembers`): every row by the one table, in order, each answered for itself.

use rollcall::members::lifecycle::{
    Asker, Asking, LifecyclePolicy, LifecycleRefusal, Operation, Standing, Underneath, decide,
};
use rollcall::primitives::actor::{MemberStatus, Origin};
use rollcall::primitives::ids::MemberId;
use serde_json::{Value, json};

use crate::on_both_stages;
use crate::support::app::Stage;
use crate::support::cast::{ACCEPT, BLOCK, BULK, Seat, UNBLOCK, received, text};

const OPERATOR: &str = "Workspace operator";
const DEVELOPER: &str = "Workspace developer";

/// An admin, and operators of their workspace.
async fn office(stage: &Stage, operators: usize) -> (Seat, Vec<String>) {
    let ada = stage.person("Ada").await;
    let admin = stage.workspace(&ada, "WALLET").await;
    let members = stage.crowd(&admin.workspace_id, OPERATOR, operators).await;
    (admin, members)
}

async fn bulk(stage: &Stage, token: &str, operation: &str, members: &[&String], more: Value) -> Value {
    let mut input = json!({ "operation": operation, "memberIds": members });
    input.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    stage.data(Some(token), BULK, json!({ "input": input })).await["bulkUpdateMembers"].clone()
}

/// For each row its status, or the code of its error.
fn said(payload: &Value) -> Vec<String> {
    assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
    let results = payload["results"].as_array().expect("results");
    let row = |(at, row): (usize, &Value)| {
        assert_eq!(row["index"], at);
        let error = &row["userErrors"][0];
        if error.is_null() {
            return text(&row["member"]["status"]);
        }
        assert!(row["member"].is_null());
        if error["code"] != "ASSETS_REQUIRED" && error["code"] != "ASSETS_NOT_ALLOWED" {
            assert_eq!(error["field"], json!(["input", "memberIds", at.to_string()]), "{row:#}");
        }
        text(&error["code"])
    };
    results.iter().enumerate().map(row).collect()
}

/// Members who stand everywhere that a row can find them.
async fn everywhere(stage: &Stage, admin: &Seat) -> Vec<(Standing, String)> {
    let all = stage.crowd(&admin.workspace_id, OPERATOR, 5).await;
    let (invited, _) = stage.invite(admin, &format!("{}@guests.example", all[0]), OPERATOR, &[]).await;
    for (operation, member) in [("DEACTIVATE", &all[1]), ("BLOCK", &all[2]), ("REMOVE", &all[3])] {
        said(&bulk(stage, &admin.token, operation, &[member], json!({})).await);
    }
    let standing = |status| Standing { status: Some(status), ..Standing::default() };
    let blocked = Standing { under_block: Some(Underneath::Active), ..standing(MemberStatus::Blocked) };
    let standings = [standing(MemberStatus::Active), standing(MemberStatus::Deactivated), blocked];
    let more = [
        standing(MemberStatus::Removed),
        standing(MemberStatus::Active),
        standing(MemberStatus::InvitationSent),
    ];
    standings.into_iter().chain(more).zip(all.into_iter().chain([invited])).collect()
}

/// What the table says of it in bulk: the status afterwards, or the code.
fn decided(stage: &Stage, operation: Operation, standing: &Standing) -> String {
    let asking = Asking::new(Asker::Admin, Origin::Bulk);
    match decide(operation, standing, asking, &LifecyclePolicy::default(), stage.clock.now()) {
        Ok(rollcall::members::lifecycle::Outcome::Becomes(status)) => status.as_str().into(),
        Ok(_) => standing.status.expect("a member").as_str().into(),
        Err(LifecycleRefusal::BlockedRequiresAdmin) => "BLOCKED_REQUIRES_ADMIN".into(),
        Err(LifecycleRefusal::NotAllowedInStatus { .. }) => "NOT_ALLOWED_IN_STATUS".into(),
        Err(other) => panic!("{other:?}"),
    }
}

on_both_stages! {
    /// LIF-1: what a row comes to is what the table says of it, for every operation and from everywhere; a refused row
    /// stops nobody, an unknown id and a second row on the same member are refused alone (WSP-8).
    async fn every_row_is_decided_by_the_table_and_answered_in_order(stage) {
        let (admin, _) = office(stage, 0).await;
        let role = stage.role(&admin, "Workspace reviewer").await;
        for (word, operation, more) in [
            ("BLOCK", Operation::Block, json!({ "category": "SECURITY_CONCERN", "note": "all of them" })),
            ("UNBLOCK", Operation::Unblock, json!({})),
            ("DEACTIVATE", Operation::Deactivate, json!({ "category": "LEAVE_OR_PAUSE" })),
            ("REACTIVATE", Operation::Reactivate, json!({})),
            ("REMOVE", Operation::Remove, json!({ "note": "the office closes" })),
            ("SET_ROLE", Operation::SetRole, json!({ "roleId": role })),
            ("RESEND_INVITATION", Operation::Resend, json!({})),
        ] {
            let cast = everywhere(stage, &admin).await;
            let nobody = MemberId::new().to_string();
            let ids: Vec<&String> = cast.iter().map(|(_, id)| id).chain([&nobody, &cast[0].1]).collect();
            let payload = bulk(stage, &admin.token, word, &ids, more).await;
            let expected = cast.iter().map(|(standing, _)| decided(stage, operation, standing));
            let expected: Vec<String> = expected.chain(["NOT_FOUND".into(), "INVALID_INPUT".into()]).collect();
            assert_eq!(said(&payload), expected, "{word}");
            let given: Vec<String> = payload["results"].as_array().unwrap().iter().map(|row| text(&row["memberId"])).collect();
            assert_eq!(given.iter().collect::<Vec<_>>(), ids);
        }
    }

    /// WSP-6, WSP-7: whoever asks stays, whatever else goes; so does an admin.
    async fn nobody_puts_themselves_out_among_others(stage) {
        let (admin, members) = office(stage, 1).await;
        let others = stage.crowd(&admin.workspace_id, "Workspace admin", 2).await;
        for (operation, put) in [("BLOCK", "BLOCKED"), ("REMOVE", "REMOVED")] {
            let rows = [&others[usize::from(operation == "REMOVE")], &admin.member_id, &members[0]];
            let rows = if operation == "BLOCK" { &rows[..2] } else { &rows[..] };
            let wanted: Vec<&str> = [put, "NOT_YOURSELF", put].into_iter().take(rows.len()).collect();
            assert_eq!(said(&bulk(stage, &admin.token, operation, rows, json!({})).await), wanted);
        }
        let role = stage.role(&admin, OPERATOR).await;
        let demoted = bulk(stage, &admin.token, "SET_ROLE", &[&admin.member_id], json!({ "roleId": role })).await;
        assert_eq!(said(&demoted), ["NOT_YOURSELF"]);
    }

    /// BLK-7, BLK-10: no bulk call brings a blocked member back, were it on one alone; each try is on record, and a
    /// second one within the hour is counted, not told again.
    async fn bringing_blocked_members_back_in_bulk_is_refused_and_on_record(stage) {
        let (admin, members) = office(stage, 3).await;
        let rows: Vec<&String> = members.iter().collect();
        said(&bulk(stage, &admin.token, "BLOCK", &rows[..2], json!({})).await);
        let refused = bulk(stage, &admin.token, "REACTIVATE", &rows, json!({})).await;
        assert_eq!(said(&refused), ["BLOCKED_REQUIRES_ADMIN", "BLOCKED_REQUIRES_ADMIN", "NOT_ALLOWED_IN_STATUS"]);
        assert_eq!(refused["results"][0]["userErrors"][0]["__typename"], "BlockedRequiresAdmin");
        assert_eq!(said(&bulk(stage, &admin.token, "UNBLOCK", &rows[..1], json!({})).await), ["BLOCKED_REQUIRES_ADMIN"]);
        let types = stage.event_types(&admin.workspace_id).await;
        assert_eq!(types.iter().filter(|it| *it == "RefusedAttemptRecorded").count(), 2);
        let query = "query($id: ID!) { workspace { member(id: $id) { status refusedAttempts { origin action attempts } } } }";
        for (member, attempts, action) in [(rows[0], 2, "UNBLOCK"), (rows[1], 1, "REACTIVATE")] {
            let shown = stage.data(Some(&admin.token), query, json!({ "id": member })).await;
            let on_record = json!([{ "origin": "BULK", "action": action, "attempts": attempts }]);
            let expected = json!({ "status": "BLOCKED", "refusedAttempts": on_record });
            assert_eq!(shown["workspace"]["member"], expected);
        }
        stage.done(Some(&admin.token), UNBLOCK, json!({ "memberId": rows[0] })).await;
    }

    /// BLK-8: a mark that a removal under a block left stands against an invitation that is resent in bulk.
    async fn the_mark_of_a_block_stands_against_resending_in_bulk(stage) {
        let ada = stage.person("Ada").await;
        let admin = stage.workspace(&ada, "WALLET").await;
        let mallory = stage.person("Mallory").await;
        let seat = stage.join(&admin, &mallory, OPERATOR, &[]).await;
        stage.done(Some(&admin.token), BLOCK, json!({ "memberId": seat.member_id })).await;
        stage.remove(&admin, &seat).await;
        stage.invite(&admin, "mallory@example.com", OPERATOR, &[]).await;
        stage.advance_hours(73);
        let admin = stage.take_seat(&ada, &admin.workspace_id).await;
        let resent = bulk(stage, &admin.token, "RESEND_INVITATION", &[&seat.member_id], json!({})).await;
        assert_eq!(said(&resent), ["BLOCKED_REQUIRES_ADMIN"]);
        let withdrawn = bulk(stage, &admin.token, "WITHDRAW_INVITATION", &[&seat.member_id], json!({})).await;
        assert_eq!(said(&withdrawn), ["REMOVED"]);
    }

    /// INV-3, INV-4: open invitations are sent again and taken back by the dozen, each with its own event.
    async fn invitations_are_sent_again_and_taken_back(stage) {
        let (admin, members) = office(stage, 1).await;
        let mut invited = Vec::new();
        for number in 0..3 {
            invited.push(stage.invite(&admin, &format!("guest{number}@example.com"), OPERATOR, &[]).await);
        }
        stage.advance_hours(73);
        let rows: Vec<&String> = invited.iter().map(|(member, _)| member).chain([&members[0]]).collect();
        let resent = bulk(stage, &admin.token, "RESEND_INVITATION", &rows, json!({})).await;
        assert_eq!(said(&resent), ["INVITATION_SENT", "INVITATION_SENT", "INVITATION_SENT", "NOT_ALLOWED_IN_STATUS"]);
        assert_eq!(resent["results"][1]["invitation"], json!({ "id": invited[1].1, "status": "SENT" }));
        // The first one never left: the newer sending has overtaken it.
        assert_eq!(stage.mails("guest2@example.com").await.len(), 1);
        let grace = stage.person("Guest2").await;
        stage.done(Some(&grace.token), ACCEPT, json!({ "invitationId": received(&invited[2].1) })).await;
        let withdrawn = bulk(stage, &admin.token, "WITHDRAW_INVITATION", &rows[..3], json!({})).await;
        let results = &withdrawn["results"];
        assert_eq!(results[0]["invitation"]["status"], "WITHDRAWN");
        assert_eq!((&results[0]["member"], &results[0]["userErrors"]), (&Value::Null, &json!([])));
        assert_eq!(results[2]["userErrors"][0]["status"], "ACTIVE");
        let types = stage.event_types(&admin.workspace_id).await;
        for (kind, count) in [("InvitationExpired", 3), ("InvitationResent", 3), ("InvitationWithdrawn", 2)] {
            assert_eq!(types.iter().filter(|it| *it == kind).count(), count, "{kind}");
        }
    }

    /// REM-2: one decision for all that the removed own; who is to get it doesn't go, and where the undecided would be
    /// lost, the rows of owners are refused.
    async fn what_the_removed_own_goes_where_the_call_says(stage) {
        let (admin, members) = office(stage, 4).await;
        let mut assets = Vec::new();
        for (name, owner) in [("One", &members[0]), ("Two", &members[1]), ("Three", &members[2])] {
            assets.push(stage.asset(&admin, name).await);
            let [asset, owner] = [("assets", &assets[assets.len() - 1]), ("members", owner)].map(|(_, id)| {
                let (_, id) = rollcall::primitives::ids::split(id).expect("an id");
                stage.id(id)
            });
            stage.execute(&format!("UPDATE assets SET owner_member_id = {owner} WHERE id = {asset}")).await;
        }
        let rows: Vec<&String> = members.iter().collect();
        stage.execute(r#"UPDATE workspaces SET policy = '{"undecided_assets":"LOST"}'"#).await;
        let refused = bulk(stage, &admin.token, "REMOVE", &[rows[0], rows[3]], json!({})).await;
        assert_eq!(said(&refused), ["ASSETS_NEED_DECISION", "REMOVED"]);
        assert_eq!(refused["results"][0]["userErrors"][0]["totalCount"], 1);
        let to_heir = json!({ "assets": { "everything": { "to": "MEMBER", "memberId": rows[2] } } });
        let removed = bulk(stage, &admin.token, "REMOVE", &rows[..3], to_heir).await;
        assert_eq!(removed["results"][0]["member"]["status"], "REMOVED");
        assert_eq!(removed["results"][1]["member"]["status"], "REMOVED");
        let field = &removed["results"][2]["userErrors"][0]["field"];
        assert_eq!(*field, json!(["input", "assets", "everything", "memberId"]));
        let query = "query($id: ID!) { workspace { member(id: $id) { ownedAssets(first: 9) { nodes { name } } } } }";
        let owned = stage.data(Some(&admin.token), query, json!({ "id": rows[2] })).await;
        let names = json!([{ "name": "One" }, { "name": "Three" }, { "name": "Two" }]);
        assert_eq!(owned["workspace"]["member"]["ownedAssets"]["nodes"], names);
        let gone = json!({ "assets": { "everything": { "to": "PERSON" } } });
        assert_eq!(said(&bulk(stage, &admin.token, "REMOVE", &[rows[2]], gone).await), ["REMOVED"]);
        let held = stage.sql("SELECT id FROM assets WHERE held_by_account_id IS NOT NULL AND owner_member_id IS NULL").await;
        assert_eq!(held.len(), 3);
        let types = stage.event_types(&admin.workspace_id).await;
        assert_eq!(types.iter().filter(|it| *it == "AssetsReassigned").count(), 3);
    }

    /// WSP-2: roles and assignments for many at once, each held against what the member has.
    async fn roles_and_assignments_are_set_for_many(stage) {
        let (admin, members) = office(stage, 2).await;
        let asset = stage.asset(&admin, "One").await;
        let rows: Vec<&String> = members.iter().collect();
        let assignments = json!([{ "assetId": asset }]);
        let refused = bulk(stage, &admin.token, "SET_ASSIGNMENTS", &rows, json!({ "assignments": assignments })).await;
        assert_eq!(said(&refused), ["ASSETS_NOT_ALLOWED"; 2]);
        let developer = stage.role(&admin, DEVELOPER).await;
        assert_eq!(said(&bulk(stage, &admin.token, "SET_ROLE", &rows, json!({ "roleId": developer })).await), ["ASSETS_REQUIRED"; 2]);
        let given = json!({ "roleId": developer, "assignments": assignments });
        let set = bulk(stage, &admin.token, "SET_ROLE", &rows, given).await;
        assert_eq!(said(&set), ["ACTIVE"; 2]);
        for row in set["results"].as_array().unwrap() {
            assert_eq!((&row["member"]["role"]["name"], &row["member"]["assignments"]), (&json!(DEVELOPER), &json!([{ "assetId": asset }])));
        }
        let two = stage.asset(&admin, "Two").await;
        let wanted = json!({ "assignments": [{ "assetId": two }, { "assetId": asset }] });
        let set = bulk(stage, &admin.token, "SET_ASSIGNMENTS", &rows, wanted).await;
        assert_eq!(set["results"][1]["member"]["assignments"].as_array().unwrap().len(), 2);
        let unknown = json!({ "assignments": [{ "assetId": rollcall::primitives::ids::AssetId::new().to_string() }] });
        let unknown = bulk(stage, &admin.token, "SET_ASSIGNMENTS", &rows[..1], unknown).await;
        assert_eq!(unknown["results"][0]["userErrors"][0]["field"], json!(["input", "assignments", "0", "assetId"]));
    }

    /// API-1, API-3: a key's bulk call is automation, and it never gives the admin role.
    async fn a_keys_bulk_call_is_automation(stage) {
        use rollcall::platform::journal::{StreamId, read_after};
        use rollcall::primitives::ids::WorkspaceId;
        let (admin, members) = office(stage, 2).await;
        let key = stage.api_key(&admin).await;
        let rows: Vec<&String> = members.iter().collect();
        let role = stage.role(&admin, "Workspace admin").await;
        let refused = bulk(stage, &key, "SET_ROLE", &rows, json!({ "roleId": role })).await;
        assert_eq!(refused["userErrors"][0]["code"], "ADMIN_ROLE_BY_KEY");
        said(&bulk(stage, &key, "BLOCK", &rows[..1], json!({})).await);
        said(&bulk(stage, &admin.token, "BLOCK", &rows[1..], json!({})).await);
        assert_eq!(said(&bulk(stage, &key, "UNBLOCK", &rows[..1], json!({})).await), ["BLOCKED_REQUIRES_ADMIN"]);
        let stream = StreamId::Workspace(WorkspaceId::parse(&admin.workspace_id).unwrap());
        let events = read_after(stage.here().app.gate.database().reader(), stream, 0, 100).await.unwrap();
        let origins: Vec<_> = events.iter().rev().take(3).map(|event| event.origin).collect();
        assert_eq!(origins, [Origin::Automation, Origin::Bulk, Origin::Automation].map(Some));
    }

    /// What is wrong with the call as a whole names its field and changes nothing.
    async fn a_bad_call_changes_nothing(stage) {
        let (admin, members) = office(stage, 1).await;
        let before = stage.event_types(&admin.workspace_id).await;
        let one = [&members[0]];
        let crowd: Vec<&String> = std::iter::repeat_n(&members[0], 501).collect();
        let nobody = MemberId::new().to_string();
        for (operation, rows, more, field) in [
            ("BLOCK", &[][..], json!({}), "memberIds"),
            ("BLOCK", &crowd[..], json!({}), "memberIds"),
            ("BLOCK", &one[..], json!({ "note": "x".repeat(2001) }), "note"),
            ("BLOCK", &one[..], json!({ "roleId": stage.role(&admin, OPERATOR).await }), "roleId"),
            ("REACTIVATE", &one[..], json!({ "category": "OTHER" }), "category"),
            ("SET_ROLE", &one[..], json!({}), "roleId"),
            ("SET_ROLE", &one[..], json!({ "roleId": rollcall::primitives::ids::RoleId::new().to_string() }), "roleId"),
            ("SET_ASSIGNMENTS", &one[..], json!({}), "assignments"),
            ("REMOVE", &one[..], json!({ "assets": { "everything": { "to": "MEMBER", "memberId": nobody } } }), "assets"),
        ] {
            let refused = bulk(stage, &admin.token, operation, rows, more).await;
            assert_eq!(refused["results"], json!([]));
            assert_eq!(refused["userErrors"][0]["field"][1], field, "{operation}: {refused:#}");
        }
        let malformed = json!({ "input": { "operation": "BLOCK", "memberIds": [members[0], "role_1"] } });
        assert_eq!(stage.failed(Some(&admin.token), BULK, malformed).await["code"], "BAD_USER_INPUT");
        assert_eq!(stage.event_types(&admin.workspace_id).await, before);
    }
}
