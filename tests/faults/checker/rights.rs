//! Point 1: no request that began after the answer to a block (a change of role or of what a role gives, a sign-out, a
//! session's end, a key's revocation) succeeded with the old rights, on any server, ever, with that token.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::grants::{AllGrants, allows};
use super::{Point, Violation};
use crate::faults::record::{
    Ask, Credential, CredentialId, Holder, Journal, Micros, Needs, Outcome, Record, What,
};

/// From when until when a credential must not be let in, and with which deed that began.
#[derive(Clone, Copy)]
struct Dead<'a> {
    from: Micros,
    until: Micros,
    from_what: Kept,
    by: &'a Ask,
}

/// What a credential is kept from.
#[derive(Clone, Copy)]
enum Kept {
    Anything,
    /// What takes these rights.
    Rights(Needs),
    /// Coming into this workspace.
    Workspace(Uuid),
    /// Signing in to this account with a password before this one.
    Passwords(Uuid, usize),
}

impl Kept {
    fn covers(self, what: &What) -> bool {
        match (self, what) {
            (Self::Anything, _) => true,
            (Self::Rights(lacked), what) => what.needs() == lacked,
            (Self::Workspace(gone), What::Enter(workspace) | What::Accept { workspace, .. }) => {
                gone == *workspace
            }
            (Self::Passwords(of, before), What::SignIn { account, password }) => {
                of == *account && *password < before
            }
            (Self::Workspace(_) | Self::Passwords(..), _) => false,
        }
    }
}

pub(super) fn check(record: &Record, journal: &Journal) -> Vec<Violation> {
    let mut found = Vec::new();
    let (deeds, grants) = (deeds(record), AllGrants::of(record, journal));
    let mut asks: BTreeMap<CredentialId, Vec<&Ask>> = BTreeMap::new();
    for ask in record.asks.iter().filter(|ask| matches!(ask.outcome, Outcome::Done(_))) {
        asks.entry(ask.by).or_default().push(ask);
    }
    for at in 0..record.credentials.len() {
        let id = CredentialId(at);
        let dead: Vec<Dead<'_>> =
            deeds.iter().flat_map(|deed| reaches((record, journal, &grants), deed, id)).collect();
        if dead.is_empty() {
            continue;
        }
        for ask in asks.get(&id).into_iter().flatten() {
            let held = |dead: &&Dead<'_>| {
                ask.begun > dead.from && ask.ended < dead.until && dead.from_what.covers(&ask.what)
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
                socket.begun > dead.from
                    && acknowledged < dead.until
                    && matches!(dead.from_what, Kept::Anything)
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
        | What::UpdateRole { .. }
        | What::DeleteRole(_)
        | What::EndMemberSessions(_)
        | What::Deactivate(_)
        | What::Remove(_)
        | What::DeleteForever(_)
        | What::ResetPassword { .. }
        | What::DeleteAccount
        | What::DeleteWorkspace
        | What::Leave
        | What::ChangePassword
        | What::Restore
        | What::SignOut
        | What::EndSession(_)
        | What::RevokeKey(_) => true,
        What::Read
        | What::Enter(_)
        | What::SignIn { .. }
        | What::Recover(_)
        | What::Unblock(_)
        | What::Reactivate(_)
        | What::CreateRole { .. }
        | What::RegisterAsset
        | What::CreateKey
        | What::Invite
        | What::Accept { .. } => false,
    };
    let done = record.asks.iter().filter(|ask| matches!(ask.outcome, Outcome::Done(_)));
    done.filter(puts_out).filter(|ask| ask.begun >= since).collect()
}

/// What a run left, and what came of roles in it.
type Traces<'a> = (&'a Record, &'a Journal, &'a AllGrants);

/// What does the deed keep the credential from, and for how long?
fn reaches<'a>(
    (record, journal, grants): Traces<'_>,
    deed: &'a Ask,
    id: CredentialId,
) -> impl Iterator<Item = Dead<'a>> + use<'a> {
    let before = record.credential(id).issued_at < deed.begun;
    let rights = match deed.what {
        What::SetRole { .. } | What::UpdateRole { .. } | What::DeleteRole(_) if before => {
            lost_rights(record, grants, deed, id)
        }
        _ => [None, None],
    };
    let out = if before { puts_out(record, journal, deed, id) } else { None };
    rights.into_iter().flatten().chain(out)
}

/// What a change of roles takes from a credential: by the log, which tells whom it concerned and what they had after it.
fn lost_rights<'a>(
    record: &Record,
    grants: &AllGrants,
    deed: &'a Ask,
    id: CredentialId,
) -> [Option<Dead<'a>>; 2] {
    let (holder, stream) = (record.credential(id).holder, record.workspace_of(id));
    let (Outcome::Done(Some(seq)), Some(member), Some(stream)) = (&deed.outcome, holder.member(), stream)
    else {
        return [None, None];
    };
    if record.workspace_of(deed.by) != Some(stream) {
        return [None, None];
    }
    let Some(rights) = grants.changed_at(stream, member, *seq) else { return [None, None] };
    [Needs::Admin, Needs::Assets].map(|needs| {
        let is_key = matches!(holder, Holder::Key { .. });
        // A key stops with its maker's admin role.
        let from_what = if is_key { Kept::Anything } else { Kept::Rights(needs) };
        let concerned = !allows(rights, needs) && (!is_key || needs == Needs::Admin);
        let until = grants.given_back(stream, member, *seq, needs);
        concerned.then_some(Dead { from: deed.ended, until, from_what, by: deed })
    })
}

/// Does the deed put the credential out, and for how long?
fn puts_out<'a>(record: &Record, journal: &Journal, deed: &'a Ask, id: CredentialId) -> Option<Dead<'a>> {
    let credential = record.credential(id);
    let for_ever = Dead { from: deed.ended, until: Micros::MAX, from_what: Kept::Anything, by: deed };
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
        (What::DeleteForever(of), holder) if holder.member() == Some(*of) => Some(for_ever),
        // SES-5: keys are no sessions.
        (What::ResetPassword { account, password }, holder) => {
            let from_what = if is_nobody(holder) {
                Kept::Passwords(*account, *password)
            } else if account_of(record, holder) == Some(*account) {
                Kept::Anything
            } else {
                return None;
            };
            Some(Dead { from_what, ..for_ever })
        }
        (What::DeleteAccount, holder) => {
            let ended = account_of(record, &record.credential(deed.by).holder)?;
            if is_nobody(holder) {
                return Some(Dead { from_what: Kept::Passwords(ended, usize::MAX), ..for_ever });
            }
            (account_of(record, holder) == Some(ended)).then_some(for_ever)
        }
        // WSP-10: sessions and keys stay dead when it is brought back.
        (What::DeleteWorkspace, holder) => {
            let gone = record.workspace_of(deed.by)?;
            if record.workspace_of(id) == Some(gone) {
                return Some(for_ever);
            }
            let from_what = Kept::Workspace(gone);
            let until = brought_back(record, gone, deed.ended);
            matches!(holder, Holder::Account { .. }).then_some(Dead { until, from_what, ..for_ever })
        }
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
        (What::SignOut, holder) => (deed.by == id || hangs_on(holder, deed.by)).then_some(for_ever),
        (What::EndSession(ended), holder) => (*ended == id || hangs_on(holder, *ended)).then_some(for_ever),
        (What::RevokeKey(key), _) if *key == id => Some(for_ever),
        _ => None,
    }
}

/// Somebody without a session: who signs in, accepts or sets a password by a link.
fn is_nobody(holder: &Holder) -> bool {
    matches!(holder, Holder::Account { account, .. } if account.is_nil())
}

/// When a workspace that was deleted may have been brought back: when that was asked for first.
fn brought_back(record: &Record, workspace: Uuid, after: Micros) -> Micros {
    let asks = record.asks.iter().filter(|ask| ask.what == What::Recover(workspace) && ask.begun > after);
    let may_have = asks.filter(|ask| !matches!(ask.outcome, Outcome::Refused(_)));
    may_have.map(|ask| ask.begun).min().unwrap_or(Micros::MAX)
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
        .find(|event| event.kind == kind && super::readers::subject(event) == Some(member));
    let Some(back) = back else { return Micros::MAX };
    let asks = record.asks.iter().filter(|ask| ask.outcome == Outcome::Done(Some(back.seq)));
    let by = |ask: &&Ask| matches!(&ask.what, What::Unblock(of) | What::Reactivate(of) if *of == member);
    asks.filter(by).map(|ask| ask.begun).next().unwrap_or(0)
}
