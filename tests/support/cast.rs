//! People and workspaces for tests, made through the public API alone.

use serde_json::{Value, json};

use super::app::{Server, Stage};

pub const PASSWORD: &str = "four words that rhyme";

/// Somebody with a verified account, signed in.
#[derive(Clone, Debug)]
pub struct Person {
    pub name: String,
    pub email: String,
    /// Bearer token of the account session.
    pub token: String,
}

/// Somebody in a workspace.
#[derive(Clone, Debug)]
pub struct Seat {
    pub person: Person,
    /// Bearer token of the workspace session.
    pub token: String,
    pub workspace_id: String,
    pub member_id: String,
}

pub const SIGN_UP: &str =
    "mutation($input: SignUpInput!) { signUp(input: $input) { userErrors { code message field } } }";
pub const VERIFY_EMAIL: &str = "mutation($input: VerifyEmailInput!) { verifyEmail(input: $input) { account { id } userErrors { code message field } } }";
pub const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) { token account { id } session { id } \
                           userErrors { code message field } } }";
pub const CREATE_WORKSPACE: &str = "mutation($input: CreateWorkspaceInput!) { createWorkspace(input: $input) { membership { workspaceId } \
     userErrors { code message field } eventCursor } }";
pub const ENTER: &str = "mutation($input: EnterWorkspaceInput!) { enterWorkspace(input: $input) { token \
     workspaceSession { id } userErrors { __typename code message field \
     ... on MembershipBlocked { contact { text email } } ... on MembershipDeactivated { contact { text email } } } } }";
pub const INVITE: &str = "mutation($input: InviteMembersInput!) { inviteMembers(input: $input) { results { index email member { id status } \
     invitation { id } userErrors { code message field } } userErrors { code message field } eventCursor } }";
pub const ACCEPT: &str = "mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { membership { id } token \
     userErrors { code message field } } }";
pub const BLOCK: &str = "mutation($input: BlockMemberInput!) { blockMember(input: $input) { member { id status displayStatus revision \
     block { category note by { kind id } } role { id name } assignments { assetId role } } eventCursor userErrors { __typename code message field \
     ... on NotAllowedInStatus { status allowedActions } } } }";
pub const UNBLOCK: &str = "mutation($input: UnblockMemberInput!) { unblockMember(input: $input) { member { id status displayStatus revision \
     role { id name } assignments { assetId role } } eventCursor userErrors { __typename code message field \
     ... on BlockedRequiresAdmin { blockedAt } ... on NotAllowedInStatus { status allowedActions } } } }";
pub const DEACTIVATE: &str = "mutation($input: DeactivateMemberInput!) { deactivateMember(input: $input) { member { id status displayStatus revision \
     deactivation { category note by { kind id } } block { category } role { id name } assignments { assetId role } } eventCursor \
     userErrors { __typename code message field ... on NotAllowedInStatus { status allowedActions } } } }";
pub const REACTIVATE: &str = "mutation($input: ReactivateMemberInput!) { reactivateMember(input: $input) { member { id status displayStatus revision \
     deactivation { category } role { id name } assignments { assetId role } } eventCursor userErrors { __typename code message field \
     ... on BlockedRequiresAdmin { blockedAt } ... on NotAllowedInStatus { status allowedActions } } } }";
pub const REMOVE: &str = "mutation($input: RemoveMemberInput!) { removeMember(input: $input) { member { id status displayStatus revision \
     removal { category note by { kind id } reinviteAllowedAt whileBlocked } } eventCursor userErrors { __typename code message field \
     ... on NotAllowedInStatus { status allowedActions } ... on AssetsNeedDecision { totalCount assets { assetId name } } } } }";
pub const BULK: &str = "mutation($input: BulkUpdateMembersInput!) { bulkUpdateMembers(input: $input) { results { index memberId \
     member { id status role { name } assignments { assetId } } invitation { id status } userErrors { __typename code message field \
     ... on NotAllowedInStatus { status allowedActions } ... on AssetsNeedDecision { totalCount } } } eventCursor \
     userErrors { code message field } } }";
pub const LEAVE: &str = "mutation($input: LeaveWorkspaceInput!) { leaveWorkspace(input: $input) { leftMembershipId clientMutationId \
     eventCursor userErrors { __typename code message field } } }";
pub const REJOIN: &str = "mutation($input: RejoinWorkspaceInput!) { rejoinWorkspace(input: $input) { membership { id status } eventCursor \
     userErrors { __typename code message field ... on NotAllowedInStatus { status } } } }";
pub const SET_ROLE: &str = "mutation($input: SetMemberRoleInput!) { setMemberRole(input: $input) { member { id role { id name isAdmin } \
     assignments { assetId role } } eventCursor userErrors { __typename code message field } } }";
pub const SET_ASSIGNMENTS: &str = "mutation($input: SetMemberAssignmentsInput!) { setMemberAssignments(input: $input) { member { id \
     assignments { assetId role } } eventCursor userErrors { __typename code message field } } }";
pub const UPDATE_SEAT_PLAN: &str = "mutation($input: UpdateSeatPlanInput!) { updateSeatPlan(input: $input) { plan { limit revision } eventCursor \
     userErrors { __typename code message field ... on SeatLimitReached { limit used reserved } } } }";
pub const REGISTER_ASSET: &str = "mutation($input: RegisterAssetInput!) { registerAsset(input: $input) { asset { id } userErrors { code message field } } }";
pub const CREATE_API_KEY: &str = "mutation($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret apiKey { id } \
     userErrors { code message field } } }";

impl Stage {
    /// Signs somebody up, opens the mailed link and signs them in.
    pub async fn person(&self, name: &str) -> Person {
        let email = format!("{}@example.com", name.to_lowercase().replace(' ', "."));
        let input = json!({ "email": email, "name": name, "password": PASSWORD });
        self.done(None, SIGN_UP, input).await;
        let token = self.mailed_token(&email).await;
        self.done(None, VERIFY_EMAIL, json!({ "token": token, "password": PASSWORD })).await;
        self.sign_in_as(name, &email).await
    }

    pub async fn sign_in_as(&self, name: &str, email: &str) -> Person {
        let signed_in = self.done(None, SIGN_IN, json!({ "email": email, "password": PASSWORD })).await;
        Person { name: name.into(), email: email.into(), token: text(&signed_in["token"]) }
    }

    /// Changes somebody's address by the mailed link, with the jobs that follow; they are signed in by the new one.
    pub async fn move_to(&self, person: &Person, email: &str) -> Person {
        let change = "mutation($input: ChangeEmailInput!) { changeEmail(input: $input) { userErrors { code message field } } }";
        self.done(Some(&person.token), change, json!({ "email": email, "password": PASSWORD })).await;
        let link = self.mailed_token(email).await;
        self.done(Some(&person.token), VERIFY_EMAIL, json!({ "token": link, "password": PASSWORD })).await;
        self.run_jobs().await;
        self.sign_in_as(&person.name, email).await
    }

    /// Creates a workspace of a kind and enters it as its admin.
    pub async fn workspace(&self, founder: &Person, kind: &str) -> Seat {
        let input = json!({ "name": format!("{}'s {kind}", founder.name), "kind": kind });
        let created = self.done(Some(&founder.token), CREATE_WORKSPACE, input).await;
        self.take_seat(founder, &text(&created["membership"]["workspaceId"])).await
    }

    /// Enters a workspace on the first server.
    pub async fn take_seat(&self, person: &Person, workspace_id: &str) -> Seat {
        self.take_seat_at(self.here(), person, workspace_id).await
    }

    pub async fn take_seat_at(&self, server: &Server, person: &Person, workspace_id: &str) -> Seat {
        let variables = json!({ "input": { "workspaceId": workspace_id } });
        let answer = self.ask_at(server, Some(&person.token), ENTER, variables).await;
        let entered = &answer["data"]["enterWorkspace"];
        assert_eq!(entered["userErrors"], json!([]), "{answer:#}");
        let token = text(&entered["token"]);
        let own = self.data(Some(&token), "{ workspace { viewerMember { id } } }", json!({})).await;
        let member_id = text(&own["workspace"]["viewerMember"]["id"]);
        Seat { person: person.clone(), token, workspace_id: workspace_id.into(), member_id }
    }

    /// The id of a role of the workspace, by its name.
    pub async fn role(&self, admin: &Seat, name: &str) -> String {
        let data = self
            .data(Some(&admin.token), "{ workspace { roles(first: 50) { nodes { id name } } } }", json!({}))
            .await;
        let roles = data["workspace"]["roles"]["nodes"].as_array().expect("roles").clone();
        let found = roles.iter().find(|role| role["name"] == name);
        text(&found.unwrap_or_else(|| panic!("no role {name} in {roles:?}"))["id"])
    }

    /// Invites an address; gives the ids of the member and of the invitation.
    pub async fn invite(&self, admin: &Seat, email: &str, role: &str, assets: &[&str]) -> (String, String) {
        let role = self.role(admin, role).await;
        let input = json!({ "members": [{ "email": email, "roleId": role, "assetIds": assets }] });
        let invited = self.done(Some(&admin.token), INVITE, input).await;
        let result = &invited["results"][0];
        assert_eq!(result["userErrors"], json!([]), "{invited:#}");
        (text(&result["member"]["id"]), text(&result["invitation"]["id"]))
    }

    /// A person with an account joins in a role, through an invitation, and enters.
    pub async fn join(&self, admin: &Seat, person: &Person, role: &str, assets: &[&str]) -> Seat {
        let (_, invitation) = self.invite(admin, &person.email, role, assets).await;
        self.done(Some(&person.token), ACCEPT, json!({ "invitationId": received(&invitation) })).await;
        self.take_seat(person, &admin.workspace_id).await
    }

    pub async fn asset(&self, admin: &Seat, name: &str) -> String {
        let input = json!({ "kind": "FLOW", "name": name, "externalId": format!("ext-{name}") });
        text(&self.done(Some(&admin.token), REGISTER_ASSET, input).await["asset"]["id"])
    }

    /// A key of the workspace's automation.
    pub async fn api_key(&self, admin: &Seat) -> String {
        text(&self.done(Some(&admin.token), CREATE_API_KEY, json!({ "name": "sync" })).await["secret"])
    }

    pub async fn block(&self, admin: &Seat, member: &Seat) -> Value {
        let input =
            json!({ "memberId": member.member_id, "category": "SECURITY_CONCERN", "note": "a lost laptop" });
        self.done(Some(&admin.token), BLOCK, input).await
    }

    pub async fn unblock(&self, admin: &Seat, member: &Seat) -> Value {
        let input = json!({ "memberId": member.member_id, "category": "RESOLVED" });
        self.done(Some(&admin.token), UNBLOCK, input).await
    }

    pub async fn deactivate(&self, admin: &Seat, member: &Seat) -> Value {
        let input =
            json!({ "memberId": member.member_id, "category": "LEAVE_OR_PAUSE", "note": "a year abroad" });
        self.done(Some(&admin.token), DEACTIVATE, input).await
    }

    pub async fn reactivate(&self, admin: &Seat, member: &Seat) -> Value {
        self.done(Some(&admin.token), REACTIVATE, json!({ "memberId": member.member_id })).await
    }

    pub async fn remove(&self, admin: &Seat, member: &Seat) -> Value {
        let input = json!({ "memberId": member.member_id, "category": "OFFBOARDING", "note": "a last day" });
        self.done(Some(&admin.token), REMOVE, input).await
    }

    /// Types of the events of a workspace's journal, in order.
    pub async fn event_types(&self, workspace_id: &str) -> Vec<String> {
        use rollcall::platform::journal::{StreamId, read_after};
        use rollcall::primitives::ids::WorkspaceId;
        let stream = StreamId::Workspace(WorkspaceId::parse(workspace_id).unwrap());
        let events = read_after(self.here().app.gate.database().reader(), stream, 0, 10_000).await.unwrap();
        let numbers: Vec<i64> = events.iter().map(|event| event.seq).collect();
        let expected: Vec<i64> = (1..).take(numbers.len()).collect();
        assert_eq!(numbers, expected, "EVT-2: numbers without gaps");
        events.into_iter().map(|event| event.kind).collect()
    }
}

/// A JSON string.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value:?} is no text")).to_owned()
}

/// The id of an invitation as the invited person sees it.
pub fn received(invitation: &str) -> String {
    format!("received_{invitation}")
}
