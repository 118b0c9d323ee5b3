//! An address is proved by its mailed link. Where it is another than the account had, all sessions end but for the one
//! that asked for it (SES-6).

use super::finish;
use super::store;
use crate::access::{Failure, Gate};
use crate::accounts::{self, Account, Entrance, LinkRefusal, ProvedAddress, VerifyEmail};

pub async fn verify_email(
    gate: &Gate,
    entrance: &Entrance,
    request: VerifyEmail,
) -> Result<Account, Failure<LinkRefusal>> {
    let ProvedAddress { tx, account, moved } = accounts::prove_address(gate, entrance, request).await?;
    if let Some(spared) = moved.and_then(|moved| moved.spared) {
        store::carry_over(tx.writer(), spared, &account).await?;
    }
    tx.commit().await.map_err(Failure::widen)?;
    if moved.is_some() {
        finish::finish_account(gate, account.id).await.map_err(Failure::widen)?;
    }
    Ok(account)
}
