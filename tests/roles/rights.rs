//! What roles give, and which assets go with them (WSP-2, WSP-3, WSP-5, WSP-8).

use rollcall::policy::Kind;
use rollcall::primitives::ids::{AssetId, RoleId};
use rollcall::primitives::rights::{Permission, Reserve};
use rollcall::roles::{self, AssetsRefusal, check_assets};

use crate::on_both_databases;
use crate::support::bench::Bench;

/// Makes a custom role by hand: its mutations come with another change, its rights must hold from the beginning.
async fn custom_role(bench: &Bench, workspace: rollcall::primitives::ids::WorkspaceId, permissions: &str) {
    bench
        .execute(
            "INSERT INTO roles (id, workspace_id, name, name_key, asset_scope, is_admin, is_built_in, is_default, \
             permissions, revision, created_at) VALUES ($1, $2, 'Curator', 'curator', 'ALL', FALSE, FALSE, FALSE, \
             $3, 1, 0)",
            vec![RoleId::new().into(), workspace.into(), permissions.into()],
        )
        .await;
}

on_both_databases! {
    async fn wsp_3_admins_may_everything_and_everybody_else_what_is_everybodys(bench) {
        for kind in Kind::ALL.iter().copied() {
            let office = bench.office(kind, &format!("Founder{}", kind.as_str())).await;
            assert!(Permission::ALL.iter().all(|permission| office.admin.proof.allows(*permission)));
        }
        let office = bench.office(Kind::Wallet, "Ada").await;
        for role in ["Workspace reviewer", "Workspace operator"] {
            let name = role.replace(' ', "");
            let (_, entered) = bench.hire(office.workspace, &name, role, &[]).await;
            for permission in Permission::ALL.iter().copied() {
                let wanted = permission.reserve() == Reserve::Everybody;
                assert_eq!(entered.proof.allows(permission), wanted, "{role} {permission:?}");
            }
        }
    }

    /// WSP-5: a custom role gives what may be granted and strings of the host's, and nothing that is reserved.
    async fn wsp_5_a_custom_role_works_in_rights(bench) {
        let office = bench.office(Kind::Team, "Ada").await;
        custom_role(bench, office.workspace, r#"["MANAGE_ASSETS","BLOCK_MEMBERS","app:report.publish"]"#).await;
        let (_, entered) = bench.hire(office.workspace, "Bob", "Curator", &[]).await;
        assert!(entered.proof.allows(Permission::ManageAssets));
        assert!(!entered.proof.allows(Permission::BlockMembers));
        assert!(entered.proof.rights.allows_word("app:report.publish"));
        assert!(!entered.proof.rights.allows_word("app:report.delete"));
    }

    async fn wsp_2_a_role_for_assigned_assets_needs_one_and_a_role_for_all_takes_none(bench) {
        let office = bench.office(Kind::Wallet, "Ada").await;
        let developer = bench.role(office.workspace, "Workspace developer").await;
        let operator = bench.role(office.workspace, "Workspace operator").await;
        let one = [AssetId::new()];
        assert_eq!(check_assets(&developer, &[]), Err(AssetsRefusal::AssetsRequired));
        assert_eq!(check_assets(&developer, &one), Ok(()));
        assert_eq!(check_assets(&operator, &[]), Ok(()));
        assert_eq!(check_assets(&operator, &one), Err(AssetsRefusal::AssetsNotAllowed));
    }

    async fn wsp_8_a_role_of_another_workspace_is_unknown(bench) {
        let (ours, theirs) = (bench.office(Kind::Team, "Ada").await, bench.office(Kind::Team, "Eve").await);
        let foreign = bench.role(theirs.workspace, "Member").await;
        let reader = bench.gate.database().reader();
        assert_eq!(roles::find(reader, ours.workspace, foreign.id).await.expect("read"), None);
        let view = bench.view(&ours.admin.secret).await;
        let own = bench.role(ours.workspace, "Member").await;
        let found = roles::load_many_roles::<()>(&view, &[foreign.id, own.id]).await.expect("read");
        assert_eq!(found.into_keys().collect::<Vec<_>>(), [own.id]);
    }
}
