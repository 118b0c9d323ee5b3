//! Identifiers: UUIDv7 inside, the TypeID form (`member_01j…`) outside, one type per kind of thing.
//!
//! Never hands out a bare UUID where a kind is known: a member's id cannot stand where a role's is wanted.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Crockford's alphabet in lower case (TypeID specification 0.3, "UUID encoding").
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const SUFFIX_LENGTH: usize = 26;

/// Why a text is no id of the wanted kind.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum IdError {
    #[error("this is the id of a {found}; the id of a {wanted} starts with \"{wanted}_\"")]
    OtherKind { wanted: &'static str, found: String },
    #[error("not an id; the id of a {wanted} looks like \"{wanted}_01h455vb4pex5vsknk084sn02q\"")]
    Malformed { wanted: &'static str },
}

fn encode(prefix: &str, id: Uuid) -> String {
    let bits = id.as_u128();
    let mut text = String::with_capacity(prefix.len() + 1 + SUFFIX_LENGTH);
    text.push_str(prefix);
    text.push('_');
    for position in (0..SUFFIX_LENGTH).rev() {
        let digit = (bits >> (position * 5)) & 31;
        text.push(char::from(ALPHABET[digit as usize]));
    }
    text
}

fn decode_suffix(suffix: &str) -> Option<Uuid> {
    let bytes = suffix.as_bytes();
    // 26 digits hold 130 bits: the first one must leave the top two empty.
    if bytes.len() != SUFFIX_LENGTH || bytes[0] > b'7' {
        return None;
    }
    bytes
        .iter()
        .try_fold(0u128, |bits, byte| {
            let digit = ALPHABET.iter().position(|letter| letter == byte)?;
            Some((bits << 5) | digit as u128)
        })
        .map(Uuid::from_u128)
}

/// Splits an id into its kind and its UUID, whatever the kind.
pub fn split(text: &str) -> Option<(&str, Uuid)> {
    let (prefix, suffix) = text.rsplit_once('_')?;
    Some((prefix, decode_suffix(suffix)?))
}

fn decode(wanted: &'static str, text: &str) -> Result<Uuid, IdError> {
    let (prefix, id) = split(text).ok_or(IdError::Malformed { wanted })?;
    if prefix == wanted {
        return Ok(id);
    }
    let known = KINDS.contains(&prefix);
    Err(if known {
        IdError::OtherKind { wanted, found: prefix.to_owned() }
    } else {
        IdError::Malformed { wanted }
    })
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {
        /// Every kind's prefix.
        pub const KINDS: &[&str] = &[$($prefix),*];
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, Eq, PartialEq, Ord, PartialOrd, Hash, Serialize, Deserialize)]
            #[serde(transparent)]
            pub struct $name(Uuid);

            impl $name {
                /// What its text form starts with.
                pub const KIND: &'static str = $prefix;

                /// A new id, ordered by time.
                #[expect(clippy::disallowed_methods, reason = "ids are the one use of version 7; nothing decides by their time")]
                pub fn new() -> Self {
                    Self(Uuid::now_v7())
                }

                pub const fn from_uuid(id: Uuid) -> Self {
                    Self(id)
                }

                pub const fn as_uuid(self) -> Uuid {
                    self.0
                }

                /// Reads the text form; an id of another kind is told as such.
                pub fn parse(text: &str) -> Result<Self, IdError> {
                    decode($prefix, text).map(Self)
                }
            }

            impl Default for $name {
                fn default() -> Self {
                    Self::new()
                }
            }

            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str(&encode($prefix, self.0))
                }
            }
        )*
    };
}

ids! {
    /// A person.
    AccountId = "account";
    /// Signed in as a person.
    AccountSessionId = "account_session";
    /// A key that a workspace's automation signs with.
    ApiKeyId = "api_key";
    /// Something of the host application that lives in a workspace.
    AssetId = "asset";
    /// One fact of the journal.
    EventId = "event";
    /// One asking of a person into a workspace.
    InvitationId = "invitation";
    /// A person's sight of an asset that went with them: the asset's id under another name.
    KeptAssetId = "kept_asset";
    /// One line of a workspace's ledger.
    LedgerEntryId = "ledger_entry";
    /// A mail that waits to leave, or lies in the mailbox.
    MailId = "mail";
    /// One person's membership of one workspace.
    MemberId = "member";
    /// A person's sight of their own membership, from outside the workspace: the member's id under another name, so
    /// that no two kinds of thing share one.
    MembershipId = "membership";
    /// Something that a person is told until they dismiss it.
    NoticeId = "notice";
    /// One call that wrote: what tells after a lost answer whether it took effect.
    OperationId = "operation";
    /// A person's sight of an invitation to them, from outside the workspace: the invitation's id under another name.
    ReceivedInvitationId = "received_invitation";
    /// A named set of permissions.
    RoleId = "role";
    /// A running server.
    ServerId = "server";
    /// The unit of tenancy.
    WorkspaceId = "workspace";
    /// Signed in to one workspace as one member.
    WorkspaceSessionId = "workspace_session";
}

impl From<InvitationId> for ReceivedInvitationId {
    fn from(invitation: InvitationId) -> Self {
        Self(invitation.0)
    }
}

impl From<ReceivedInvitationId> for InvitationId {
    fn from(received: ReceivedInvitationId) -> Self {
        Self(received.0)
    }
}

impl From<MemberId> for MembershipId {
    fn from(member: MemberId) -> Self {
        Self(member.0)
    }
}

impl From<MembershipId> for MemberId {
    fn from(membership: MembershipId) -> Self {
        Self(membership.0)
    }
}

impl From<AssetId> for KeptAssetId {
    fn from(asset: AssetId) -> Self {
        Self(asset.0)
    }
}

impl From<KeptAssetId> for AssetId {
    fn from(kept: KeptAssetId) -> Self {
        Self(kept.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_back_as_they_were_written() {
        let id = MemberId::new();
        assert_eq!(MemberId::parse(&id.to_string()), Ok(id));
        let session = WorkspaceSessionId::new();
        assert_eq!(WorkspaceSessionId::parse(&session.to_string()), Ok(session));
    }

    #[test]
    fn the_text_form_is_that_of_the_typeid_specification() {
        // Vector of the specification, "valid.yml": uuidv7.
        let id = Uuid::parse_str("01890a5d-ac96-774b-bcce-b302099a8057").expect("a UUID");
        assert_eq!(MemberId::from_uuid(id).to_string(), "member_01h455vb4pex5vsknk084sn02q");
    }

    #[test]
    fn an_id_of_another_kind_is_told_apart_from_rubbish() {
        let role = RoleId::new().to_string();
        assert!(matches!(MemberId::parse(&role), Err(IdError::OtherKind { found, .. }) if found == "role"));
        for rubbish in ["", "member", "member_", "member_zz", "member_8zzzzzzzzzzzzzzzzzzzzzzzzz", "\u{0}"] {
            assert!(matches!(MemberId::parse(rubbish), Err(IdError::Malformed { .. })), "{rubbish}");
        }
    }
}
