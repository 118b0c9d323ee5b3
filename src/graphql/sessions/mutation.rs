//! Signing in and out, entering, and ending one's sessions.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

use super::entering::{EnterWorkspaceInput, EnterWorkspacePayload};
use super::types::AccountSession;
use crate::access::Proof;
use crate::accounts::{Credentials, Entrance, Password, SignInRefusal};
use crate::graphql::accounts::Account;
use crate::graphql::caller::{Asking, Caller};
use crate::graphql::directives::{SessionKind, public, requires};
use crate::graphql::errors::TopLevelError;
use crate::graphql::outcome::{answer, outcome};
use crate::graphql::scalars::{EventCursor, parse_id};
use crate::graphql::tokens;
use crate::graphql::user_errors::{ErrorCode, UserError};
use crate::primitives::email::Email;
use crate::primitives::ids::{AccountSessionId, WorkspaceId, WorkspaceSessionId};
use crate::primitives::secret::SecretKind;
use crate::sessions::{self, EnterWorkspace, Lifetimes, SessionId, SignedIn, Touches};

/// Who signs in.
#[derive(InputObject)]
struct SignInInput {
    /// The e-mail address of the account.
    email: String,
    /// Its password.
    password: String,
}

/// What signing in came to.
#[derive(SimpleObject, Default)]
struct SignInPayload {
    /// What to send as bearer token. Shown this once, and never again; null where it went into a cookie.
    token: Option<String>,
    /// The new session; null when it was refused.
    session: Option<AccountSession>,
    /// Whose it is; null when it was refused.
    account: Option<Account>,
    /// What you can put right.
    user_errors: Vec<UserError>,
}

impl SignInPayload {
    fn of(ctx: &Context<'_>, result: Result<SignedIn, Vec<UserError>>) -> Self {
        match result {
            Ok(SignedIn { token, session, account }) => {
                let id = session.id;
                Self {
                    token: tokens::deliver(ctx, &token, session.footprint.expires_at),
                    session: Some(AccountSession::new(session, id)),
                    account: Some(account.into()),
                    user_errors: Vec::new(),
                }
            }
            Err(user_errors) => Self { user_errors, ..Self::default() },
        }
    }
}

/// Nothing needs to be said.
#[derive(InputObject)]
struct SignOutInput {
    /// Comes back as it was sent; for clients that tell answers apart by it.
    client_mutation_id: Option<String>,
}

/// What signing out came to.
#[derive(SimpleObject)]
struct SignOutPayload {
    /// The token of this request is dead, and every session under it.
    signed_out: bool,
    /// As it was sent.
    client_mutation_id: Option<String>,
    /// What you can put right.
    user_errors: Vec<UserError>,
    /// The workspace's stream after the change; null for an account session, which is in none.
    event_cursor: Option<EventCursor>,
}

/// Which session to end.
#[derive(InputObject)]
struct EndSessionInput {
    /// One of `viewer.sessions`, of either kind.
    session_id: ID,
}

/// What ending the session came to.
#[derive(SimpleObject, Default)]
struct EndSessionPayload {
    /// The session that has ended; null when it was refused.
    ended_session_id: Option<ID>,
    /// What you can put right.
    user_errors: Vec<UserError>,
    /// The workspace's stream after the change; null when it was refused, and for an account session, which is in none.
    event_cursor: Option<EventCursor>,
}

/// Nothing needs to be said.
#[derive(InputObject)]
struct EndOtherSessionsInput {
    /// Comes back as it was sent; for clients that tell answers apart by it.
    client_mutation_id: Option<String>,
}

/// What ending the other sessions came to.
#[derive(SimpleObject)]
struct EndOtherSessionsPayload {
    /// How many account sessions have ended, each with all that hung on it.
    ended_count: i32,
    /// As it was sent.
    client_mutation_id: Option<String>,
    /// What you can put right.
    user_errors: Vec<UserError>,
}

/// The mutations on sessions.
#[derive(Default)]
pub struct SessionsMutation;

#[Object]
impl SessionsMutation {
    /// Signs in as a person. A wrong address and a wrong password answer alike; attempts are limited by account and by
    /// address.
    #[graphql(directive = public::apply())]
    async fn sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who signs in.")] input: SignInInput,
    ) -> Result<SignInPayload> {
        tokens::ensure_deliverable(ctx)?;
        let email = match Email::parse(&input.email) {
            Ok(email) => email,
            Err(error) => {
                let error = UserError::invalid("input.email", error.to_string());
                return Ok(SignInPayload::of(ctx, Err(vec![error])));
            }
        };
        let client = Caller::of(ctx)?.client.clone();
        let credentials = Credentials { email, password: Password::claimed(&input.password), client };
        let (entrance, lifetimes) = (ctx.data::<Entrance>()?, *ctx.data::<Lifetimes>()?);
        let signed_in = sessions::sign_in(ctx.gate()?, entrance, lifetimes, credentials).await;
        Ok(SignInPayload::of(ctx, outcome(signed_in)?))
    }

    /// Ends the session that asks: an account session with all that hangs on it, or the one workspace session. An API
    /// key has none; revoke it.
    #[graphql(directive = requires::apply(SessionKind::Person, None))]
    async fn sign_out(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Nothing needs to be said.")] input: SignOutInput,
    ) -> Result<SignOutPayload> {
        let proof = Caller::of(ctx)?.proof()?;
        let committed = answer(sessions::sign_out(ctx.gate()?, proof).await)?;
        let personal = matches!(proof, Proof::Account(_));
        tokens::take_back(
            ctx,
            if personal { SecretKind::AccountSession } else { SecretKind::WorkspaceSession },
        );
        Ok(SignOutPayload {
            signed_out: true,
            client_mutation_id: input.client_mutation_id,
            user_errors: Vec::new(),
            event_cursor: committed.map(|committed| committed.cursor.into()),
        })
    }

    /// Enters a workspace that you are a member of. A blocked or deactivated membership lets nobody in, and says who
    /// can help.
    #[graphql(directive = requires::apply(SessionKind::Account, None))]
    async fn enter_workspace(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which workspace to enter.")] input: EnterWorkspaceInput,
    ) -> Result<EnterWorkspacePayload> {
        tokens::ensure_deliverable(ctx)?;
        let proof = ctx.account_proof()?;
        let workspace = parse_id("input.workspaceId", &input.workspace_id, WorkspaceId::parse)?;
        let request = EnterWorkspace { workspace, client: Caller::of(ctx)?.client.clone() };
        let lifetimes = *ctx.data::<Lifetimes>()?;
        let entered = sessions::enter_workspace(ctx.gate()?, lifetimes, proof, request).await;
        if let Ok(entered) = &entered {
            ctx.data::<Touches>()?.note_entry(&entered.session);
        }
        Ok(EnterWorkspacePayload::of(ctx, outcome(entered)?))
    }

    /// Ends one of your sessions, of either kind, on every server.
    #[graphql(directive = requires::apply(SessionKind::Account, None))]
    async fn end_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which session to end.")] input: EndSessionInput,
    ) -> Result<EndSessionPayload> {
        let proof = ctx.account_proof()?;
        let id = session_id("input.sessionId", &input.session_id)?;
        Ok(match outcome(sessions::end_session(ctx.gate()?, proof, id).await)? {
            Ok(committed) => EndSessionPayload {
                ended_session_id: Some(input.session_id),
                user_errors: Vec::new(),
                event_cursor: committed.map(|committed| committed.cursor.into()),
            },
            Err(user_errors) => EndSessionPayload { user_errors, ..EndSessionPayload::default() },
        })
    }

    /// Ends every account session of yours but the one that asks, and what hangs on them.
    #[graphql(directive = requires::apply(SessionKind::Account, None))]
    async fn end_other_sessions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Nothing needs to be said.")] input: EndOtherSessionsInput,
    ) -> Result<EndOtherSessionsPayload> {
        let ended = answer(sessions::end_other_sessions(ctx.gate()?, ctx.account_proof()?).await)?;
        Ok(EndOtherSessionsPayload {
            ended_count: i32::try_from(ended).unwrap_or(i32::MAX),
            client_mutation_id: input.client_mutation_id,
            user_errors: Vec::new(),
        })
    }
}

fn session_id(field: &str, id: &ID) -> Result<SessionId, TopLevelError> {
    if let Ok(id) = AccountSessionId::parse(id) {
        return Ok(SessionId::Account(id));
    }
    WorkspaceSessionId::parse(id).map(SessionId::Workspace).map_err(|_| {
        TopLevelError::bad_input(field, "not the id of a session; pass one of `viewer.sessions` back")
    })
}

impl From<SignInRefusal> for UserError {
    fn from(refusal: SignInRefusal) -> Self {
        match refusal {
            SignInRefusal::WrongCredentials => {
                Self::whole(ErrorCode::InvalidCredentials, "the e-mail address or the password is wrong")
            }
        }
    }
}
