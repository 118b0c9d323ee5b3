//! A house as invitations need it: workspaces of every kind with their first admin in them, and a look at streams and
//! rows.
//!
//! Writes by hand only what no operation of this release leads to.

use std::ops::Deref;
use std::sync::Arc;

use rollcall::access::{AccountView, WorkspaceProof};
use rollcall::accounts::Account;
use rollcall::api_keys;
use rollcall::assets::{self, RegisterAsset};
use rollcall::members::{self, Member};
use rollcall::platform::journal::{self, Event, StreamId};
use rollcall::policy::Kind;
use rollcall::primitives::ids::{AccountId, AssetId, MemberId, RoleId, WorkspaceId};
use rollcall::roles::{self, Role};
use rollcall::sessions::{self, EnterWorkspace};
use rollcall::workspaces::{CreateWorkspace, create_workspace};
use sea_orm::Value;

use crate::support::gate::{House, LIFETIMES, Person, client};

pub struct Porch(House);

impl Deref for Porch {
    type Target = House;

    fn deref(&self) -> &House {
        &self.0
    }
}

/// A workspace and its first admin.
pub struct Place {
    pub id: WorkspaceId,
    pub admin: WorkspaceProof,
    roles: Vec<Role>,
}

impl Place {
    /// A role by its name.
    pub fn role(&self, name: &str) -> RoleId {
        self.roles.iter().find(|role| role.name == name).expect("a role of this kind").id
    }
}

impl Porch {
    pub async fn sqlite() -> Self {
        Self(House::sqlite().await)
    }

    pub async fn postgres() -> Self {
        Self(House::postgres().await)
    }

    /// A workspace called Acme.
    pub async fn place(&self, founder: &Person, kind: Kind) -> Place {
        let request = CreateWorkspace { name: "Acme".into(), kind };
        let created = create_workspace(&self.gate, &founder.proof, request).await.expect("created");
        let id = created.membership.workspace.id;
        let admin = self.go_in(founder, id).await;
        let request = rollcall::primitives::page::PageRequest::new(&Default::default(), Role::ORDER);
        let view = self.workspace_view(&admin);
        let roles = roles::list::<()>(&view, &request.expect("a page")).await.expect("roles").rows;
        Place { id, admin, roles }
    }

    /// A workspace session of somebody who is in.
    pub async fn go_in(&self, person: &Person, workspace: WorkspaceId) -> WorkspaceProof {
        let request = EnterWorkspace { workspace, client: client() };
        let entered = sessions::enter_workspace(&self.gate, LIFETIMES, &person.proof, request).await;
        self.workspace_proof(&entered.expect("entered").token).await.expect("it holds")
    }

    /// An API key of an admin's.
    pub async fn key(&self, admin: &WorkspaceProof) -> WorkspaceProof {
        let made = api_keys::create(&self.gate, admin, "deploy".into()).await.expect("a key");
        self.workspace_proof(&made.secret).await.expect("it holds")
    }

    pub async fn asset(&self, admin: &WorkspaceProof, name: &str) -> AssetId {
        let (kind, name) = ("flow".to_owned(), name.to_owned());
        let request = RegisterAsset { kind, external_id: name.clone(), name, owner: None };
        assets::register(&self.gate, admin, request).await.expect("registered").asset.id
    }

    pub async fn member(&self, workspace: WorkspaceId, id: MemberId) -> Option<Member> {
        members::find(self.database().reader(), workspace, id).await.expect("it answers")
    }

    pub async fn account(&self, id: AccountId) -> Account {
        let found = rollcall::accounts::find(self.database().reader(), id).await;
        found.expect("it answers").expect("an account")
    }

    /// Removing comes with a later release.
    pub async fn remove(&self, member: &Member, while_blocked: bool) {
        let sql = "UPDATE members SET state = 'REMOVED', removed_at = $2, removed_while_blocked = $3, \
                   blocked_at = NULL, generation = generation + 1 WHERE id = $1";
        let values = vec![member.id.into(), self.clock.now().into(), while_blocked.into()];
        self.execute(sql, values).await;
    }

    /// The person's account has another address now: changing it comes with a later release.
    pub async fn move_account(&self, account: AccountId, to: &str) {
        let sql = "UPDATE accounts SET email = $2, email_key = $2, verified_email_key = $2 WHERE id = $1";
        self.execute(sql, vec![account.into(), to.into()]).await;
    }

    pub fn sight(&self, person: &Person) -> AccountView {
        AccountView::new(self.database().clone(), Arc::new(person.proof.clone()), self.clock.now())
    }

    /// The number that a statement answers with.
    pub async fn number(&self, sql: &str, values: Vec<Value>) -> i64 {
        self.rows(sql, values).await[0].try_get_by_index(0).expect("a number")
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

/// Runs each test on both databases: `on_both! { async fn name(house) { … } }`.
#[macro_export]
macro_rules! on_both {
    ($($(#[$meta:meta])* async fn $name:ident($house:ident) $body:block)*) => { $(
        $(#[$meta])*
        mod $name {
            use super::*;

            async fn body($house: &$crate::invitations::porch::Porch) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                body(&$crate::invitations::porch::Porch::sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                body(&$crate::invitations::porch::Porch::postgres().await).await;
            }
        }
    )* };
}
