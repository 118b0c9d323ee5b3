//! Whose connection it is, and which effects end it.
//!
//! Never asks the database: an effect carries all that is needed, so that a server obeys event types it doesn't know.

use crate::platform::journal::Effect;
use crate::primitives::actor::EndCause;
use crate::primitives::ids::{
    AccountId, AccountSessionId, ApiKeyId, MemberId, WorkspaceId, WorkspaceSessionId,
};

/// Under what a connection was let in. It never changes while the connection lives.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Identity {
    /// Signed in as a person.
    Account { session: AccountSessionId, account: AccountId, generation: i64 },
    /// Signed in to a workspace.
    Member {
        workspace: WorkspaceId,
        session: WorkspaceSessionId,
        member: MemberId,
        generation: i64,
        /// The account session that it hangs on.
        parent: AccountSessionId,
        account: AccountId,
        account_generation: i64,
    },
    /// A key that acts for the member who made it.
    Key { workspace: WorkspaceId, key: ApiKeyId, member: MemberId, account: AccountId, generation: i64 },
}

impl Identity {
    pub const fn account(&self) -> AccountId {
        match self {
            Self::Account { account, .. } | Self::Member { account, .. } | Self::Key { account, .. } => {
                *account
            }
        }
    }

    pub const fn member(&self) -> Option<MemberId> {
        match self {
            Self::Account { .. } => None,
            Self::Member { member, .. } | Self::Key { member, .. } => Some(*member),
        }
    }

    pub const fn workspace(&self) -> Option<WorkspaceId> {
        match self {
            Self::Account { .. } => None,
            Self::Member { workspace, .. } | Self::Key { workspace, .. } => Some(*workspace),
        }
    }

    /// Why the effect ends this connection, if it does.
    pub fn ended_by(&self, effect: &Effect) -> Option<EndCause> {
        match self {
            Self::Account { session, account, generation } => {
                ends_account((*session, *account, *generation), effect)
            }
            Self::Member { session, member, generation, parent, account, account_generation, .. } => {
                ends_member((*session, *member, *generation), *parent, effect)
                    .or_else(|| ends_account((*parent, *account, *account_generation), effect))
            }
            Self::Key { key, member, account, generation, .. } => {
                ends_key((*key, *member, *generation), effect).or_else(|| ends_maker(*account, effect))
            }
        }
    }
}

fn ends_account(own: (AccountSessionId, AccountId, i64), effect: &Effect) -> Option<EndCause> {
    match effect {
        Effect::EndAccountSessions { account, below_generation, cause, except } => {
            (own.1 == *account && own.2 < *below_generation && *except != Some(own.0)).then_some(*cause)
        }
        Effect::EndAccountSession { session, cause, .. } => (own.0 == *session).then_some(*cause),
        _ => None,
    }
}

fn ends_member(
    own: (WorkspaceSessionId, MemberId, i64),
    parent: AccountSessionId,
    effect: &Effect,
) -> Option<EndCause> {
    match effect {
        Effect::EndMemberSessions { member, below_generation, cause } => {
            (own.1 == *member && own.2 < *below_generation).then_some(*cause)
        }
        Effect::EndWorkspaceSession { session, cause, .. } => (own.0 == *session).then_some(*cause),
        Effect::EndSessionsUnder { account_session, cause, .. } => {
            (parent == *account_session).then_some(*cause)
        }
        _ => None,
    }
}

fn ends_key(own: (ApiKeyId, MemberId, i64), effect: &Effect) -> Option<EndCause> {
    match effect {
        Effect::EndMemberSessions { member, below_generation, cause } => {
            (own.1 == *member && own.2 < *below_generation && ends_keys_too(*cause)).then_some(*cause)
        }
        Effect::StopKey { key, .. } => (own.0 == *key).then_some(EndCause::KeyRevoked),
        // API-2: a key stops with its maker's admin role.
        Effect::ChangeMemberRights { member, rights } => {
            (own.1 == *member && !rights.admin).then_some(EndCause::KeyRevoked)
        }
        _ => None,
    }
}

/// A key asks nothing of its maker's account but that there is one (SES-7).
fn ends_maker(own: AccountId, effect: &Effect) -> Option<EndCause> {
    match effect {
        Effect::EndAccountSessions { account, cause: EndCause::AccountDeleted, .. } => {
            (own == *account).then_some(EndCause::AccountDeleted)
        }
        _ => None,
    }
}

/// Does what ends a member's sessions stop their keys as well? As the check on a key's requests has it: the member has
/// to be in and without a block, and what befalls sessions alone is not asked.
const fn ends_keys_too(cause: EndCause) -> bool {
    match cause {
        EndCause::Blocked
        | EndCause::Deactivated
        | EndCause::Removed
        | EndCause::KeyRevoked
        | EndCause::WorkspaceDeleted
        | EndCause::AccountDeleted => true,
        EndCause::SignedOut
        | EndCause::Ended
        | EndCause::Expired
        | EndCause::PasswordChanged
        | EndCause::EmailChanged
        | EndCause::Restored => false,
    }
}

/// The member whose connections an effect may end or change.
pub(super) const fn member_of(effect: &Effect) -> Option<MemberId> {
    match effect {
        Effect::EndMemberSessions { member, .. }
        | Effect::EndWorkspaceSession { member, .. }
        | Effect::EndSessionsUnder { member, .. }
        | Effect::StopKey { member, .. }
        | Effect::ChangeMemberRights { member, .. } => Some(*member),
        Effect::EndAccountSessions { .. }
        | Effect::EndAccountSession { .. }
        | Effect::ChangeRoleRights { .. }
        | Effect::CheckAnew
        | Effect::Unknown => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::journal::samples;

    fn member_session(member: MemberId, generation: i64) -> Identity {
        Identity::Member {
            workspace: WorkspaceId::new(),
            session: WorkspaceSessionId::new(),
            member,
            generation,
            parent: AccountSessionId::new(),
            account: AccountId::new(),
            account_generation: 1,
        }
    }

    fn block(member: MemberId, below_generation: i64) -> Effect {
        Effect::EndMemberSessions { member, below_generation, cause: EndCause::Blocked }
    }

    /// BLK-2, BLK-6: a block ends the sessions made before it, and none made after the unblocking.
    #[test]
    fn a_block_ends_older_generations_of_that_member_alone() {
        let member = MemberId::new();
        let own = member_session(member, 3);
        assert_eq!(own.ended_by(&block(member, 4)), Some(EndCause::Blocked));
        assert_eq!(own.ended_by(&block(member, 3)), None);
        assert_eq!(own.ended_by(&block(MemberId::new(), 4)), None);
    }

    /// SES-3: a workspace session ends with its account session.
    #[test]
    fn a_workspace_session_ends_with_what_it_hangs_on() {
        let own = member_session(MemberId::new(), 1);
        let Identity::Member { parent, account, member, .. } = own.clone() else { unreachable!() };
        let cause = EndCause::SignedOut;
        assert_eq!(
            own.ended_by(&Effect::EndAccountSession { session: parent, account, cause }),
            Some(EndCause::SignedOut)
        );
        assert_eq!(
            own.ended_by(&Effect::EndSessionsUnder { account_session: parent, member, cause }),
            Some(EndCause::SignedOut)
        );
        let everywhere = |below_generation, except| Effect::EndAccountSessions {
            account,
            below_generation,
            cause: EndCause::PasswordChanged,
            except,
        };
        let ended = Some(EndCause::PasswordChanged);
        assert_eq!(own.ended_by(&everywhere(2, None)), ended);
        assert_eq!(own.ended_by(&everywhere(1, None)), None);
        // SES-5: the session that asked goes on, and what hangs on it.
        assert_eq!(own.ended_by(&everywhere(2, Some(parent))), None);
        assert_eq!(own.ended_by(&everywhere(2, Some(AccountSessionId::new()))), ended);
    }

    /// API-2, REV-1: a key stops when it is revoked, with its maker's membership and with their admin role.
    #[test]
    fn a_key_stops_with_its_makers_rights() {
        let (member, key) = (MemberId::new(), ApiKeyId::new());
        let own = Identity::Key {
            workspace: WorkspaceId::new(),
            key,
            member,
            account: AccountId::new(),
            generation: 1,
        };
        assert_eq!(own.ended_by(&Effect::StopKey { key, member }), Some(EndCause::KeyRevoked));
        assert_eq!(own.ended_by(&block(member, 2)), Some(EndCause::Blocked));
        let changed = |admin| Effect::ChangeMemberRights { member, rights: samples::rights(admin) };
        assert_eq!(own.ended_by(&changed(false)), Some(EndCause::KeyRevoked));
        assert_eq!(own.ended_by(&changed(true)), None);
    }

    /// SES-3, API-2: whoever ends a member's sessions signs people out; the check lets the member's keys in as before.
    #[test]
    fn a_key_outlives_what_ends_its_makers_sessions_alone() {
        let member = MemberId::new();
        let key = Identity::Key {
            workspace: WorkspaceId::new(),
            key: ApiKeyId::new(),
            member,
            account: AccountId::new(),
            generation: 1,
        };
        let end = |cause| Effect::EndMemberSessions { member, below_generation: 2, cause };
        for cause in [EndCause::Ended, EndCause::SignedOut, EndCause::PasswordChanged] {
            assert_eq!(key.ended_by(&end(cause)), None, "{cause:?}");
            assert_eq!(member_session(member, 1).ended_by(&end(cause)), Some(cause));
        }
        for cause in [EndCause::Blocked, EndCause::Deactivated, EndCause::Removed] {
            assert_eq!(key.ended_by(&end(cause)), Some(cause));
        }
    }

    /// SES-7, REV-1: a key ends with its maker's account, and with nothing else that befalls the account's sessions.
    #[test]
    fn a_key_ends_with_its_makers_account() {
        let account = AccountId::new();
        let key = Identity::Key {
            workspace: WorkspaceId::new(),
            key: ApiKeyId::new(),
            member: MemberId::new(),
            account,
            generation: 1,
        };
        let end =
            |account, cause| Effect::EndAccountSessions { account, below_generation: 2, cause, except: None };
        assert_eq!(key.ended_by(&end(account, EndCause::AccountDeleted)), Some(EndCause::AccountDeleted));
        assert_eq!(key.ended_by(&end(AccountId::new(), EndCause::AccountDeleted)), None);
        assert_eq!(key.ended_by(&end(account, EndCause::PasswordChanged)), None);
    }

    #[test]
    fn an_effect_of_a_later_release_ends_nothing_by_itself() {
        assert_eq!(member_session(MemberId::new(), 1).ended_by(&Effect::Unknown), None);
    }
}
