//! The mail of an invitation: asked for with the invitation, written when it is sent (INV-5, INV-13, INV-14).
//!
//! Never writes for an invitation that is over, or for a sending that a newer one has overtaken.

use futures_util::future::BoxFuture;

use super::invitation::{Invitation, MailState};
use super::read::Offer;
use super::store::{self, Link};
use super::{events, rules};
use crate::access::{Failure, Gate, Never, WorkspaceTx};
use crate::members::Member;
use crate::platform::database::DatabaseError;
use crate::platform::mail::{self, Composer, Fate, Letter, Mail, NewMail, PublicUrl, Undeliverable};
use crate::primitives::email::Email;
use crate::primitives::ids::InvitationId;
use crate::primitives::secret::{Secret, SecretKind};

/// What the outbox calls these mails.
pub const MAIL_KIND: &str = "INVITATION";
/// The page of the frontend that shows the invitation and passes the link's secret on to `acceptInvitation`.
const PAGE: &str = "invitations";

/// Asks for the mail of the newest sending.
pub(super) async fn enqueue(
    tx: &WorkspaceTx,
    invitation: &Invitation,
    member: &Member,
) -> Result<(), DatabaseError> {
    mail::enqueue(tx.writer(), newest(invitation, member)?, tx.now()).await?;
    Ok(())
}

/// The mail of the newest sending, for whoever asks for several at once.
pub(super) fn newest(invitation: &Invitation, member: &Member) -> Result<NewMail, DatabaseError> {
    Ok(NewMail {
        kind: MAIL_KIND,
        to: Email::parse(&member.email).map_err(|error| DatabaseError::Type(error.to_string()))?,
        workspace: Some(invitation.workspace),
        subject_id: invitation.id.as_uuid(),
        sending: invitation.sending,
    })
}

/// Writes the mails of [`MAIL_KIND`].
#[derive(Clone)]
pub struct InvitationMail {
    gate: Gate,
    public_url: PublicUrl,
}

impl InvitationMail {
    pub const fn new(gate: Gate, public_url: PublicUrl) -> Self {
        Self { gate, public_url }
    }

    async fn write(&self, mail: &Mail) -> Result<Option<Letter>, Undeliverable> {
        let Some(link) = link_of(mail) else { return Ok(None) };
        let database = self.gate.database();
        let offer = store::find_offer(database.reader(), link.workspace, link.invitation).await?;
        let Some(offer) = offer else { return Ok(None) };
        let secret = Secret::mint(SecretKind::InvitationLink);
        let now = self.gate.clock().now();
        if !store::insert_link(database, secret.hash(), &link, now).await? {
            return Ok(None);
        }
        Ok(Some(letter(&offer, &self.public_url.link(PAGE, &secret))))
    }

    async fn take_note(&self, mail: &Mail, fate: Fate) -> Result<(), Failure<Never>> {
        let Some(link) = link_of(mail) else { return Ok(()) };
        let state = match fate {
            Fate::HandedOver => MailState::HandedOver,
            Fate::Failing => MailState::Failing,
            Fate::GivenUp => MailState::GivenUp,
        };
        let Some(mut tx) = self.gate.find_by_job(link.workspace).await? else { return Ok(()) };
        let found = store::find_answerable(tx.reader(), link.workspace, link.invitation).await?;
        let concerned = found.filter(|it| it.is_open() && it.sending == link.sending && it.mail != state);
        // A courier died after it had handed the mail over: that it comes too late a second time is no news.
        let concerned =
            concerned.filter(|it| (it.mail, state) != (MailState::HandedOver, MailState::GivenUp));
        let Some(mut invitation) = concerned else { return Ok(()) };
        let was = std::mem::replace(&mut invitation.mail, state);
        invitation.revision += 1;
        store::save(&tx, &invitation).await?;
        let now = tx.now();
        tx.announce(events::mail_changed(&invitation, was, now));
        tx.commit().await?;
        Ok(())
    }
}

fn link_of(mail: &Mail) -> Option<Link> {
    let invitation = InvitationId::from_uuid(mail.subject_id);
    Some(Link { workspace: mail.workspace?, invitation, sending: mail.sending })
}

impl Composer for InvitationMail {
    fn compose<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<Option<Letter>, Undeliverable>> {
        Box::pin(self.write(mail))
    }

    fn note<'a>(&'a self, mail: &'a Mail, fate: Fate) -> BoxFuture<'a, Result<(), Undeliverable>> {
        let noted = self.take_note(mail, fate);
        Box::pin(async { noted.await.map_err(|failure| Undeliverable(format!("{failure:?}"))) })
    }
}

fn letter(offer: &Offer, link: &str) -> Letter {
    let Offer { workspace_name, role_name, .. } = offer;
    let inviter = if offer.inviter_name.is_empty() { "An admin" } else { &offer.inviter_name };
    let until = rules::in_words(offer.expires_at);
    Letter::new(format!("{inviter} invites you to {workspace_name}"))
        .naming(offer.inviter)
        .paragraph(format!("{inviter} invites you to join {workspace_name} as {role_name}."))
        .paragraph(format!("Open this link to accept or decline, until {until}:"))
        .link("See the invitation", link)
        .paragraph("The link works once. If you don't know who this is, do nothing.")
}
