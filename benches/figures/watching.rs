//! What subscribers ask for, and the changes that they hear of.

use rollcall::primitives::ids::{MemberId, RoleId};
use serde_json::json;

use super::house::Server;
use super::load::Request;
use super::seed::{Office, Seat, body};

/// A list of members that keeps itself up to date.
pub const WATCH: &str = "subscription Watch { workspaceEvents { __typename eventCursor occurredAt \
    ... on MemberInvited { member { id status displayStatus revision role { id name } } } \
    ... on MemberRoleSet { member { id status displayStatus revision role { id name } } } \
    ... on MemberBlocked { member { id status displayStatus revision } } \
    ... on MemberAssignmentsSet { member { id revision } } } }";

/// What tells a window that it is put out.
pub const OWN: &str =
    "subscription Own { sessionEvents { __typename ... on SessionEnded { cause message } } }";

fn request(server: &Server, office: &Office, query: &str, input: &serde_json::Value) -> Request {
    Request {
        address: server.address.clone(),
        token: Some(office.admin.token.clone()),
        body: body(query, input),
    }
}

/// One event for every member: somebody gets another role.
pub fn set_role(server: &Server, office: &Office, member: &Seat, role: &str) -> Request {
    let query =
        "mutation($input: SetMemberRoleInput!) { setMemberRole(input: $input) { userErrors { code } } }";
    let role = RoleId::from_uuid(office.role(role));
    request(
        server,
        office,
        query,
        &json!({ "memberId": member.member.to_string(), "roleId": role.to_string() }),
    )
}

/// One event for every admin and for each address: people are invited in one transaction.
pub fn invite(server: &Server, office: &Office, count: usize) -> Request {
    let query = "mutation($input: InviteMembersInput!) { inviteMembers(input: $input) \
                 { results { userErrors { code } } userErrors { code } } }";
    let members: Vec<_> = (0..count)
        .map(|_| json!({ "email": format!("{}@example.com", MemberId::new().as_uuid().simple()) }))
        .collect();
    let role = RoleId::from_uuid(office.role(super::seed::OPERATOR));
    request(server, office, query, &json!({ "members": members, "roleId": role.to_string() }))
}

/// One event for every admin, and a forced logout.
pub fn block(server: &Server, office: &Office, member: &Seat) -> Request {
    let query = "mutation($input: BlockMemberInput!) { blockMember(input: $input) { userErrors { code } } }";
    request(server, office, query, &json!({ "memberId": member.member.to_string() }))
}

/// One event for the admins and this member.
pub fn assign(server: &Server, office: &Office, member: &Seat, asset: &str) -> Request {
    let query = "mutation($input: SetMemberAssignmentsInput!) { setMemberAssignments(input: $input) \
                 { userErrors { code } } }";
    let assignments = [json!({ "assetId": asset })];
    request(
        server,
        office,
        query,
        &json!({ "memberId": member.member.to_string(), "assignments": assignments }),
    )
}
