//! Mutations under an idempotency key: run once, and answered alike however often they are asked (LIF-6).
//!
//! Never answers anybody whose credential doesn't hold at that moment, and never takes a key with a call that carries a
//! secret or a password, in its input or in its answer: neither is ever stored.

use std::any::TypeId;
use std::collections::HashSet;

use async_graphql::parser::types::{
    BaseType, OperationType, ServiceDocument, Type, TypeKind, TypeSystemDefinition,
};
use async_graphql::{Request, Response, Value};

use super::caller::Caller;
use super::document::Chosen;
use super::errors::{TopLevelCode, TopLevelError};
use super::execute::Executor;
use super::outcome;
use crate::access::answers::{self, Claim, Claimed, KeyedCall};
use crate::access::{Entry, Gate, Proof};
use crate::platform::journal;
use crate::primitives::idempotency::IdempotencyKey;
use crate::primitives::ids::OperationId;

/// What the key's errors name as the field.
const FIELD: &str = "Idempotency-Key";
/// Fields that hold what is never stored.
const SECRET_FIELDS: &[&str] = &["token", "secret", "password", "newPassword", "currentPassword"];

/// The mutations whose input or answer carries a secret, read out of the schema.
pub struct Secretive(HashSet<String>);

impl Secretive {
    /// Read out of what the schema defines.
    pub fn of(document: ServiceDocument) -> Self {
        let (mut holders, mut mutations) = (HashSet::new(), Vec::new());
        for definition in document.definitions {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let name = definition.node.name.node.to_string();
            let fields: Vec<String> = match definition.node.kind {
                TypeKind::Object(object) if name == "Mutation" => {
                    mutations = object.fields.into_iter().map(|field| field.node).collect();
                    continue;
                }
                TypeKind::Object(object) => {
                    object.fields.iter().map(|it| it.node.name.node.to_string()).collect()
                }
                TypeKind::InputObject(input) => {
                    input.fields.iter().map(|it| it.node.name.node.to_string()).collect()
                }
                _ => continue,
            };
            if fields.iter().any(|field| SECRET_FIELDS.contains(&field.as_str())) {
                holders.insert(name);
            }
        }
        let holds = |ty: &Type| holders.contains(name_of(ty));
        let secretive = mutations.into_iter().filter(|field| {
            holds(&field.ty.node) || field.arguments.iter().any(|argument| holds(&argument.node.ty.node))
        });
        Self(secretive.map(|field| field.name.node.to_string()).collect())
    }

    /// Does the mutation of this name carry a secret?
    pub fn has(&self, mutation: &str) -> bool {
        self.0.contains(mutation)
    }

    /// Their names, in order.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.0.iter().map(String::as_str).collect();
        names.sort_unstable();
        names
    }
}

fn name_of(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => name_of(inner),
    }
}

/// What a request was given, if it was.
fn given<T: std::any::Any + Clone>(request: &Request) -> Option<T> {
    request.data.get(&TypeId::of::<T>()).and_then(|given| given.downcast_ref::<T>()).cloned()
}

/// The key of a request, where the client named one.
pub(super) fn key_of(request: &Request) -> Option<IdempotencyKey> {
    given(request)
}

/// Runs the call, or answers it as before.
pub(super) async fn run(executor: &Executor, request: Request, key: IdempotencyKey) -> Response {
    let call = match call(executor, &request, &key) {
        Ok(call) => call,
        Err(error) => {
            return Response::from_errors(vec![error.into_server_error(async_graphql::Pos::default())]);
        }
    };
    let gate = executor.gate();
    match answers::claim(gate, executor.key_limit(), &call).await {
        Ok(Claimed::Mine(claim)) => run_once(executor, request, claim).await,
        Ok(Claimed::Answered(_) | Claimed::TookEffect(_)) if !may_still(executor, &request) => {
            TopLevelError::forbidden("your role no longer gives the permission that this asks for")
                .into_response()
        }
        Ok(Claimed::Answered(answer)) => again(&answer),
        Ok(Claimed::TookEffect(operation)) => took_effect(gate, operation).await,
        Ok(Claimed::UnderWay) => {
            let message = "a call under this idempotency key is under way; try again in a moment";
            TopLevelError::new(TopLevelCode::KeyInUse, message).into_response()
        }
        Ok(Claimed::OtherBody) => {
            let message =
                "this idempotency key came with another request before; take a new key for a new request";
            TopLevelError::new(TopLevelCode::KeyReused, message).into_response()
        }
        Ok(Claimed::NoneFree { retry_after_seconds }) => {
            TopLevelError::no_key_free(executor.key_limit().keys_max, retry_after_seconds).into_response()
        }
        Err(failure) => match outcome::answer::<(), _>(Err(failure)) {
            Ok(()) => TopLevelError::unavailable().into_response(),
            Err(error) => Response::from_errors(vec![error.into_server_error(async_graphql::Pos::default())]),
        },
    }
}

/// Does whoever asks again still hold what the mutation asks for? What it answered them once may be for admins alone.
/// By the role: that keys may do less, the first answer has told.
fn may_still(executor: &Executor, request: &Request) -> bool {
    let (chosen, caller): (Option<Chosen>, Option<Caller>) = (given(request), given(request));
    let fields = chosen.map(|chosen| chosen.root_fields).unwrap_or_default();
    let wanted = fields.iter().filter_map(|field| executor.guards().permission(field));
    match caller.map(|caller| caller.credential) {
        Some(Ok(Some(Proof::Workspace(proof)))) => wanted.into_iter().all(|it| proof.rights.allows(it)),
        _ => wanted.count() == 0,
    }
}

/// May the request have a key? Then what it is known by.
fn call(executor: &Executor, request: &Request, key: &IdempotencyKey) -> async_graphql::Result<KeyedCall> {
    let chosen: Chosen =
        given(request).ok_or_else(|| TopLevelError::internal("a request without its document"))?;
    let [field] = chosen.root_fields.as_slice() else {
        return Err(
            TopLevelError::bad_input(FIELD, "goes with one root field; send one request for each").into()
        );
    };
    if chosen.kind != OperationType::Mutation {
        return Err(TopLevelError::bad_input(FIELD, "goes with a mutation; leave it away").into());
    }
    if executor.secretive().has(field) {
        let message = format!("{field} carries a secret, which is never stored; send it without a key");
        return Err(TopLevelError::bad_input(FIELD, &message).into());
    }
    let caller: Caller =
        given(request).ok_or_else(|| TopLevelError::internal("a request without its caller"))?;
    if matches!(caller.credential, Ok(None)) {
        let message = "belongs to a credential, and there is none; leave it away, or sign in";
        return Err(TopLevelError::bad_input(FIELD, message).into());
    }
    let body = key.digest_of(&body(request));
    Ok(match caller.proof()? {
        Proof::Account(proof) => KeyedCall {
            credential: proof.session.as_uuid(),
            holder: proof.account.as_uuid(),
            key: key.digest(),
            body,
            account: proof.account,
            workspace: None,
        },
        Proof::Workspace(proof) => {
            // Sessions cost nothing to make, so they count with their person; a key is made by an admin's hand.
            let (credential, holder) = match proof.entry {
                Entry::Session { session, .. } => (session.as_uuid(), proof.account.as_uuid()),
                Entry::Key(key) => (key.as_uuid(), key.as_uuid()),
            };
            KeyedCall {
                credential,
                holder,
                key: key.digest(),
                body,
                account: proof.account,
                workspace: Some(proof.workspace),
            }
        }
    })
}

/// The same for every way to write the same request: the text, the name, and the variables with their names in order.
fn body(request: &Request) -> Vec<u8> {
    let variables = serde_json::to_value(&request.variables).unwrap_or_default();
    let body = (request.query.trim(), request.operation_name.as_deref(), ordered(variables));
    serde_json::to_vec(&body).unwrap_or_default()
}

fn ordered(value: serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Object(fields) => {
            let mut fields: Vec<_> = fields.into_iter().map(|(name, value)| (name, ordered(value))).collect();
            fields.sort_by(|(one, _), (other, _)| one.cmp(other));
            serde_json::Value::Array(
                fields.into_iter().map(|(name, value)| serde_json::json!([name, value])).collect(),
            )
        }
        serde_json::Value::Array(items) => {
            serde_json::json!([items.into_iter().map(ordered).collect::<Vec<_>>()])
        }
        other => other,
    }
}

/// Runs it to its end, and keeps what came of it, also when the client has gone away meanwhile: that is whom a key is
/// for.
async fn run_once(executor: &Executor, request: Request, claim: Claim) -> Response {
    let executor = executor.clone();
    let running = tokio::spawn(async move {
        let request = request.data(executor.gate().under(claim));
        let response = executor.run(request).await;
        let kept = if response.errors.is_empty() {
            let answer = serde_json::to_string(&response.data).ok();
            answers::settle(executor.gate(), claim, answer).await
        } else {
            answers::release(executor.gate(), claim).await
        };
        if let Err(failure) = kept {
            tracing::warn!(?failure, "an answer under an idempotency key could not be kept");
        }
        response
    });
    running
        .await
        .unwrap_or_else(|error| TopLevelError::internal(format!("a run broke off: {error}")).into_response())
}

fn again(answer: &str) -> Response {
    match serde_json::from_str::<Value>(answer) {
        Ok(data) => Response::new(data),
        Err(error) => {
            TopLevelError::internal(format!("a kept answer can't be read: {error}")).into_response()
        }
    }
}

/// What is known of a call whose answer isn't: the place in its stream after it.
async fn took_effect(gate: &Gate, operation: OperationId) -> Response {
    let found = journal::find_operation(gate.database().reader(), operation).await;
    let last = found.unwrap_or_default().into_iter().max_by_key(|event| (event.stream.kind(), event.seq));
    let cursor = last.map(|event| gate.cursor(event.stream, event.seq).encode());
    TopLevelError::answer_lost(cursor).into_response()
}
