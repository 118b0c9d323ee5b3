//! What an invitation shows to whom it is for: by the link, and among a person's own (INV-5, INV-9).

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use serde::Deserialize;

use super::words::{InvitationLinkState, InvitationStatus};
use crate::access::{AccountView, Never};
use crate::graphql::caller::Asking;
use crate::graphql::connection::{Connection, page_request};
use crate::graphql::directives::public;
use crate::graphql::errors::not_carried;
use crate::graphql::outcome::{answer, forbidden};
use crate::graphql::scalars::DateTime;
use crate::invitations::{self, Offer, Preview};
use crate::primitives::ids::{InvitationId, ReceivedInvitationId};
use crate::primitives::page::PageArguments;
use crate::primitives::secret::{Secret, SecretKind};
use crate::primitives::time::Timestamp;

/// What a link shows before it is answered; nothing else.
#[derive(SimpleObject)]
pub struct InvitationPreview {
    /// What the link leads to.
    state: InvitationLinkState,
    /// What the workspace is called; null when the link can't be answered any more.
    workspace_name: Option<String>,
    /// Who invited; null when nobody knows any more.
    inviter_name: Option<String>,
    /// The role that is offered.
    role_name: Option<String>,
    /// Until when it can be accepted.
    expires_at: Option<DateTime>,
}

impl From<Preview> for InvitationPreview {
    fn from(preview: Preview) -> Self {
        let state = preview.state.into();
        match preview.offer {
            None => {
                Self { state, workspace_name: None, inviter_name: None, role_name: None, expires_at: None }
            }
            Some(offer) => Self {
                state,
                inviter_name: known(&offer),
                workspace_name: Some(offer.workspace_name),
                role_name: Some(offer.role_name),
                expires_at: Some(offer.expires_at.into()),
            },
        }
    }
}

fn known(offer: &Offer) -> Option<String> {
    (!offer.inviter_name.is_empty()).then(|| offer.inviter_name.clone())
}

/// An invitation as the person sees it whom it is for: with their sight, or filled from an event.
#[derive(Clone)]
pub struct ReceivedInvitation(Source);

#[derive(Clone)]
enum Source {
    Stored { offer: Box<Offer>, view: AccountView },
    Event(ReceivedInvitationInEvent),
}

/// An invitation after a change, as events to the person carry it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReceivedInvitationInEvent {
    id: InvitationId,
    status: invitations::InvitationStatus,
    sent_at: Timestamp,
    expires_at: Timestamp,
    revision: i64,
}

impl ReceivedInvitation {
    pub fn new(offer: Offer, view: AccountView) -> Self {
        Self(Source::Stored { offer: Box::new(offer), view })
    }

    /// From an event: what it carries, and nothing that would need the database.
    pub const fn from_event(invitation: ReceivedInvitationInEvent) -> Self {
        Self(Source::Event(invitation))
    }

    fn offer(&self) -> Result<&Offer> {
        match &self.0 {
            Source::Stored { offer, .. } => Ok(offer),
            // Refused when subscribing, by name; this is the second line.
            Source::Event(_) => Err(not_carried("invitation")),
        }
    }
}

/// An invitation to you, by your verified e-mail address. It can be answered without its link.
#[Object]
impl ReceivedInvitation {
    /// Its id, for `acceptInvitation` and `declineInvitation`.
    pub async fn id(&self) -> ID {
        let id = match &self.0 {
            Source::Stored { offer, .. } => offer.id,
            Source::Event(invitation) => invitation.id,
        };
        ID(ReceivedInvitationId::from(id).to_string())
    }

    /// Where it stands at this moment; in an event, where it stood then.
    async fn status(&self) -> InvitationStatus {
        match &self.0 {
            Source::Stored { offer, view } => offer.status(view.now()),
            Source::Event(invitation) => invitation.status,
        }
        .into()
    }

    /// What the workspace is called.
    async fn workspace_name(&self) -> Result<&str> {
        Ok(&self.offer()?.workspace_name)
    }

    /// Who invited; null when nobody knows any more.
    async fn inviter_name(&self) -> Result<Option<String>> {
        Ok(known(self.offer()?))
    }

    /// The role that is offered.
    async fn role_name(&self) -> Result<&str> {
        Ok(&self.offer()?.role_name)
    }

    /// How many assets went with you when you were removed from this workspace, and come back if you accept with
    /// `bringAssets`.
    async fn kept_asset_count(&self) -> Result<i64> {
        Ok(self.offer()?.kept_assets)
    }

    /// When it was last sent.
    async fn sent_at(&self) -> DateTime {
        match &self.0 {
            Source::Stored { offer, .. } => offer.sent_at,
            Source::Event(invitation) => invitation.sent_at,
        }
        .into()
    }

    /// Until when it can be accepted.
    async fn expires_at(&self) -> DateTime {
        match &self.0 {
            Source::Stored { offer, .. } => offer.expires_at,
            Source::Event(invitation) => invitation.expires_at,
        }
        .into()
    }

    /// Grows with each change; a client ignores what is older than what it has.
    async fn revision(&self) -> i64 {
        match &self.0 {
            Source::Stored { offer, .. } => offer.revision,
            Source::Event(invitation) => invitation.revision,
        }
    }
}

/// What `viewer` answers about invitations.
pub struct ViewerInvitations(pub AccountView);

#[Object]
impl ViewerInvitations {
    /// The open invitations to your verified e-mail address, the newest first, a page at a time. Needs an account
    /// session.
    #[allow(clippy::too_many_arguments, reason = "the four of a connection")]
    async fn invitations(
        &self,
        #[graphql(desc = "How many from the start, 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<ReceivedInvitation>>> {
        if self.0.proof().is_none() {
            return Err(forbidden("invitations are seen with an account session").into());
        }
        let arguments = PageArguments { first, last, after: after.as_deref(), before: before.as_deref() };
        let request = page_request(&arguments, Offer::ORDER)?;
        let page = answer(invitations::list_received::<Never>(&self.0, &request).await)?;
        let view = self.0.clone();
        let page = page.map(|offer| (offer.place(), ReceivedInvitation::new(offer, view.clone())));
        Ok(Some(Connection::new(page, move || {
            let view = view.clone();
            async move { answer(invitations::count_received::<Never>(&view).await) }
        })))
    }
}

/// Asks for an invitation by its link.
#[derive(Default)]
pub struct InvitationsQuery;

#[Object]
impl InvitationsQuery {
    /// What an invitation's link shows; null for a link that was never mailed. Looking changes nothing.
    #[graphql(directive = public::apply())]
    async fn invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token in the link.")] token: String,
    ) -> Result<Option<InvitationPreview>> {
        let secret = Secret::parse(&token).filter(|secret| secret.kind() == SecretKind::InvitationLink);
        let Some(secret) = secret else { return Ok(None) };
        Ok(answer(invitations::preview(ctx.gate()?, &secret).await)?.map(InvitationPreview::from))
    }
}
