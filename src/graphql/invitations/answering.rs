//! The invited person's mutations: parse, call the room, map.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

use super::refusals::answer_error;
use crate::access::{AccountView, Failure, Gate, Never, Proof};
use crate::accounts::{Authenticated, Entrance};
use crate::graphql::caller::{Asking, Caller};
use crate::graphql::directives::public;
use crate::graphql::outcome::{Outcome, outcome};
use crate::graphql::scalars::{EventCursor, parse_id};
use crate::graphql::sessions::AccountSession;
use crate::graphql::tokens;
use crate::graphql::user_errors::{ErrorCode, UserError};
use crate::graphql::workspaces::Membership;
use crate::invitations::{self, Accepted, AnswerRefusal, BringAssets, Declined, Newcomer};
use crate::primitives::ids::{InvitationId, ReceivedInvitationId};
use crate::primitives::request::Client;
use crate::primitives::secret::{Secret, SecretKind};
use crate::sessions::{self, Lifetimes, SignedIn};
use crate::workspaces;

/// Which invitation to accept: by its link, or as the signed-in person whom it is for.
#[derive(InputObject)]
struct AcceptInvitationInput {
    /// The token in the link. It proves the address, so it needs no session.
    token: Option<String>,
    /// One of `viewer.invitations`. Needs the account session of the invited address.
    invitation_id: Option<ID>,
    /// For a new account: what you are called, at most 200 characters. Only with the token.
    name: Option<String>,
    /// For a new account: the password that you choose, 8 to 128 characters. Only with the token.
    password: Option<String>,
    /// Bring back to the workspace, as yours, what went with you when you were removed from it.
    #[graphql(default)]
    bring_assets: bool,
}

/// Which invitation to decline: by its link, or as the signed-in person whom it is for.
#[derive(InputObject)]
struct DeclineInvitationInput {
    /// The token in the link.
    token: Option<String>,
    /// One of `viewer.invitations`. Needs the account session of the invited address.
    invitation_id: Option<ID>,
}

/// What accepting came to.
#[derive(SimpleObject, Default)]
struct AcceptInvitationPayload {
    /// Your new membership; null when it was refused, and when the link joined an account that exists: sign in to see
    /// it.
    membership: Option<Membership>,
    /// The invitation that is answered, one of `viewer.invitations` until now; null when it was refused.
    invitation_id: Option<ID>,
    /// The assets that came back with you.
    brought_asset_ids: Vec<ID>,
    /// For a new account: what to send as bearer token. Shown this once, and never again; null where it
    /// went into a cookie.
    token: Option<String>,
    /// For a new account: its first session.
    session: Option<AccountSession>,
    /// What you can put right.
    user_errors: Vec<UserError>,
    /// The workspace's stream after the change; null when it was refused.
    event_cursor: Option<EventCursor>,
}

/// What declining came to.
#[derive(SimpleObject, Default)]
struct DeclineInvitationPayload {
    /// The invitation that is answered, one of `viewer.invitations` until now; null when it was refused.
    invitation_id: Option<ID>,
    /// What you can put right.
    user_errors: Vec<UserError>,
    /// The workspace's stream after the change; null when it was refused.
    event_cursor: Option<EventCursor>,
}

/// By what somebody answers.
enum By {
    Link(Secret),
    Session(InvitationId),
}

/// Where the answer's input may be wrong.
const TOKEN: &str = "input.token";
const INVITATION: &str = "input.invitationId";

impl By {
    fn read(token: Option<&str>, invitation: Option<&ID>) -> Result<Result<Self, UserError>> {
        Ok(match (token, invitation) {
            (Some(token), None) => {
                let secret = Secret::parse(token).filter(|it| it.kind() == SecretKind::InvitationLink);
                secret.map(Self::Link).ok_or_else(|| answer_error(TOKEN, AnswerRefusal::LinkInvalid))
            }
            (None, Some(id)) => {
                Ok(Self::Session(parse_id(INVITATION, id, ReceivedInvitationId::parse)?.into()))
            }
            _ => {
                let message = "give either `token` or `invitationId`";
                Err(UserError::at("input", ErrorCode::InvalidInput, message))
            }
        })
    }

    const fn field(&self) -> &'static str {
        match self {
            Self::Link(_) => TOKEN,
            Self::Session(_) => INVITATION,
        }
    }

    fn outcome<T>(&self, result: Result<T, Failure<AnswerRefusal>>) -> Outcome<T> {
        outcome(result.map_err(|failure| failure.map(|refusal| answer_error(self.field(), refusal))))
    }
}

/// The invited person's mutations.
#[derive(Default)]
pub struct AnswersMutation;

#[Object]
impl AnswersMutation {
    /// Accepts an invitation. By the link: joins the account that holds the invited address, or makes one with name
    /// and password and signs it in. Without the link: with the account session of the invited address.
    #[graphql(directive = public::apply())]
    async fn accept_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which invitation to accept.")] input: AcceptInvitationInput,
    ) -> Result<AcceptInvitationPayload> {
        tokens::ensure_deliverable(ctx)?;
        let by = match By::read(input.token.as_deref(), input.invitation_id.as_ref())? {
            Ok(by) => by,
            Err(error) => {
                return Ok(AcceptInvitationPayload { user_errors: vec![error], ..Default::default() });
            }
        };
        let gate = ctx.gate()?;
        let bring = if input.bring_assets { BringAssets::Yes } else { BringAssets::No };
        let accepted = match &by {
            By::Link(secret) => {
                let newcomer = newcomer(input.name, input.password, &Caller::of(ctx)?.client);
                invitations::accept_by_link(gate, ctx.data::<Entrance>()?, secret, newcomer, bring).await
            }
            By::Session(id) => invitations::accept_by_account(gate, ctx.account_proof()?, *id, bring).await,
        };
        match by.outcome(accepted)? {
            Ok(accepted) => welcome(ctx, accepted).await,
            Err(user_errors) => Ok(AcceptInvitationPayload { user_errors, ..Default::default() }),
        }
    }

    /// Declines an invitation, by its link or with the account session of the invited address. The admins see it.
    #[graphql(directive = public::apply())]
    async fn decline_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which invitation to decline.")] input: DeclineInvitationInput,
    ) -> Result<DeclineInvitationPayload> {
        let by = match By::read(input.token.as_deref(), input.invitation_id.as_ref())? {
            Ok(by) => by,
            Err(error) => {
                return Ok(DeclineInvitationPayload { user_errors: vec![error], ..Default::default() });
            }
        };
        let declined = match &by {
            By::Link(secret) => invitations::decline_by_link(ctx.gate()?, secret).await,
            By::Session(id) => invitations::decline_by_account(ctx.gate()?, ctx.account_proof()?, *id).await,
        };
        Ok(match by.outcome(declined)? {
            Ok(Declined { invitation, committed }) => DeclineInvitationPayload {
                invitation_id: Some(ID(ReceivedInvitationId::from(invitation.id).to_string())),
                user_errors: Vec::new(),
                event_cursor: Some(committed.cursor.into()),
            },
            Err(user_errors) => DeclineInvitationPayload { user_errors, ..Default::default() },
        })
    }
}

fn newcomer(name: Option<String>, password: Option<String>, client: &Client) -> Option<Newcomer> {
    let named = name.is_some();
    password.or(named.then(String::new)).map(|password| Newcomer {
        name: name.unwrap_or_default(),
        password,
        client: client.clone(),
    })
}

/// What somebody gets who is in: their membership, and a session where the link made their account. They are in by
/// now, so nothing here fails the answer: whoever gets no session signs in.
async fn welcome(ctx: &Context<'_>, accepted: Accepted) -> Result<AcceptInvitationPayload> {
    let signed_in = match accepted.newcomer.clone() {
        Some(newcomer) => sign_in(ctx, ctx.gate()?, newcomer).await,
        None => None,
    };
    let membership = find_membership(ctx, &accepted, signed_in.as_ref()).await;
    Ok(AcceptInvitationPayload {
        membership,
        invitation_id: Some(ID(ReceivedInvitationId::from(accepted.invitation.id).to_string())),
        brought_asset_ids: accepted.brought.iter().map(|asset| ID(asset.to_string())).collect(),
        token: signed_in
            .as_ref()
            .and_then(|it| tokens::deliver(ctx, &it.token, it.session.footprint.expires_at)),
        session: signed_in.map(|SignedIn { session, .. }| {
            let id = session.id;
            AccountSession::new(session, id)
        }),
        user_errors: Vec::new(),
        event_cursor: Some(accepted.committed.cursor.into()),
    })
}

/// The new membership, if whoever asks is the person, or has just become one.
async fn find_membership(
    ctx: &Context<'_>,
    accepted: &Accepted,
    signed_in: Option<&SignedIn>,
) -> Option<Membership> {
    let view = match signed_in {
        Some(signed_in) => view_of(ctx.gate().ok()?, signed_in).await,
        None => ctx.account_view().ok().filter(|view| view.account() == accepted.account),
    };
    let found = workspaces::load_many_memberships::<Never>(&view?, &[accepted.member.id]).await;
    found.ok()?.remove(&accepted.member.id).map(Membership::from)
}

async fn sign_in(ctx: &Context<'_>, gate: &Gate, newcomer: Authenticated) -> Option<SignedIn> {
    let (client, lifetimes) = (&Caller::of(ctx).ok()?.client, *ctx.data::<Lifetimes>().ok()?);
    let signed_in = sessions::start_account_session::<Never>(gate, lifetimes, newcomer, client).await;
    signed_in.inspect_err(|failure| tracing::warn!(?failure, "a new account could not be signed in")).ok()
}

async fn view_of(gate: &Gate, signed_in: &SignedIn) -> Option<AccountView> {
    match gate.checker().check(&signed_in.token).await {
        Ok(Proof::Account(proof)) => {
            Some(AccountView::new(gate.database().clone(), Arc::new(proof), gate.clock().now()))
        }
        _ => None,
    }
}
