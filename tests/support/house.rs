//! The house without its edges: the rooms on a database of a test's own, people who are signed in, and the courier.
//!
//! Rooms' doors make whatever a room can make; only sessions, and states that no operation of this release leads to,
//! are written by hand.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rollcall::access::check::{Checker, SessionAges};
use rollcall::access::{AccountProof, AccountView, Gate, Never, Proof, WorkspaceProof, WorkspaceView};
use rollcall::accounts::{Account, Hasher};
use rollcall::api_keys;
use rollcall::assets::{self, RegisterAsset};
use rollcall::invitations::{self, InvitationMail};
use rollcall::members::{self, Joiner, Member};
use rollcall::platform::database::{Database, DatabaseSettings};
use rollcall::platform::journal::{self, Event, NewEvent, StreamId};
use rollcall::platform::mail::{self, Courier, MailboxLetter, PublicUrl, Transport};
use rollcall::policy::{Kind, Policy};
use rollcall::primitives::actor::Audience;
use rollcall::primitives::email::Email;
use rollcall::primitives::ids::{
    AccountId, AccountSessionId, AssetId, MemberId, OperationId, RoleId, WorkspaceId, WorkspaceSessionId,
};
use rollcall::primitives::secret::{Secret, SecretKind};
use rollcall::primitives::time::{Clock, Timestamp};
use rollcall::roles::{self, BuiltIns};
use sea_orm::{ConnectionTrait, Value};

use super::servers::Postgres;

/// Longer than any test moves the clock.
const LONG_SECONDS: i64 = 10 * 365 * 24 * 3600;

pub struct House {
    pub gate: Gate,
    pub clock: Clock,
    courier: Courier,
    postgres: Option<String>,
    _folder: Option<tempfile::TempDir>,
}

/// Somebody with a verified account who is signed in.
#[derive(Clone)]
pub struct Person {
    pub account: AccountId,
    pub email: Email,
    pub name: String,
    pub proof: AccountProof,
}

/// A workspace and its first admin.
pub struct Place {
    pub id: WorkspaceId,
    pub admin: WorkspaceProof,
    pub roles: BuiltIns,
}

impl Place {
    /// A built-in role by name.
    pub fn role(&self, name: &str) -> RoleId {
        self.roles.all.iter().find(|role| role.name == name).expect("a role of this kind").id
    }
}

impl House {
    /// On a SQLite file of its own.
    pub async fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("house.db").display());
        let mut house = Self::open(&url).await;
        house._folder = Some(folder);
        house
    }

    /// In a PostgreSQL database of its own.
    pub async fn on_postgres() -> Self {
        let name = format!("house_{}", OperationId::new().as_uuid().simple());
        let postgres = Postgres::shared();
        postgres
            .create_database_from_template(&name, "house_template", async |url| {
                let database = Database::open(&settings(&url)).await.expect("it opens");
                database.migrate().await.expect("it migrates");
                database.close().await;
            })
            .await;
        let mut house = Self::open(&postgres.url(&name)).await;
        house.postgres = Some(name);
        house
    }

    async fn open(url: &str) -> Self {
        let database = Database::open(&settings(url)).await.expect("it opens");
        database.migrate().await.expect("it migrates");
        let clock = Clock::manual(Timestamp::parse_rfc3339("2026-03-01T12:00:00Z").expect("a time"));
        let tx = database.begin().await.expect("a transaction");
        journal::ensure_installation(&tx, clock.now()).await.expect("it has an epoch");
        tx.commit().await.expect("committed");
        let epoch = journal::epoch(database.reader()).await.expect("it has an epoch");
        let ages = SessionAges { account_idle_seconds: LONG_SECONDS, workspace_idle_seconds: LONG_SECONDS };
        let checker = Checker::new(database.clone(), clock.clone(), ages, Duration::from_secs(5));
        let gate = Gate::new(database.clone(), clock.clone(), checker, epoch, Arc::new(|_| {}));
        let public_url = PublicUrl::new("https://rollcall.example");
        let courier = Courier::new(database.clone(), clock.clone(), Transport::Mailbox(database))
            .with(invitations::MAIL_KIND, InvitationMail::new(gate.clone(), public_url));
        Self { gate, clock, courier, postgres: None, _folder: None }
    }

    /// Ends it, with its database.
    pub async fn close(self) {
        self.gate.database().close().await;
        if let Some(name) = &self.postgres {
            Postgres::shared().drop_database(name).await;
        }
    }

    pub fn database(&self) -> &Database {
        self.gate.database()
    }

    /// Runs a statement of the test's own.
    pub async fn execute<const N: usize>(&self, sql: &str, values: [Value; N]) {
        let tx = self.database().begin().await.expect("a transaction");
        let statement = self.database().statement(sql, values);
        tx.execute_raw(statement).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        tx.commit().await.expect("committed");
    }

    pub async fn count<const N: usize>(&self, sql: &str, values: [Value; N]) -> i64 {
        let row = self.database().reader().query_one_raw(self.database().statement(sql, values)).await;
        row.expect("it answers").expect("one row").try_get_by_index(0).expect("a number")
    }

    /// Somebody whose address is verified, signed in.
    pub async fn person(&self, email: &str) -> Person {
        let email = Email::parse(email).expect("an address");
        let name = email.as_typed().split('@').next().expect("a name").to_owned();
        let (id, now) = (AccountId::new(), self.clock.now());
        let tx = self.gate.new_account::<Never>(id).await.expect("a stream");
        let sql = "INSERT INTO accounts (id, email, email_key, verified_email_key, name, password_hash, generation, \
                   revision, created_at) VALUES ($1, $2, $3, $3, $4, 'none', 1, 1, $5)";
        let values =
            [id.into(), email.as_typed().into(), email.key().clone().into(), name.clone().into(), now.into()];
        tx.writer().execute_raw(self.database().statement(sql, values)).await.expect("an account");
        finish(tx).await;
        let proof = self.sign_in(id).await;
        Person { account: id, email, name, proof }
    }

    /// Takes back that a person's address was verified.
    pub async fn forget_verification(&self, person: &Person) {
        let sql = "UPDATE accounts SET verified_email_key = NULL WHERE id = $1";
        self.execute(sql, [person.account.into()]).await;
    }

    /// An account session.
    pub async fn sign_in(&self, account: AccountId) -> AccountProof {
        let secret = Secret::mint(SecretKind::AccountSession);
        let now = self.clock.now();
        let sql = "INSERT INTO account_sessions (id, account_id, token_hash, generation, created_at, last_used_at, \
                   expires_at) SELECT $1, $2, $3, generation, $4, $4, $5 FROM accounts WHERE id = $2";
        let ends = now.plus_seconds(LONG_SECONDS);
        let id = AccountSessionId::new();
        self.execute(sql, [id.into(), account.into(), secret.hash().into(), now.into(), ends.into()]).await;
        match self.gate.checker().check(&secret).await {
            Ok(Proof::Account(proof)) => proof,
            other => panic!("no account session: {other:?}"),
        }
    }

    /// A workspace session of somebody who is in.
    pub async fn enter(&self, person: &Person, workspace: WorkspaceId) -> WorkspaceProof {
        let secret = Secret::mint(SecretKind::WorkspaceSession);
        let now = self.clock.now();
        let sql = "INSERT INTO workspace_sessions (id, workspace_id, member_id, account_session_id, token_hash, \
                   generation, created_at, last_used_at, expires_at) SELECT $1, workspace_id, id, $2, $3, \
                   generation, $4, $4, $5 FROM members WHERE workspace_id = $6 AND account_id = $7";
        let values = [
            WorkspaceSessionId::new().into(),
            person.proof.session.into(),
            secret.hash().into(),
            now.into(),
            now.plus_seconds(LONG_SECONDS).into(),
            workspace.into(),
            person.account.into(),
        ];
        self.execute(sql, values).await;
        self.proven(&secret).await
    }

    async fn proven(&self, secret: &Secret) -> WorkspaceProof {
        match self.gate.checker().check(secret).await {
            Ok(Proof::Workspace(proof)) => proof,
            other => panic!("no workspace session: {other:?}"),
        }
    }

    /// A workspace that a person founds.
    pub async fn place(&self, founder: &Person, kind: Kind) -> Place {
        let id = WorkspaceId::new();
        let (mut tx, _) = self.gate.by_founder::<Never>(&founder.proof, id).await.expect("founded");
        let sql = "INSERT INTO workspaces (id, name, kind, policy, revision, created_at) \
                   VALUES ($1, 'Acme', $2, $3, 1, $4)";
        let values =
            [id.into(), kind.as_str().into(), Policy::of_kind(kind).to_stored().into(), tx.now().into()];
        tx.writer().execute_raw(self.database().statement(sql, values)).await.expect("a workspace");
        let roles = roles::create_built_ins::<Never>(&tx, kind).await.expect("roles");
        let joiner =
            Joiner { account: founder.account, email: founder.email.clone(), name: founder.name.clone() };
        members::found(&mut tx, joiner, roles.admin.clone()).await.expect("a first admin");
        tx.commit().await.expect("committed");
        Place { id, admin: self.enter(founder, id).await, roles }
    }

    /// An API key of an admin's.
    pub async fn key(&self, admin: &WorkspaceProof) -> WorkspaceProof {
        let made = api_keys::create(&self.gate, admin, "deploy".into()).await.expect("a key");
        self.proven(&made.secret).await
    }

    pub async fn asset(&self, admin: &WorkspaceProof, name: &str) -> AssetId {
        let request =
            RegisterAsset { kind: "flow".into(), name: name.into(), external_id: name.into(), owner: None };
        assets::register(&self.gate, admin, request).await.expect("registered").asset.id
    }

    pub async fn member(&self, workspace: WorkspaceId, id: MemberId) -> Option<Member> {
        members::find(self.database().reader(), workspace, id).await.expect("it answers")
    }

    pub async fn account(&self, id: AccountId) -> Account {
        let found = rollcall::accounts::find(self.database().reader(), id).await;
        found.expect("it answers").expect("an account")
    }

    /// Removing comes with a later release; its state is written by hand.
    pub async fn remove(&self, member: &Member, while_blocked: bool) {
        let sql = "UPDATE members SET state = 'REMOVED', removed_at = $2, removed_while_blocked = $3, \
                   blocked_at = NULL, generation = generation + 1 WHERE id = $1";
        self.execute(sql, [member.id.into(), self.clock.now().into(), while_blocked.into()]).await;
    }

    pub fn view(&self, proof: &WorkspaceProof) -> WorkspaceView {
        WorkspaceView::new(self.database().clone(), Arc::new(proof.clone()), self.clock.now())
    }

    pub fn account_view(&self, person: &Person) -> AccountView {
        AccountView::new(self.database().clone(), Arc::new(person.proof.clone()), self.clock.now())
    }

    /// Delivers what is due, and answers with the mailbox of an address.
    pub async fn mailbox(&self, email: &str) -> Vec<MailboxLetter> {
        self.deliver().await;
        let email = Email::parse(email).expect("an address");
        mail::list(self.database().reader(), Some(email.key())).await.expect("it answers")
    }

    pub async fn deliver(&self) {
        self.courier.deliver_due().await.expect("the courier runs");
    }

    /// The secret in the newest letter to an address.
    pub async fn link(&self, email: &str) -> Secret {
        let letters = self.mailbox(email).await;
        secret_in(&letters.last().expect("a letter").body)
    }

    /// Every event of a stream.
    pub async fn events(&self, stream: StreamId) -> Vec<Event> {
        journal::read_after(self.database().reader(), stream, 0, 10_000).await.expect("it answers")
    }

    /// The types of the events that a workspace has seen since the number, in order.
    pub async fn kinds_after(&self, workspace: WorkspaceId, seq: i64) -> Vec<String> {
        let events = self.events(StreamId::Workspace(workspace)).await;
        events.into_iter().filter(|event| event.seq > seq).map(|event| event.kind).collect()
    }

    pub async fn head(&self, workspace: WorkspaceId) -> i64 {
        self.events(StreamId::Workspace(workspace)).await.last().map_or(0, |event| event.seq)
    }
}

/// Ends the transaction that made an account by hand; the journal wants an event.
async fn finish(mut tx: rollcall::access::AccountTx) {
    tx.announce(NewEvent {
        kind: "AccountMadeByTest",
        version: 1,
        audience: Audience::Subject,
        subject: None,
        effect: None,
        payload: serde_json::json!({}),
        occurred_at: None,
    });
    tx.commit().await.expect("committed");
}

/// The secret of the link in a letter.
pub fn secret_in(body: &str) -> Secret {
    let (_, after) = body.split_once("#token=").expect("a link");
    Secret::parse(after.split_whitespace().next().expect("a token")).expect("a secret")
}

/// One for all tests: its bounds are those of the machine.
pub fn hasher() -> &'static Hasher {
    static HASHER: OnceLock<Hasher> = OnceLock::new();
    HASHER.get_or_init(|| Hasher::new(2, 1_000))
}

fn settings(url: &str) -> DatabaseSettings {
    DatabaseSettings {
        url: url.to_owned(),
        readers: 4,
        writers: 4,
        acquire_timeout: Duration::from_secs(20),
        allow_non_durable: false,
    }
}

/// Runs each test on both databases: `on_both! { async fn name(house) { … } }`.
#[macro_export]
macro_rules! on_both {
    ($($(#[$meta:meta])* async fn $name:ident($house:ident) $body:block)*) => { $(
        $(#[$meta])*
        mod $name {
            use super::*;

            async fn body($house: &$crate::support::house::House) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                let house = $crate::support::house::House::on_sqlite().await;
                body(&house).await;
                house.close().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                let house = $crate::support::house::House::on_postgres().await;
                body(&house).await;
                house.close().await;
            }
        }
    )* };
}
