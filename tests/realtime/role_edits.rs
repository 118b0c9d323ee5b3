//! An edit of a role reaches the running sessions and subscriptions of all who hold it, at its place in the log (REV-1).

use serde_json::{Value, json};

use super::company::{Company, SESSION_EVENTS};
use crate::on_both_stages;
use crate::support::people::{mutation, text};
use crate::support::socket::Socket;

const EVENTS: &str = "subscription($after: EventCursor) { workspaceEvents(after: $after) { __typename eventCursor \
    ... on RoleCreated { role { id name } assetScope permissions } \
    ... on RoleUpdated { role { name } permissions previousPermissions previousName } \
    ... on RoleDeleted { roleId successorId memberCount } } }";

async fn create(company: &Company<'_>, permissions: Value) -> String {
    let input = json!({ "name": "Editor", "assetScope": "ALL", "permissions": permissions });
    let create = mutation("createRole", "role { id }");
    text(&company.stage.done(Some(&company.admin.token), &create, input).await["role"]["id"])
}

/// The next of the session's own events, and how many of the workspace's came before it.
async fn until_session(socket: &mut Socket) -> (Value, usize) {
    let mut before = 0;
    loop {
        let message = socket.message().await;
        if message["id"] == "session" {
            return (message["payload"]["data"]["sessionEvents"].clone(), before);
        }
        before += 1;
    }
}

on_both_stages! {
    /// REV-1, EVT-8: holders are told their new rights before the event itself; others are told nothing but the event.
    async fn rev_1_a_role_edit_reaches_every_holder_on_every_server(stage) {
        let company = Company::found(stage).await;
        let role = create(&company, json!(["app:report.publish"])).await;
        company.set_role(&company.member, "Editor").await;
        let carol = company.hire("Carol").await;
        let mut holder = Socket::open(stage.elsewhere(), &company.member.token).await;
        let mut other = Socket::open(stage.elsewhere(), &carol.token).await;
        for socket in [&mut holder, &mut other] {
            socket.listen("session", SESSION_EVENTS, json!({})).await;
            socket.listen("workspace", EVENTS, json!({})).await;
        }
        let update = mutation("updateRole", "eventCursor");
        let input = json!({ "roleId": role, "name": "Writer", "permissions": ["MANAGE_ASSETS"] });
        stage.done(Some(&company.admin.token), &update, input).await;
        let (told, before) = until_session(&mut holder).await;
        assert_eq!((told["__typename"].as_str(), before), (Some("SessionRightsChanged"), 0));
        let words = told["permissions"].as_array().expect("words").clone();
        assert!(words.contains(&json!("MANAGE_ASSETS")) && !words.contains(&json!("app:report.publish")), "{words:?}");
        let wanted = json!({
            "role": { "name": "Writer" }, "permissions": ["MANAGE_ASSETS"],
            "previousPermissions": ["app:report.publish"], "previousName": "Editor",
        });
        for socket in [&mut holder, &mut other] {
            let mut shown = socket.next("workspace").await["workspaceEvents"].clone();
            shown.as_object_mut().expect("an event").retain(|name, _| wanted.get(name).is_some());
            assert_eq!(shown, wanted);
        }
    }

    /// REV-1: whoever held a role that goes has the rights of its successor, and hears on what comes after.
    async fn rev_1_a_deletion_gives_every_holder_the_rights_of_the_successor(stage) {
        let company = Company::found(stage).await;
        let role = create(&company, json!(["app:report.publish"])).await;
        company.set_role(&company.member, "Editor").await;
        let mut holder = Socket::open(stage.elsewhere(), &company.member.token).await;
        holder.listen("session", SESSION_EVENTS, json!({})).await;
        holder.listen("workspace", EVENTS, json!({})).await;
        let query = "{ workspace { roles(first: 20) { nodes { id name } } } }";
        let roles = stage.data(Some(&company.admin.token), query, json!({})).await;
        let roles = roles["workspace"]["roles"]["nodes"].as_array().expect("roles").clone();
        let successor = roles.iter().find(|role| role["name"] == "Member").expect("a role")["id"].clone();
        let input = json!({ "roleId": role, "successorId": successor });
        stage.done(Some(&company.admin.token), &mutation("deleteRole", ""), input).await;
        let (told, before) = until_session(&mut holder).await;
        assert_eq!(before, 0);
        assert!(!told["permissions"].as_array().expect("words").contains(&json!("app:report.publish")));
        let deleted = holder.next("workspace").await["workspaceEvents"].clone();
        assert_eq!((&deleted["roleId"], &deleted["successorId"]), (&json!(role), &successor));
        assert_eq!(deleted["memberCount"], Value::Null, "how many hold a role is for admins");
        // The successor's later edits concern them: a second role takes over, and is edited.
        let second = json!({ "name": "Second", "assetScope": "ALL" });
        let second = stage.done(Some(&company.admin.token), &mutation("createRole", "role { id }"), second).await;
        company.set_role(&company.member, "Second").await;
        let (told, _) = until_session(&mut holder).await;
        assert_eq!(told["__typename"], "SessionRightsChanged");
        let input = json!({ "roleId": second["role"]["id"], "permissions": ["app:x"] });
        stage.done(Some(&company.admin.token), &mutation("updateRole", ""), input).await;
        let (told, _) = until_session(&mut holder).await;
        assert!(told["permissions"].as_array().expect("words").contains(&json!("app:x")));
    }
}
