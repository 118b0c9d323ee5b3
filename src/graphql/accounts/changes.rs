//! Changing one's name and address.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};

use super::Account;
use crate::accounts::{self, ChangeEmail, ChangeEmailRefusal, Entrance, Password};
use crate::graphql::caller::{Asking, Caller};
use crate::graphql::directives::{SessionKind, requires};
use crate::graphql::outcome::outcome;
use crate::graphql::user_errors::{ErrorCode, UserError, name_at};
use crate::primitives::email::Email;

/// What to change of your account.
#[derive(InputObject)]
struct UpdateAccountInput {
    /// What you are called: at most 200 characters.
    name: String,
}

/// What the change came to.
#[derive(SimpleObject, Default)]
struct UpdateAccountPayload {
    /// The account after the change; null when it was refused.
    account: Option<Account>,
    /// What you can put right.
    user_errors: Vec<UserError>,
}

/// The address that you want to have.
#[derive(InputObject)]
struct ChangeEmailInput {
    /// The new e-mail address; a link is mailed to it.
    email: String,
    /// The password of the account: a session that was left open somewhere isn't enough.
    password: String,
}

/// What asking for another address came to: the same whether somebody else holds it or not.
#[derive(SimpleObject, Default)]
struct ChangeEmailPayload {
    /// The account: its `newEmail` is what it changes to once the mailed link is opened; null when it was refused.
    account: Option<Account>,
    /// What you can put right.
    user_errors: Vec<UserError>,
}

/// The mutations that change one's account.
#[derive(Default)]
pub struct AccountChangesMutation;

#[Object]
impl AccountChangesMutation {
    /// Changes your name. Your memberships take it over within seconds, and each workspace is told.
    #[graphql(directive = requires::apply(SessionKind::Account, None))]
    async fn update_account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change of your account.")] input: UpdateAccountInput,
    ) -> Result<UpdateAccountPayload> {
        let proof = ctx.account_proof()?;
        let name = match name_at("input.name", &input.name) {
            Ok(name) => name,
            Err(error) => return Ok(UpdateAccountPayload { account: None, user_errors: vec![error] }),
        };
        Ok(match outcome(accounts::update_account(ctx.gate()?, proof, name).await)? {
            Ok(account) => UpdateAccountPayload { account: Some(account.into()), user_errors: Vec::new() },
            Err(user_errors) => UpdateAccountPayload { account: None, user_errors },
        })
    }

    /// Asks for another e-mail address. It takes effect when `verifyEmail` is called with the token that is mailed to it
    /// and your password; that is told to the old address, and ends your other sessions.
    #[graphql(directive = requires::apply(SessionKind::Account, None))]
    async fn change_email(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The address that you want to have.")] input: ChangeEmailInput,
    ) -> Result<ChangeEmailPayload> {
        let proof = ctx.account_proof()?;
        let email = match Email::parse(&input.email) {
            Ok(email) => email,
            Err(error) => {
                let user_errors = vec![UserError::invalid("input.email", error.to_string())];
                return Ok(ChangeEmailPayload { account: None, user_errors });
            }
        };
        let (password, client) = (Password::claimed(&input.password), Caller::of(ctx)?.client.clone());
        let request = ChangeEmail { email, password, client };
        let asked = accounts::change_email(ctx.gate()?, ctx.data::<Entrance>()?, proof, request).await;
        Ok(match outcome(asked)? {
            Ok(account) => ChangeEmailPayload { account: Some(account.into()), user_errors: Vec::new() },
            Err(user_errors) => ChangeEmailPayload { account: None, user_errors },
        })
    }
}

impl From<ChangeEmailRefusal> for UserError {
    fn from(refusal: ChangeEmailRefusal) -> Self {
        match refusal {
            ChangeEmailRefusal::WrongPassword => {
                let message = "not the password of this account; if you have forgotten it, ask for a new one";
                Self::at("input.password", ErrorCode::InvalidCredentials, message)
            }
            ChangeEmailRefusal::SameAddress => {
                Self::invalid("input.email", "this is the address that the account has already")
            }
        }
    }
}
