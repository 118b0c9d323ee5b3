//! The mail that tells admins what somebody wrote to them (WSP-9).
//!
//! Never written once the member, or the workspace, is gone.

use futures_util::future::BoxFuture;

use super::requests::{self, Told};
use crate::access::WorkspaceTx;
use crate::platform::database::{Database, DatabaseError};
use crate::platform::mail::{self, Composer, Letter, Mail, NewMail, Undeliverable};
use crate::primitives::email::Email;
use crate::primitives::ids::OperationId;

/// What the outbox calls these mails.
pub const CONTACT_MAIL_KIND: &str = "CONTACT_ADMINS";

pub(super) async fn enqueue(tx: &WorkspaceTx, to: Email) -> Result<(), DatabaseError> {
    let mail = NewMail {
        kind: CONTACT_MAIL_KIND,
        to,
        workspace: Some(tx.workspace()),
        subject_id: tx.operation().as_uuid(),
        sending: 1,
    };
    mail::enqueue(tx.writer(), mail, tx.now()).await?;
    Ok(())
}

/// Writes the mails of [`CONTACT_MAIL_KIND`].
#[derive(Clone, Debug)]
pub struct ContactMail {
    pub database: Database,
}

impl ContactMail {
    async fn write(&self, mail: &Mail) -> Result<Option<Letter>, Undeliverable> {
        let Some(workspace) = mail.workspace else { return Ok(None) };
        let request = OperationId::from_uuid(mail.subject_id);
        let told = requests::find_told(self.database.reader(), workspace, request).await?;
        Ok(told.as_ref().map(letter))
    }
}

impl Composer for ContactMail {
    fn compose<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<Option<Letter>, Undeliverable>> {
        Box::pin(self.write(mail))
    }
}

fn letter(told: &Told) -> Letter {
    let Told { member, workspace_name, name, email, message } = told;
    Letter::new(format!("{name} writes to the admins of {workspace_name}"))
        .naming(*member)
        .paragraph(format!("{name} ({email}), who is or was a member of {workspace_name}, writes:"))
        .paragraph(message.as_str())
        .paragraph(
            "You get this because you look after that workspace. Answer them directly, or find them among its members.",
        )
}
