//! The operator's commands on members and workspaces: bringing back what was deleted or lost, and giving a workspace without
//! an admin a new one.
//!
//! Never asks a running server: what they change stands in the journal, and each server finds it there.
#![expect(clippy::print_stdout, reason = "a command line talks to its user")]

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use super::commands::CommandError;
use super::start::{StartError, database_settings};
use crate::access::check::{Checker, SessionAges};
use crate::access::{Failure, Gate};
use crate::config::{DatabaseSettings, GrantAdminCommand, RecoverCommand};
use crate::endings::{self, GrantAdmin};
use crate::platform::database::Database;
use crate::platform::journal;
use crate::primitives::email::Email;
use crate::primitives::ids::{AssetId, WorkspaceId};
use crate::primitives::time::Clock;

/// A gate of this process' own. Nobody's session is checked through it, and what it announces the servers read from the
/// journal.
async fn open(settings: &DatabaseSettings) -> Result<Gate, CommandError> {
    let database = Database::open(&database_settings(settings)).await.map_err(StartError::from)?;
    database.migrate().await?;
    let epoch = journal::epoch(database.reader()).await;
    let epoch =
        epoch.map_err(|_| CommandError::Refused("there is no installation in this database".into()))?;
    let clock = Clock::system();
    let ages = SessionAges { account_idle_seconds: 0, workspace_idle_seconds: 0 };
    let checker = Checker::new(database.clone(), clock.clone(), ages, Duration::from_secs(5));
    Ok(Gate::new(database, clock, checker, epoch, Arc::new(|_| {})))
}

fn refused<R: Display + std::fmt::Debug>(failure: Failure<R>) -> CommandError {
    CommandError::Refused(match failure {
        Failure::Refused(refusal) => refusal.to_string(),
        other => format!("it did not come about: {other:?}"),
    })
}

pub async fn recover(command: RecoverCommand) -> Result<(), CommandError> {
    let workspace = command.workspace.as_deref().map(WorkspaceId::parse).transpose();
    let workspace = workspace.map_err(|error| CommandError::Refused(format!("--workspace: {error}")))?;
    let assets: Result<Vec<AssetId>, _> = command.assets.iter().map(|id| AssetId::parse(id)).collect();
    let assets = assets.map_err(|error| CommandError::Refused(format!("--asset: {error}")))?;
    let gate = open(&command.database).await?;
    if workspace.is_none() && assets.is_empty() {
        list(&gate).await?;
    }
    if let Some(workspace) = workspace {
        let told = endings::recover_workspace(&gate, workspace).await.map_err(refused)?;
        println!("{workspace} is back, and told to {told} people.");
        println!(
            "Its sessions, API keys and open invitations stay ended: people enter anew, admins make keys and send"
        );
        println!("invitations again.");
    }
    for asset in assets {
        let workspace = endings::recover_asset(&gate, asset).await.map_err(refused)?;
        println!("{asset} is back in {workspace}, in the admins' hands.");
    }
    gate.database().close().await;
    Ok(())
}

async fn list(gate: &Gate) -> Result<(), CommandError> {
    let found = endings::list_recoverable(gate).await.map_err(refused)?;
    if found.is_empty() {
        println!("Nothing is deleted or lost that could be brought back.");
    }
    for it in found {
        println!("{}  {}, gone since {}", it.id, it.what, it.since.to_rfc3339());
    }
    Ok(())
}

pub async fn grant_admin(command: GrantAdminCommand) -> Result<(), CommandError> {
    let workspace = WorkspaceId::parse(&command.workspace);
    let workspace = workspace.map_err(|error| CommandError::Refused(format!("--workspace: {error}")))?;
    let email = Email::parse(&command.email);
    let email = email.map_err(|error| CommandError::Refused(format!("--email: {error}")))?;
    let gate = open(&command.database).await?;
    let request = GrantAdmin { workspace, email, admins_unusable: command.admins_unusable };
    let member = endings::grant_admin(&gate, request).await.map_err(refused)?;
    println!(
        "{} is {} of {workspace} now ({}); it is on record in the workspace's log.",
        command.email, member.role.name, member.id
    );
    gate.database().close().await;
    Ok(())
}
