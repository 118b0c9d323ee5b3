//! Signing up, and proving an address.
//!
//! Never tells whether an address is known (SES-1).

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};

use super::Account;
use crate::accounts::{self, AlreadyVerified, Entrance, LinkRefusal, Password, SignUp, VerifyEmail};
use crate::graphql::caller::{Asking, Caller};
use crate::graphql::directives::{SessionKind, public, requires};
use crate::graphql::outcome::{answer, outcome};
use crate::graphql::user_errors::{ErrorCode, UserError, name_at};
use crate::primitives::email::Email;
use crate::primitives::request::Client;
use crate::primitives::secret::Secret;
use crate::sessions;

/// Who signs up.
#[derive(InputObject)]
struct SignUpInput {
    /// The e-mail address; a link is mailed to it.
    email: String,
    /// What you are called: at most 200 characters.
    name: String,
    /// A password of 8 to 128 characters; a few words in a row make a good one.
    password: String,
}

/// What signing up came to: the same whether the address is known or not.
#[derive(SimpleObject, Default)]
struct SignUpPayload {
    /// The address that a mail was sent to; null when it was refused.
    mailed_to: Option<String>,
    /// What you can put right.
    user_errors: Vec<UserError>,
}

/// Which address is yours.
#[derive(InputObject)]
struct VerifyEmailInput {
    /// The token of the mailed link: what stands after `#token=`.
    token: String,
    /// The password of the account. The link alone would verify an account that a stranger has made with your address
    /// and a password of their own.
    password: String,
}

/// What opening the link came to.
#[derive(SimpleObject, Default)]
struct VerifyEmailPayload {
    /// The account, its address verified; null when it was refused.
    account: Option<Account>,
    /// What you can put right.
    user_errors: Vec<UserError>,
}

/// Nothing needs to be said.
#[derive(InputObject)]
struct RequestEmailVerificationInput {
    /// Comes back as it was sent; for clients that tell answers apart by it.
    client_mutation_id: Option<String>,
}

/// What asking for another link came to.
#[derive(SimpleObject, Default)]
struct RequestEmailVerificationPayload {
    /// The address that the mail goes to; null when it was refused.
    mailed_to: Option<String>,
    /// As it was sent.
    client_mutation_id: Option<String>,
    /// What you can put right.
    user_errors: Vec<UserError>,
}

/// The mutations on accounts.
#[derive(Default)]
pub struct AccountsMutation;

#[Object]
impl AccountsMutation {
    /// Signs up. The answer is the same whether the address is known or not; its owner alone is told, by mail.
    #[graphql(directive = public::apply())]
    async fn sign_up(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who signs up.")] input: SignUpInput,
    ) -> Result<SignUpPayload> {
        let request = match read_sign_up(&input, Caller::of(ctx)?.client.clone()) {
            Ok(request) => request,
            Err(user_errors) => return Ok(SignUpPayload { user_errors, ..SignUpPayload::default() }),
        };
        let mailed_to = Some(request.email.as_typed().to_owned());
        answer(accounts::sign_up(ctx.gate()?, ctx.data::<Entrance>()?, request).await)?;
        Ok(SignUpPayload { mailed_to, user_errors: Vec::new() })
    }

    /// Proves an e-mail address by its mailed link and the account's password: the address of a new account, or the one
    /// that `changeEmail` asked for, which then takes effect and ends the other sessions. The link works once, and a
    /// wrong password leaves it usable; whoever proves the address first holds it.
    #[graphql(directive = public::apply())]
    async fn verify_email(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which address is yours.")] input: VerifyEmailInput,
    ) -> Result<VerifyEmailPayload> {
        let Some(link) = Secret::parse(&input.token) else {
            let user_errors = vec![LinkRefusal::Unknown.into()];
            return Ok(VerifyEmailPayload { user_errors, ..VerifyEmailPayload::default() });
        };
        let password = Password::claimed(&input.password);
        let request = VerifyEmail { link, password, client: Caller::of(ctx)?.client.clone() };
        let verified = sessions::verify_email(ctx.gate()?, ctx.data::<Entrance>()?, request).await;
        Ok(match outcome(verified)? {
            Ok(account) => VerifyEmailPayload { account: Some(account.into()), user_errors: Vec::new() },
            Err(user_errors) => VerifyEmailPayload { account: None, user_errors },
        })
    }

    /// Mails another link that proves your address, where the one before has expired or never came. Attempts are limited
    /// by account and by address.
    #[graphql(directive = requires::apply(SessionKind::Account, None))]
    async fn request_email_verification(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Nothing needs to be said.")] input: RequestEmailVerificationInput,
    ) -> Result<RequestEmailVerificationPayload> {
        let (proof, client) = (ctx.account_proof()?, &Caller::of(ctx)?.client);
        let entrance = ctx.data::<Entrance>()?;
        let asked = accounts::request_email_verification(ctx.gate()?, entrance, proof, client).await;
        let (mailed_to, user_errors) = match outcome(asked)? {
            Ok(account) => (Some(account.email), Vec::new()),
            Err(user_errors) => (None, user_errors),
        };
        Ok(RequestEmailVerificationPayload {
            mailed_to,
            client_mutation_id: input.client_mutation_id,
            user_errors,
        })
    }
}

/// All that is wrong at once, so that a form can show it; a password is held against a readable address alone.
fn read_sign_up(input: &SignUpInput, client: Client) -> Result<SignUp, Vec<UserError>> {
    let name = name_at("input.name", &input.name);
    let email = match Email::parse(&input.email) {
        Ok(email) => email,
        Err(error) => {
            let error = UserError::invalid("input.email", error.to_string());
            return Err(std::iter::once(error).chain(name.err()).collect());
        }
    };
    let password = Password::parse(&input.password, &email)
        .map_err(|error| UserError::invalid("input.password", error.to_string()));
    match (name, password) {
        (Ok(name), Ok(password)) => Ok(SignUp { email, name, password, client }),
        (name, password) => Err(name.err().into_iter().chain(password.err()).collect()),
    }
}

impl From<AlreadyVerified> for UserError {
    fn from(_: AlreadyVerified) -> Self {
        let message = "the address of your account is verified already; to have another, use `changeEmail`";
        Self::whole(ErrorCode::EmailAlreadyVerified, message)
    }
}

impl From<LinkRefusal> for UserError {
    fn from(refusal: LinkRefusal) -> Self {
        let (code, message) = match refusal {
            LinkRefusal::WrongPassword => {
                let message = "not the password of this account; if you never asked for the mail, ignore it";
                return Self::at("input.password", ErrorCode::InvalidCredentials, message);
            }
            LinkRefusal::Unknown => (ErrorCode::LinkInvalid, "no such link; copy it whole from the mail"),
            LinkRefusal::Used => {
                (ErrorCode::LinkUsed, "this link was opened before: the address is verified, sign in")
            }
            LinkRefusal::Expired => (
                ErrorCode::LinkExpired,
                "this link has expired; sign in and ask for a new one: `requestEmailVerification`, or `changeEmail` again",
            ),
            LinkRefusal::AddressTaken => {
                (ErrorCode::EmailTaken, "another account holds this address by now; sign in to that one")
            }
        };
        Self::at("input.token", code, message)
    }
}
