//! Point 5: nothing by a blocked actor, nor by a key of theirs, has a number between their block and their unblocking,
//! nor by one who was deactivated or is gone until they are back; nothing is by somebody whose role didn't give the right
//! to it there; and a role that is gone is nobody's any more.

use std::collections::{BTreeMap, BTreeSet};

use rollcall::platform::journal::{Effect, Event};
use uuid::Uuid;

use super::grants::{Grants, allows};
use super::ledger::author;
use super::readers::subject;
use super::{Point, Violation};
use crate::faults::record::{Holder, Journal, Needs, Record};

/// Which kinds an admin's rights alone bring about.
const BY_ADMINS: &[&str] = &[
    "ApiKeyCreated",
    "ApiKeyRevoked",
    "MemberInvited",
    "MemberBlocked",
    "RoleCreated",
    "RoleUpdated",
    "RoleDeleted",
];

pub(super) fn check(record: &Record, journal: &Journal) -> Vec<Violation> {
    let makers = makers(record);
    let found = journal.0.values().flat_map(|events| {
        let mut standing = Standing { grants: Grants::of(events), ..Standing::default() };
        events.iter().filter_map(|event| standing.take(event, &makers)).collect::<Vec<_>>()
    });
    found.map(|text| Violation::new(Point::NothingByTheBlocked, text)).collect()
}

/// Keys and who made them.
fn makers(record: &Record) -> BTreeMap<Uuid, Uuid> {
    let keys = record.credentials.iter().filter_map(|credential| match credential.holder {
        Holder::Key { key, maker, .. } => Some((key, maker)),
        _ => None,
    });
    keys.collect()
}

/// Who is out, as of a place in the log, and since which number.
#[derive(Default)]
struct Standing {
    blocked: BTreeMap<Uuid, i64>,
    /// Deactivated, removed, or gone by themselves.
    out: BTreeMap<Uuid, i64>,
    /// Deleted for ever.
    deleted: BTreeMap<Uuid, i64>,
    /// The workspace, while it is deleted.
    closed: Option<i64>,
    revoked: BTreeSet<Uuid>,
    /// Roles that are no more.
    gone: BTreeMap<Uuid, i64>,
    grants: Grants,
}

impl Standing {
    fn take(&mut self, event: &Event, makers: &BTreeMap<Uuid, Uuid>) -> Option<String> {
        let said = self.judge(event, makers).or_else(|| self.judge_role(event));
        if let Some(member) = subject(event) {
            match event.kind.as_str() {
                "MemberBlocked" => _ = self.blocked.insert(member, event.seq),
                "MemberUnblocked" => _ = self.blocked.remove(&member),
                "MemberDeactivated" | "MemberRemoved" | "MemberLeft" => {
                    _ = self.out.insert(member, event.seq);
                }
                "MemberDeletedForever" => _ = self.deleted.insert(member, event.seq),
                "MemberReactivated" | "MemberJoined" => _ = self.out.remove(&member),
                _ => {}
            }
        }
        if let Some(Effect::StopKey { key, .. }) = &event.effect {
            self.revoked.insert(key.as_uuid());
        }
        match event.kind.as_str() {
            "WorkspaceDeleted" => self.closed = Some(event.seq),
            "WorkspaceRecovered" => self.closed = None,
            _ => {}
        }
        if event.kind == "RoleDeleted"
            && let Some(role) = role_of(event)
        {
            self.gone.insert(role, event.seq);
        }
        said
    }

    fn judge(&self, event: &Event, makers: &BTreeMap<Uuid, Uuid>) -> Option<String> {
        let author = author(event)?;
        let person = makers.get(&author).copied().unwrap_or(author);
        let (seq, kind) = (event.seq, &event.kind);
        if let Some(since) = self.blocked.get(&person) {
            return Some(format!(
                "number {seq} ({kind}) is by {person}, who was blocked with number {since}"
            ));
        }
        if let Some(since) = self.deleted.get(&person).or_else(|| self.deleted.get(&subject(event)?)) {
            return Some(format!(
                "number {seq} ({kind}) is by or about {person}, who was deleted for ever with number {since}"
            ));
        }
        // What ended before is told of when somebody comes to it.
        if let Some(since) = self.closed.filter(|_| kind != "MemberSessionEnded") {
            return Some(format!(
                "number {seq} ({kind}) is by {person}, and the workspace was deleted with number {since}"
            ));
        }
        // Whoever comes back says so themselves.
        if let Some(since) = self.out.get(&person).filter(|_| kind != "MemberJoined") {
            return Some(format!("number {seq} ({kind}) is by {person}, who was out since number {since}"));
        }
        if self.revoked.contains(&author) {
            return Some(format!("number {seq} ({kind}) is by the key {author}, which was revoked before"));
        }
        let needs = match kind.as_str() {
            // API-2: a key stops with its maker's admin role.
            _ if makers.contains_key(&author) => Needs::Admin,
            "AssetRegistered" => Needs::Assets,
            kind if BY_ADMINS.contains(&kind) => Needs::Admin,
            _ => Needs::Nothing,
        };
        let (since, _) = self.grants.at(person, seq - 1).filter(|(_, rights)| !allows(rights, needs))?;
        Some(format!("number {seq} ({kind}) is by {person}, who had no right to it since number {since}"))
    }

    /// Does it give, or change, a role that is gone?
    fn judge_role(&self, event: &Event) -> Option<String> {
        let (role, since) = self.gone.get_key_value(&role_of(event)?)?;
        Some(format!(
            "number {} ({}) is of the role {role}, gone since number {since}",
            event.seq, event.kind
        ))
    }
}

/// The role that an event gives, changes or takes away.
fn role_of(event: &Event) -> Option<Uuid> {
    match &event.effect {
        Some(Effect::ChangeMemberRights { rights, .. }) => Some(rights.role.as_uuid()),
        Some(Effect::ChangeRoleRights { role, .. }) => Some(role.as_uuid()),
        _ => None,
    }
}
