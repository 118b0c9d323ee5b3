//! API keys: made, listed, revoked, and what they may do (API-1 to API-3).

use rollcall::access::{Failure, Gate, Refusal, WorkspaceProof};
use rollcall::api_keys::{self, ApiKey, Created, RevokeRefusal};
use rollcall::members::{self, BlockMember, UnblockMember};
use rollcall::platform::journal::{Effect, StreamId};
use rollcall::policy::Kind;
use rollcall::primitives::actor::{Actor, Audience, EndCause, Origin};
use rollcall::primitives::ids::ApiKeyId;
use rollcall::primitives::rights::Permission;

use crate::on_both_databases;
use crate::support::bench::{Bench, Office, whole};

async fn key(bench: &Bench, office: &Office) -> Created {
    api_keys::create(&bench.gate, &office.admin.proof, "ci".into()).await.expect("created")
}

async fn block(gate: &Gate, proof: &WorkspaceProof, member: rollcall::primitives::ids::MemberId) {
    let request = BlockMember { member, category: None, note: None, review_at: None };
    members::block(gate, proof, request).await.expect("blocked");
}

on_both_databases! {
    async fn api_1_an_admin_creates_and_lists_keys_and_their_secret_is_stored_nowhere(bench) {
        let office = bench.office(Kind::Team, "Ada").await;
        let first = key(bench, &office).await;
        bench.clock.advance_seconds(1);
        let second = key(bench, &office).await;
        let view = bench.view(&office.admin.secret).await;
        let page = api_keys::list::<()>(&view, &whole(ApiKey::ORDER)).await.expect("listed");
        assert_eq!(page.rows, [second.key, first.key.clone()]);
        assert_eq!(api_keys::count::<()>(&view).await.expect("counted"), 2);
        let events = bench.events(StreamId::Workspace(office.workspace)).await;
        let created = events.iter().find(|event| event.kind == "ApiKeyCreated").expect("announced");
        assert_eq!((created.audience, created.effect.clone()), (Audience::Admins, None));
        let said = serde_json::to_string(&events).expect("plain data");
        assert!(!said.contains(first.secret.reveal()));
    }

    async fn api_1_whatever_a_key_asks_has_origin_automation(bench) {
        let office = bench.office(Kind::Team, "Ada").await;
        let (_, bob) = bench.hire(office.workspace, "Bob", "Member", &[]).await;
        let key = key(bench, &office).await;
        block(&bench.gate, &bench.workspace_proof(&key.secret).await.expect("it holds"), bob.member).await;
        let events = bench.events(StreamId::Workspace(office.workspace)).await;
        let blocked = events.last().expect("announced");
        assert_eq!(blocked.kind, "MemberBlocked");
        assert_eq!((blocked.actor, blocked.origin), (Actor::ApiKey(key.key.id), Some(Origin::Automation)));
    }

    /// REV-1: the next request is refused.
    async fn api_1_a_revoked_key_has_stopped(bench) {
        let office = bench.office(Kind::Team, "Ada").await;
        let (_, other) = bench.hire(office.workspace, "Bob", "Admin", &[]).await;
        let created = key(bench, &office).await;
        let stale = bench.workspace_proof(&created.secret).await.expect("it holds");
        let revoked = api_keys::revoke(&bench.gate, &other.proof, created.key.id).await.expect("revoked");
        assert!(revoked.key.revoked_at.is_some());
        match bench.check(&created.secret).await {
            Err(Refusal::Ended(end)) => assert_eq!(end.cause, EndCause::KeyRevoked),
            other => panic!("{other:?}"),
        }
        let late = bench.gate.by_permission::<()>(&stale, Permission::BlockMembers).await;
        assert!(matches!(late, Err(Failure::Unauthenticated(Some(_)))));
        let events = bench.events(StreamId::Workspace(office.workspace)).await;
        let effect = Effect::StopKey { key: created.key.id, member: office.admin.member };
        assert_eq!(events.last().expect("announced").effect, Some(effect));
    }

    async fn api_1_a_key_is_revoked_once_and_an_unknown_one_never(bench) {
        let (office, theirs) = (bench.office(Kind::Team, "Ada").await, bench.office(Kind::Team, "Eve").await);
        let (own, foreign) = (key(bench, &office).await, key(bench, &theirs).await);
        let revoke = async |id| api_keys::revoke(&bench.gate, &office.admin.proof, id).await;
        revoke(own.key.id).await.expect("revoked");
        let before = bench.count("events").await;
        let again = revoke(own.key.id).await;
        assert!(matches!(again, Err(Failure::Refused(RevokeRefusal::AlreadyRevoked))), "{again:?}");
        for unknown in [foreign.key.id, ApiKeyId::new()] {
            let refused = revoke(unknown).await;
            assert!(matches!(refused, Err(Failure::NotFound { field: "input.apiKeyId" })), "{refused:?}");
        }
        assert_eq!(bench.count("events").await, before);
        bench.workspace_proof(&foreign.secret).await.expect("it holds");
    }

    async fn api_2_a_key_works_only_while_its_maker_is_an_active_admin(bench) {
        let office = bench.office(Kind::Team, "Ada").await;
        let (_, other) = bench.hire(office.workspace, "Bob", "Admin", &[]).await;
        let created = key(bench, &office).await;
        block(&bench.gate, &other.proof, office.admin.member).await;
        match bench.check(&created.secret).await {
            Err(Refusal::Ended(end)) => assert_eq!(end.cause, EndCause::Blocked),
            other => panic!("{other:?}"),
        }
        let request = UnblockMember {
            member: office.admin.member,
            category: None,
            note: None,
            into_deactivated: false,
        };
        members::unblock(&bench.gate, &other.proof, request).await.expect("unblocked");
        bench.workspace_proof(&created.secret).await.expect("it holds");
        let role = bench.role(office.workspace, "Member").await;
        let request = members::SetMemberRole { member: office.admin.member, role: role.id, assignments: None };
        members::set_role(&bench.gate, &other.proof, request).await.expect("demoted");
        assert!(matches!(bench.check(&created.secret).await, Err(Refusal::Ended(_))));
    }

    async fn api_3_a_key_neither_makes_nor_lists_nor_revokes_keys(bench) {
        let office = bench.office(Kind::Team, "Ada").await;
        let created = key(bench, &office).await;
        let proof = bench.workspace_proof(&created.secret).await.expect("it holds");
        let made = api_keys::create(&bench.gate, &proof, "another".into()).await;
        assert!(matches!(made, Err(Failure::Forbidden)), "{made:?}");
        let revoked = api_keys::revoke(&bench.gate, &proof, created.key.id).await;
        assert!(matches!(revoked, Err(Failure::Forbidden)), "{revoked:?}");
        let view = bench.view(&created.secret).await;
        let listed = api_keys::list::<()>(&view, &whole(ApiKey::ORDER)).await;
        assert!(matches!(listed, Err(Failure::Forbidden)), "{listed:?}");
        assert_eq!(bench.count("api_keys").await, 1);
    }

    /// Members who are no admins see no keys (WSP-3).
    async fn wsp_3_keys_are_for_admins(bench) {
        let office = bench.office(Kind::Team, "Ada").await;
        let (_, bob) = bench.hire(office.workspace, "Bob", "Member", &[]).await;
        let made = api_keys::create(&bench.gate, &bob.proof, "mine".into()).await;
        assert!(matches!(made, Err(Failure::Forbidden)), "{made:?}");
        let listed = api_keys::list::<()>(&bench.view(&bob.secret).await, &whole(ApiKey::ORDER)).await;
        assert!(matches!(listed, Err(Failure::Forbidden)), "{listed:?}");
    }
}
