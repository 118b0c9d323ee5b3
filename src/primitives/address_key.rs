//! A keyed hash of an address: tells an address again that may not be known any more (BLK-8).
//!
//! Never leads back to the address: whoever has a hash and not the key can't even try addresses out.

use sha2::{Digest, Sha256};

use super::email::EmailKey;
use super::ids::WorkspaceId;
use super::secret::random_bytes;

const KEY_BYTES: usize = 32;
const BLOCK_BYTES: usize = 64;

/// What addresses are hashed with: 256 random bits, the installation's own.
#[derive(Clone)]
pub struct AddressKey([u8; KEY_BYTES]);

impl AddressKey {
    pub fn draw() -> Self {
        Self(random_bytes())
    }

    /// As it was stored; none where that is no key.
    pub fn from_stored(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    pub const fn as_bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    /// The hash of an address in a workspace. In another workspace it is another one, so that nobody sees from two of
    /// them that they are one person's.
    pub fn hash(&self, workspace: WorkspaceId, address: &EmailKey) -> Vec<u8> {
        let mut message = workspace.as_uuid().as_bytes().to_vec();
        message.extend_from_slice(address.as_str().as_bytes());
        hmac_sha256(&self.0, &message).to_vec()
    }
}

/// RFC 2104, for keys that are no longer than a block.
fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    let padded = |with: u8| {
        let mut block = [with; BLOCK_BYTES];
        for (byte, key) in block.iter_mut().zip(key) {
            *byte ^= key;
        }
        block
    };
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::primitives::email::Email;

    /// RFC 4231, test case 2.
    #[test]
    fn the_hash_is_the_one_of_the_standard() {
        let hash = hmac_sha256(b"Jefe", b"what do ya want for nothing?");
        let text: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(text, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    #[test]
    fn one_address_has_another_hash_in_each_workspace_and_under_each_key() {
        let (key, here, there) = (AddressKey::draw(), WorkspaceId::new(), WorkspaceId::new());
        let address = Email::parse("ada@example.com").expect("an address").key().clone();
        assert_eq!(key.hash(here, &address), key.hash(here, &address));
        assert_ne!(key.hash(here, &address), key.hash(there, &address));
        assert_ne!(key.hash(here, &address), AddressKey::draw().hash(here, &address));
    }
}
