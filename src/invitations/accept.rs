//! Accepting: the person is in, with what was promised (INV-6, INV-7).
//!
//! Never gives less than was promised, and never hashes a password while it holds a lock, or for an invitation that
//! can't be accepted anyway.

use super::answer::{self, Answer};
use super::invitation::{Invitation, InvitationOutcome};
use super::persons::tell_person;
use super::promise::{self, PromiseRefusal};
use super::refusal::{AnswerRefusal, BrokenPromise};
use super::store::{self, Link};
use super::{events, kept, rules};
use crate::access::{AccountProof, Committed, Failure, Gate};
use crate::accounts::{self, Account, AddressTaken, Authenticated, Entrance, NewPerson, Password};
use crate::assets;
use crate::members::lifecycle::Operation;
use crate::members::{self, Assignment, Joiner, Member, MemberState};
use crate::primitives::actor::Actor;
use crate::primitives::email::Email;
use crate::primitives::ids::{AccountId, AssetId, InvitationId};
use crate::primitives::request::Client;
use crate::primitives::secret::Secret;

/// What a new account is made of.
#[derive(Clone)]
pub struct Newcomer {
    pub name: String,
    pub password: String,
    /// From where: attempts are counted by it.
    pub client: Client,
}

/// Does the person agree that what went with them comes back to the workspace? (REM-4)
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BringAssets {
    Yes,
    No,
}

/// Somebody is in.
#[derive(Clone, Debug)]
pub struct Accepted {
    pub member: Member,
    pub invitation: Invitation,
    pub account: AccountId,
    /// The assets that have come back with the person (REM-4).
    pub brought: Vec<AssetId>,
    /// Given where the link made the account: its person may be signed in at once.
    pub newcomer: Option<Authenticated>,
    pub committed: Committed,
}

/// Accepts by the link: joins the account that holds the invited address, or makes one. A hash takes long, so it is
/// computed between two tries: after all else has held, and while no lock is held; the second try asks all of it again.
pub async fn accept_by_link(
    gate: &Gate,
    entrance: &Entrance,
    secret: &Secret,
    newcomer: Option<Newcomer>,
    bring: BringAssets,
) -> Result<Accepted, Failure<AnswerRefusal>> {
    let link = answer::find_link(gate, secret).await?;
    let email = match try_by_link(gate, link, None, bring).await {
        Err(Tried::AccountNeeded(email)) => email,
        tried => return tried.map_err(Tried::into_failure),
    };
    let newcomer = newcomer.ok_or(Failure::Refused(AnswerRefusal::NewAccountNeeded))?;
    let person = prepare(entrance, email, newcomer).await?;
    let tried = match try_by_link(gate, link, Some(person.clone()), bring).await {
        // Another link has proved the address in this moment; its account is the one that joins.
        Err(Tried::AddressTaken) => try_by_link(gate, link, Some(person), bring).await,
        tried => tried,
    };
    tried.map_err(Tried::into_failure)
}

/// Accepts as a signed-in person.
pub async fn accept_by_account(
    gate: &Gate,
    proof: &AccountProof,
    id: InvitationId,
    bring: BringAssets,
) -> Result<Accepted, Failure<AnswerRefusal>> {
    let (answer, account) = answer::open_by_account(gate, proof, id, Operation::Accept).await?;
    let answer = hold_promise(answer, Some(&account)).await?;
    join(answer, &account, None, bring).await
}

/// Why one try of accepting came to nothing.
enum Tried {
    /// All holds, and no account has this address yet.
    AccountNeeded(Email),
    AddressTaken,
    Failed(Failure<AnswerRefusal>),
}

impl Tried {
    fn into_failure(self) -> Failure<AnswerRefusal> {
        match self {
            Self::AccountNeeded(_) => Failure::Refused(AnswerRefusal::NewAccountNeeded),
            Self::AddressTaken => Failure::Unavailable,
            Self::Failed(failure) => failure,
        }
    }
}

impl<E: Into<Failure<AnswerRefusal>>> From<E> for Tried {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Makes ready what an account would be made of.
async fn prepare(
    entrance: &Entrance,
    email: Email,
    newcomer: Newcomer,
) -> Result<NewPerson, Failure<AnswerRefusal>> {
    let malformed = |field, message| Failure::Refused(AnswerRefusal::Malformed { field, message });
    let name =
        rules::read_name(Some(&newcomer.name)).map_err(|(field, message)| malformed(field, message))?;
    let name = name.ok_or_else(|| malformed("name", "say what you are called".into()))?;
    let password = Password::parse(&newcomer.password, &email)
        .map_err(|error| malformed("password", error.to_string()))?;
    let password_hash = entrance.hash_for_newcomer(&email, password, &newcomer.client).await?;
    Ok(NewPerson { email, name, password_hash })
}

/// An address that was read before, when somebody was invited or signed up with it.
fn read_address(stored: &str) -> Result<Email, Failure<AnswerRefusal>> {
    Email::parse(stored).map_err(|error| Failure::Internal(format!("a stored address: {error}")))
}

async fn try_by_link(
    gate: &Gate,
    link: Link,
    person: Option<NewPerson>,
    bring: BringAssets,
) -> Result<Accepted, Tried> {
    let answer = answer::open_by_link(gate, link, Operation::Accept).await?;
    let known = accounts::hold_by_verified_email(&answer.tx, &answer.invitation.email_key).await?;
    let mut answer = hold_promise(answer, known.as_ref()).await?;
    if let Some(account) = known {
        answer.tx.act_as(Actor::Account(account.id));
        return Ok(join(answer, &account, None, bring).await?);
    }
    let Some(person) = person else {
        let seat = members::find_free(&answer.tx, answer.member.id).await;
        seat.map_err(|failure| failure.map(AnswerRefusal::SeatsTaken))?;
        return Err(Tried::AccountNeeded(read_address(&answer.member.email)?));
    };
    let newcomer = match accounts::create_verified(&mut answer.tx, person).await {
        Err(Failure::Refused(AddressTaken)) => return Err(Tried::AddressTaken),
        created => created.map_err(|failure| failure.map(|_| AnswerRefusal::NewAccountNeeded))?,
    };
    answer.tx.act_as(Actor::Account(newcomer.account().id));
    let account = newcomer.account().clone();
    Ok(join(answer, &account, Some(newcomer), bring).await?)
}

/// INV-7: what was promised is checked again. What no longer holds is refused, and the admins are told once.
async fn hold_promise(answer: Answer, account: Option<&Account>) -> Result<Answer, Failure<AnswerRefusal>> {
    let Some(reason) = broken(&answer, account).await? else { return Ok(answer) };
    let Answer { mut tx, mut invitation, member } = answer;
    if !invitation.refusals.contains(&reason) {
        tx.act_as(account.map_or(Actor::Member(member.id), |account| Actor::Account(account.id)));
        invitation.refusals.push(reason);
        store::save(&tx, &invitation).await?;
        let now = tx.now();
        tx.announce(events::acceptance_refused(&invitation, &member, reason, now));
        tx.commit_refusal().await.map_err(Failure::widen)?;
    }
    Err(Failure::Refused(AnswerRefusal::Broken(reason)))
}

async fn broken(
    answer: &Answer,
    account: Option<&Account>,
) -> Result<Option<BrokenPromise>, Failure<AnswerRefusal>> {
    let Answer { tx, invitation, member } = answer;
    let (db, workspace) = (tx.reader(), tx.workspace());
    let inviter = members::find(db, workspace, invitation.inviter).await?;
    if !inviter.is_some_and(|inviter| inviter.is_active_admin()) {
        return Ok(Some(BrokenPromise::InviterNotAdmin));
    }
    let promised = async {
        let role = promise::choose_role(tx, Some(invitation.role)).await?;
        promise::holds(tx, &role, &invitation.assets).await
    };
    match promised.await {
        Ok(()) => {}
        Err(Failure::Refused(PromiseRefusal::RoleUnknown | PromiseRefusal::RoleRequired)) => {
            return Ok(Some(BrokenPromise::RoleGone));
        }
        Err(Failure::Refused(_)) => return Ok(Some(BrokenPromise::AssetGone)),
        Err(failure) => return Err(failure.map(|_| AnswerRefusal::Broken(BrokenPromise::AssetGone))),
    }
    if members::is_marked_elsewhere(tx, &invitation.email_key, member).await? {
        return Ok(Some(BrokenPromise::RemovedWhileBlocked));
    }
    let other = member.account.is_some_and(|holder| Some(holder) != account.map(|account| account.id));
    if other {
        return Ok(Some(BrokenPromise::OtherPerson));
    }
    let Some(account) = account else { return Ok(None) };
    let there = members::find_by_account(db, workspace, account.id).await?;
    Ok(there.filter(|there| there.id != member.id).map(|there| match there.state {
        MemberState::Active | MemberState::Deactivated => BrokenPromise::AlreadyMember,
        // They were in, and an invitation of theirs goes on with what they were.
        MemberState::Invited | MemberState::Removed => BrokenPromise::OtherPerson,
    }))
}

async fn join(
    answer: Answer,
    account: &Account,
    newcomer: Option<Authenticated>,
    bring: BringAssets,
) -> Result<Accepted, Failure<AnswerRefusal>> {
    let Answer { mut tx, mut invitation, member } = answer;
    invitation.end(InvitationOutcome::Accepted, tx.now());
    store::save(&tx, &invitation).await?;
    let joiner =
        Joiner { account: account.id, email: read_address(&account.email)?, name: account.name.clone() };
    let promised = if invitation.gives_up_kept {
        invitation.assets.iter().map(|asset| Assignment { asset: *asset, role: None }).collect()
    } else {
        kept::give_back(&tx, &member, &invitation.assets).await?
    };
    if invitation.gives_up_kept {
        assets::end_shares_to(&mut tx, member.id).await?;
    }
    let joined = members::join(&mut tx, member, joiner, &promised).await;
    let member = joined.map_err(|failure| failure.map(AnswerRefusal::SeatsTaken))?;
    let brought = match bring {
        BringAssets::Yes if !invitation.gives_up_kept => {
            assets::bring_back(&mut tx, account.id, member.id).await?
        }
        _ => Vec::new(),
    };
    tell_person(&mut tx, &invitation).await?;
    let committed = tx.commit().await.map_err(Failure::widen)?;
    Ok(Accepted { member, invitation, account: account.id, brought, newcomer, committed })
}
