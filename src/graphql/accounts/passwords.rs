//! Changing a password, and setting one that was forgotten.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};

use super::Account;
use crate::accounts::{
    self, ChangePassword, ChangePasswordRefusal, Entrance, Password, ResetPassword, ResetRefusal,
};
use crate::graphql::caller::{Asking, Caller};
use crate::graphql::directives::{SessionKind, public, requires};
use crate::graphql::outcome::{answer, outcome};
use crate::graphql::user_errors::{ErrorCode, UserError};
use crate::primitives::email::Email;
use crate::primitives::secret::Secret;
use crate::sessions;

/// Who has forgotten their password.
#[derive(InputObject)]
struct RequestPasswordResetInput {
    /// The e-mail address of the account.
    email: String,
}

/// What asking for a new password came to: the same whether the address is known or not.
#[derive(SimpleObject, Default)]
struct RequestPasswordResetPayload {
    /// The address that a mail goes to if an account holds it; null when it was refused.
    mailed_to: Option<String>,
    /// What you can put right.
    user_errors: Vec<UserError>,
}

/// The new password.
#[derive(InputObject)]
struct ResetPasswordInput {
    /// The token of the mailed link: what stands after `#token=`.
    token: String,
    /// A password of 8 to 128 characters; a few words in a row make a good one.
    new_password: String,
}

/// What setting the password came to.
#[derive(SimpleObject, Default)]
struct ResetPasswordPayload {
    /// The account, signed out everywhere; null when it was refused.
    account: Option<Account>,
    /// What you can put right.
    user_errors: Vec<UserError>,
}

/// The old password and the new one.
#[derive(InputObject)]
struct ChangePasswordInput {
    /// The password that the account has.
    current_password: String,
    /// A password of 8 to 128 characters; a few words in a row make a good one.
    new_password: String,
}

/// What changing the password came to.
#[derive(SimpleObject, Default)]
struct ChangePasswordPayload {
    /// The account, signed out everywhere else; null when it was refused.
    account: Option<Account>,
    /// What you can put right.
    user_errors: Vec<UserError>,
}

/// The mutations on passwords.
#[derive(Default)]
pub struct PasswordsMutation;

#[Object]
impl PasswordsMutation {
    /// Mails a link that sets a new password. The answer is the same whether the address is known or not. Attempts are
    /// limited by account and by address.
    #[graphql(directive = public::apply())]
    async fn request_password_reset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who has forgotten their password.")] input: RequestPasswordResetInput,
    ) -> Result<RequestPasswordResetPayload> {
        let email = match Email::parse(&input.email) {
            Ok(email) => email,
            Err(error) => {
                let user_errors = vec![UserError::invalid("input.email", error.to_string())];
                return Ok(RequestPasswordResetPayload { mailed_to: None, user_errors });
            }
        };
        let (entrance, client) = (ctx.data::<Entrance>()?, &Caller::of(ctx)?.client);
        answer(accounts::request_password_reset(ctx.gate()?, entrance, &email, client).await)?;
        let mailed_to = Some(email.as_typed().to_owned());
        Ok(RequestPasswordResetPayload { mailed_to, user_errors: Vec::new() })
    }

    /// Sets a new password by a mailed link, which works once. All sessions of the account end, of both kinds; no
    /// membership changes its status.
    #[graphql(directive = public::apply())]
    async fn reset_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new password.")] input: ResetPasswordInput,
    ) -> Result<ResetPasswordPayload> {
        let Some(link) = Secret::parse(&input.token) else {
            return Ok(ResetPasswordPayload {
                account: None,
                user_errors: vec![ResetRefusal::Unknown.into()],
            });
        };
        let new = Password::claimed(&input.new_password);
        let request = ResetPassword { link, new, client: Caller::of(ctx)?.client.clone() };
        let reset = sessions::reset_password(ctx.gate()?, ctx.data::<Entrance>()?, request).await;
        Ok(match outcome(reset)? {
            Ok(account) => ResetPasswordPayload { account: Some(account.into()), user_errors: Vec::new() },
            Err(user_errors) => ResetPasswordPayload { account: None, user_errors },
        })
    }

    /// Changes your password. All other sessions of yours end, of both kinds; the one that asks goes on.
    #[graphql(directive = requires::apply(SessionKind::Account, None))]
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The old password and the new one.")] input: ChangePasswordInput,
    ) -> Result<ChangePasswordPayload> {
        let proof = ctx.account_proof()?;
        let request = ChangePassword {
            current: Password::claimed(&input.current_password),
            new: Password::claimed(&input.new_password),
            client: Caller::of(ctx)?.client.clone(),
        };
        let changed = sessions::change_password(ctx.gate()?, ctx.data::<Entrance>()?, proof, request).await;
        Ok(match outcome(changed)? {
            Ok(account) => ChangePasswordPayload { account: Some(account.into()), user_errors: Vec::new() },
            Err(user_errors) => ChangePasswordPayload { account: None, user_errors },
        })
    }
}

impl From<ResetRefusal> for UserError {
    fn from(refusal: ResetRefusal) -> Self {
        let (code, message) = match refusal {
            ResetRefusal::Unknown => (ErrorCode::LinkInvalid, "no such link; copy it whole from the mail"),
            ResetRefusal::Used => {
                (ErrorCode::LinkUsed, "a password was set since this link was mailed; ask for a new link")
            }
            ResetRefusal::Expired => (ErrorCode::LinkExpired, "this link has expired; ask for a new one"),
            ResetRefusal::Unfit(error) => return Self::invalid("input.newPassword", error.to_string()),
        };
        Self::at("input.token", code, message)
    }
}

impl From<ChangePasswordRefusal> for UserError {
    fn from(refusal: ChangePasswordRefusal) -> Self {
        match refusal {
            ChangePasswordRefusal::WrongPassword => {
                let message = "not the password of this account; if you have forgotten it, ask for a new one";
                Self::at("input.currentPassword", ErrorCode::InvalidCredentials, message)
            }
            ChangePasswordRefusal::Unfit(error) => Self::invalid("input.newPassword", error.to_string()),
        }
    }
}
