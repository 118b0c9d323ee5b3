//! A forgotten password is set by a mailed link: all sessions end, of both kinds (SES-5).
//!
//! Never signs anybody in, and never changes where a membership stands (BLK-7).

use super::finish;
use crate::access::{Failure, Gate};
use crate::accounts::{self, Account, Entrance, ResetPassword, ResetRefusal};

pub async fn reset_password(
    gate: &Gate,
    entrance: &Entrance,
    request: ResetPassword,
) -> Result<Account, Failure<ResetRefusal>> {
    let (tx, account) = accounts::reset_password(gate, entrance, request).await?;
    // Refused from here on, whoever signed in before.
    tx.commit().await.map_err(Failure::widen)?;
    finish::finish_account(gate, account.id).await.map_err(Failure::widen)?;
    Ok(account)
}
