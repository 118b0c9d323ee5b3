//! Writing to the admins of a workspace (WSP-9): for everybody who is or was in it, and above all for those who can't get
//! in any more.
//!
//! Never lets anybody write often: what is typed reaches people's mailboxes.

use super::contact::Contact;
use super::events;
use super::member::Member;
use super::{contact_mail, requests, store};
use crate::access::{AccountProof, Committed, Failure, Gate, WorkspaceTx};
use crate::primitives::email::Email;
use crate::primitives::ids::WorkspaceId;

/// How often one person may write to one workspace within a day.
const PER_DAY_MAX: u64 = 5;
const DAY_SECONDS: i64 = 24 * 3600;
/// Most admins who get a mail; all of them see it on the member.
const ADMINS_MAX: i64 = 10;

/// Why nobody was written to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ContactRefusal {
    /// The person has written as often as they may within a day.
    TooOften { per_day_max: u64 },
}

/// Tells the admins what somebody has to say, by event and by mail. `message` has been read by
/// [`crate::primitives::name::parse_note`].
pub async fn contact_admins(
    gate: &Gate,
    proof: &AccountProof,
    workspace: WorkspaceId,
    message: String,
) -> Result<Committed, Failure<ContactRefusal>> {
    // As for a rejoin: to strangers there is no such workspace, and its lock is not for them to wait for (WSP-8).
    let nowhere = || Failure::NotFound { field: "input.workspaceId" };
    store::find_held(gate.database().reader(), workspace, proof.account).await?.ok_or_else(nowhere)?;
    let (mut tx, fresh) = gate.by_account(proof, workspace).await?;
    let member = store::find_held(tx.reader(), workspace, fresh.account).await?.ok_or_else(nowhere)?;
    if requests::count_since(&tx, member.id, tx.now().plus_seconds(-DAY_SECONDS)).await? >= PER_DAY_MAX {
        return Err(Failure::Refused(ContactRefusal::TooOften { per_day_max: PER_DAY_MAX }));
    }
    requests::insert(&tx, member.id, &message).await?;
    for to in recipients(&tx, &member).await? {
        contact_mail::enqueue(&tx, to).await?;
    }
    let now = tx.now();
    tx.announce(events::admins_contacted(&member, now));
    tx.commit().await.map_err(Failure::widen)
}

/// The contact that the admins have set, else the active admins, whoever has served longest first. Never the person
/// themself: where that is the contact, the admins are written to, for somebody must be.
async fn recipients(tx: &WorkspaceTx, member: &Member) -> Result<Vec<Email>, Failure<ContactRefusal>> {
    let others = |addresses: Vec<String>| -> Vec<Email> {
        let read = addresses.iter().filter_map(|address| Email::parse(address).ok());
        read.filter(|email| *email.key() != member.email_key).collect()
    };
    let set: Option<Contact> = requests::find_set_contact(tx).await?;
    let contact = others(set.and_then(|contact| contact.email).into_iter().collect());
    if !contact.is_empty() {
        return Ok(contact);
    }
    Ok(others(requests::list_admin_addresses(tx, ADMINS_MAX).await?))
}
