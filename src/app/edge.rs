//! What the HTTP edge and the sockets are given: credentials proven by the check, requests run by the schema.
//!
//! Never lets a request in that the check did not.

use std::sync::Arc;

use async_graphql::{Request, Response};
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use hyper::upgrade::Upgraded;

use super::last_uses::LastUses;
use crate::access::{Failure, Gate, Proof, Refusal, SessionEnd, WorkspaceView};
use crate::audit::{self, ExportPage, ExportRequest};
use crate::graphql::caller::Caller;
use crate::graphql::errors::{SessionEnded, TopLevelError};
use crate::graphql::execute::Executor;
use crate::http::{Arrival, Authenticate, Execute, Exports, Sockets};
use crate::primitives::request::Client;
use crate::primitives::secret::Secret;
use crate::realtime::{Documents, Realtime};

/// Proves credentials.
#[derive(Clone)]
pub(super) struct Credentials {
    pub(super) gate: Gate,
    pub(super) uses: LastUses,
}

impl Credentials {
    /// Proves one, for whoever connects or asks. A use is noted for later.
    pub(super) async fn prove(&self, secret: &Secret) -> Result<Proof, Refusal> {
        let proof = self.gate.checker().check(secret).await?;
        let now = self.gate.clock().now();
        self.uses.note(&proof, now);
        Ok(proof)
    }
}

impl Authenticate for Credentials {
    /// A dead credential doesn't refuse the request by itself: what is public answers all the same, and every other
    /// field says why it doesn't.
    fn authenticate(
        &self,
        secret: Option<Secret>,
        request: Request,
    ) -> BoxFuture<'_, Result<Request, TopLevelError>> {
        Box::pin(async move {
            let credential = match secret {
                None => Ok(None),
                Some(secret) => self.prove(&secret).await.map(Some),
            };
            if credential.as_ref().is_err_and(|refusal| *refusal == Refusal::Unavailable) {
                return Err(TopLevelError::unavailable());
            }
            let client = request.data.get(&std::any::TypeId::of::<Client>());
            let client = client.and_then(|client| client.downcast_ref::<Client>()).cloned();
            let caller =
                Caller { credential, client: client.unwrap_or_default(), now: self.gate.clock().now() };
            Ok(request.data(caller))
        })
    }
}

impl Execute for Executor {
    fn execute(&self, request: Request) -> BoxFuture<'_, Response> {
        Box::pin(Executor::execute(self, request))
    }
}

/// Reads exports.
pub(super) struct Exporter {
    pub(super) credentials: Credentials,
    pub(super) executor: Executor,
}

impl Exporter {
    async fn refused(&self, refusal: Refusal) -> TopLevelError {
        match refusal {
            Refusal::Unknown => TopLevelError::unauthenticated(None),
            Refusal::Ended(end) => TopLevelError::unauthenticated(Some(&self.executor.ended(end).await)),
            Refusal::Unavailable => TopLevelError::unavailable(),
        }
    }

    async fn read(&self, secret: &Secret, request: &ExportRequest) -> Result<ExportPage, TopLevelError> {
        let proof = match self.credentials.prove(secret).await {
            Ok(Proof::Workspace(proof)) => proof,
            Ok(Proof::Account(_)) => {
                return Err(TopLevelError::forbidden("an export needs a workspace session or an API key"));
            }
            Err(refusal) => return Err(self.refused(refusal).await),
        };
        let gate = &self.credentials.gate;
        let view = WorkspaceView::new(gate.database().clone(), Arc::new(proof), gate.clock().now());
        audit::export(gate, &view, request).await.map_err(|failure| match failure {
            Failure::Refused(refusal) => TopLevelError::bad_input("after", refusal.message()),
            Failure::Forbidden => TopLevelError::forbidden("only admins and API keys export the event log"),
            Failure::Unavailable | Failure::Overtaken => TopLevelError::unavailable(),
            other => TopLevelError::internal(format!("{other:?}")),
        })
    }
}

impl Exports for Exporter {
    fn page<'a>(
        &'a self,
        secret: &'a Secret,
        request: &'a ExportRequest,
    ) -> BoxFuture<'a, Result<ExportPage, TopLevelError>> {
        Box::pin(self.read(secret, request))
    }
}

/// What the sockets run documents with.
pub(super) struct SocketDocuments {
    pub(super) credentials: Credentials,
    pub(super) executor: Executor,
}

impl Documents for SocketDocuments {
    fn run(&self, secret: Secret, request: Request) -> BoxFuture<'_, Response> {
        Box::pin(async move {
            match self.credentials.authenticate(Some(secret), request).await {
                Ok(request) => self.executor.execute(request).await,
                Err(error) => error.into_response(),
            }
        })
    }

    fn subscribe(&self, request: Request) -> BoxStream<'static, Response> {
        // Without loaders: what an event is asked for costs no database (a person's name apart).
        self.executor.schema().execute_stream(request)
    }

    fn ended(&self, end: SessionEnd) -> BoxFuture<'_, SessionEnded> {
        Box::pin(self.executor.ended(end))
    }
}

impl Sockets for Realtime {
    fn serve(&self, socket: Upgraded, arrival: Arrival) -> BoxFuture<'static, ()> {
        Self::serve(self, socket, arrival)
    }
}
