//! Which rights members have had, as far as the log tells: by their own role, by what a role gives, by a role that went.
//!
//! Never guesses: of somebody whose rights no event has told yet, or whose membership began anew, nothing is known.

use std::collections::BTreeMap;

use rollcall::platform::journal::{Effect, Event};
use rollcall::primitives::rights::{Permission, Rights};
use uuid::Uuid;

use super::readers::subject;
use crate::faults::record::{Journal, Micros, Needs, Outcome, Record, What};

/// A word in a role's permissions that names the request which set them.
const MARK: &str = "app:mark.";

/// The word for a mark.
pub fn word(mark: Uuid) -> String {
    format!("{MARK}{}", mark.simple())
}

/// The mark that an event of a role carries.
pub(super) fn mark_of(event: &Event) -> Option<Uuid> {
    let permissions = event.payload.pointer("/role/permissions")?.as_array()?;
    let mark = permissions.iter().find_map(|word| word.as_str()?.strip_prefix(MARK))?;
    mark.parse().ok()
}

pub(super) fn allows(rights: &Rights, needs: Needs) -> bool {
    match needs {
        Needs::Nothing => true,
        Needs::Assets => rights.allows(Permission::ManageAssets),
        Needs::Admin => rights.admin,
    }
}

/// The members of one workspace: from which number on each had which rights, in order.
#[derive(Debug, Default)]
pub(super) struct Grants(BTreeMap<Uuid, Vec<(i64, Option<Rights>)>>);

impl Grants {
    pub(super) fn of(events: &[Event]) -> Self {
        let mut grants = Self::default();
        events.iter().for_each(|event| grants.take(event));
        grants
    }

    fn take(&mut self, event: &Event) {
        match &event.effect {
            Some(Effect::ChangeMemberRights { member, rights }) => {
                let own = self.0.entry(member.as_uuid()).or_default();
                own.push((event.seq, Some(rights.clone())));
            }
            Some(Effect::ChangeRoleRights { role, rights }) => {
                for own in self.0.values_mut() {
                    if matches!(own.last(), Some((_, Some(held))) if held.role == *role) {
                        own.push((event.seq, Some(rights.clone())));
                    }
                }
            }
            // Who comes back may have another role.
            _ if event.kind == "MemberJoined" => {
                let own = subject(event).and_then(|member| self.0.get_mut(&member));
                own.into_iter().for_each(|own| own.push((event.seq, None)));
            }
            _ => {}
        }
    }

    fn of_member(&self, member: Uuid) -> &[(i64, Option<Rights>)] {
        self.0.get(&member).map_or(&[], Vec::as_slice)
    }

    /// The rights after a number, and the number that gave them.
    pub(super) fn at(&self, member: Uuid, seq: i64) -> Option<(i64, &Rights)> {
        let own = self.of_member(member);
        let (since, rights) = own[..own.partition_point(|(at, _)| *at <= seq)].last()?;
        Some((*since, rights.as_ref()?))
    }

    /// Where a member's rights became others, both known.
    pub(super) fn changes(&self, member: Uuid) -> impl Iterator<Item = i64> {
        let pairs = self.of_member(member).windows(2);
        pairs.filter_map(|pair| match pair {
            [(_, Some(before)), (seq, Some(after))] if before != after => Some(*seq),
            _ => None,
        })
    }
}

/// All workspaces, and when it was asked for what changed rights in them.
pub(super) struct AllGrants {
    streams: BTreeMap<Uuid, Grants>,
    asked: BTreeMap<(Uuid, i64), Micros>,
}

impl AllGrants {
    pub(super) fn of(record: &Record, journal: &Journal) -> Self {
        let streams = journal.0.iter().map(|(stream, events)| (*stream, Grants::of(events))).collect();
        let mut asked: BTreeMap<(Uuid, i64), Micros> = BTreeMap::new();
        let mut marked: BTreeMap<Uuid, Micros> = BTreeMap::new();
        for ask in &record.asks {
            if let What::UpdateRole { mark, .. } = ask.what {
                marked.insert(mark, ask.begun);
            }
            let changes_rights = matches!(ask.what, What::SetRole { .. } | What::DeleteRole(_));
            if let (true, Outcome::Done(Some(seq)), Some(stream)) =
                (changes_rights, &ask.outcome, record.workspace_of(ask.by))
            {
                asked.insert((stream, *seq), ask.begun);
            }
        }
        // Known by its mark even where the answer was lost.
        for event in journal.0.values().flatten().filter(|event| event.kind == "RoleUpdated") {
            if let Some(begun) = mark_of(event).and_then(|mark| marked.get(&mark)) {
                asked.insert((event.stream.as_uuid(), event.seq), *begun);
            }
        }
        Self { streams, asked }
    }

    /// When it was asked for the change with this number; none where nobody knows.
    pub(super) fn asked_at(&self, stream: Uuid, seq: i64) -> Option<Micros> {
        self.asked.get(&(stream, seq)).copied()
    }

    pub(super) fn in_stream(&self, stream: Uuid) -> Option<&Grants> {
        self.streams.get(&stream)
    }

    /// The rights that a member had after this number, where it changed them.
    pub(super) fn changed_at(&self, stream: Uuid, member: Uuid, seq: i64) -> Option<&Rights> {
        let (since, rights) = self.streams.get(&stream)?.at(member, seq)?;
        (since == seq).then_some(rights)
    }

    /// When the rights may have been given back that a member lacked after this number. Where nobody knows when that was
    /// asked for, from the beginning.
    pub(super) fn given_back(&self, stream: Uuid, member: Uuid, seq: i64, needs: Needs) -> Micros {
        let own = self.streams.get(&stream).map_or(&[][..], |grants| grants.of_member(member));
        let back = own
            .iter()
            .find(|(at, rights)| *at > seq && rights.as_ref().is_none_or(|rights| allows(rights, needs)));
        match back {
            None => Micros::MAX,
            Some((at, _)) => self.asked_at(stream, *at).unwrap_or(0),
        }
    }
}
