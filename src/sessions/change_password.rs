//! Changing one's password: all other sessions end, of both kinds; the one that asks goes on (SES-5).
//!
//! Never changes where a membership stands (BLK-7).

use super::finish;
use super::store;
use crate::access::{AccountProof, Failure, Gate};
use crate::accounts::{self, Account, ChangePassword, ChangePasswordRefusal, Entrance};

pub async fn change_password(
    gate: &Gate,
    entrance: &Entrance,
    proof: &AccountProof,
    request: ChangePassword,
) -> Result<Account, Failure<ChangePasswordRefusal>> {
    let fit = accounts::prepare_change(gate, entrance, proof.account, request).await?;
    let (mut tx, fresh) = gate.own_account(proof).await?;
    let account = accounts::change_password(&mut tx, &fit, fresh.session).await?;
    store::carry_over(tx.writer(), fresh.session, &account).await?;
    // Refused from here on, whoever signed in before.
    tx.commit().await.map_err(Failure::widen)?;
    finish::finish_account(gate, account.id).await.map_err(Failure::widen)?;
    Ok(account)
}
