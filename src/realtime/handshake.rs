//! How a connection begins: `connection_init`, the check, the registration, and the check that counts.
//!
//! Never attaches to a stream after the check that it relies on: an event in between would be seen by nobody.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use tungstenite::Message;

use super::Shared;
use super::connection::{Beginning, Connection, Ending};
use super::farewell::{CROWDED, TOO_MANY};
use super::protocol::{self, CloseCode, Incoming};
use super::wire::{Turn, Wire};
use crate::access::{Entry, Proof, Refusal};
use crate::http::{Arrival, SessionCookies, Wanted};
use crate::platform::hub::{Identity, Verdict};
use crate::primitives::places::Full;
use crate::primitives::secret::{Secret, SecretKind};

const UNAUTHORIZED: Ending = Ending::Close(CloseCode::Unauthorized, "Unauthorized");

pub(super) async fn shake(
    shared: Arc<Shared>,
    mut wire: Wire,
    arrival: Arrival,
) -> Result<Box<Connection>, (Wire, Ending)> {
    let init_max = Duration::from_secs(shared.parts.socket_limits.connection_init_seconds);
    let late = Ending::Close(CloseCode::InitTimeout, "Connection initialisation timeout");
    let Shown { secret, by_cookie } =
        match tokio::time::timeout(init_max, await_init(&mut wire, &arrival.cookies)).await {
            Ok(Ok(shown)) => shown,
            Ok(Err(ending)) => return Err((wire, ending)),
            Err(_) => return Err((wire, late)),
        };
    // This look only tells who it is, and so where to register.
    let first = match shared.parts.checker.check(&secret).await {
        Ok(proof) => proof,
        Err(refusal) => return Err((wire, ending_of(refusal))),
    };
    // A place inside is for those who have shown a credential: strangers can't fill it.
    let identity = identity(&first);
    let place = match shared.rooms.enter(&identity) {
        Ok(place) => place,
        Err(Full::All) => return Err((wire, CROWDED)),
        Err(Full::Share) => return Err((wire, TOO_MANY)),
    };
    let attachment = shared.parts.hub.attach(identity, first.heads());
    let client = arrival.client;
    let beginning = Beginning { shared, client, secret, by_cookie, wire, attachment, place };
    let mut connection = Box::new(Connection::new(beginning));
    #[cfg(feature = "planted-bugs")]
    if crate::planted::is(crate::planted::Bug::CheckThenAttach) {
        connection.believe(&first);
        connection.wire.send(&protocol::connection_ack());
        return Ok(connection);
    }
    match settle(&mut connection).await {
        Ok(()) => {
            connection.wire.send(&protocol::connection_ack());
            Ok(connection)
        }
        Err(ending) => Err((connection.wire, ending)),
    }
}

/// The check that counts, and everything that is known to have happened after its snapshot.
async fn settle(connection: &mut Connection) -> Result<(), Ending> {
    connection.prove_first().await?;
    while connection.pump().await? {}
    connection.obey()
}

async fn await_init(wire: &mut Wire, cookies: &SessionCookies) -> Result<Shown, Ending> {
    loop {
        let text = match wire.turn().await {
            Turn::Written => continue,
            Turn::Gone => return Err(Ending::Gone),
            Turn::Received(Message::Close(_)) => return Err(Ending::Left),
            Turn::Received(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => continue,
            Turn::Received(Message::Text(text)) => text,
            Turn::Received(Message::Binary(_)) | Turn::Unreadable => {
                return Err(Ending::Close(CloseCode::BadRequest, "Invalid message received"));
            }
        };
        match protocol::parse(&text).map_err(|reason| Ending::Close(CloseCode::BadRequest, reason))? {
            Incoming::ConnectionInit { payload } => {
                return shown(payload.as_ref(), cookies).ok_or(UNAUTHORIZED);
            }
            Incoming::Ping { payload } => wire.send(&protocol::pong(payload)),
            Incoming::Subscribe { .. } => return Err(UNAUTHORIZED),
            Incoming::Pong {} | Incoming::Complete { .. } => {}
        }
    }
}

/// The credential that a connection begins with.
struct Shown {
    secret: Secret,
    /// Out of a cookie: nothing on this socket tells a token.
    by_cookie: bool,
}

/// The bearer token, or else a cookie: the one that `{"session": "account"}` names, the workspace's first.
fn shown(payload: Option<&Map<String, Value>>, cookies: &SessionCookies) -> Option<Shown> {
    let named =
        |wanted: &str| payload.and_then(|map| map.keys().find(|name| name.eq_ignore_ascii_case(wanted)));
    if named("authorization").is_some() {
        return Some(Shown { secret: bearer(payload)?, by_cookie: false });
    }
    let wanted = match named("session") {
        None => Wanted::default(),
        Some(name) => Wanted::parse(payload?.get(name)?.as_str()?)?,
    };
    Some(Shown { secret: cookies.choose(wanted)?, by_cookie: true })
}

/// The bearer token of `{"authorization": "Bearer …"}`.
fn bearer(payload: Option<&Map<String, Value>>) -> Option<Secret> {
    let value = payload?.iter().find(|(name, _)| name.eq_ignore_ascii_case("authorization"))?.1;
    let (scheme, token) = value.as_str()?.split_once(' ')?;
    let secret = Secret::parse(token.trim()).filter(|_| scheme.eq_ignore_ascii_case("bearer"))?;
    let opens = matches!(
        secret.kind(),
        SecretKind::AccountSession | SecretKind::WorkspaceSession | SecretKind::ApiKey
    );
    opens.then_some(secret)
}

/// How a connection ends whose credential was refused.
pub(super) fn ending_of(refusal: Refusal) -> Ending {
    match refusal {
        Refusal::Unknown => UNAUTHORIZED,
        Refusal::Ended(end) => Ending::Verdict(Verdict::Ended(end.cause)),
        Refusal::Unavailable => Ending::Close(CloseCode::TryAgainLater, "Unavailable"),
    }
}

/// Under what a proof lets a connection in.
fn identity(proof: &Proof) -> Identity {
    match proof {
        Proof::Account(proof) => {
            Identity::Account { session: proof.session, account: proof.account, generation: proof.generation }
        }
        Proof::Workspace(proof) => match proof.entry {
            Entry::Session { session, account_session, account_generation } => Identity::Member {
                workspace: proof.workspace,
                session,
                member: proof.member,
                generation: proof.generation,
                parent: account_session,
                account: proof.account,
                account_generation,
            },
            Entry::Key(key) => Identity::Key {
                workspace: proof.workspace,
                key,
                member: proof.member,
                account: proof.account,
                generation: proof.generation,
            },
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, value: &str) -> bool {
        let payload = serde_json::json!({ name: value });
        shown(payload.as_object(), &SessionCookies::default()).is_some_and(|shown| !shown.by_cookie)
    }

    #[test]
    fn the_token_travels_in_connection_init() {
        let token = |kind| format!("Bearer {}", Secret::mint(kind).reveal());
        assert!(read("authorization", &token(SecretKind::WorkspaceSession)));
        assert!(read("Authorization", &token(SecretKind::AccountSession).replace("Bearer", "bearer")));
        assert!(!read("token", &token(SecretKind::ApiKey)));
        assert!(!read("authorization", &token(SecretKind::InvitationLink)));
        assert!(!read("authorization", "Bearer rubbish"));
        assert!(!read("authorization", ""));
    }
}
