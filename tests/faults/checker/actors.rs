//! Point 5: nothing by a blocked actor, nor by a key of theirs, has a number between their block and their unblocking,
//! nor by one who was deactivated or is gone until they are back; and nothing that takes an admin's rights between an admin's demotion and their return.

use std::collections::{BTreeMap, BTreeSet};

use rollcall::platform::journal::{Effect, Event};
use uuid::Uuid;

use super::ledger::author;
use super::readers::subject;
use super::{Point, Violation};
use crate::faults::record::{Holder, Journal, Record};

/// Which kinds an admin's rights alone bring about.
const BY_ADMINS: &[&str] =
    &["AssetRegistered", "ApiKeyCreated", "ApiKeyRevoked", "MemberInvited", "MemberBlocked"];

pub(super) fn check(record: &Record, journal: &Journal) -> Vec<Violation> {
    let makers = makers(record);
    let found = journal.0.values().flat_map(|events| {
        let mut standing = Standing::default();
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
    demoted: BTreeMap<Uuid, i64>,
    revoked: BTreeSet<Uuid>,
}

impl Standing {
    fn take(&mut self, event: &Event, makers: &BTreeMap<Uuid, Uuid>) -> Option<String> {
        let said = self.judge(event, makers);
        if let Some(member) = subject(event) {
            match event.kind.as_str() {
                "MemberBlocked" => _ = self.blocked.insert(member, event.seq),
                "MemberUnblocked" => _ = self.blocked.remove(&member),
                "MemberDeactivated" | "MemberRemoved" | "MemberLeft" => {
                    _ = self.out.insert(member, event.seq);
                }
                "MemberReactivated" | "MemberJoined" => _ = self.out.remove(&member),
                _ => {}
            }
        }
        match &event.effect {
            Some(Effect::ChangeMemberRights { member, rights }) if rights.admin => {
                self.demoted.remove(&member.as_uuid());
            }
            Some(Effect::ChangeMemberRights { member, .. }) => {
                self.demoted.insert(member.as_uuid(), event.seq);
            }
            Some(Effect::StopKey { key, .. }) => _ = self.revoked.insert(key.as_uuid()),
            _ => {}
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
        // Whoever comes back says so themselves.
        if let Some(since) = self.out.get(&person).filter(|_| kind != "MemberJoined") {
            return Some(format!("number {seq} ({kind}) is by {person}, who was out since number {since}"));
        }
        if self.revoked.contains(&author) {
            return Some(format!("number {seq} ({kind}) is by the key {author}, which was revoked before"));
        }
        let since = self.demoted.get(&person).filter(|_| BY_ADMINS.contains(&kind.as_str()))?;
        Some(format!("number {seq} ({kind}) is by {person}, an admin until number {since}"))
    }
}
