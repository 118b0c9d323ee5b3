//! How many invitations a workspace may send: mails go to strangers, whom nobody has asked.
//!
//! Never counts what was refused, and never trusts a count that was taken before the workspace's lock.

use super::store;
use crate::access::WorkspaceTx;
use crate::platform::database::DatabaseError;

const HOUR_SECONDS: i64 = 3600;

/// The bound, for each workspace by itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SendingLimit {
    /// Invitations within an hour, those sent again included.
    pub per_hour_max: u32,
}

impl SendingLimit {
    /// How many more may be sent in this transaction.
    pub(super) async fn count_left(self, tx: &WorkspaceTx) -> Result<u64, DatabaseError> {
        let sent = store::count_sendings(tx, tx.now().plus_seconds(-HOUR_SECONDS)).await?;
        Ok(u64::from(self.per_hour_max).saturating_sub(sent))
    }
}
