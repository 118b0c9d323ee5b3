//! The jobs of a server: what the product does by itself.
//!
//! Never does anything that isn't safe to do twice or on two servers at once.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::last_uses::LastUses;
use crate::access::{Failure, Gate, JobRun, Never, answers};
use crate::accounts::{self, AccountMails, LinkLifetimes, Retention};
use crate::assets;
use crate::billing;
use crate::config::Config;
use crate::endings::{self, Recovery};
use crate::invitations::{self, InvitationMail};
use crate::members;
use crate::platform::hub::Hub;
use crate::platform::jobs::{JobError, Jobs, Waker};
use crate::platform::journal::{Event, StreamId};
use crate::platform::mail::{Courier, PublicUrl, Transport};
use crate::sessions;

/// Mails leave when they are written; this is for those that failed, or were written elsewhere.
const MAIL_EVERY: Duration = Duration::from_secs(5);
const EXPIRY_EVERY: Duration = Duration::from_secs(30);
const ENDED_SESSIONS_EVERY: Duration = Duration::from_secs(30);
const REVIEWS_EVERY: Duration = Duration::from_secs(30);
/// A purge scrubs at once; this is for where readers stood in the way, and for what a crash left.
const SCRUB_EVERY: Duration = Duration::from_secs(30);
const ENDED_ACCOUNTS_EVERY: Duration = Duration::from_secs(5);
const DELETED_WORKSPACES_EVERY: Duration = Duration::from_secs(60);
const LOST_ASSETS_EVERY: Duration = Duration::from_secs(600);
/// Name and address are copied when they change; this is for what failed, or was changed elsewhere.
const COPIES_EVERY: Duration = Duration::from_secs(10);
/// Renewals are due at the beginning of a day.
const RENEWALS_EVERY: Duration = Duration::from_secs(60);
const PURGE_EVERY: Duration = Duration::from_secs(3600);
const LAST_USE_EVERY: Duration = Duration::from_secs(15);

/// Wakes jobs whose work came into being with a commit here, once there are any.
#[derive(Clone, Default)]
pub(super) struct Bells {
    mail: Arc<OnceLock<Waker>>,
    copies: Arc<OnceLock<Waker>>,
}

impl Bells {
    /// A mail may wait beside any event; a changed account is told on the person's stream.
    pub(super) fn ring(&self, events: &[Arc<Event>]) {
        let personal = events.iter().any(|event| matches!(event.stream, StreamId::Account(_)));
        for bell in [Some(&self.mail), personal.then_some(&self.copies)].into_iter().flatten() {
            if let Some(waker) = bell.get() {
                waker.wake();
            }
        }
    }
}

/// What the jobs work with.
pub(super) struct Workshop<'a> {
    /// How mails leave.
    pub(super) transport: Transport,
    pub(super) gate: &'a Gate,
    pub(super) uses: &'a LastUses,
    pub(super) public_url: &'a PublicUrl,
    pub(super) config: &'a Config,
    pub(super) bells: &'a Bells,
}

pub(super) fn jobs(workshop: &Workshop<'_>) -> Jobs {
    let mut jobs = Jobs::default();
    let (gate, retention) = (workshop.gate, &workshop.config.retention);
    add_courier(&mut jobs, workshop);
    add(&mut jobs, gate, ("expire invitations", EXPIRY_EVERY), |gate| async move {
        invitations::expire_due(&gate).await
    });
    add(&mut jobs, gate, ("finish ended sessions", ENDED_SESSIONS_EVERY), |gate| async move {
        sessions::finish_ended_sessions(&gate).await
    });
    add_endings(&mut jobs, gate, Recovery { days: retention.deleted_workspace_days.into() });
    add(
        &mut jobs,
        gate,
        ("renew seats", RENEWALS_EVERY),
        |gate| async move { billing::renew_due(&gate).await },
    );
    add(&mut jobs, gate, ("purge lost assets", LOST_ASSETS_EVERY), |gate| async move {
        assets::purge_lost(&gate).await
    });
    let copying = add(&mut jobs, gate, ("copy changed accounts", COPIES_EVERY), |gate| async move {
        members::copy_changed_accounts(&gate).await
    });
    // One job for each server; a second one would be a defect of `start`.
    let _ = workshop.bells.copies.set(copying);
    let unproved = Retention { unproved_days: workshop.config.sign_in_limits.unproved_account_days.into() };
    add(&mut jobs, gate, ("purge", PURGE_EVERY), move |gate| async move {
        let mut run = JobRun::new("what is over could not be purged");
        run.note("accounts", accounts::purge(&gate, unproved).await);
        run.note("sessions", sessions::purge(&gate).await);
        run.note("answers", answers::purge(&gate).await);
        run.end(())
    });
    let uses = workshop.uses.clone();
    add(&mut jobs, gate, ("note last use", LAST_USE_EVERY), move |gate| {
        let uses = uses.clone();
        async move { uses.flush(gate.database()).await }
    });
    jobs
}

/// What comes to an end by itself, and what an end still asks for.
fn add_endings(jobs: &mut Jobs, gate: &Gate, recovery: Recovery) {
    add(jobs, gate, ("tell of blocks to look at again", REVIEWS_EVERY), |gate| async move {
        members::tell_due_reviews(&gate).await
    });
    add(jobs, gate, ("finish ended accounts", ENDED_ACCOUNTS_EVERY), |gate| async move {
        endings::finish_accounts(&gate).await
    });
    add(jobs, gate, ("finish deleted workspaces", DELETED_WORKSPACES_EVERY), move |gate| async move {
        endings::finish_workspaces(&gate, recovery).await
    });
    add(
        jobs,
        gate,
        ("scrub what was purged", SCRUB_EVERY),
        |gate| async move { endings::scrub(&gate).await },
    );
}

/// A job that goes through the gate; what it did nobody asks.
fn add<F, Running, T>(jobs: &mut Jobs, gate: &Gate, (name, every): (&'static str, Duration), run: F) -> Waker
where
    F: Fn(Gate) -> Running + Send + Sync + 'static,
    Running: Future<Output = Result<T, Failure<Never>>> + Send + 'static,
{
    let gate = gate.clone();
    jobs.add(name, every, move || {
        let running = run(gate.clone());
        async move { running.await.map(drop).map_err(|failure| JobError::new(format!("{failure:?}"))) }
    })
}

fn add_courier(jobs: &mut Jobs, workshop: &Workshop<'_>) {
    let (gate, public_url) = (workshop.gate, workshop.public_url);
    let (database, clock) = (gate.database().clone(), gate.clock().clone());
    let mails = AccountMails {
        gate: gate.clone(),
        public_url: public_url.clone(),
        lifetimes: LinkLifetimes {
            email_hours: workshop.config.mail.email_link_hours.into(),
            password_minutes: workshop.config.mail.password_link_minutes.into(),
        },
    };
    let courier = Courier::new(database, clock, workshop.transport.clone())
        .with(members::CONTACT_MAIL_KIND, members::ContactMail { database: gate.database().clone() })
        .with(invitations::MAIL_KIND, InvitationMail::new(gate.clone(), public_url.clone()));
    let courier = accounts::MAIL_KINDS.iter().fold(courier, |it, kind| it.with(kind, mails.clone()));
    let courier = Arc::new(courier);
    let waker = jobs.add("deliver mail", MAIL_EVERY, move || {
        let courier = Arc::clone(&courier);
        async move { courier.deliver_due().await.map_err(JobError::new) }
    });
    // One courier for each server; a second one would be a defect of `start`.
    let _ = workshop.bells.mail.set(waker);
}

/// Cursors are made in the history that the hub has seen.
pub(super) fn follow_history(hub: &Hub, gate: &Gate) {
    let (mut histories, gate) = (hub.histories(), gate.clone());
    tokio::spawn(async move {
        while histories.changed().await.is_ok() {
            gate.set_epoch(histories.borrow_and_update().epoch);
        }
    });
}
