//! Point 4: what was acknowledged is in the journal exactly once, what was refused is not, and what ended unknown is
//! there once or not at all.
//!
//! Most requests carry no mark of their own into the journal. So the events are told apart by stream, kind and whom they are
//! about (or who made them, where that is all that is known before the answer), and counted; what was acknowledged with a
//! place stands at that place. Edits of roles do carry one: each is a group of its own. Whoever is given the role that they
//! have, as when a call is repeated whose answer was lost, makes no event (EVT-1): then the role must stand at that place.

use std::collections::{BTreeMap, BTreeSet};

use rollcall::platform::journal::{Effect, Event};
use rollcall::primitives::actor::Actor;
use rollcall::primitives::ids::split;
use uuid::Uuid;

use super::grants::mark_of;
use super::readers::subject;
use super::{Point, Violation};
use crate::faults::record::{Ask, Holder, Journal, Outcome, Record, What};

/// Events that can't be told apart from outside: a stream, a kind, and whom they are about or who made them.
type Group = (Uuid, &'static str, Uuid);

pub(super) fn check(record: &Record, journal: &Journal) -> Vec<Violation> {
    let since = record.rewound.as_ref().map_or(0, |rewind| rewind.at);
    let mut asked: BTreeMap<Group, Vec<&Ask>> = BTreeMap::new();
    for ask in record.asks.iter().filter(|ask| ask.begun >= since) {
        if let Some(group) = group_of(record, ask) {
            asked.entry(group).or_default().push(ask);
        }
    }
    let mut written = written(record, journal);
    let mut found = Vec::new();
    for (group, asks) in &asked {
        let seqs = written.remove(group).unwrap_or_default();
        let asks: Vec<&Ask> = asks.iter().copied().filter(|ask| !is_idle(journal, group.0, ask)).collect();
        found.extend(compare(*group, &asks, &seqs));
    }
    // Where the database was set back, who asked for it may be forgotten with what came of it.
    if record.rewound.is_none() {
        let causeless = written.into_iter().filter(|(_, seqs)| !seqs.is_empty());
        found.extend(causeless.map(|(group, seqs)| format!("{group:?}: nobody asked for {seqs:?}")));
    }
    found.into_iter().map(|text| Violation::new(Point::AcknowledgedOnce, text)).collect()
}

/// Was somebody given the role that they had? The role that an invitation brought is on no record here.
fn is_idle(journal: &Journal, stream: Uuid, ask: &Ask) -> bool {
    let (What::SetRole { member, admin }, Outcome::Done(Some(place))) = (&ask.what, &ask.outcome) else {
        return false;
    };
    let gives = |event: &&Event| {
        matches!(event.kind.as_str(), "MemberRoleSet" | "MemberJoined") && subject(event) == Some(*member)
    };
    let before = journal.after(stream, 0).iter().take_while(|event| event.seq <= *place);
    let Some(last) = before.filter(gives).last() else { return true };
    match &last.effect {
        Some(Effect::ChangeMemberRights { rights, .. }) => last.seq != *place && rights.admin == *admin,
        _ => true,
    }
}

fn compare(group: Group, asks: &[&Ask], seqs: &[i64]) -> Vec<String> {
    let (mut found, mut claimed) = (Vec::new(), BTreeSet::new());
    let (mut done, mut unknown) = (0, 0);
    for ask in asks {
        match &ask.outcome {
            Outcome::Done(seq) => {
                done += 1;
                let Some(seq) = seq else { continue };
                if !seqs.contains(seq) {
                    found.push(format!("{group:?}: acknowledged and not in the journal: {ask}"));
                }
                if !claimed.insert(*seq) {
                    found.push(format!("{group:?}: acknowledged twice: {ask}"));
                }
            }
            Outcome::Unknown => unknown += 1,
            Outcome::Refused(_) => {}
        }
    }
    if !(done..=done + unknown).contains(&seqs.len()) {
        let asked: Vec<String> = asks.iter().map(|ask| format!("\n  {ask}")).collect();
        found.push(format!(
            "{group:?}: {done} acknowledged and {unknown} unknown, but the journal has {seqs:?}:{}",
            asked.concat()
        ));
    }
    found
}

/// Which events a request makes when it is let through.
fn group_of(record: &Record, ask: &Ask) -> Option<Group> {
    let holder = record.credential(ask.by).holder;
    let account_of = |holder: &Holder| match holder {
        Holder::Account { account, session } => Some((*account, "AccountSessionEnded", *session)),
        Holder::Member { workspace, session, .. } => Some((*workspace, "MemberSessionEnded", *session)),
        Holder::Key { .. } => None,
    };
    match &ask.what {
        What::Read | What::Enter(_) | What::SignIn { .. } | What::Restore => None,
        What::ChangePassword => match holder {
            Holder::Account { account, .. } => Some((account, "PasswordChanged", account)),
            _ => None,
        },
        What::ResetPassword { account, .. } => Some((*account, "PasswordChanged", *account)),
        What::DeleteAccount => match holder {
            Holder::Account { account, .. } => Some((account, "AccountDeletionBegun", account)),
            _ => None,
        },
        What::Recover(workspace) => Some((*workspace, "WorkspaceRecovered", *workspace)),
        What::SignOut => account_of(&holder),
        What::EndSession(ended) => account_of(&record.credential(*ended).holder),
        What::Accept { workspace, member } => Some((*workspace, "MemberJoined", *member)),
        what => {
            let (Holder::Member { workspace, .. } | Holder::Key { workspace, .. }) = holder else {
                return None;
            };
            let (kind, about) = match what {
                What::Block(member) => ("MemberBlocked", *member),
                What::Unblock(member) => ("MemberUnblocked", *member),
                What::SetRole { member, .. } => ("MemberRoleSet", *member),
                What::CreateRole { mark } => ("RoleCreated", *mark),
                What::UpdateRole { mark, .. } => ("RoleUpdated", *mark),
                What::DeleteRole(role) => ("RoleDeleted", *role),
                What::EndMemberSessions(member) => ("MemberSessionsEnded", *member),
                What::Deactivate(member) => ("MemberDeactivated", *member),
                What::Reactivate(member) => ("MemberReactivated", *member),
                What::Remove(member) => ("MemberRemoved", *member),
                What::DeleteForever(member) => ("MemberDeletedForever", *member),
                What::DeleteWorkspace => ("WorkspaceDeleted", workspace),
                What::Leave => ("MemberLeft", holder.author()),
                What::RegisterAsset => ("AssetRegistered", holder.author()),
                What::CreateKey => ("ApiKeyCreated", holder.author()),
                What::Invite => ("MemberInvited", holder.author()),
                What::RevokeKey(key) => match record.credential(*key).holder {
                    Holder::Key { key, .. } => ("ApiKeyRevoked", key),
                    _ => return None,
                },
                _ => return None,
            };
            Some((workspace, kind, about))
        }
    }
}

/// The journal's events since the work began, by group.
fn written(record: &Record, journal: &Journal) -> BTreeMap<Group, Vec<i64>> {
    let mut written: BTreeMap<Group, Vec<i64>> = BTreeMap::new();
    for stream in journal.0.keys() {
        let since = record.rewound.as_ref().map_or(&record.since, |rewind| &rewind.heads);
        let since = since.get(stream).copied().unwrap_or_default();
        for event in journal.after(*stream, since) {
            if let Some((kind, about)) = kind_of(event) {
                written.entry((*stream, kind, about)).or_default().push(event.seq);
            }
        }
    }
    written
}

fn kind_of(event: &Event) -> Option<(&'static str, Uuid)> {
    let of_subject = [
        "MemberBlocked",
        "MemberUnblocked",
        "MemberDeactivated",
        "MemberReactivated",
        "MemberRemoved",
        "MemberLeft",
        "MemberRoleSet",
        "MemberSessionsEnded",
        "MemberJoined",
        "MemberDeletedForever",
        "PasswordChanged",
        "AccountDeletionBegun",
    ];
    // Follows from the end of an account: nobody asks for it by itself.
    if event.kind == "MemberRemoved" && matches!(event.actor, Actor::Account(_)) {
        return None;
    }
    let of_workspace = ["WorkspaceDeleted", "WorkspaceRecovered"];
    if let Some(kind) = of_workspace.into_iter().find(|kind| *kind == event.kind) {
        return Some((kind, event.stream.as_uuid()));
    }
    if let Some(kind) = of_subject.into_iter().find(|kind| *kind == event.kind) {
        return Some((kind, subject(event)?));
    }
    let of_author = ["AssetRegistered", "ApiKeyCreated", "MemberInvited"];
    if let Some(kind) = of_author.into_iter().find(|kind| *kind == event.kind) {
        return Some((kind, author(event)?));
    }
    let of_mark = ["RoleCreated", "RoleUpdated"];
    if let Some(kind) = of_mark.into_iter().find(|kind| *kind == event.kind) {
        return Some((kind, mark_of(event)?));
    }
    let (kind, path) = match event.kind.as_str() {
        "RoleDeleted" => ("RoleDeleted", "/role"),
        "ApiKeyRevoked" => ("ApiKeyRevoked", "/apiKey/id"),
        // Those that end with their account session have no request of their own.
        "MemberSessionEnded" => ("MemberSessionEnded", "/session"),
        "AccountSessionEnded" => ("AccountSessionEnded", "/accountSession"),
        _ => return None,
    };
    let id = event.payload.pointer(path)?.as_str()?;
    Some((kind, id.parse().ok().or_else(|| split(id).map(|(_, id)| id))?))
}

pub(super) fn author(event: &Event) -> Option<Uuid> {
    match event.actor {
        Actor::Member(id) => Some(id.as_uuid()),
        Actor::Account(id) => Some(id.as_uuid()),
        Actor::ApiKey(id) => Some(id.as_uuid()),
        Actor::System | Actor::Unknown => None,
    }
}
