//! Creating a workspace: the founder, the roles of the kind, the starting policy (WSP-1, WSP-2, WSP-4).

use rollcall::access::Failure;
use rollcall::platform::journal::{StreamId, Subject};
use rollcall::policy::{self, Kind, Policy};
use rollcall::primitives::actor::{Actor, AssetScope, Audience, MemberStatus, Origin};
use rollcall::roles::{self, Role};
use rollcall::workspaces::{self, CreateRefusal, CreateWorkspace, create_workspace};

use crate::on_both_databases;
use crate::support::bench::{Bench, whole};

async fn roles_of(bench: &Bench, kind: Kind) -> Vec<String> {
    let office = bench.office(kind, &format!("Founder{}", kind.as_str())).await;
    let view = bench.view(&office.admin.secret).await;
    let page = roles::list::<()>(&view, &whole(Role::ORDER)).await.expect("listed");
    assert_eq!(roles::count::<()>(&view).await.expect("counted"), page.rows.len() as u64);
    let star = |role: &Role| if role.scope == AssetScope::Assigned { "*" } else { "" };
    page.rows.iter().map(|role| format!("{}{}", role.name, star(role))).collect()
}

on_both_databases! {
    async fn wsp_1_whoever_creates_a_workspace_is_its_first_admin_active_at_once(bench) {
        let ada = bench.human("Ada").await;
        let request = CreateWorkspace { name: "Engine".into(), kind: Kind::Team };
        let created = create_workspace(&bench.gate, &ada.proof, request).await.expect("created");
        let membership = created.membership;
        assert_eq!((membership.status, membership.role.is_admin), (MemberStatus::Active, true));
        let entered = bench.go_in(&ada, membership.workspace.id).await;
        assert!(entered.proof.rights.admin);
        assert_eq!(entered.proof.head, created.cursor.seq);
    }

    /// EVT-1: the stream begins with the workspace, then says who is in it; the person hears of it as well.
    async fn wsp_1_founding_is_told_in_the_workspace_and_to_the_founder(bench) {
        let office = bench.office(Kind::Team, "Ada").await;
        let events = bench.events(StreamId::Workspace(office.workspace)).await;
        let kinds: Vec<_> = events.iter().map(|event| (event.seq, event.kind.as_str())).collect();
        assert_eq!(kinds, [(1, "WorkspaceCreated"), (2, "MemberJoined")]);
        let created = &events[0];
        assert_eq!((created.actor, created.origin), (Actor::Account(office.founder), Some(Origin::StandardFlow)));
        assert_eq!(created.audience, Audience::Members);
        assert_eq!(created.payload["workspace"]["kind"], "TEAM");
        assert_eq!(created.payload["roles"].as_array().map(Vec::len), Some(2));
        let told = bench.events(StreamId::Account(office.founder)).await.pop().expect("told");
        assert_eq!(told.kind, "MembershipGranted");
        assert_eq!(told.subject, Some(Subject::Account(office.founder)));
    }

    async fn wsp_2_each_kind_comes_with_its_roles(bench) {
        assert_eq!(
            roles_of(bench, Kind::Wallet).await,
            ["Workspace admin", "Workspace developer*", "Workspace operator", "Workspace reviewer"]
        );
        assert_eq!(roles_of(bench, Kind::Merchant).await, ["Developer*", "Developer admin", "Operator*"]);
        assert_eq!(roles_of(bench, Kind::Team).await, ["Admin", "Member"]);
    }

    async fn wsp_4_the_default_role_follows_the_kind(bench) {
        for (kind, wanted) in
            [(Kind::Team, Some("Member")), (Kind::Wallet, Some("Workspace operator")), (Kind::Merchant, None)]
        {
            let office = bench.office(kind, &format!("Founder{}", kind.as_str())).await;
            let reader = bench.gate.database().reader();
            let role = roles::find_default(reader, office.workspace).await.expect("read");
            assert_eq!(role.map(|role| role.name).as_deref(), wanted);
            let policy = policy::load(reader, office.workspace).await.expect("read");
            assert_eq!(policy, Policy::of_kind(kind));
        }
    }

    /// SES-6. Nothing is changed and nothing is written.
    async fn nobody_creates_a_workspace_before_their_address_is_verified(bench) {
        let eve = bench.unverified("Eve").await;
        let request = CreateWorkspace { name: "Engine".into(), kind: Kind::Team };
        let before = bench.count("events").await;
        let refused = create_workspace(&bench.gate, &eve.proof, request).await;
        assert!(matches!(refused, Err(Failure::Refused(CreateRefusal::EmailNotVerified))), "{refused:?}");
        assert_eq!(bench.count("events").await, before);
        for table in ["workspaces", "roles", "members", "streams WHERE kind = 'WORKSPACE'"] {
            assert_eq!(bench.count(table).await, 0, "{table}");
        }
    }

    /// WSP-3: settings are for those who look after the members.
    async fn the_policy_is_for_admins(bench) {
        let office = bench.office(Kind::Team, "Ada").await;
        let (_, bob) = bench.hire(office.workspace, "Bob", "Member", &[]).await;
        let view = bench.view(&office.admin.secret).await;
        assert_eq!(workspaces::policy::<()>(&view).await.expect("an admin's"), Policy::of_kind(Kind::Team));
        let refused = workspaces::policy::<()>(&bench.view(&bob.secret).await).await;
        assert!(matches!(refused, Err(Failure::Forbidden)), "{refused:?}");
    }
}
