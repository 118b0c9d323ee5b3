//! Proving an address by its mailed link (SES-6).
//!
//! Never lets two accounts hold one address: of two links that are opened at once, one wins and the other is told.

use super::account::Account;
use super::events::EmailVerified;
use super::rules::{self, LinkRefusal};
use super::store;
use crate::access::{Failure, Gate};
use crate::primitives::secret::{Secret, SecretHash, SecretKind};

/// Opens a link, once.
pub async fn verify_email(gate: &Gate, link: &Secret) -> Result<Account, Failure<LinkRefusal>> {
    if link.kind() != SecretKind::EmailLink {
        return Err(Failure::Refused(LinkRefusal::Unknown));
    }
    let token = link.hash();
    let found = store::find_link(gate.database().reader(), token).await?;
    let Some((owner, _)) = found else { return Err(Failure::Refused(LinkRefusal::Unknown)) };
    let mut tx = gate.account_by_evidence(owner).await?;
    let account = prove(&tx, token).await?;
    let holder = store::find_by_verified_email(tx.reader(), &account.email_key).await?;
    if holder.is_some() || !store::hold_address(tx.writer(), &account).await? {
        return Err(Failure::Refused(LinkRefusal::AddressTaken));
    }
    store::use_link(tx.writer(), token, tx.now()).await?;
    tx.announce(EmailVerified(&account).into_event());
    tx.commit().await.map_err(Failure::widen)?;
    Ok(account)
}

/// The account as it will be, if the link proves its address at this moment.
async fn prove(tx: &crate::access::AccountTx, token: SecretHash) -> Result<Account, Failure<LinkRefusal>> {
    let link = store::find_link(tx.reader(), token).await?;
    let account = store::find(tx.reader(), tx.account()).await?;
    let (Some((_, link)), Some(account)) = (link, account) else {
        return Err(Failure::Refused(LinkRefusal::Unknown));
    };
    rules::prove(&link, &account, tx.now()).map_err(Failure::Refused)?;
    Ok(Account { email_verified: true, revision: account.revision + 1, ..account })
}
