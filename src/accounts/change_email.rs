//! Asking for another address (SES-6): a link is mailed there, and nothing changes until it is opened.
//!
//! Never tells whether somebody else holds the address: its owner is told by mail, as when signing up.

use super::account::{Account, WantedAddress};
use super::entrance::Entrance;
use super::events::EmailChangeRequested;
use super::mails;
use super::password::prove_password;
use super::rules::{ChangeEmailRefusal, Password};
use super::store;
use crate::access::{AccountProof, Failure, Gate};
use crate::primitives::email::Email;
use crate::primitives::request::Client;

/// What somebody gives to change their address. A session that was left open somewhere must not be enough to take the
/// account away, so the password is asked.
#[derive(Clone, Debug)]
pub struct ChangeEmail {
    pub email: Email,
    pub password: Password,
    pub client: Client,
}

pub async fn change_email(
    gate: &Gate,
    entrance: &Entrance,
    proof: &AccountProof,
    request: ChangeEmail,
) -> Result<Account, Failure<ChangeEmailRefusal>> {
    let ChangeEmail { email, password, client } = request;
    let wrong = Failure::Refused(ChangeEmailRefusal::WrongPassword);
    let proved = prove_password(gate, entrance, (proof.account, &client), password).await?;
    let Some(proved) = proved else { return Err(wrong) };
    let (mut tx, fresh) = gate.own_account(proof).await?;
    let Some(account) = proved.holds(&tx).await? else { return Err(wrong) };
    if account.email_key == *email.key() {
        return Err(Failure::Refused(ChangeEmailRefusal::SameAddress));
    }
    let wanted = WantedAddress {
        email: email.as_typed().to_owned(),
        email_key: email.key().clone(),
        session: Some(fresh.session),
    };
    let account = Account { revision: account.revision + 1, ..account };
    store::want_address(tx.writer(), &account, &wanted).await?;
    mails::enqueue(&tx, mails::CHANGE_EMAIL, account.id, &email).await?;
    tx.announce(EmailChangeRequested(&account).into_event());
    tx.commit().await.map_err(Failure::widen)?;
    Ok(Account { wanted: Some(wanted), ..account })
}
