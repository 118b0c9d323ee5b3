//! Deleting one's own account.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

use crate::accounts::{DeleteAccount, Entrance, Password};
use crate::endings::{self, DeleteAccountRefusal};
use crate::graphql::caller::{Asking, Caller};
use crate::graphql::directives::{SessionKind, requires};
use crate::graphql::outcome::outcome;
use crate::graphql::user_errors::{AdministeredWorkspace, ErrorCode, LastAdminOf, UserError};

/// That it is you.
#[derive(InputObject)]
struct DeleteAccountInput {
    /// The password of the account: a session that was left open somewhere isn't enough.
    password: String,
}

/// What deleting came to.
#[derive(SimpleObject, Default)]
struct DeleteAccountPayload {
    /// The account that is gone, with every session; null when it was refused.
    deleted_account_id: Option<ID>,
    /// What you can put right.
    user_errors: Vec<UserError>,
}

/// The mutation that ends an account.
#[derive(Default)]
pub struct DeletingAccountMutation;

#[Object]
impl DeletingAccountMutation {
    /// Deletes your account: every session of yours ends at once, your name, address and password are gone, and your
    /// address is free. Within seconds you are out of every workspace; what you own there stays with it, what you kept is
    /// gone. Refused while a workspace would be left without an admin.
    #[graphql(directive = requires::apply(SessionKind::Account, None))]
    async fn delete_account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "That it is you.")] input: DeleteAccountInput,
    ) -> Result<DeleteAccountPayload> {
        let proof = ctx.account_proof()?;
        let (password, client) = (Password::claimed(&input.password), Caller::of(ctx)?.client.clone());
        let request = DeleteAccount { password, client };
        let deleted = endings::delete_account(ctx.gate()?, ctx.data::<Entrance>()?, proof, request).await;
        Ok(match outcome(deleted)? {
            Ok(account) => DeleteAccountPayload {
                deleted_account_id: Some(ID(account.to_string())),
                user_errors: Vec::new(),
            },
            Err(user_errors) => DeleteAccountPayload { deleted_account_id: None, user_errors },
        })
    }
}

impl From<DeleteAccountRefusal> for UserError {
    fn from(refusal: DeleteAccountRefusal) -> Self {
        match refusal {
            DeleteAccountRefusal::WrongPassword => Self::at(
                "input.password",
                ErrorCode::InvalidCredentials,
                "not the password of this account; if you have forgotten it, ask for a new one",
            ),
            DeleteAccountRefusal::LastAdminOf(workspaces) => Self::LastAdminOf(LastAdminOf {
                code: ErrorCode::LastAdmin,
                message: "these workspaces would be left without an active admin; make somebody else an admin there, or \
                          delete them, first"
                    .into(),
                field: None,
                workspaces: workspaces
                    .into_iter()
                    .map(|(id, name)| AdministeredWorkspace { workspace_id: ID(id.to_string()), name })
                    .collect(),
            }),
        }
    }
}
