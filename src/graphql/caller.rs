//! Who is calling: what the edges put into a request's context, and how a resolver asks for it.
//!
//! Never checks a session itself; the edge did, and every write does again under its lock.

use std::sync::Arc;

use async_graphql::{Context, Result};

use super::errors::TopLevelError;
use super::outcome::{forbidden, unauthenticated};
use crate::access::{AccountProof, AccountView, Gate, Proof, Refusal, WorkspaceProof, WorkspaceView};
use crate::primitives::request::Client;
use crate::primitives::time::Timestamp;

/// What the edge knows of whoever sent a request.
#[derive(Clone, Debug)]
pub struct Caller {
    /// `Ok(None)`: no credential was sent.
    pub credential: Result<Option<Proof>, Refusal>,
    /// From where, and what the client calls itself.
    pub client: Client,
    /// When the request was let in.
    pub now: Timestamp,
}

impl Caller {
    pub fn of<'a>(ctx: &Context<'a>) -> Result<&'a Self> {
        ctx.data::<Self>()
    }

    /// Whoever it is, they must be signed in somehow.
    pub fn proof(&self) -> Result<&Proof> {
        match &self.credential {
            Ok(Some(proof)) => Ok(proof),
            Ok(None) | Err(Refusal::Unknown) => Err(unauthenticated(None)),
            Err(Refusal::Ended(end)) => Err(unauthenticated(Some(*end))),
            Err(Refusal::Unavailable) => Err(TopLevelError::unavailable().into()),
        }
    }

    /// `@requires(session: ACCOUNT)`: an account session.
    pub fn account(&self) -> Result<&AccountProof> {
        match self.proof()? {
            Proof::Account(proof) => Ok(proof),
            Proof::Workspace(_) => {
                Err(forbidden("this needs an account session, not a workspace session or an API key").into())
            }
        }
    }

    /// `@requires(session: WORKSPACE)`: a workspace session or an API key.
    pub fn workspace(&self) -> Result<&WorkspaceProof> {
        match self.proof()? {
            Proof::Workspace(proof) => Ok(proof),
            Proof::Account(_) => {
                Err(forbidden("this needs a workspace session: enter the workspace first").into())
            }
        }
    }
}

/// What resolvers ask a context for.
pub trait Asking {
    /// The door to writing.
    fn gate(&self) -> Result<&Gate>;
    /// The sight of a workspace, for a workspace session or an API key.
    fn workspace_view(&self) -> Result<WorkspaceView>;
    /// The sight of a person: an account session, or a workspace session of the same person.
    fn account_view(&self) -> Result<AccountView>;
    /// An account session's proof.
    fn account_proof(&self) -> Result<&AccountProof>;
    /// A workspace session's or key's proof.
    fn workspace_proof(&self) -> Result<&WorkspaceProof>;
}

impl Asking for Context<'_> {
    fn gate(&self) -> Result<&Gate> {
        self.data::<Gate>()
    }

    fn workspace_view(&self) -> Result<WorkspaceView> {
        let caller = Caller::of(self)?;
        let proof = Arc::new(caller.workspace()?.clone());
        Ok(WorkspaceView::new(self.gate()?.database().clone(), proof, caller.now))
    }

    fn account_view(&self) -> Result<AccountView> {
        let caller = Caller::of(self)?;
        match caller.proof()? {
            Proof::Account(proof) => {
                Ok(AccountView::new(self.gate()?.database().clone(), Arc::new(proof.clone()), caller.now))
            }
            Proof::Workspace(proof) if proof.is_key() => Err(forbidden("an API key is no person").into()),
            Proof::Workspace(_) => Ok(AccountView::through_workspace(&self.workspace_view()?)),
        }
    }

    fn account_proof(&self) -> Result<&AccountProof> {
        Caller::of(self)?.account()
    }

    fn workspace_proof(&self) -> Result<&WorkspaceProof> {
        Caller::of(self)?.workspace()
    }
}
