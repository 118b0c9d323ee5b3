//! The schema, put together from the rooms' parts, and its published text.
//!
//! Never holds a field of its own.

use std::sync::LazyLock;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::ServiceDocument;
use async_graphql::{MergedObject, MergedSubscription, Schema, SchemaBuilder};

use super::accounts::{AccountChangesMutation, AccountsMutation, PasswordsMutation};
use super::api_keys::ApiKeysMutation;
use super::assets::{ChangingMutation, HandingMutation, RegisteringMutation};
use super::billing::{CreditMutation, SeatPlanMutation};
use super::endings::{DeletingAccountMutation, DeletingMembersMutation, DeletingWorkspaceMutation};
use super::events::EventsSubscription;
use super::invitations::{AnswersMutation, InvitationsMutation, InvitationsQuery};
use super::kept_assets::KeptAssetsMutation;
use super::members::{
    BulkLimit, BulkMutation, MemberNames, MembersMutation, RemovingMutation, RestingMutation,
    ReviewingMutation,
};
use super::node::NodesQuery;
use super::notices::NoticesMutation;
use super::roles::{DefaultRoleMutation, RolesMutation};
use super::sessions::SessionsMutation;
use super::viewer::ViewerQuery;
use super::workspaces::{
    ContactingMutation, LeavingMutation, UpdatingMutation, WorkspacesMutation, WorkspacesQuery,
};
use crate::access::Gate;
use crate::accounts::Entrance;
use crate::config::Config;
use crate::endings::Recovery;
use crate::invitations::SendingLimit;
use crate::sessions::{Lifetimes, Touches};

/// What can be asked.
#[derive(MergedObject, Default)]
pub struct Query(ViewerQuery, WorkspacesQuery, InvitationsQuery, NodesQuery);

/// What can be changed. Each takes one `input` and answers with a payload of its own.
#[derive(MergedObject, Default)]
pub struct Mutation(
    AccountsMutation,
    PasswordsMutation,
    AccountChangesMutation,
    DeletingAccountMutation,
    SessionsMutation,
    NoticesMutation,
    KeptAssetsMutation,
    WorkspacesMutation,
    UpdatingMutation,
    LeavingMutation,
    ContactingMutation,
    DeletingWorkspaceMutation,
    InvitationsMutation,
    AnswersMutation,
    MembersMutation,
    RestingMutation,
    RemovingMutation,
    SeatPlanMutation,
    CreditMutation,
    ReviewingMutation,
    DeletingMembersMutation,
    BulkMutation,
    RolesMutation,
    DefaultRoleMutation,
    RegisteringMutation,
    ChangingMutation,
    HandingMutation,
    ApiKeysMutation,
);

/// What can be listened to, over a WebSocket.
#[derive(MergedSubscription, Default)]
pub struct Subscription(EventsSubscription);

pub type RollcallSchema = Schema<Query, Mutation, Subscription>;

fn types() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query::default(), Mutation::default(), Subscription::default())
}

/// The schema of a running server.
pub fn build(gate: &Gate, entrance: &Entrance, touches: &Touches, config: &Config) -> RollcallSchema {
    let mut types = types()
        .data(gate.clone())
        .data(entrance.clone())
        .data(touches.clone())
        .data(lifetimes(config))
        .data(SendingLimit { per_hour_max: config.invitation_limits.invitations_per_hour_max })
        .data(Recovery { days: config.retention.deleted_workspace_days.into() })
        .data(BulkLimit { rows_max: config.bulk_limits.bulk_rows_max })
        .data(MemberNames::new(gate.clone()));
    if !config.document_limits.introspection {
        types = types.disable_introspection();
    }
    // Depth, cost and the rest are bounded before, by `document`, in linear time; this is the library's own bound on
    // nesting, which its recursion rests on.
    types.limit_recursive_depth(64).finish()
}

fn lifetimes(config: &Config) -> Lifetimes {
    let seconds = |hours: u32| i64::from(hours) * 3600;
    Lifetimes {
        account_seconds: seconds(config.session_ages.account_session_hours_max),
        workspace_seconds: seconds(config.session_ages.workspace_session_hours_max),
    }
}

/// What the schema defines, for whoever reads out of it what it declares. It is the same for every server of a process,
/// and reading its text takes a while: once.
pub fn definitions() -> ServiceDocument {
    static READ: LazyLock<ServiceDocument> =
        LazyLock::new(|| parse_schema(sdl()).expect("the schema writes itself as it reads"));
    READ.clone()
}

/// The schema as it is published in `schema.graphql`.
pub fn sdl() -> String {
    let options =
        async_graphql::SDLExportOptions::new().sorted_fields().sorted_enum_items().use_space_ident();
    let schema = types().finish();
    format!("{}\n", schema.sdl_with_options(options).trim_end())
}
