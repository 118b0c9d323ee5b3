//! API keys in the schema: the type, what `workspace` answers about them, and their mutations.
//!
//! Never shows a secret but in the one payload that made it.

use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};

use super::caller::Asking;
use super::connection::{Connection, Edge, page_request};
use super::directives::{Permission, SessionKind, requires};
use super::member_loader::find_member;
use super::members::Member;
use super::outcome::{answer, outcome};
use super::scalars::{DateTime, EventCursor, parse_id};
use super::user_errors::{ErrorCode, UserError, name_at};
use crate::access::{Never, WorkspaceView};
use crate::api_keys::{self, KeyStatus, RevokeRefusal};
use crate::primitives::ids::ApiKeyId;
use crate::primitives::page::PageArguments;

/// Whether an API key works.
#[derive(Enum, Copy, Clone, Debug, Eq, PartialEq)]
#[graphql(remote = "KeyStatus")]
pub enum ApiKeyStatus {
    /// It works.
    Working,
    /// Not while its maker is blocked, deactivated or no admin.
    Paused,
    /// Its maker was removed, or has left, since it was made: it works never again, though they come back.
    Stopped,
    /// It was revoked.
    Revoked,
}

/// A key, as an admin sees it.
pub struct ApiKey {
    key: api_keys::ApiKey,
    view: WorkspaceView,
}

impl ApiKey {
    pub const fn new(key: api_keys::ApiKey, view: WorkspaceView) -> Self {
        Self { key, view }
    }
}

/// A key that the workspace's automation signs with. It acts for the admin who made it, and works only while that
/// member is an active admin.
#[Object]
impl ApiKey {
    /// Its id.
    pub async fn id(&self) -> ID {
        ID(self.key.id.to_string())
    }

    /// What it is called.
    async fn name(&self) -> &str {
        &self.key.name
    }

    /// The admin who made it.
    async fn maker(&self, ctx: &Context<'_>) -> Result<Option<Member>> {
        find_member(ctx, &self.view, self.key.maker).await
    }

    /// Does it work? As of this answer; it follows the maker.
    async fn status(&self, ctx: &Context<'_>) -> Result<ApiKeyStatus> {
        let maker = find_member(ctx, &self.view, self.key.maker).await?;
        let stored = maker.as_ref().and_then(Member::stored_member);
        Ok(stored.map_or(KeyStatus::Stopped, |maker| self.key.status(maker)).into())
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.key.created_at.into()
    }

    /// When it was last used, to about a minute; null while it never was.
    async fn last_used_at(&self) -> Option<DateTime> {
        self.key.last_used_at.map(DateTime)
    }

    /// When it was revoked; null while it isn't.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.key.revoked_at.map(DateTime)
    }

    /// Grows with each change; a client ignores what is older than what it has.
    async fn revision(&self) -> i64 {
        self.key.revision()
    }
}

/// What `workspace` answers about API keys.
pub struct WorkspaceApiKeys(pub WorkspaceView);

#[Object]
impl WorkspaceApiKeys {
    /// The workspace's keys, the newest first, revoked ones too, a page at a time. For admins in their own session.
    #[allow(clippy::too_many_arguments, reason = "the four of a connection")]
    async fn api_keys(
        &self,
        #[graphql(desc = "How many from the start, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<ApiKey>>> {
        let arguments = PageArguments { first, last, after: after.as_deref(), before: before.as_deref() };
        let request = page_request(&arguments, api_keys::ApiKey::ORDER)?;
        let view = self.0.clone();
        let page = answer(api_keys::list::<Never>(&view, &request).await)?;
        let page = page.map(|key| (key.place(), ApiKey::new(key, view.clone())));
        Ok(Some(Connection::new(page, move || {
            let view = view.clone();
            async move { answer(api_keys::count::<Never>(&view).await) }
        })))
    }
}

/// The key to make.
#[derive(InputObject)]
struct CreateApiKeyInput {
    /// What it is called: at most 200 characters.
    name: String,
}

/// The key to revoke.
#[derive(InputObject)]
struct RevokeApiKeyInput {
    /// The key.
    api_key_id: ID,
}

/// What making a key came to.
#[derive(SimpleObject, Default)]
struct CreateApiKeyPayload {
    /// The key; null when it was refused.
    api_key: Option<ApiKey>,
    /// The key with its place in `workspace.apiKeys`; null when it was refused.
    api_key_edge: Option<Edge<ApiKey>>,
    /// What to send as bearer token. Shown this once, and never again.
    secret: Option<String>,
    /// What you can put right.
    user_errors: Vec<UserError>,
    /// The workspace's stream after the change; null when it was refused.
    event_cursor: Option<EventCursor>,
}

/// What revoking a key came to.
#[derive(SimpleObject, Default)]
struct RevokeApiKeyPayload {
    /// The key after the change; null when it was refused.
    api_key: Option<ApiKey>,
    /// What you can put right.
    user_errors: Vec<UserError>,
    /// The workspace's stream after the change; null when it was refused.
    event_cursor: Option<EventCursor>,
}

/// The mutations on API keys.
#[derive(Default)]
pub struct ApiKeysMutation;

#[Object]
impl ApiKeysMutation {
    /// Makes a key that acts for you, as long as you are an active admin. Not for API keys.
    #[graphql(directive = requires::apply(SessionKind::Workspace, Some(Permission::ManageApiKeys)))]
    async fn create_api_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The key to make.")] input: CreateApiKeyInput,
    ) -> Result<CreateApiKeyPayload> {
        let view = ctx.workspace_view()?;
        let name = match name_at("input.name", &input.name) {
            Ok(name) => name,
            Err(error) => return Ok(CreateApiKeyPayload { user_errors: vec![error], ..Default::default() }),
        };
        let created = answer(api_keys::create(ctx.gate()?, ctx.workspace_proof()?, name).await)?;
        let place = created.key.place();
        Ok(CreateApiKeyPayload {
            api_key: Some(ApiKey::new(created.key.clone(), view.clone())),
            api_key_edge: Some(Edge::new(place, ApiKey::new(created.key, view))),
            secret: Some(created.secret.reveal().to_owned()),
            user_errors: Vec::new(),
            event_cursor: Some(created.cursor.into()),
        })
    }

    /// Revokes a key, whoever made it: when the answer arrives, no server lets it in. Not for API keys.
    #[graphql(directive = requires::apply(SessionKind::Workspace, Some(Permission::ManageApiKeys)))]
    async fn revoke_api_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The key to revoke.")] input: RevokeApiKeyInput,
    ) -> Result<RevokeApiKeyPayload> {
        let view = ctx.workspace_view()?;
        let key = parse_id("input.apiKeyId", &input.api_key_id, ApiKeyId::parse)?;
        let revoked = outcome(api_keys::revoke(ctx.gate()?, ctx.workspace_proof()?, key).await)?;
        Ok(match revoked {
            Ok(revoked) => RevokeApiKeyPayload {
                api_key: Some(ApiKey::new(revoked.key, view)),
                user_errors: Vec::new(),
                event_cursor: Some(revoked.cursor.into()),
            },
            Err(user_errors) => RevokeApiKeyPayload { user_errors, ..Default::default() },
        })
    }
}

impl From<RevokeRefusal> for UserError {
    fn from(refusal: RevokeRefusal) -> Self {
        match refusal {
            RevokeRefusal::AlreadyRevoked => Self::at(
                "input.apiKeyId",
                ErrorCode::AlreadyRevoked,
                "this key was revoked already; there is nothing left to do",
            ),
        }
    }
}
