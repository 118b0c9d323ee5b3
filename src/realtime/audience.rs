//! Whom an event is shown to (EVT-8).
//!
//! Never asks what an event says: its audience and its subject decide.

use crate::platform::hub::Identity;
use crate::platform::journal::{Event, Subject};
use crate::primitives::actor::Audience;

/// What somebody may see of a stream.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Sight {
    /// May they read the audit trail?
    pub(super) audits: bool,
    /// Where their own view begins, unless they may.
    pub(super) joined_seq: i64,
}

impl Sight {
    pub(super) fn shows(self, event: &Event, identity: &Identity) -> bool {
        if !self.audits && event.seq < self.joined_seq {
            return false;
        }
        match event.audience {
            Audience::Members => true,
            Audience::Admins => self.audits,
            Audience::AdminsAndSubject => self.audits || is_about(event, identity),
            Audience::Subject => is_about(event, identity),
        }
    }
}

fn is_about(event: &Event, identity: &Identity) -> bool {
    match event.subject {
        Some(Subject::Member(member)) => identity.member() == Some(member),
        Some(Subject::Account(account)) => identity.account() == account,
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::journal::samples::event;
    use crate::primitives::ids::{AccountId, AccountSessionId, MemberId, WorkspaceId, WorkspaceSessionId};

    fn member(member: MemberId) -> Identity {
        Identity::Member {
            workspace: WorkspaceId::new(),
            session: WorkspaceSessionId::new(),
            member,
            generation: 1,
            parent: AccountSessionId::new(),
            account: AccountId::new(),
            account_generation: 1,
        }
    }

    /// EVT-8: who sees what, by audience.
    #[test]
    fn an_event_is_shown_to_its_audience_alone() {
        let (own, other) = (MemberId::new(), MemberId::new());
        let shown = |audience, audits, who: MemberId| {
            let event = Event { audience, subject: Some(Subject::Member(own)), ..event(5) };
            Sight { audits, joined_seq: 1 }.shows(&event, &member(who))
        };
        let table = [
            (Audience::Members, [true, true, true, true]),
            (Audience::Admins, [true, true, false, false]),
            (Audience::AdminsAndSubject, [true, true, true, false]),
            (Audience::Subject, [true, false, true, false]),
        ];
        for (audience, expected) in table {
            let found = [(true, own), (true, other), (false, own), (false, other)]
                .map(|(audits, who)| shown(audience, audits, who));
            assert_eq!(found, expected, "{audience:?}");
        }
    }

    /// EVT-8: a replay for somebody who may not read the audit trail begins at their own joining.
    #[test]
    fn what_was_before_ones_joining_is_for_those_who_read_the_audit_trail() {
        let shown =
            |seq, audits| Sight { audits, joined_seq: 5 }.shows(&event(seq), &member(MemberId::new()));
        assert_eq!([shown(4, false), shown(5, false), shown(4, true)], [false, true, true]);
    }
}
