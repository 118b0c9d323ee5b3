//! What a check proves: who is asking, through which session, with which rights, as of which place in the stream.
//!
//! Never made anywhere but by the check; whoever holds one was let in by the database.

use uuid::Uuid;

use crate::platform::journal::StreamId;
use crate::primitives::actor::{Actor, EndCause, Origin};
use crate::primitives::ids::{
    AccountId, AccountSessionId, ApiKeyId, MemberId, WorkspaceId, WorkspaceSessionId,
};
use crate::primitives::rights::{Permission, Rights};
use crate::primitives::secret::SecretHash;
use crate::primitives::time::Timestamp;

/// Somebody signed in as a person.
#[derive(Clone, Debug)]
pub struct AccountProof {
    pub token: SecretHash,
    pub session: AccountSessionId,
    pub account: AccountId,
    /// The account's generation that the session lives under.
    pub generation: i64,
    /// Has a mailed link proved the address? (SES-6)
    pub email_verified: bool,
    /// The account stream's last number, read in the same snapshot.
    pub head: i64,
    /// Which history that number belongs to: the installation's id, read in the same snapshot.
    pub epoch_id: Uuid,
    pub expires_at: Timestamp,
    /// When the session ends unless it is used before: by its idle or its absolute age (SES-4).
    pub holds_until: Timestamp,
    pub last_used_at: Timestamp,
}

/// Through what somebody is in a workspace.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Entry {
    Session { session: WorkspaceSessionId, account_session: AccountSessionId, account_generation: i64 },
    Key(ApiKeyId),
}

/// Somebody in a workspace: a member's session, or a key that acts for its maker.
#[derive(Clone, Debug)]
pub struct WorkspaceProof {
    pub token: SecretHash,
    pub entry: Entry,
    pub workspace: WorkspaceId,
    /// The member whose session it is, or who made the key.
    pub member: MemberId,
    pub account: AccountId,
    /// The member's generation that the session lives under.
    pub generation: i64,
    pub rights: Rights,
    /// Where the member's own view of the journal begins.
    pub joined_seq: i64,
    /// The workspace stream's last number, read in the same snapshot.
    pub head: i64,
    /// The account stream's last number, read in the same snapshot.
    pub account_head: i64,
    /// Which history these numbers belong to: the installation's id, read in the same snapshot.
    pub epoch_id: Uuid,
    pub expires_at: Option<Timestamp>,
    /// When the session ends unless it is used before: by the idle or the absolute age of its own or of the account
    /// session that it hangs on. A key has no age.
    pub holds_until: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
}

impl WorkspaceProof {
    pub const fn actor(&self) -> Actor {
        match self.entry {
            Entry::Session { .. } => Actor::Member(self.member),
            Entry::Key(key) => Actor::ApiKey(key),
        }
    }

    /// The origin of a call that concerns one member; `Bulk` is the call's own matter.
    pub const fn origin(&self) -> Origin {
        match self.entry {
            Entry::Session { .. } => Origin::AdminDirect,
            Entry::Key(_) => Origin::Automation,
        }
    }

    pub fn allows(&self, permission: Permission) -> bool {
        self.rights.allows(permission)
            && (matches!(self.entry, Entry::Session { .. }) || permission.open_to_keys())
    }

    pub const fn stream(&self) -> StreamId {
        StreamId::Workspace(self.workspace)
    }

    pub const fn is_key(&self) -> bool {
        matches!(self.entry, Entry::Key(_))
    }
}

/// What a credential turned out to be.
#[derive(Clone, Debug)]
pub enum Proof {
    Account(AccountProof),
    Workspace(WorkspaceProof),
}

impl Proof {
    /// Which history the check has read.
    pub const fn epoch_id(&self) -> Uuid {
        match self {
            Self::Account(proof) => proof.epoch_id,
            Self::Workspace(proof) => proof.epoch_id,
        }
    }

    /// How far the check has seen: the person's own stream, then the workspace's.
    pub const fn heads(&self) -> [Option<i64>; 2] {
        match self {
            Self::Account(proof) => [Some(proof.head), None],
            Self::Workspace(proof) => [Some(proof.account_head), Some(proof.head)],
        }
    }
}

/// Why a session that once held no longer does: sent with every refusal, so that whoever missed the socket still
/// learns why.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SessionEnd {
    pub cause: EndCause,
    /// The workspace whose contact can help; none for an account session.
    pub workspace: Option<WorkspaceId>,
}

/// Why a credential was not let in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Refusal {
    /// No such token.
    Unknown,
    Ended(SessionEnd),
    /// Nobody can say now; the client may try again (REV-2).
    Unavailable,
}
