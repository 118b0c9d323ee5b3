//! The sample data of `serve --demo`: people, a workspace of each kind, assets, seats with a limit and a price, an
//! open invitation, a block, a bulk change, a removal, somebody deleted for ever; all made by the public API, as a
//! frontend would.
//!
//! Never touches a database that somebody already uses.

use std::collections::HashMap;

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::start::App;
use crate::platform::mail;
use crate::primitives::email::Email;

/// What everybody in the sample data signs in with.
const PASSWORD: &str = "correct horse battery staple";
const ADMIN: &str = "ada@example.com";
/// Has an account, and was deleted for ever from the wallet.
const FORMER: &str = "frances@example.com";
const PEOPLE: [(&str, &str); 8] = [
    ("Ada Lovelace", ADMIN),
    ("Grace Hopper", "grace@example.com"),
    ("Linus Operator", "linus@example.com"),
    ("Mallory Blocked", "mallory@example.com"),
    ("Edith Editor", "edith@example.com"),
    ("Rosa Resting", "rosa@example.com"),
    ("Remy Removed", "remy@example.com"),
    ("Frances Former", FORMER),
];

/// How to sign in to the sample data.
pub(super) struct Demo {
    wallet: String,
}

type Made<T> = Result<T, String>;

/// Fills an empty database, or finds the sample data that was made before.
pub(super) async fn fill(app: &App) -> Made<Demo> {
    if let Ok(token) = sign_in(app, ADMIN).await {
        let wallet = find_wallet(app, &token).await?;
        return Ok(Demo { wallet });
    }
    if is_used(app).await? {
        return Err("the database is in use; name an empty one, such as sqlite://demo.db?mode=rwc".into());
    }
    for (name, email) in PEOPLE {
        sign_up(app, name, email).await?;
    }
    let ada = sign_in(app, ADMIN).await?;
    let wallet = fill_wallet(app, &ada).await?;
    fill_merchant(app, &ada).await?;
    fill_team(app).await?;
    app.run_jobs().await.map_err(|error| error.to_string())?;
    Ok(Demo { wallet })
}

/// The sample people have a password that everybody knows: they never come among real ones.
async fn is_used(app: &App) -> Made<bool> {
    let database = app.gate.database();
    let account = database.statement("SELECT id FROM accounts LIMIT 1", []);
    let found = database.reader().query_one_raw(account).await;
    found.map(|row| row.is_some()).map_err(|error| error.to_string())
}

/// What the newcomer reads.
pub(super) fn greeting(demo: &Demo, public_url: &str) -> String {
    let wallet = &demo.wallet;
    format!(
        r#"
The sample data is there. Open {public_url}/graphiql and paste, one after the other:

  1. Sign in, and put the token into the field for the token:

     mutation {{ signIn(input: {{ email: "{ADMIN}", password: "{PASSWORD}" }}) {{ token userErrors {{ message }} }} }}

  2. Enter the wallet's workspace, and put that token into the field instead:

     mutation {{ enterWorkspace(input: {{ workspaceId: "{wallet}" }}) {{ token userErrors {{ message }} }} }}

  3. See who is in, and what may be done with each:

     {{ workspace {{ name members(first: 20) {{ nodes {{ id name email status role {{ name }}
       availableActions {{ action allowed refusal {{ message }} }} }} }} }} }}

  4. See what its seats cost, and have cost:

     {{ workspace {{ seats {{ limit used reserved free }} billing {{ plan {{ price {{ amount currency period }} nextRenewalAt }}
       ledger(first: 10) {{ nodes {{ number kind member {{ name }} amount {{ amount currency }} days wholeDays }} }} }} }} }}

  5. Read the audit trail:

     {{ workspace {{ events(first: 10) {{ nodes {{ type occurredAt origin actor {{ kind }} member {{ name }}
       changes {{ what from to }} }} }} }} }}

Everybody signs in with the same password: {people}.
Mails lie in the local mailbox: `rollcall mailbox` shows them, links included.
"#,
        people = PEOPLE.map(|(_, email)| email).join(", "),
    )
}

async fn fill_wallet(app: &App, ada: &str) -> Made<String> {
    let wallet = create_workspace(app, ada, "Acme Wallet", "WALLET").await?;
    let admin = enter(app, ada, &wallet).await?;
    price_seats(app, &admin).await?;
    let mut assets = Vec::new();
    for (kind, name, external_id) in
        [("MINI_PROGRAM", "Bill splitter", "mp-1001"), ("MINI_PROGRAM", "Parking", "mp-1002")]
    {
        assets.push(register_asset(app, &admin, (kind, name, external_id)).await?);
    }
    let roles = roles(app, &admin).await?;
    let role = |name: &str| roles.get(name).cloned().ok_or_else(|| format!("no role {name}"));
    join(app, &admin, "grace@example.com", &role("Workspace developer")?, &assets[..1]).await?;
    join(app, &admin, "linus@example.com", &role("Workspace operator")?, &[]).await?;
    let mallory = join(app, &admin, "mallory@example.com", &role("Workspace reviewer")?, &[]).await?;
    let review = app.gate.clock().now().plus_hours(24 * 14).to_rfc3339();
    let input = json!({
        "memberId": mallory, "category": "SECURITY_CONCERN", "note": "A laptop was stolen.", "reviewAt": review,
    });
    done(
        app,
        Some(&admin),
        "mutation($input: BlockMemberInput!) { blockMember(input: $input) { userErrors { message } } }",
        input,
    )
    .await?;
    let rosa = join(app, &admin, "rosa@example.com", &role("Workspace operator")?, &[]).await?;
    let remy = join(app, &admin, "remy@example.com", &role("Workspace operator")?, &[]).await?;
    let input = json!({ "memberId": remy, "category": "OFFBOARDING", "note": "Last day was Friday." });
    done(
        app,
        Some(&admin),
        "mutation($input: RemoveMemberInput!) { removeMember(input: $input) { userErrors { message } } }",
        input,
    )
    .await?;
    let frances = join(app, &admin, FORMER, &role("Workspace operator")?, &[]).await?;
    rest_and_forget(app, &admin, (&rosa, &frances)).await?;
    invite(app, &admin, "barbara@example.com", &role("Workspace operator")?, &[]).await?;
    fill_settings(app, &admin, &assets[1]).await?;
    Ok(wallet)
}

/// Two at once are put to rest, and then one of them is deleted for ever: the log keeps both with their ids alone.
async fn rest_and_forget(app: &App, admin: &str, (resting, former): (&str, &str)) -> Made<()> {
    let query = "mutation($input: BulkUpdateMembersInput!) { bulkUpdateMembers(input: $input) { \
                 results { userErrors { message } } userErrors { message } } }";
    let input = json!({
        "operation": "DEACTIVATE", "memberIds": [resting, former], "category": "LEAVE_OR_PAUSE",
        "note": "Back in spring.",
    });
    done(app, Some(admin), query, input).await?;
    let query = "mutation($input: DeleteMemberForeverInput!) { deleteMemberForever(input: $input) { userErrors { message } } }";
    done(app, Some(admin), query, json!({ "memberId": former, "email": FORMER })).await?;
    Ok(())
}

/// A limit, and a price that everybody who joins is charged for.
async fn price_seats(app: &App, admin: &str) -> Made<()> {
    let query =
        "mutation($input: UpdateSeatPlanInput!) { updateSeatPlan(input: $input) { userErrors { message } } }";
    let price = json!({ "amount": 1250, "currency": "EUR", "period": "MONTH" });
    done(app, Some(admin), query, json!({ "limit": 10, "price": price })).await?;
    Ok(())
}

/// A contact, a policy of its own, a role of its own, an asset that is shared and one that is archived.
async fn fill_settings(app: &App, admin: &str, parking: &str) -> Made<()> {
    let changed = async |mutation: &str, input: Value| {
        let capital = format!("{}{}", mutation[..1].to_uppercase(), &mutation[1..]);
        let query = format!(
            "mutation($input: {capital}Input!) {{ {mutation}(input: $input) {{ userErrors {{ message }} }} }}"
        );
        done(app, Some(admin), &query, input).await
    };
    let contact = json!({ "contactText": "Acme's help desk", "contactEmail": "help@example.com" });
    changed("updateWorkspace", contact).await?;
    changed("updatePolicy", json!({ "rejoinDeactivated": true, "invitationTtlHours": 168 })).await?;
    let permissions = json!(["MANAGE_ASSETS", "app:report.publish"]);
    let role = json!({ "name": "Report editor", "assetScope": "ALL", "permissions": permissions });
    changed("createRole", role).await?;
    let roles = roles(app, admin).await?;
    let editor = roles.get("Report editor").ok_or("no role Report editor")?;
    let edith = join(app, admin, "edith@example.com", editor, &[]).await?;
    let share = json!({ "assetId": parking, "withMemberIds": [edith], "withChannels": ["#street"] });
    changed("shareAsset", share).await?;
    let old = register_asset(app, admin, ("MINI_PROGRAM", "Fax", "mp-0001")).await?;
    changed("archiveAsset", json!({ "assetId": old })).await?;
    Ok(())
}

async fn fill_merchant(app: &App, ada: &str) -> Made<()> {
    let merchant = create_workspace(app, ada, "Corner Shop", "MERCHANT").await?;
    let admin = enter(app, ada, &merchant).await?;
    let asset = register_asset(app, &admin, ("CHECKOUT", "Till", "till-1")).await?;
    let roles = roles(app, &admin).await?;
    let developer = roles.get("Developer").ok_or("no role Developer")?;
    join(app, &admin, "linus@example.com", developer, &[asset]).await?;
    Ok(())
}

/// Grace's own: Ada is a member without being an admin there.
async fn fill_team(app: &App) -> Made<()> {
    let grace = sign_in(app, "grace@example.com").await?;
    let team = create_workspace(app, &grace, "Paper Cranes", "TEAM").await?;
    let admin = enter(app, &grace, &team).await?;
    let roles = roles(app, &admin).await?;
    let member = roles.get("Member").ok_or("no role Member")?;
    join(app, &admin, ADMIN, member, &[]).await?;
    Ok(())
}

/// Sends a mutation and gives its payload; a user error is a failure.
async fn done(app: &App, token: Option<&str>, query: &str, input: Value) -> Made<Value> {
    let answer = app.call(token, query, json!({ "input": input })).await;
    let payload = answer["data"].as_object().and_then(|data| data.values().next()).cloned();
    match payload {
        Some(payload) if payload["userErrors"].as_array().is_some_and(Vec::is_empty) => Ok(payload),
        _ => Err(answer.to_string()),
    }
}

fn text(value: &Value) -> Made<String> {
    value.as_str().map(str::to_owned).ok_or_else(|| format!("expected a text, got {value}"))
}

async fn sign_up(app: &App, name: &str, email: &str) -> Made<()> {
    let input = json!({ "name": name, "email": email, "password": PASSWORD });
    done(
        app,
        None,
        "mutation($input: SignUpInput!) { signUp(input: $input) { userErrors { message } } }",
        input,
    )
    .await?;
    app.run_jobs().await.map_err(|error| error.to_string())?;
    let key = Email::parse(email).map_err(|error| error.to_string())?;
    let letters = mail::list(app.gate.database().reader(), Some(key.key())).await;
    let letters = letters.map_err(|error| error.to_string())?;
    let token =
        letters.iter().find_map(|letter| letter.body.split("token=").nth(1)?.split_whitespace().next());
    let input = json!({ "token": token.ok_or("no link was mailed")?, "password": PASSWORD });
    let verify =
        "mutation($input: VerifyEmailInput!) { verifyEmail(input: $input) { userErrors { message } } }";
    done(app, None, verify, input).await?;
    Ok(())
}

async fn sign_in(app: &App, email: &str) -> Made<String> {
    let query = "mutation($input: SignInInput!) { signIn(input: $input) { token userErrors { message } } }";
    text(&done(app, None, query, json!({ "email": email, "password": PASSWORD })).await?["token"])
}

async fn create_workspace(app: &App, token: &str, name: &str, kind: &str) -> Made<String> {
    let query = "mutation($input: CreateWorkspaceInput!) { createWorkspace(input: $input) { \
                 membership { workspaceId } userErrors { message } } }";
    let created = done(app, Some(token), query, json!({ "name": name, "kind": kind })).await?;
    text(&created["membership"]["workspaceId"])
}

async fn enter(app: &App, token: &str, workspace: &str) -> Made<String> {
    let query = "mutation($input: EnterWorkspaceInput!) { enterWorkspace(input: $input) { token userErrors { message } } }";
    text(&done(app, Some(token), query, json!({ "workspaceId": workspace })).await?["token"])
}

async fn find_wallet(app: &App, token: &str) -> Made<String> {
    let query = "{ viewer { memberships(first: 50) { nodes { workspaceId workspaceKind } } } }";
    let answer = app.call(Some(token), query, json!({})).await;
    let memberships =
        answer["data"]["viewer"]["memberships"]["nodes"].as_array().cloned().unwrap_or_default();
    let wallet = memberships.iter().find(|it| it["workspaceKind"] == "WALLET");
    text(&wallet.ok_or("the database is in use; start on an empty one")?["workspaceId"])
}

async fn roles(app: &App, admin: &str) -> Made<HashMap<String, String>> {
    let answer =
        app.call(Some(admin), "{ workspace { roles(first: 50) { nodes { id name } } } }", json!({})).await;
    let roles = answer["data"]["workspace"]["roles"]["nodes"].as_array().cloned().unwrap_or_default();
    roles.iter().map(|role| Ok((text(&role["name"])?, text(&role["id"])?))).collect()
}

async fn register_asset(
    app: &App,
    admin: &str,
    (kind, name, external_id): (&str, &str, &str),
) -> Made<String> {
    let query = "mutation($input: RegisterAssetInput!) { registerAsset(input: $input) { asset { id } userErrors { message } } }";
    let input = json!({ "kind": kind, "name": name, "externalId": external_id });
    text(&done(app, Some(admin), query, input).await?["asset"]["id"])
}

async fn invite(app: &App, admin: &str, email: &str, role: &str, assets: &[String]) -> Made<Value> {
    let query = "mutation($input: InviteMembersInput!) { inviteMembers(input: $input) { results { member { id } \
                 invitation { id } userErrors { message } } userErrors { message } } }";
    let input = json!({ "members": [{ "email": email, "roleId": role, "assetIds": assets }] });
    Ok(done(app, Some(admin), query, input).await?["results"][0].clone())
}

/// Somebody with an account is invited and accepts; gives their member id.
async fn join(app: &App, admin: &str, email: &str, role: &str, assets: &[String]) -> Made<String> {
    let invited = invite(app, admin, email, role, assets).await?;
    let person = sign_in(app, email).await?;
    let query = "mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { userErrors { message } } }";
    // The invited person sees the invitation under an id of its own, for their normalised cache.
    let id = format!("received_{}", text(&invited["invitation"]["id"])?);
    done(app, Some(&person), query, json!({ "invitationId": id })).await?;
    text(&invited["member"]["id"])
}
