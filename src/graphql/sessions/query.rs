//! What `viewer` and a member answer about sessions.

use async_graphql::{Context, Object, Result};

use super::types::{AccountSession, Session, WorkspaceSession};
use crate::access::{AccountView, Entry, Never, Proof, WorkspaceView};
use crate::graphql::caller::{Asking, Caller};
use crate::graphql::connection::{Connection, page_request};
use crate::graphql::outcome::answer;
use crate::primitives::ids::MemberId;
use crate::primitives::page::PageArguments;
use crate::sessions;

/// What `viewer` answers about sessions.
pub struct ViewerSessions(pub AccountView);

#[Object]
impl ViewerSessions {
    /// The session that asks, of either kind.
    async fn session(&self, ctx: &Context<'_>) -> Result<Option<Session>> {
        if let Proof::Account(proof) = Caller::of(ctx)?.proof()? {
            let session = answer(sessions::get_current::<Never>(&self.0).await)?;
            return Ok(Some(Session::Account(AccountSession::new(session, proof.session))));
        }
        let ages = ctx.gate()?.checker().ages();
        let session =
            answer(sessions::get_current_in_workspace::<Never>(&ctx.workspace_view()?, ages).await)?;
        let asking = Some(session.id);
        Ok(Some(Session::Workspace(WorkspaceSession::new(session, asking))))
    }

    /// Your sessions of both kinds, the newest first, a page at a time. For account sessions.
    #[allow(clippy::too_many_arguments, reason = "the four of a connection")]
    async fn sessions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<Session>>> {
        let asking = ctx.account_proof()?.session;
        let arguments = PageArguments { first, last, after: after.as_deref(), before: before.as_deref() };
        let request = page_request(&arguments, sessions::Session::ORDER)?;
        let (view, ages) = (self.0.clone(), ctx.gate()?.checker().ages());
        let page = answer(sessions::list_own::<Never>(&view, ages, &request).await)?;
        let page = page.map(|session| (session.place(), Session::of(session, asking)));
        Ok(Some(Connection::new(page, move || {
            let view = view.clone();
            async move { answer(sessions::count_own::<Never>(&view, ages).await) }
        })))
    }
}

/// The sessions of a member, for admins.
pub async fn of_member(
    ctx: &Context<'_>,
    view: &WorkspaceView,
    member: MemberId,
    arguments: &PageArguments<'_>,
) -> Result<Connection<WorkspaceSession>> {
    let request = page_request(arguments, sessions::Session::ORDER)?;
    let (view, ages) = (view.clone(), ctx.gate()?.checker().ages());
    let asking = match view.proof().entry {
        Entry::Session { session, .. } => Some(session),
        Entry::Key(_) => None,
    };
    let page = answer(sessions::list_member_sessions::<Never>(&view, member, ages, &request).await)?;
    let page = page.map(|session| (session.place(), WorkspaceSession::new(session, asking)));
    Ok(Connection::new(page, move || {
        let view = view.clone();
        async move { answer(sessions::count_member_sessions::<Never>(&view, member, ages).await) }
    }))
}
