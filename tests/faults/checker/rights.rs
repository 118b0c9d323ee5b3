//! Point 1: no request that began after the answer to a block (a role change, a sign-out, a session's end, a key's
//! revocation) succeeded with the old rights, on any server, ever, with that token.

use std::collections::BTreeMap;

use rollcall::platform::journal::Effect;
use uuid::Uuid;

use super::{Point, Violation};
use crate::faults::record::{Ask, Credential, CredentialId, Holder, Journal, Micros, Outcome, Record, What};

/// From when until when a credential must not be let in, and with which deed that began.
struct Dead<'a> {
    from: Micros,
    until: Micros,
    /// For what needs an admin's rights alone.
    changes_only: bool,
    by: &'a Ask,
}

pub(super) fn check(record: &Record, journal: &Journal) -> Vec<Violation> {
    let mut found = Vec::new();
    let deeds = deeds(record);
    let mut asks: BTreeMap<CredentialId, Vec<&Ask>> = BTreeMap::new();
    for ask in record.asks.iter().filter(|ask| matches!(ask.outcome, Outcome::Done(_))) {
        asks.entry(ask.by).or_default().push(ask);
    }
    for at in 0..record.credentials.len() {
        let id = CredentialId(at);
        let dead: Vec<Dead<'_>> =
            deeds.iter().filter_map(|deed| reaches(record, journal, deed, id)).collect();
        if dead.is_empty() {
            continue;
        }
        for ask in asks.get(&id).into_iter().flatten() {
            let held = |dead: &&Dead<'_>| {
                ask.begun > dead.from
                    && ask.ended < dead.until
                    && (!dead.changes_only || ask.what.needs_admin())
            };
            if let Some(dead) = dead.iter().find(held) {
                found.push(Violation::new(
                    Point::NothingWithOldRights,
                    format!("let in: {ask}\n  though it had been answered: {}", dead.by),
                ));
            }
        }
        for socket in record.sockets.iter().filter(|socket| socket.by == id) {
            let Some(acknowledged) = socket.acknowledged else { continue };
            let held = |dead: &&Dead<'_>| {
                socket.begun > dead.from && acknowledged < dead.until && !dead.changes_only
            };
            if let Some(dead) = dead.iter().find(held) {
                found.push(Violation::new(
                    Point::NothingWithOldRights,
                    format!(
                        "a socket was let in at server {} at {} µs\n  though it had been answered: {}",
                        socket.server, socket.begun, dead.by
                    ),
                ));
            }
        }
    }
    found
}

/// What was acknowledged and puts somebody out; after a rewind, only what came after it still stands.
fn deeds(record: &Record) -> Vec<&Ask> {
    let since = record.rewound.as_ref().map_or(0, |rewind| rewind.at);
    let puts_out = |ask: &&Ask| match ask.what {
        What::Block(_)
        | What::SetRole { .. }
        | What::EndMemberSessions(_)
        | What::Deactivate(_)
        | What::Remove(_)
        | What::Leave
        | What::ChangePassword
        | What::Restore
        | What::SignOut
        | What::EndSession(_)
        | What::RevokeKey(_) => true,
        What::Read
        | What::Enter
        | What::Unblock(_)
        | What::Reactivate(_)
        | What::RegisterAsset
        | What::CreateKey
        | What::Invite
        | What::Accept { .. } => false,
    };
    let done = record.asks.iter().filter(|ask| matches!(ask.outcome, Outcome::Done(_)));
    done.filter(puts_out).filter(|ask| ask.begun >= since).collect()
}

/// Does the deed put the credential out, and for how long?
fn reaches<'a>(record: &Record, journal: &Journal, deed: &'a Ask, id: CredentialId) -> Option<Dead<'a>> {
    let credential = record.credential(id);
    if credential.issued_at >= deed.begun {
        return None;
    }
    let for_ever = Dead { from: deed.ended, until: Micros::MAX, changes_only: false, by: deed };
    match (&deed.what, &credential.holder) {
        (What::Block(blocked), Holder::Member { member, .. }) if member == blocked => Some(for_ever),
        (What::Block(blocked), Holder::Key { maker, .. }) if maker == blocked => {
            let until = undone(record, journal, deed, credential, "MemberUnblocked");
            Some(Dead { until, ..for_ever })
        }
        (What::Deactivate(of), Holder::Key { maker, .. }) if maker == of => {
            let until = undone(record, journal, deed, credential, "MemberReactivated");
            Some(Dead { until, ..for_ever })
        }
        (What::EndMemberSessions(of) | What::Deactivate(of), Holder::Member { member, .. })
            if member == of =>
        {
            Some(for_ever)
        }
        // API-2: nor do their keys work again.
        (What::Remove(of), holder) if holder.member() == Some(*of) => Some(for_ever),
        (What::Leave, holder) => {
            let gone = record.credential(deed.by).holder.member();
            (gone.is_some() && holder.member() == gone).then_some(for_ever)
        }
        (What::ChangePassword, holder) => {
            let spared = deed.by == id || hangs_on(holder, deed.by);
            (!spared && account_of(record, holder) == account_of(record, &record.credential(deed.by).holder))
                .then_some(for_ever)
        }
        // Keys are no sessions.
        (What::Restore, Holder::Account { .. } | Holder::Member { .. }) => Some(for_ever),
        (What::SetRole { member: of, admin: false }, holder) if holder.member() == Some(*of) => {
            let until = undone(record, journal, deed, credential, "MemberRoleSet");
            let changes_only = !matches!(holder, Holder::Key { .. });
            Some(Dead { until, changes_only, ..for_ever })
        }
        (What::SignOut, holder) => (deed.by == id || hangs_on(holder, deed.by)).then_some(for_ever),
        (What::EndSession(ended), holder) => (*ended == id || hangs_on(holder, *ended)).then_some(for_ever),
        (What::RevokeKey(key), _) if *key == id => Some(for_ever),
        _ => None,
    }
}

/// Whose account session it is, or hangs on.
fn account_of(record: &Record, holder: &Holder) -> Option<Uuid> {
    match holder {
        Holder::Account { account, .. } => Some(*account),
        Holder::Member { parent, .. } => match record.credential(*parent).holder {
            Holder::Account { account, .. } => Some(account),
            _ => None,
        },
        Holder::Key { .. } => None,
    }
}

fn hangs_on(holder: &Holder, parent: CredentialId) -> bool {
    matches!(holder, Holder::Member { parent: own, .. } if *own == parent)
}

/// When what a deed took may have been given back: when the deed began that the journal shows to have done so. Where
/// nobody knows who did it and when, from the beginning.
fn undone(record: &Record, journal: &Journal, deed: &Ask, credential: &Credential, kind: &str) -> Micros {
    let (Outcome::Done(Some(seq)), Some(member)) = (&deed.outcome, credential.holder.member()) else {
        return 0;
    };
    let stream = match credential.holder {
        Holder::Member { workspace, .. } | Holder::Key { workspace, .. } => workspace,
        Holder::Account { .. } => return 0,
    };
    let back = journal
        .after(stream, *seq)
        .iter()
        .find(|event| event.kind == kind && event.subject_is(member) && event.gives_rights());
    let Some(back) = back else { return Micros::MAX };
    let asks = record.asks.iter().filter(|ask| ask.outcome == Outcome::Done(Some(back.seq)));
    let by = |ask: &&Ask| match &ask.what {
        What::Unblock(of) | What::Reactivate(of) | What::SetRole { member: of, .. } => *of == member,
        _ => false,
    };
    asks.filter(by).map(|ask| ask.begun).next().unwrap_or(0)
}

/// What point 1 asks of an event.
trait Gives {
    fn subject_is(&self, member: Uuid) -> bool;
    /// An unblocking, or a role that is the admin's.
    fn gives_rights(&self) -> bool;
}

impl Gives for rollcall::platform::journal::Event {
    fn subject_is(&self, member: Uuid) -> bool {
        super::readers::subject(self) == Some(member)
    }

    fn gives_rights(&self) -> bool {
        match &self.effect {
            Some(Effect::ChangeMemberRights { rights, .. }) => rights.admin,
            _ => true,
        }
    }
}
