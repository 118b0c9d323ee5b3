//! A migrated database of a test's own with the doors of the rooms on it, for tests of operations without HTTP.
//!
//! Holds no rule: people and workspaces come into being through the product's own operations.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use rollcall::access::check::{Checker, SessionAges};
use rollcall::access::{
    AccountProof, AccountView, Failure, Gate, Proof, Refusal, WorkspaceProof, WorkspaceView,
};
use rollcall::accounts::{
    self, Account, AccountMails, Credentials, Entrance, EntranceLimits, LinkLifetimes, LinkRefusal, Password,
    SignUp, VerifyEmail,
};
use rollcall::invitations::{self, InvitationMail, SendingLimit};
use rollcall::members::{self, Invitee, Joiner, Member};
use rollcall::platform::database::{Database, execute, query_all};
use rollcall::platform::journal::{self, Event};
use rollcall::platform::mail::{self, Courier, MailboxLetter, PublicUrl, Transport};
use rollcall::policy::Kind;
use rollcall::primitives::actor::EndCause;
use rollcall::primitives::email::Email;
use rollcall::primitives::ids::WorkspaceId;
use rollcall::primitives::request::Client;
use rollcall::primitives::secret::Secret;
use rollcall::primitives::time::{Clock, Timestamp};
use rollcall::roles::{self, Role};
use rollcall::sessions::{self, EnterWorkspace, Lifetimes, SignedIn};
use rollcall::workspaces::{self, CreateWorkspace};
use sea_orm::{QueryResult, Value};

use super::storage;

pub const PASSWORD: &str = "a quiet afternoon";
const DAY_SECONDS: i64 = 24 * 3600;
pub const LIFETIMES: Lifetimes =
    Lifetimes { account_seconds: 90 * DAY_SECONDS, workspace_seconds: 30 * DAY_SECONDS };
pub const AGES: SessionAges =
    SessionAges { account_idle_seconds: 14 * DAY_SECONDS, workspace_idle_seconds: 7 * DAY_SECONDS };
/// How long a mailed link holds here.
pub const LINK_HOURS: i64 = 24;
/// How long a link to a new password holds here.
pub const PASSWORD_LINK_MINUTES: i64 = 60;

/// Limits that no test meets by accident.
pub const LIMITS: EntranceLimits = EntranceLimits {
    account_attempts_max: 1_000,
    account_total_attempts_max: 10_000,
    address_attempts_max: 10_000,
    window_minutes: 15,
    hashes_max: 2,
    hashes_waiting_max: 1_000,
};

/// Likewise.
pub const SENDING: SendingLimit = SendingLimit { per_hour_max: 1_000 };

/// One server's doors to a database of its own.
pub struct House {
    pub gate: Gate,
    pub clock: Clock,
    pub entrance: Entrance,
    events: Arc<Mutex<Vec<Arc<Event>>>>,
    courier: Courier,
    _folder: Option<tempfile::TempDir>,
}

/// Somebody with an account, signed in.
pub struct Person {
    pub account: Account,
    pub token: Secret,
    pub proof: AccountProof,
}

/// A workspace and who founded it.
pub struct Place {
    pub id: WorkspaceId,
    pub founder: Member,
    /// The role that everybody else gets.
    pub other: Role,
}

/// Somebody who has entered a workspace.
pub struct Inside {
    pub token: Secret,
    pub session: sessions::WorkspaceSession,
    pub proof: WorkspaceProof,
}

pub fn email(address: &str) -> Email {
    Email::parse(address).expect("an address")
}

pub fn client() -> Client {
    Client::new("192.0.2.7".parse().ok(), Some("a test"))
}

impl House {
    /// On a SQLite file.
    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self::on(storage::in_folder(folder.path()).await, Some(folder)).await
    }

    /// In a PostgreSQL database.
    pub async fn postgres() -> Self {
        Self::on(storage::on_postgres().await, None).await
    }

    /// One on each database.
    pub async fn on_both() -> [Self; 2] {
        [Self::sqlite().await, Self::postgres().await]
    }

    async fn on(database: Database, folder: Option<tempfile::TempDir>) -> Self {
        // 2026-01-01T00:00:00Z
        let clock = Clock::manual(Timestamp::from_micros(1_767_225_600_000_000));
        let checker = Checker::new(database.clone(), clock.clone(), AGES, Duration::from_secs(5));
        let epoch = journal::epoch(database.reader()).await.expect("an epoch");
        let events: Arc<Mutex<Vec<Arc<Event>>>> = Arc::default();
        let outlet = {
            let events = Arc::clone(&events);
            Arc::new(move |news: Vec<Arc<Event>>| events.lock().unwrap().extend(news))
        };
        let gate = Gate::new(database.clone(), clock.clone(), checker, epoch, outlet);
        let invite = InvitationMail::new(gate.clone(), PublicUrl::new("https://rollcall.example"));
        let mails = AccountMails {
            gate: gate.clone(),
            public_url: PublicUrl::new("https://rollcall.example"),
            lifetimes: LinkLifetimes { email_hours: LINK_HOURS, password_minutes: PASSWORD_LINK_MINUTES },
        };
        let courier = Courier::new(database.clone(), clock.clone(), Transport::Mailbox(database))
            .with(invitations::MAIL_KIND, invite);
        let courier = accounts::MAIL_KINDS.iter().fold(courier, |it, kind| it.with(kind, mails.clone()));
        Self { entrance: Entrance::new(LIMITS, &clock), gate, clock, events, courier, _folder: folder }
    }

    pub fn database(&self) -> &Database {
        self.gate.database()
    }

    /// Every event that was committed here and not taken yet, in commit order.
    pub fn take_events(&self) -> Vec<Arc<Event>> {
        std::mem::take(&mut *self.events.lock().unwrap())
    }

    /// The kinds of those events.
    pub fn take_kinds(&self) -> Vec<String> {
        self.take_events().iter().map(|event| event.kind.clone()).collect()
    }

    /// Rows, for what no door shows.
    pub async fn rows(&self, sql: &str, values: Vec<Value>) -> Vec<QueryResult> {
        query_all(self.database().reader(), sql, values).await.expect("it reads")
    }

    /// Changes rows behind the doors' back: for what later releases do, and for what a crash leaves.
    pub async fn execute(&self, sql: &str, values: Vec<Value>) {
        let tx = self.database().begin().await.expect("a transaction");
        execute(&tx, sql, values).await.expect("it writes");
        tx.commit().await.expect("committed");
    }

    /// Lets everything leave that is due.
    pub async fn deliver(&self) {
        self.courier.deliver_due().await.expect("delivered");
    }

    /// The letters to an address, after everything that is due has left.
    pub async fn letters(&self, to: &str) -> Vec<MailboxLetter> {
        self.deliver().await;
        mail::list(self.database().reader(), Some(email(to).key())).await.expect("it reads")
    }

    /// The secret of the newest link that was mailed to an address.
    pub async fn mailed_link(&self, to: &str) -> Secret {
        let letters = self.letters(to).await;
        let link = letters.iter().rev().find_map(|letter| letter.body.split_once("#token="));
        let (_, secret) = link.expect("a letter with a link");
        Secret::parse(secret.split_whitespace().next().expect("a secret")).expect("a secret")
    }

    pub async fn sign_up(&self, address: &str, password: &str) {
        let address = email(address);
        let request = SignUp {
            name: format!("Name of {}", address.as_typed()),
            password: Password::parse(password, &address).expect("a password"),
            email: address,
            client: client(),
        };
        accounts::sign_up(&self.gate, &self.entrance, request).await.expect("signed up");
    }

    pub fn credentials(&self, address: &str, password: &str) -> Credentials {
        Credentials { email: email(address), password: Password::claimed(password), client: client() }
    }

    pub async fn sign_in(&self, address: &str) -> SignedIn {
        self.sign_in_with(self.credentials(address, PASSWORD)).await
    }

    async fn sign_in_with(&self, credentials: Credentials) -> SignedIn {
        sessions::sign_in(&self.gate, &self.entrance, LIFETIMES, credentials).await.expect("signed in")
    }

    /// A new account with a verified address, signed in.
    pub async fn person(&self, address: &str) -> Person {
        self.sign_up(address, PASSWORD).await;
        let link = self.mailed_link(address).await;
        self.verify(&link, PASSWORD).await.expect("verified");
        self.again(address).await
    }

    /// Opens the link of a mail and enters a password.
    pub async fn verify(&self, link: &Secret, password: &str) -> Result<Account, Failure<LinkRefusal>> {
        sessions::verify_email(&self.gate, &self.entrance, verification(link, password)).await
    }

    /// Another account session of somebody.
    pub async fn again(&self, address: &str) -> Person {
        self.person_with(self.credentials(address, PASSWORD)).await
    }

    /// Whoever these credentials belong to, signed in.
    pub async fn person_with(&self, credentials: Credentials) -> Person {
        let SignedIn { token, account, .. } = self.sign_in_with(credentials).await;
        let proof = self.account_proof(&token).await.expect("it holds");
        Person { account, token, proof }
    }

    pub async fn account_proof(&self, token: &Secret) -> Result<AccountProof, Refusal> {
        match self.gate.checker().check(token).await? {
            Proof::Account(proof) => Ok(proof),
            Proof::Workspace(_) => panic!("an account session"),
        }
    }

    pub async fn workspace_proof(&self, token: &Secret) -> Result<WorkspaceProof, Refusal> {
        match self.gate.checker().check(token).await? {
            Proof::Workspace(proof) => Ok(proof),
            Proof::Account(_) => panic!("a workspace session"),
        }
    }

    pub fn account_view(&self, proof: &AccountProof) -> AccountView {
        AccountView::new(self.database().clone(), Arc::new(proof.clone()), self.clock.now())
    }

    pub fn workspace_view(&self, proof: &WorkspaceProof) -> WorkspaceView {
        WorkspaceView::new(self.database().clone(), Arc::new(proof.clone()), self.clock.now())
    }

    /// A workspace of kind `TEAM`.
    pub async fn workspace(&self, founder: &Person, name: &str) -> Place {
        let request = CreateWorkspace { name: name.to_owned(), kind: Kind::Team };
        let created =
            workspaces::create_workspace(&self.gate, &founder.proof, request).await.expect("created");
        let (id, member) = (created.membership.workspace.id, created.membership.member);
        let reader = self.database().reader();
        let other =
            roles::find_default(reader, id).await.expect("it reads").expect("a team has a default role");
        let founder = members::find(reader, id, member).await.expect("it reads").expect("the founder");
        Place { id, founder, other }
    }

    /// Makes somebody a member.
    pub async fn join(&self, place: &Place, person: &Person, role: &Role) -> Member {
        let mut tx = self.gate.by_job::<()>(place.id).await.expect("opened");
        let Joiner { email, name, .. } = joiner(person);
        let expires_at = tx.now().plus_hours(72);
        let invitee = Invitee { email, name, role: role.clone(), expires_at, marked: false };
        let invited = members::invite(&tx, invitee, None).await.expect("invited");
        let member = members::join(&mut tx, invited, joiner(person), &[]).await.expect("joined");
        tx.commit().await.expect("committed");
        member
    }

    pub async fn enter(&self, person: &Person, place: &Place) -> Inside {
        let request = EnterWorkspace { workspace: place.id, client: client() };
        let entered = sessions::enter_workspace(&self.gate, LIFETIMES, &person.proof, request).await;
        let sessions::Entered { token, session } = entered.expect("entered");
        let proof = self.workspace_proof(&token).await.expect("it holds");
        Inside { token, session, proof }
    }
}

/// What ended the session that was refused.
pub fn cause<T: std::fmt::Debug>(refused: Result<T, Refusal>) -> EndCause {
    match refused {
        Err(Refusal::Ended(end)) => end.cause,
        other => panic!("{other:?}"),
    }
}

pub fn verification(link: &Secret, password: &str) -> VerifyEmail {
    VerifyEmail { link: link.clone(), password: Password::claimed(password), client: client() }
}

fn joiner(person: &Person) -> Joiner {
    let account = &person.account;
    Joiner { account: account.id, email: email(&account.email), name: account.name.clone() }
}
