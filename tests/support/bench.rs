//! Workspaces of every kind with people in them, on a [`House`]: for tests of operations without HTTP.
//!
//! Holds no rule: people and workspaces come into being through the product's own operations.

use std::ops::Deref;

use rollcall::access::{AccountView, Gate, Proof, Refusal, WorkspaceProof, WorkspaceView};
use rollcall::members::{self, Assignment, Invitee, Joiner};
use rollcall::platform::journal::{self, Event, StreamId};
use rollcall::policy::Kind;
use rollcall::primitives::ids::{AccountId, AssetId, MemberId, WorkspaceId};
use rollcall::primitives::page::{PageArguments, PageRequest};
use rollcall::primitives::secret::Secret;
use rollcall::roles::{self, Role};
use rollcall::sessions::{self, EnterWorkspace};
use rollcall::workspaces::{CreateWorkspace, create_workspace};
use sea_orm::ConnectionTrait;

use super::gate::{House, LIFETIMES, PASSWORD, Person, client, email};

/// A house, with shorter ways to fill it.
pub struct Bench(House);

impl Deref for Bench {
    type Target = House;

    fn deref(&self) -> &House {
        &self.0
    }
}

/// Somebody who is in a workspace.
pub struct Entered {
    pub member: MemberId,
    pub secret: Secret,
    pub proof: WorkspaceProof,
}

/// A workspace with its founder in it.
pub struct Office {
    pub workspace: WorkspaceId,
    pub founder: AccountId,
    pub admin: Entered,
}

impl Bench {
    pub async fn sqlite() -> Self {
        Self(House::sqlite().await)
    }

    pub async fn postgres() -> Self {
        Self(House::postgres().await)
    }

    /// How many rows a table has.
    pub async fn count(&self, table: &str) -> i64 {
        let rows = self.rows(&format!("SELECT COUNT(*) AS it FROM {table}"), Vec::new()).await;
        rows[0].try_get("", "it").expect("a number")
    }

    /// What the check says of a credential now.
    pub async fn check(&self, secret: &Secret) -> Result<Proof, Refusal> {
        self.gate.checker().check(secret).await
    }

    /// Somebody with a verified address, signed in.
    pub async fn human(&self, name: &str) -> Person {
        self.person(&format!("{name}@example.com")).await
    }

    /// Somebody whose address no link has proved yet.
    pub async fn unverified(&self, name: &str) -> Person {
        let address = format!("{name}@example.com");
        self.sign_up(&address, PASSWORD).await;
        self.again(&address).await
    }

    /// The sight of a person, as a request of this moment would have it.
    pub async fn sight(&self, person: &Person) -> AccountView {
        self.account_view(&self.account_proof(&person.token).await.expect("signed in"))
    }

    /// The sight of a credential, as a request of this moment would have it.
    pub async fn view(&self, secret: &Secret) -> WorkspaceView {
        self.workspace_view(&self.workspace_proof(secret).await.expect("in a workspace"))
    }

    /// A workspace that a new person of this name has created, is named after, and has entered.
    pub async fn office(&self, kind: Kind, founder: &str) -> Office {
        let person = self.human(founder).await;
        let request = CreateWorkspace { name: founder.to_owned(), kind };
        let created = create_workspace(&self.gate, &person.proof, request).await.expect("created");
        let workspace = created.membership.workspace.id;
        let admin = self.go_in(&person, workspace).await;
        Office { workspace, founder: person.account.id, admin }
    }

    /// A role by its name.
    pub async fn role(&self, workspace: WorkspaceId, name: &str) -> Role {
        role(&self.gate, workspace, name).await
    }

    /// A new person of this name with this role and these assets, who has entered.
    pub async fn hire(
        &self,
        workspace: WorkspaceId,
        name: &str,
        role: &str,
        assets: &[AssetId],
    ) -> (Person, Entered) {
        let person = self.human(name).await;
        let entered = self.take_in(workspace, &person, role, assets).await;
        (person, entered)
    }

    /// Makes somebody a member, who enters.
    pub async fn take_in(
        &self,
        workspace: WorkspaceId,
        person: &Person,
        role: &str,
        assets: &[AssetId],
    ) -> Entered {
        let account = &person.account;
        let joiner = Joiner { account: account.id, email: email(&account.email), name: account.name.clone() };
        admit(&self.gate, workspace, joiner, role, assets).await;
        self.go_in(person, workspace).await
    }

    /// Enters a workspace that somebody is a member of.
    pub async fn go_in(&self, person: &Person, workspace: WorkspaceId) -> Entered {
        let request = EnterWorkspace { workspace, client: client() };
        let entered = sessions::enter_workspace(&self.gate, LIFETIMES, &person.proof, request).await;
        let secret = entered.expect("entered").token;
        let proof = self.workspace_proof(&secret).await.expect("it holds");
        Entered { member: proof.member, secret, proof }
    }

    /// Everything that a stream says.
    pub async fn events(&self, stream: StreamId) -> Vec<Event> {
        journal::read_after(self.database().reader(), stream, 0, 1_000).await.expect("it reads")
    }
}

/// A role of a workspace by its name.
async fn role(gate: &Gate, workspace: WorkspaceId, name: &str) -> Role {
    let db = gate.database();
    let sql = "SELECT id FROM roles WHERE workspace_id = $1 AND name = $2";
    let row = db.reader().query_one_raw(db.statement(sql, [workspace.into(), name.into()])).await;
    let row = row.expect("it reads").unwrap_or_else(|| panic!("no role {name}"));
    let id = row.try_get("", "id").expect("an id");
    roles::find(db.reader(), workspace, id).await.expect("it reads").expect("it was there")
}

/// Makes a person a member with this role and these assets.
pub async fn admit(gate: &Gate, workspace: WorkspaceId, joiner: Joiner, role_name: &str, assets: &[AssetId]) {
    let role = role(gate, workspace, role_name).await;
    let mut tx = gate.by_job::<()>(workspace).await.expect("opened");
    let expires_at = tx.now().plus_hours(72);
    let (email, name) = (joiner.email.clone(), joiner.name.clone());
    let invitee = Invitee { email, name, role, expires_at, marked: false };
    let invited = members::invite(&tx, invitee, None).await.expect("invited");
    let promised: Vec<Assignment> =
        assets.iter().map(|asset| Assignment { asset: *asset, role: None }).collect();
    members::join(&mut tx, invited, joiner, &promised).await.expect("joined");
    tx.commit().await.expect("committed");
}

/// A page of everything, as far as one page goes.
pub fn whole(order: &str) -> PageRequest {
    let arguments = PageArguments { first: Some(100), ..PageArguments::default() };
    PageRequest::new(&arguments, order).expect("a page")
}

/// Defines a test that runs on both databases: `on_both_databases! { async fn name(bench) { … } }`.
#[macro_export]
macro_rules! on_both_databases {
    ($($(#[$attribute:meta])* async fn $name:ident($bench:ident) $body:block)*) => { $(
        $(#[$attribute])*
        mod $name {
            #[allow(unused_imports, reason = "each test takes what it needs")]
            use super::*;

            async fn run($bench: &$crate::support::bench::Bench) $body

            #[tokio::test]
            async fn on_sqlite() {
                run(&$crate::support::bench::Bench::sqlite().await).await;
            }

            #[tokio::test]
            async fn on_postgresql() {
                run(&$crate::support::bench::Bench::postgres().await).await;
            }
        }
    )* };
}
