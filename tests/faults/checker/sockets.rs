//! Point 2: in the log's order, nothing after the end of a session was written to its socket but the forced logout, and
//! nothing at all after that, and it names the cause that the log has; and nothing after a change of somebody's rights before their window was told of it.

use rollcall::platform::journal::{Effect, Event};
use rollcall::primitives::actor::EndCause;
use uuid::Uuid;

use super::grants::AllGrants;
use super::{Point, Violation};
use crate::faults::record::{Credential, CredentialId, Heard, Holder, Journal, Record, Sight, Socket};

/// The close code of a forced logout.
const LOGGED_OUT: u16 = 4401;

pub(super) fn check(record: &Record, journal: &Journal) -> Vec<Violation> {
    let grants = AllGrants::of(record, journal);
    let sockets = record.sockets.iter().flat_map(|socket| {
        let late = after_the_end(record, journal, socket);
        let untold = untold_rights(record, &grants, socket);
        late.into_iter()
            .chain(after_the_logout(socket))
            .chain(untold)
            .chain(wrong_cause(record, journal, socket))
    });
    sockets.map(|text| Violation::new(Point::NothingAfterTheBlock, text)).collect()
}

fn after_the_end(record: &Record, journal: &Journal, socket: &Socket) -> Option<String> {
    let reader = socket.reader.map(|id| &record.readers[id.0])?;
    let end = end_of(record, journal, socket.by)?;
    if record.rewound.as_ref().is_some_and(|rewind| socket.begun < rewind.at) {
        return None;
    }
    let (at, heard) = socket.heard.iter().find(
        |(_, heard)| matches!(heard, Heard::Event { seq, .. } if *seq >= end.seq && reader.stream == end.stream.as_uuid()),
    )?;
    Some(format!(
        "{} heard {heard:?} at {at} µs on a socket of server {}, whose session ended with number {} ({})",
        reader.name, socket.server, end.seq, end.kind
    ))
}

fn after_the_logout(socket: &Socket) -> Option<String> {
    let mut heard = socket.heard.iter().skip_while(|(_, heard)| !matches!(heard, Heard::SessionEnded(_)));
    heard.next();
    let (at, heard) = heard.find(|(_, heard)| !matches!(heard, Heard::Complete))?;
    Some(format!(
        "{heard:?} came at {at} µs after the forced logout, on a socket of server {}",
        socket.server
    ))
}

/// A window that was shown what comes after a change of its member's rights, and not told that they have changed.
fn untold_rights(record: &Record, grants: &AllGrants, socket: &Socket) -> Option<String> {
    let reader = socket.reader.map(|id| &record.readers[id.0])?;
    let Sight::Member { member, .. } = reader.sight else { return None };
    if record.rewound.is_some() {
        return None;
    }
    // Whoever has been shown something listens to the session as well: it was asked for first.
    let (listens, _) = socket.heard.iter().find(|(_, heard)| matches!(heard, Heard::Event { .. }))?;
    grants.in_stream(reader.stream)?.changes(member).find_map(|seq| {
        let asked = grants.asked_at(reader.stream, seq).filter(|asked| asked > listens)?;
        let shown = |(_, heard): &(_, Heard)| matches!(heard, Heard::Event { seq: at, .. } if *at >= seq);
        let shown = socket.heard.iter().position(shown)?;
        let told = |(at, heard): &(_, Heard)| *heard == Heard::RightsChanged && *at >= asked;
        let silent = !socket.heard[..shown].iter().any(told);
        silent.then(|| {
            format!(
                "{} was shown {:?} on a socket of server {}, and not told before of the rights that number {seq} changed",
                reader.name, socket.heard[shown], socket.server
            )
        })
    })
}

/// A window that was put out for a reason that the log doesn't have, or for none at all.
fn wrong_cause(record: &Record, journal: &Journal, socket: &Socket) -> Option<String> {
    let told = socket.heard.iter().find_map(|(_, heard)| match heard {
        Heard::SessionEnded(cause) => Some(cause.as_str()),
        _ => None,
    });
    let put_out = told.is_some() || matches!(socket.closed, Some((_, Some(LOGGED_OUT))));
    if !put_out || socket.acknowledged.is_none() || record.rewound.is_some() {
        return None;
    }
    let causes = causes(record, journal, socket.by)?;
    let known = told.map_or(!causes.is_empty(), |told| causes.contains(&told));
    (!known).then(|| {
        format!(
            "a socket of server {}, opened at {} µs, was put out as {told:?}; the log has {causes:?}",
            socket.server, socket.begun
        )
    })
}

/// Why a session has ended, by all that the log has of it; none where its beginning there isn't known.
fn causes(record: &Record, journal: &Journal, id: CredentialId) -> Option<Vec<&'static str>> {
    let credential = record.credential(id);
    let (stream, parent) = match credential.holder {
        Holder::Member { workspace, parent, .. } => (workspace, Some(parent)),
        Holder::Account { account, .. } => (account, None),
        Holder::Key { .. } => return None,
    };
    if credential.floor == i64::MAX {
        return None;
    }
    let events = journal.after(stream, credential.floor).iter();
    let own = events.filter(|event| ends(record, event, credential)).filter_map(cause_of);
    let above = parent.map_or(Some(Vec::new()), |parent| causes(record, journal, parent))?;
    Some(own.chain(above).collect())
}

fn cause_of(event: &Event) -> Option<&'static str> {
    match &event.effect {
        Some(
            Effect::EndMemberSessions { cause, .. }
            | Effect::EndWorkspaceSession { cause, .. }
            | Effect::EndSessionsUnder { cause, .. }
            | Effect::EndAccountSession { cause, .. }
            | Effect::EndAccountSessions { cause, .. },
        ) => Some(cause.as_str()),
        _ => (event.kind == "WorkspaceDeleted").then_some(EndCause::WorkspaceDeleted.as_str()),
    }
}

/// The first event of its stream that ends a session; none for what ends otherwise.
pub(super) fn end_of<'a>(record: &Record, journal: &'a Journal, id: CredentialId) -> Option<&'a Event> {
    let credential = record.credential(id);
    let stream = match credential.holder {
        Holder::Member { workspace, .. } => workspace,
        Holder::Account { account, .. } => account,
        Holder::Key { .. } => return None,
    };
    journal.after(stream, credential.floor).iter().find(|event| ends(record, event, credential))
}

fn ends(record: &Record, event: &Event, credential: &Credential) -> bool {
    match credential.holder {
        Holder::Account { account: own, session: own_session } => match &event.effect {
            Some(Effect::EndAccountSession { session, .. }) => session.as_uuid() == own_session,
            Some(Effect::EndAccountSessions { account, except, .. }) => {
                account.as_uuid() == own && except.is_none_or(|spared| spared.as_uuid() != own_session)
            }
            _ => false,
        },
        Holder::Member { member: own, session: own_session, parent, .. } => match &event.effect {
            Some(Effect::EndMemberSessions { member, .. }) => member.as_uuid() == own,
            Some(Effect::EndWorkspaceSession { session, .. }) => session.as_uuid() == own_session,
            Some(Effect::EndSessionsUnder { account_session, .. }) => {
                Some(account_session.as_uuid()) == account_session_of(record, parent)
            }
            _ => event.kind == "WorkspaceDeleted",
        },
        Holder::Key { .. } => false,
    }
}

fn account_session_of(record: &Record, id: CredentialId) -> Option<Uuid> {
    match record.credential(id).holder {
        Holder::Account { session, .. } => Some(session),
        Holder::Member { .. } | Holder::Key { .. } => None,
    }
}
