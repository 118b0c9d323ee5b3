//! Who asked, and how: the words that the lifecycle, the journal and the API share.
//!
//! Never decides what an actor may do; that is `access`.

use serde::{Deserialize, Serialize};

use super::ids::{AccountId, ApiKeyId, MemberId};

/// Defines an enum whose values are stored and sent as fixed words.
#[macro_export]
macro_rules! words {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($(#[$value_meta:meta])* $value:ident = $word:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Eq, PartialEq, Ord, PartialOrd, Hash, serde::Serialize, serde::Deserialize)]
        $vis enum $name { $($(#[$value_meta])* #[serde(rename = $word)] $value,)* }

        impl $name {
            /// Every value, in the order of the rule book.
            pub const ALL: &'static [Self] = &[$(Self::$value),*];

            /// The word that is stored and sent.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$value => $word,)* }
            }

            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$value),)* _ => None }
            }
        }
    };
}

/// Who asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Actor {
    Member(MemberId),
    Account(AccountId),
    ApiKey(ApiKeyId),
    System,
    /// Of a kind that a later release has written. Nobody here acts as one.
    #[serde(other)]
    Unknown,
}

words! {
    /// How it was asked; it follows the credential and the call (rules.md, section 1).
    pub enum Origin {
        /// A workspace session, on one member.
        AdminDirect = "ADMIN_DIRECT",
        /// A call with more than one member.
        Bulk = "BULK",
        /// An API key.
        Automation = "AUTOMATION",
        /// The person's own accept, rejoin, sign-in, password reset.
        StandardFlow = "STANDARD_FLOW",
        /// A job.
        System = "SYSTEM",
    }
}

words! {
    /// Where a membership stands (rules.md, section 1).
    pub enum MemberStatus {
        InvitationSent = "INVITATION_SENT",
        InvitationExpired = "INVITATION_EXPIRED",
        Active = "ACTIVE",
        Deactivated = "DEACTIVATED",
        Blocked = "BLOCKED",
        Removed = "REMOVED",
    }
}

words! {
    /// Why a session ended: the cause of a forced logout (BLK-2).
    pub enum EndCause {
        Blocked = "BLOCKED",
        Deactivated = "DEACTIVATED",
        Removed = "REMOVED",
        /// The person signed out.
        SignedOut = "SIGNED_OUT",
        /// The person or an admin ended this session.
        Ended = "ENDED",
        /// Idle or absolute age (SES-4).
        Expired = "EXPIRED",
        PasswordChanged = "PASSWORD_CHANGED",
        EmailChanged = "EMAIL_CHANGED",
        KeyRevoked = "KEY_REVOKED",
        WorkspaceDeleted = "WORKSPACE_DELETED",
        AccountDeleted = "ACCOUNT_DELETED",
        /// The operator restored a backup.
        Restored = "RESTORED",
    }
}

words! {
    /// Which assets a role works on (WSP-2).
    pub enum AssetScope {
        All = "ALL",
        Assigned = "ASSIGNED",
    }
}

words! {
    /// Whom an event is meant for (EVT-8).
    pub enum Audience {
        /// Every member of the workspace.
        Members = "MEMBERS",
        /// Those who may read the audit trail, and the member that it is about.
        AdminsAndSubject = "ADMINS_AND_SUBJECT",
        /// Those who may read the audit trail.
        Admins = "ADMINS",
        /// The member or account that it is about.
        Subject = "SUBJECT",
    }
}
