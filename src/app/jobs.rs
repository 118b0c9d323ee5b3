//! The jobs of a server: what the product does by itself.
//!
//! Never does anything that isn't safe to do twice or on two servers at once.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::access::{Gate, answers};
use crate::accounts::{self, AccountMails, LinkLifetimes, Retention};
use crate::api_keys::KeyUses;
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
use crate::sessions::{self, Touches};

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
    pub(super) touches: &'a Touches,
    pub(super) key_uses: &'a KeyUses,
    pub(super) public_url: &'a PublicUrl,
    pub(super) config: &'a Config,
    pub(super) bells: &'a Bells,
}

pub(super) fn jobs(workshop: &Workshop<'_>) -> Jobs {
    let mut jobs = Jobs::default();
    add_courier(&mut jobs, workshop);
    let gate = workshop.gate.clone();
    jobs.add("expire invitations", EXPIRY_EVERY, move || {
        let gate = gate.clone();
        async move { invitations::expire_due(&gate).await.map(drop).map_err(|failure| broken(&failure)) }
    });
    let gate = workshop.gate.clone();
    jobs.add("finish ended sessions", ENDED_SESSIONS_EVERY, move || {
        let gate = gate.clone();
        async move { sessions::finish_ended_sessions(&gate).await.map(drop).map_err(|failure| broken(&failure)) }
    });
    add_endings(&mut jobs, workshop);
    let gate = workshop.gate.clone();
    jobs.add("renew seats", RENEWALS_EVERY, move || {
        let gate = gate.clone();
        async move { billing::renew_due(&gate).await.map_err(|failure| broken(&failure)) }
    });
    let gate = workshop.gate.clone();
    jobs.add("purge lost assets", LOST_ASSETS_EVERY, move || {
        let gate = gate.clone();
        async move { assets::purge_lost(&gate).await.map(drop).map_err(|failure| broken(&failure)) }
    });
    let gate = workshop.gate.clone();
    let copying =
        jobs.add("copy changed accounts", COPIES_EVERY, move || {
            let gate = gate.clone();
            async move {
                members::copy_changed_accounts(&gate).await.map(drop).map_err(|failure| broken(&failure))
            }
        });
    // One job for each server; a second one would be a defect of `start`.
    let _ = workshop.bells.copies.set(copying);
    let (gate, retention) = (
        workshop.gate.clone(),
        Retention { unproved_days: workshop.config.sign_in_limits.unproved_account_days.into() },
    );
    jobs.add("purge", PURGE_EVERY, move || {
        let gate = gate.clone();
        async move {
            let accounts = accounts::purge(&gate, retention).await;
            let sessions = sessions::purge(&gate).await;
            let answers = answers::purge(&gate).await;
            accounts
                .and(sessions.map(drop))
                .and(answers.map(drop))
                .map(drop)
                .map_err(|failure| broken(&failure))
        }
    });
    let database = workshop.gate.database().clone();
    let (touches, key_uses) = (workshop.touches.clone(), workshop.key_uses.clone());
    jobs.add("note last use", LAST_USE_EVERY, move || {
        let (database, touches, key_uses) = (database.clone(), touches.clone(), key_uses.clone());
        async move {
            let sessions = touches.flush(&database).await;
            sessions.and(key_uses.flush(&database).await).map(drop).map_err(|failure| broken(&failure))
        }
    });
    jobs
}

/// What comes to an end by itself, and what an end still asks for.
fn add_endings(jobs: &mut Jobs, workshop: &Workshop<'_>) {
    let gate = workshop.gate.clone();
    jobs.add("tell of blocks to look at again", REVIEWS_EVERY, move || {
        let gate = gate.clone();
        async move { members::tell_due_reviews(&gate).await.map_err(|failure| broken(&failure)) }
    });
    let gate = workshop.gate.clone();
    jobs.add("finish ended accounts", ENDED_ACCOUNTS_EVERY, move || {
        let gate = gate.clone();
        async move { endings::finish_accounts(&gate).await.map_err(|failure| broken(&failure)) }
    });
    let gate = workshop.gate.clone();
    let recovery = Recovery { days: workshop.config.retention.deleted_workspace_days.into() };
    jobs.add("finish deleted workspaces", DELETED_WORKSPACES_EVERY, move || {
        let gate = gate.clone();
        async move { endings::finish_workspaces(&gate, recovery).await.map_err(|failure| broken(&failure)) }
    });
    let gate = workshop.gate.clone();
    jobs.add("scrub what was purged", SCRUB_EVERY, move || {
        let gate = gate.clone();
        async move { endings::scrub(&gate).await.map(drop).map_err(|failure| broken(&failure)) }
    });
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

fn broken<R: std::fmt::Debug>(failure: &crate::access::Failure<R>) -> JobError {
    JobError::new(format!("{failure:?}"))
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
