//! Registering assets and seeing them (AST-1 to AST-3, WSP-8).

use rollcall::access::{Failure, WorkspaceProof};
use rollcall::api_keys;
use rollcall::assets::{self, Asset, AssetFilter, RegisterAsset, RegisterRefusal};
use rollcall::members::{self, BlockMember};
use rollcall::platform::journal::{StreamId, Subject};
use rollcall::policy::Kind;
use rollcall::primitives::actor::{Audience, Origin};
use rollcall::primitives::ids::{AssetId, MemberId};
use rollcall::primitives::secret::Secret;

use crate::on_both_databases;
use crate::support::bench::{Bench, whole};

fn flow(name: &str) -> RegisterAsset {
    RegisterAsset { kind: "flow".into(), name: name.into(), external_id: name.into(), owner: None }
}

async fn registered(bench: &Bench, proof: &WorkspaceProof, request: RegisterAsset) -> Asset {
    assets::register(&bench.gate, proof, request).await.expect("registered").asset
}

async fn seen(bench: &Bench, secret: &Secret) -> Vec<String> {
    let view = bench.view(secret).await;
    let filter = AssetFilter::default();
    let page = assets::list::<()>(&view, &filter, &whole(Asset::ORDER)).await.expect("listed");
    assert_eq!(assets::count::<()>(&view, &filter).await.expect("counted"), page.rows.len() as u64);
    page.rows.into_iter().map(|asset| asset.name).collect()
}

on_both_databases! {
    async fn ast_1_what_is_registered_can_be_listed_and_looked_up(bench) {
        let office = bench.office(Kind::Team, "Ada").await;
        let beta = registered(bench, &office.admin.proof, flow("Beta")).await;
        registered(bench, &office.admin.proof, flow("alpha")).await;
        let recipe = RegisterAsset { kind: "recipe".into(), ..flow("Beta") };
        registered(bench, &office.admin.proof, recipe).await;
        assert_eq!(seen(bench, &office.admin.secret).await, ["alpha", "Beta", "Beta"]);
        let view = bench.view(&office.admin.secret).await;
        assert_eq!(assets::find::<()>(&view, beta.id).await.expect("read"), Some(beta.clone()));
        let found = assets::find_by_external_id::<()>(&view, "flow", "Beta").await.expect("read");
        assert_eq!(found, Some(beta));
        assert_eq!(assets::find_by_external_id::<()>(&view, "flow", "Gamma").await.expect("read"), None);
        let recipes = AssetFilter { kind: Some("recipe".into()), ..AssetFilter::default() };
        assert_eq!(assets::count::<()>(&view, &recipes).await.expect("counted"), 1);
    }

    async fn ast_1_an_external_id_stands_once_for_each_kind(bench) {
        let office = bench.office(Kind::Team, "Ada").await;
        registered(bench, &office.admin.proof, flow("Beta")).await;
        let before = bench.count("events").await;
        let refused = assets::register(&bench.gate, &office.admin.proof, flow("Beta")).await;
        assert!(matches!(refused, Err(Failure::Refused(RegisterRefusal::ExternalIdTaken))), "{refused:?}");
        assert_eq!((bench.count("assets").await, bench.count("events").await), (1, before));
        let theirs = bench.office(Kind::Team, "Eve").await;
        registered(bench, &theirs.admin.proof, flow("Beta")).await;
    }

    async fn ast_1_the_owner_is_whoever_was_named_else_who_registers_else_the_workspace(bench) {
        let office = bench.office(Kind::Team, "Ada").await;
        let (_, bob) = bench.hire(office.workspace, "Bob", "Member", &[]).await;
        let own = registered(bench, &office.admin.proof, flow("own")).await;
        assert_eq!(own.owner, Some(office.admin.member));
        let given = RegisterAsset { owner: Some(bob.member), ..flow("given") };
        assert_eq!(registered(bench, &office.admin.proof, given).await.owner, Some(bob.member));
        let key = api_keys::create(&bench.gate, &office.admin.proof, "ci".into()).await.expect("created");
        let key = bench.workspace_proof(&key.secret).await.expect("it holds");
        assert_eq!(registered(bench, &key, flow("the workspace's")).await.owner, None);
        let events = bench.events(StreamId::Workspace(office.workspace)).await;
        let told: Vec<_> = events
            .iter()
            .filter(|event| event.kind == "AssetRegistered")
            .map(|event| (event.origin.expect("a way of this release"), event.audience, event.subject))
            .collect();
        let direct = (Origin::AdminDirect, Audience::AdminsAndSubject);
        assert_eq!(
            told,
            [
                (direct.0, direct.1, Some(Subject::Member(office.admin.member))),
                (direct.0, direct.1, Some(Subject::Member(bob.member))),
                (Origin::Automation, Audience::Admins, None),
            ]
        );
    }

    async fn ast_1_only_an_active_member_of_this_workspace_can_be_named_as_owner(bench) {
        let (office, theirs) = (bench.office(Kind::Team, "Ada").await, bench.office(Kind::Team, "Eve").await);
        let (_, bob) = bench.hire(office.workspace, "Bob", "Member", &[]).await;
        let request = BlockMember { member: bob.member, category: None, note: None, review_at: None };
        members::block(&bench.gate, &office.admin.proof, request).await.expect("blocked");
        let register = async |owner: MemberId| {
            let request = RegisterAsset { owner: Some(owner), ..flow("Beta") };
            assets::register(&bench.gate, &office.admin.proof, request).await.expect_err("refused")
        };
        assert!(matches!(register(bob.member).await, Failure::Refused(RegisterRefusal::OwnerNotActive)));
        for stranger in [theirs.admin.member, MemberId::new()] {
            let field = "input.ownerMemberId";
            assert!(matches!(register(stranger).await, Failure::NotFound { field: found } if found == field));
        }
        assert_eq!(bench.count("assets").await, 0);
    }

    async fn ast_2_a_role_for_assigned_assets_sees_those_alone(bench) {
        let office = bench.office(Kind::Wallet, "Ada").await;
        let mine = registered(bench, &office.admin.proof, flow("mine")).await;
        let other = registered(bench, &office.admin.proof, flow("other")).await;
        let (_, dev) = bench.hire(office.workspace, "Dev", "Workspace developer", &[mine.id]).await;
        let (_, op) = bench.hire(office.workspace, "Op", "Workspace operator", &[]).await;
        assert_eq!(seen(bench, &dev.secret).await, ["mine"]);
        assert_eq!(seen(bench, &op.secret).await, ["mine", "other"]);
        let view = bench.view(&dev.secret).await;
        assert_eq!(assets::find::<()>(&view, other.id).await.expect("read"), None);
        assert_eq!(assets::find_by_external_id::<()>(&view, "flow", "other").await.expect("read"), None);
    }

    async fn ast_3_one_call_tells_what_the_caller_may_do_at_this_moment(bench) {
        let office = bench.office(Kind::Wallet, "Ada").await;
        let mine = registered(bench, &office.admin.proof, flow("mine")).await;
        let other = registered(bench, &office.admin.proof, flow("other")).await;
        let (_, dev) = bench.hire(office.workspace, "Dev", "Workspace developer", &[mine.id]).await;
        let can = async |secret: &Secret, permission: &str, asset: Option<AssetId>| {
            assets::can::<()>(&bench.view(secret).await, permission, asset).await.expect("told")
        };
        assert!(can(&dev.secret, "VIEW_ASSETS", Some(mine.id)).await);
        assert!(!can(&dev.secret, "VIEW_ASSETS", Some(other.id)).await);
        assert!(!can(&dev.secret, "VIEW_ASSETS", Some(AssetId::new())).await);
        assert!(!can(&dev.secret, "MANAGE_ASSETS", Some(mine.id)).await);
        assert!(!can(&dev.secret, "app:report.publish", None).await);
        assert!(can(&office.admin.secret, "app:report.publish", Some(other.id)).await);
        let sql = "DELETE FROM assignments WHERE member_id = $1";
        bench.execute(sql, vec![dev.member.into()]).await;
        assert!(!can(&dev.secret, "VIEW_ASSETS", Some(mine.id)).await);
        let key = api_keys::create(&bench.gate, &office.admin.proof, "ci".into()).await.expect("created");
        assert!(can(&key.secret, "BLOCK_MEMBERS", None).await);
        assert!(!can(&key.secret, "MANAGE_POLICY", None).await);
    }

    async fn wsp_3_registering_needs_its_permission(bench) {
        let office = bench.office(Kind::Team, "Ada").await;
        let (_, bob) = bench.hire(office.workspace, "Bob", "Member", &[]).await;
        let refused = assets::register(&bench.gate, &bob.proof, flow("Beta")).await;
        assert!(matches!(refused, Err(Failure::Forbidden)), "{refused:?}");
        assert_eq!(bench.count("assets").await, 0);
    }

    async fn wsp_8_an_asset_of_another_workspace_is_unknown(bench) {
        let (ours, theirs) = (bench.office(Kind::Team, "Ada").await, bench.office(Kind::Team, "Eve").await);
        let own = registered(bench, &ours.admin.proof, flow("own")).await;
        let foreign = registered(bench, &theirs.admin.proof, flow("foreign")).await;
        let view = bench.view(&ours.admin.secret).await;
        assert_eq!(assets::find::<()>(&view, foreign.id).await.expect("read"), None);
        assert_eq!(assets::find_by_external_id::<()>(&view, "flow", "foreign").await.expect("read"), None);
        let missing = AssetId::new();
        let tx = bench.gate.by_job::<()>(ours.workspace).await.expect("opened");
        let asked = vec![foreign.id, own.id, missing];
        assert_eq!(assets::retain_existing(&tx, asked).await.expect("read"), [own.id]);
    }
}
