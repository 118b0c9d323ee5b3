//! The courier: takes due mails out of the outbox, has them written, and hands them over.
//!
//! Never forgets a mail before it was handed over, its composer said that nobody waits for it, or the mail server, which
//! takes mail from us otherwise, has refused it for days. A courier that dies half-way can so send a mail twice, never lose
//! one.

use std::collections::HashMap;

use futures_util::future::{BoxFuture, join_all};
use sea_orm::DbErr;

use super::letter::Letter;
use super::mailbox::{HandOverError, Transport};
use super::outbox::{self, Claim, Mail};
use crate::platform::database::Database;
use crate::primitives::time::{Clock, Timestamp};

/// Mails taken at once, and on their way at the same time.
const BATCH: u32 = 10;
/// How long a taken mail is this courier's own. Longer than any hand-over may take (`config`).
const CLAIM_SECONDS: i64 = 60;
/// A mail that the server refuses for good is given up after so many hours, if the server has nothing against us: its
/// address doesn't exist.
const REFUSED_HOURS_MAX: i64 = 72;
/// The wait after the first failure; it doubles with each one more.
const RETRY_SECONDS_MIN: i64 = 30;
const RETRY_SECONDS_MAX: i64 = 3600;

/// What became of a mail, for now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fate {
    HandedOver,
    /// It did not leave; it will be tried again.
    Failing,
    /// It did not leave, and is tried no more: it was refused for days, or came too late for anybody to wait for it.
    GivenUp,
}

/// A mail could not be written or its fate not be noted; it will be tried again.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Undeliverable(pub String);

impl From<DbErr> for Undeliverable {
    fn from(error: DbErr) -> Self {
        Self(error.to_string())
    }
}

/// Why an attempt came to nothing.
struct Stopped {
    reason: String,
    /// Would it tomorrow, too?
    for_good: bool,
}

impl From<Undeliverable> for Stopped {
    fn from(error: Undeliverable) -> Self {
        Self { reason: error.to_string(), for_good: false }
    }
}

impl From<HandOverError> for Stopped {
    fn from(error: HandOverError) -> Self {
        Self { reason: error.to_string(), for_good: error.is_final() }
    }
}

/// Writes the mails of one kind, in the room that knows what they are about.
pub trait Composer: Send + Sync {
    /// Writes the mail and mints its secret. `None`: nobody waits for it any more, it is dropped.
    fn compose<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<Option<Letter>, Undeliverable>>;

    /// Takes note of what became of it.
    fn note<'a>(&'a self, _mail: &'a Mail, _fate: Fate) -> BoxFuture<'a, Result<(), Undeliverable>> {
        Box::pin(async { Ok(()) })
    }
}

/// Empties the outbox. Several servers may each run one.
pub struct Courier {
    database: Database,
    clock: Clock,
    transport: Transport,
    composers: HashMap<&'static str, Box<dyn Composer>>,
}

impl Courier {
    pub fn new(database: Database, clock: Clock, transport: Transport) -> Self {
        Self { database, clock, transport, composers: HashMap::new() }
    }

    /// Registers who writes the mails of a kind. Mails of other kinds are left to the servers that know them.
    #[must_use]
    pub fn with(mut self, kind: &'static str, composer: impl Composer + 'static) -> Self {
        self.composers.insert(kind, Box::new(composer));
        self
    }

    /// Delivers everything that is due.
    pub async fn deliver_due(&self) -> Result<(), DbErr> {
        let kinds: Vec<&'static str> = self.composers.keys().copied().collect();
        if kinds.is_empty() || !outbox::has_due(self.database.reader(), self.clock.now()).await? {
            return Ok(());
        }
        loop {
            let mails = self.claim(&kinds).await?;
            if mails.is_empty() {
                return Ok(());
            }
            let delivered = join_all(mails.iter().map(|mail| self.deliver(mail))).await;
            delivered.into_iter().collect::<Result<(), DbErr>>()?;
        }
    }

    async fn claim(&self, kinds: &[&'static str]) -> Result<Vec<Mail>, DbErr> {
        let now = self.clock.now();
        let tx = self.database.begin().await?;
        let claim = Claim { kinds, count: BATCH, until: now.plus_seconds(CLAIM_SECONDS) };
        let mails = outbox::claim(&tx, &claim, now).await?;
        tx.commit().await?;
        Ok(mails)
    }

    async fn deliver(&self, mail: &Mail) -> Result<(), DbErr> {
        let Some(composer) = self.composers.get(mail.kind.as_str()) else { return Ok(()) };
        let Err(failure) = self.attempt(composer.as_ref(), mail).await else {
            return self.remove(mail).await;
        };
        let Stopped { reason, for_good } = failure;
        tracing::warn!(%reason, mail = %mail.id, kind = mail.kind, attempts = mail.attempts, "a mail did not leave");
        let give_up = for_good && self.refused_long_enough(mail).await;
        let fate = if give_up { Fate::GivenUp } else { Fate::Failing };
        if let Err(error) = composer.note(mail, fate).await {
            tracing::warn!(%error, mail = %mail.id, "that a mail did not leave could not be noted");
            return self.postpone(mail).await;
        }
        if give_up {
            tracing::error!(mail = %mail.id, kind = mail.kind, "a mail is given up: the mail server doesn't take it");
            return self.remove(mail).await;
        }
        self.postpone(mail).await
    }

    /// A server that refuses whatever comes from us says nothing about this mail: it waits, however long that takes.
    async fn refused_long_enough(&self, mail: &Mail) -> bool {
        mail.created_at.plus_hours(REFUSED_HOURS_MAX) <= self.clock.now()
            && self.transport.takes_our_mail().await
    }

    /// Its fate is noted before it is forgotten: after a crash between the two it is sent again, instead of standing
    /// as queued for ever.
    async fn attempt(&self, composer: &dyn Composer, mail: &Mail) -> Result<(), Stopped> {
        let Some(letter) = composer.compose(mail).await? else {
            return Ok(composer.note(mail, Fate::GivenUp).await?);
        };
        if self.transport.hand_over(mail, &letter, self.clock.now()).await? {
            composer.note(mail, Fate::HandedOver).await?;
        }
        Ok(())
    }

    async fn remove(&self, mail: &Mail) -> Result<(), DbErr> {
        let tx = self.database.begin().await?;
        outbox::remove(&tx, mail).await?;
        tx.commit().await
    }

    async fn postpone(&self, mail: &Mail) -> Result<(), DbErr> {
        let tx = self.database.begin().await?;
        outbox::postpone(&tx, mail, retry_at(mail.attempts, self.clock.now())).await?;
        tx.commit().await
    }
}

fn retry_at(attempts: i64, now: Timestamp) -> Timestamp {
    let doublings = u32::try_from(attempts - 1).unwrap_or(0).min(16);
    now.plus_seconds((RETRY_SECONDS_MIN << doublings).min(RETRY_SECONDS_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_its_bound() {
        let wait = |attempts| retry_at(attempts, Timestamp::from_micros(0)).as_micros() / 1_000_000;
        assert_eq!([1, 2, 3, 8, 1_000].map(wait), [30, 60, 120, 3600, 3600]);
    }
}
