//! The proof that a connection lives on: taking a check's answer in, and asking again when somebody says so.
//!
//! Never writes while it isn't known whether the session holds (REV-2).

use std::sync::Arc;

use tokio::time::Instant;

use super::connection::{Connection, Ending, RETRY, WORKSPACE};
use super::handshake::ending_of;
use crate::access::{Proof, Refusal};
use crate::graphql::events::{EventItem, ResyncReason, RightsChanged, SessionItem};
use crate::platform::hub::{Call, Identity, Verdict};
use crate::primitives::actor::EndCause;
use crate::primitives::rights::{Permission, PermissionSet, Rights};

impl Connection {
    /// The check after the registration: everything after its snapshot is applied in order.
    pub(super) async fn prove_first(&mut self) -> Result<(), Ending> {
        // Before the check: where another history begins in between, the first reading says so.
        self.history = self.attachment.history();
        let proof = self.check().await?.map_err(ending_of)?;
        self.rights = rights_of(&proof);
        let heads = self.learn(&proof);
        for (stream, head) in self.streams.iter_mut().zip(heads) {
            if let (Some(stream), Some(head)) = (stream, head) {
                stream.applied = head;
            }
        }
        Ok(())
    }

    /// Takes a check from before the registration for the one that counts, and begins where the stream is now.
    #[cfg(feature = "planted-bugs")]
    pub(super) fn believe(&mut self, proof: &Proof) {
        self.rights = rights_of(proof);
        let heads = self.learn(proof);
        for (stream, head) in self.streams.iter_mut().zip(heads) {
            if let (Some(stream), Some(head)) = (stream, head) {
                stream.applied = stream.reader.head().unwrap_or(head);
            }
        }
    }

    fn check(&self) -> impl Future<Output = Result<Result<Proof, Refusal>, Ending>> + Send + use<> {
        let (listener, shared) = (Arc::clone(self.attachment.listener()), Arc::clone(&self.shared));
        let secret = self.secret.clone();
        async move { Self::unless_ended(&listener, shared.parts.checker.check(&secret)).await }
    }

    /// Asks again where that was demanded.
    pub(super) async fn keep_proof(&mut self) -> Result<(), Ending> {
        let again = self.suspended && self.retry_at.is_none();
        if self.listener().take_recheck() || again {
            Box::pin(self.prove_again()).await?;
        }
        Ok(())
    }

    pub(super) async fn prove_again(&mut self) -> Result<(), Ending> {
        let history = self.attachment.history();
        self.suspended = true;
        let proof = match self.check().await? {
            Ok(proof) => proof,
            Err(Refusal::Ended(end)) => return Err(Ending::Verdict(Verdict::Ended(end.cause))),
            // It was known once: whoever cleaned it away had ended it.
            Err(Refusal::Unknown) => return Err(Ending::Verdict(Verdict::Ended(EndCause::Ended))),
            Err(Refusal::Unavailable) => {
                self.retry_at = Some(Instant::now() + RETRY);
                return Ok(());
            }
        };
        self.suspended = false;
        let heads = self.learn(&proof);
        if let Some(rights) = rights_of(&proof) {
            self.change_rights(&rights).await?;
        }
        if history == self.history {
            return Ok(());
        }
        self.history = history;
        self.begin_anew(heads).await
    }

    /// Takes in what a check told, but for the rights: those change with the events that change them. Returns the heads
    /// that the check's snapshot saw: the person's stream, then the workspace's.
    pub(super) fn learn(&mut self, proof: &Proof) -> [Option<i64>; 2] {
        self.epoch_id = Some(proof.epoch_id());
        match proof {
            Proof::Account(proof) => self.listener().set_holds_until(Some(proof.holds_until)),
            Proof::Workspace(proof) => {
                self.listener().set_holds_until(proof.holds_until);
                self.joined_seq = proof.joined_seq;
            }
        }
        let heads = proof.heads();
        // Before the streams hear of it: what they then catch up on, this check has judged.
        self.listener().set_checked(heads);
        for (stream, head) in self.streams.iter_mut().zip(heads) {
            if let (Some(stream), Some(head)) = (stream, head) {
                stream.check(head);
            }
        }
        self.tell_interest();
        heads
    }

    /// Tells the hub what this connection is to be woken for.
    pub(super) fn tell_interest(&mut self) {
        let follows = !self.operations.of_session.is_empty()
            || self.streams.iter().flatten().any(|stream| !stream.subscriptions.is_empty());
        self.attachment.set_interest(follows, self.audits());
        // What it was not called for until now may be there already.
        self.pending = self.pending.with(Call::ACCOUNT).with(Call::WORKSPACE);
    }

    /// What those may who share what is rendered of a stream; on a person's own nothing depends on it.
    pub(super) fn permissions(&self, at: usize) -> Option<Arc<PermissionSet>> {
        let rights = self.rights.as_ref().filter(|_| at == WORKSPACE)?;
        Some(Arc::new(rights.permissions()))
    }

    pub(super) fn audits(&self) -> bool {
        self.rights.as_ref().is_some_and(|rights| rights.allows(Permission::ReadAudit))
    }

    /// Other rights from the next event on; whoever listens to the session is told.
    pub(super) async fn change_rights(&mut self, rights: &Rights) -> Result<(), Ending> {
        if self.rights.as_deref() == Some(rights) {
            return Ok(());
        }
        let rights = Arc::new(rights.clone());
        self.rights = Some(Arc::clone(&rights));
        self.tell_interest();
        self.regroup().await?;
        let changed = RightsChanged { rights, by_key: matches!(self.identity, Identity::Key { .. }) };
        for at in 0..self.operations.of_session.len() {
            self.tell_session(at, SessionItem::RightsChanged(changed.clone())).await;
        }
        Ok(())
    }

    /// Another history: what was seen up to now counts no more, and every subscriber is told so.
    async fn begin_anew(&mut self, heads: [Option<i64>; 2]) -> Result<(), Ending> {
        for (at, head) in heads.into_iter().enumerate() {
            let (Some(stream), Some(head)) = (&mut self.streams[at], head) else { continue };
            stream.applied = head;
            let count = stream.subscriptions.len();
            for subscription in 0..count {
                self.resync((at, subscription), ResyncReason::OtherHistory, head).await?;
            }
        }
        Ok(())
    }

    /// Tells one subscription that events may be missing, and goes on after this number.
    pub(super) async fn resync(
        &mut self,
        (stream, subscription): (usize, usize),
        reason: ResyncReason,
        head: i64,
    ) -> Result<(), Ending> {
        let Some(following) = &mut self.streams[stream] else { return Ok(()) };
        let cursor = following.cursor(self.history.epoch, head);
        let found = &mut following.subscriptions[subscription];
        found.cursor = head;
        found.begins_at = head;
        let item = EventItem::Resync { reason, cursor, now: self.shared.parts.clock.now() };
        self.show_alone((stream, subscription), item).await
    }
}

fn rights_of(proof: &Proof) -> Option<Arc<Rights>> {
    match proof {
        Proof::Account(_) => None,
        Proof::Workspace(proof) => Some(Arc::new(proof.rights.clone())),
    }
}
