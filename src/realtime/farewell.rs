//! How a connection ends: the forced logout, or a close code that tells the client to come back.
//!
//! Never takes longer than two seconds: a socket that can't take its last words is aborted.

use super::FAREWELL_MAX;
use super::connection::{Connection, Ending};
use super::protocol::{self, CloseCode};
use super::wire::Wire;
use crate::access::SessionEnd;
use crate::graphql::events::SessionItem;
use crate::platform::hub::Verdict;
use crate::primitives::actor::EndCause;

/// There is no place for one more.
pub(super) const CROWDED: Ending = Ending::Close(CloseCode::TryAgainLater, "Too many sockets on this server");

/// There is none for one more of the same account or key: clients that would come back at once must not.
pub(super) const TOO_MANY: Ending =
    Ending::Close(CloseCode::PolicyViolation, "Too many sockets of this account or key; close others first");

/// Ends a connection that is up.
pub(super) async fn part(mut connection: Box<Connection>, ending: Ending) {
    let words = async {
        if let Ending::Verdict(Verdict::Ended(cause)) = ending {
            log_out(&mut connection, cause).await;
        }
        if let Ending::Verdict(Verdict::ShuttingDown) = ending {
            connection.answer_what_runs().await;
        }
        say(&mut connection.wire, &ending).await;
    };
    // Whoever doesn't take it in time is aborted: dropping the socket is all that is left.
    let _ = tokio::time::timeout(FAREWELL_MAX, words).await;
}

/// Ends a connection that never came up.
pub(super) async fn close(mut wire: Wire, ending: &Ending) {
    let _ = tokio::time::timeout(FAREWELL_MAX, say(&mut wire, ending)).await;
}

/// There is no room for one more.
pub(super) async fn refuse_crowd(wire: Wire) {
    close(wire, &CROWDED).await;
}

/// What waited is of before the end; it goes, and the end goes next (REV-4).
async fn log_out(connection: &mut Connection, cause: EndCause) {
    connection.wire.discard();
    if !connection.operations.of_session.is_empty() {
        let end = SessionEnd { cause, workspace: connection.identity.workspace() };
        let ended = connection.shared.parts.documents.ended(end).await;
        for at in 0..connection.operations.of_session.len() {
            connection.tell_session(at, SessionItem::Ended(ended.clone())).await;
        }
    }
    let open: Vec<String> =
        connection.operations.ids().chain(connection.listening()).map(protocol::complete).collect();
    for complete in open {
        connection.wire.send(&complete);
    }
}

async fn say(wire: &mut Wire, ending: &Ending) {
    match ending {
        Ending::Gone => {}
        Ending::Left => wire.answer_end().await,
        // Clients stop on this one, and the cause is there also for those who subscribed to nothing.
        Ending::Verdict(Verdict::Ended(cause)) => wire.close(CloseCode::Unauthorized, cause.as_str()).await,
        Ending::Verdict(Verdict::Lapsed) => {
            wire.close(CloseCode::TryAgainLater, "Cut off from the database").await;
        }
        Ending::Verdict(Verdict::ShuttingDown) => {
            wire.close(CloseCode::ServiceRestart, "Service restart").await;
        }
        Ending::Close(code, reason) => wire.close(*code, reason).await,
    }
}
