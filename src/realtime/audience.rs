//! Whom an event is shown to (EVT-8).
//!
//! Never asks what an event says: its audience and its subject decide, and its kind where a query asks for more than
//! being that person.

use crate::graphql::events::needs_account_session;
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
        if needs_account_session(&event.kind) && !matches!(identity, Identity::Account { .. }) {
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

    /// EVT-8: `viewer.invitations` refuses a workspace session, and so do the events of invitations.
    #[test]
    fn of_a_persons_invitations_an_account_session_alone_hears() {
        let account = AccountId::new();
        let signed_in = Identity::Account { session: AccountSessionId::new(), account, generation: 1 };
        let inside = Identity::Member {
            workspace: WorkspaceId::new(),
            session: WorkspaceSessionId::new(),
            member: MemberId::new(),
            generation: 1,
            parent: AccountSessionId::new(),
            account,
            account_generation: 1,
        };
        let shown = |kind: &str, who: &Identity| {
            let subject = Some(Subject::Account(account));
            let event = Event { kind: kind.to_owned(), audience: Audience::Subject, subject, ..event(5) };
            Sight { audits: false, joined_seq: 0 }.shows(&event, who)
        };
        for (kind, to_inside) in
            [("InvitationReceived", false), ("InvitationClosed", false), ("MembershipBlocked", true)]
        {
            assert_eq!([shown(kind, &signed_in), shown(kind, &inside)], [true, to_inside], "{kind}");
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
