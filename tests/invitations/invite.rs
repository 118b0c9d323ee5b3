//! Inviting: rows, lists, and who can't be invited.

use rollcall::invitations::{
    Invitation, InviteMembers, InviteRefusal, InviteRow, PromiseRefusal, RowRefusal, invite_members,
};
use rollcall::members::lifecycle::LifecycleRefusal;
use rollcall::platform::journal::StreamId;
use rollcall::policy::Kind;
use rollcall::primitives::actor::{Actor, MemberStatus, Origin};
use rollcall::primitives::ids::{AssetId, RoleId};

use super::porch::Porch;
use super::{accept, invite, invite_rows, refusal, refused, row, row_as};
use crate::on_both;
use crate::support::gate::SENDING;

fn status_in(refusal: &RowRefusal) -> Option<MemberStatus> {
    match refusal {
        RowRefusal::Lifecycle { refusal: LifecycleRefusal::NotAllowedInStatus { status, .. }, .. } => *status,
        other => panic!("not refused for a status: {other:?}"),
    }
}

async fn sent_by(house: &Porch, invitation: &Invitation) -> (Actor, Origin) {
    let events = house.events(StreamId::Workspace(invitation.workspace)).await;
    let sent = events.iter().rfind(|event| event.kind == "MemberInvited").expect("an event");
    (sent.actor, sent.origin.expect("a way of this release"))
}

on_both! {
    /// INV-1
    async fn every_row_is_answered_in_order_and_a_bad_one_fails_alone(house) {
        let ada = house.person("ada@example.com").await;
        let place = house.place(&ada, Kind::Team).await;
        let head = house.head(place.id).await;
        let rows = vec![row("joe@example.com"), row("no address"), row_as("x@example.com", RoleId::new(), &[]),
            row("ann@example.com"), row("JOE@example.com")];
        let answered = invite_rows(house, &place.admin, rows).await;

        let emails: Vec<&str> = answered.iter().map(|row| row.email.as_str()).collect();
        assert_eq!(emails, ["joe@example.com", "no address", "x@example.com", "ann@example.com", "JOE@example.com"]);
        let good: Vec<bool> = answered.iter().map(|row| row.result.is_ok()).collect();
        assert_eq!(good, [true, false, false, true, false]);
        assert_eq!(answered[2].result.as_ref().unwrap_err(), &RowRefusal::Promise(PromiseRefusal::RoleUnknown));
        // The same address twice: the second finds it invited already.
        assert_eq!(status_in(answered[4].result.as_ref().unwrap_err()), Some(MemberStatus::InvitationSent));
        assert_eq!(house.kinds_after(place.id, head).await, ["MemberInvited", "MemberInvited"]);
        assert_eq!(house.number("SELECT COUNT(*) FROM members WHERE state = 'INVITED'", vec![]).await, 2);
        assert_eq!(house.number("SELECT COUNT(*) FROM outbox", vec![]).await, 2);
    }

    /// INV-1
    async fn a_pasted_list_is_accepted_with_names_and_one_role_for_all(house) {
        let ada = house.person("ada@example.com").await;
        let place = house.place(&ada, Kind::Team).await;
        let list = "joe@example.com, Mary Doe <mary@example.com>; \"Doe, Ann\" <ann@example.com>\nnobody";
        let request = InviteMembers {
            list: Some(list.into()),
            role: Some(place.role("Admin").to_string()),
            ..InviteMembers::default()
        };
        let rows = invite_members(&house.gate, SENDING, &place.admin, request).await.expect("answered").rows;
        assert_eq!(rows.len(), 4);
        let invited: Vec<(String, String)> = rows[..3].iter().map(|row| {
            let member = &row.result.as_ref().expect("invited").member;
            (member.name.clone(), member.role.name.clone())
        }).collect();
        let named = |name: &str| (name.to_owned(), "Admin".to_owned());
        assert_eq!(invited, [named(""), named("Mary Doe"), named("Doe, Ann")]);
        assert!(matches!(rows[3].result, Err(RowRefusal::Malformed { field: "email", .. })));
    }

    /// INV-1
    async fn an_empty_call_and_one_of_101_rows_change_nothing(house) {
        let ada = house.person("ada@example.com").await;
        let place = house.place(&ada, Kind::Team).await;
        let head = house.head(place.id).await;
        let call = |rows| InviteMembers { rows, ..InviteMembers::default() };
        let many = (0..101).map(|at| row(&format!("p{at}@example.com"))).collect();
        let empty = invite_members(&house.gate, SENDING, &place.admin, call(Vec::new())).await;
        assert_eq!(refusal(empty), InviteRefusal::Empty);
        let past = invite_members(&house.gate, SENDING, &place.admin, call(many)).await;
        assert_eq!(refusal(past), InviteRefusal::TooMany { rows: 101 });
        assert_eq!(house.head(place.id).await, head);
    }

    /// INV-1: the origin follows the credential and the call.
    async fn more_than_one_row_is_a_bulk_call_and_a_key_is_automation(house) {
        let ada = house.person("ada@example.com").await;
        let place = house.place(&ada, Kind::Team).await;
        let key = house.key(&place.admin).await;
        let one = invite(house, &place.admin, row("a@example.com")).await;
        assert_eq!(sent_by(house, &one.invitation).await, (Actor::Member(place.admin.member), Origin::AdminDirect));
        invite_rows(house, &place.admin, vec![row("b@example.com"), row("c@example.com")]).await;
        assert_eq!(sent_by(house, &one.invitation).await, (Actor::Member(place.admin.member), Origin::Bulk));
        let by_key = invite(house, &key, row("d@example.com")).await;
        assert_eq!(sent_by(house, &by_key.invitation).await, (key.actor(), Origin::Automation));
        // Whoever made the key answers for what it sent.
        assert_eq!(by_key.invitation.inviter, place.admin.member);
    }

    /// WSP-4
    async fn an_invitation_without_a_role_gets_the_default_or_is_refused(house) {
        let ada = house.person("ada@example.com").await;
        let team = house.place(&ada, Kind::Team).await;
        assert_eq!(invite(house, &team.admin, row("joe@example.com")).await.member.role.name, "Member");
        let merchant = house.place(&ada, Kind::Merchant).await;
        let refused = refused(house, &merchant.admin, row("joe@example.com")).await;
        assert_eq!(refused, RowRefusal::Promise(PromiseRefusal::RoleRequired));
    }

    /// WSP-2, INV-1
    async fn the_assets_that_a_role_needs_are_named_and_exist_here(house) {
        let ada = house.person("ada@example.com").await;
        let (place, other) = (house.place(&ada, Kind::Wallet).await, house.place(&ada, Kind::Wallet).await);
        let (here, there) = (house.asset(&place.admin, "shop").await, house.asset(&other.admin, "shop").await);
        let (developer, operator) = (place.role("Workspace developer"), place.role("Workspace operator"));
        let head = house.head(place.id).await;
        for (role, assets, wanted) in [
            (developer, vec![], PromiseRefusal::AssetsRequired),
            (operator, vec![here], PromiseRefusal::AssetsNotAllowed),
            (developer, vec![here, there], PromiseRefusal::AssetsUnknown { assets: vec![there] }),
            (developer, vec![here, here], PromiseRefusal::AssetTwice { asset: here }),
            (other.role("Workspace operator"), vec![], PromiseRefusal::RoleUnknown),
        ] {
            let refused = refused(house, &place.admin, row_as("joe@example.com", role, &assets)).await;
            assert_eq!(refused, RowRefusal::Promise(wanted));
        }
        assert_eq!(house.head(place.id).await, head);
        let invited = invite(house, &place.admin, row_as("joe@example.com", developer, &[here])).await;
        assert_eq!(invited.invitation.assets, [here]);
        assert_eq!(house.number("SELECT COUNT(*) FROM assignments", vec![]).await, 0);
        let joined = accept(house, "joe@example.com").await;
        let held = house.number(
            "SELECT COUNT(*) FROM assignments WHERE member_id = $1 AND asset_id = $2",
            vec![joined.member.id.into(), here.into()],
        );
        assert_eq!(held.await, 1);
    }

    /// API-3
    async fn a_key_never_invites_into_the_admin_role(house) {
        let ada = house.person("ada@example.com").await;
        let place = house.place(&ada, Kind::Team).await;
        let key = house.key(&place.admin).await;
        let refused = refused(house, &key, row_as("joe@example.com", place.role("Admin"), &[])).await;
        assert_eq!(refused, RowRefusal::Promise(PromiseRefusal::AdminRoleByKey));
        invite(house, &place.admin, row_as("joe@example.com", place.role("Admin"), &[])).await;
    }

    /// INV-10
    async fn who_is_in_or_invited_is_refused_with_their_status(house) {
        let ada = house.person("ada@example.com").await;
        let place = house.place(&ada, Kind::Team).await;
        assert_eq!(status_in(&refused(house, &place.admin, row("ada@example.com")).await), Some(MemberStatus::Active));
        invite(house, &place.admin, row("joe@example.com")).await;
        let again = refused(house, &place.admin, row("joe@example.com")).await;
        assert_eq!(status_in(&again), Some(MemberStatus::InvitationSent));
        house.clock.advance_seconds(72 * 3600);
        let expired = refused(house, &place.admin, row("joe@example.com")).await;
        let RowRefusal::Lifecycle { refusal, .. } = &expired else { panic!("{expired:?}") };
        let LifecycleRefusal::NotAllowedInStatus { status, allowed } = refusal else { panic!("{refusal:?}") };
        assert_eq!(*status, Some(MemberStatus::InvitationExpired));
        // The way out is to send it again.
        assert!(allowed.iter().any(|operation| operation.as_str() == "RESEND"), "{allowed:?}");
    }

    /// INV-10
    async fn every_address_that_a_membership_has_had_counts(house) {
        let ada = house.person("ada@example.com").await;
        let place = house.place(&ada, Kind::Team).await;
        // The account's address is another now; the membership keeps both.
        house.move_account(ada.account.id, "new@example.com").await;
        for address in ["ada@example.com", "new@example.com"] {
            let refused = refused(house, &place.admin, row(address)).await;
            assert_eq!(status_in(&refused), Some(MemberStatus::Active), "{address}");
        }
    }

    /// INV-12
    async fn addresses_are_kept_as_typed_and_compared_by_their_key(house) {
        let ada = house.person("ada@example.com").await;
        let place = house.place(&ada, Kind::Team).await;
        let invited = invite(house, &place.admin, row("  Joe.Doe+x@Bücher.Example ")).await;
        assert_eq!(invited.member.email, "Joe.Doe+x@Bücher.Example");
        let same = refused(house, &place.admin, row("joe.doe+x@xn--bcher-kva.example")).await;
        assert_eq!(status_in(&same), Some(MemberStatus::InvitationSent));
        // Dots and plus tags count.
        invite(house, &place.admin, row("joedoe@bücher.example")).await;
        assert_eq!(house.letters("joe.doe+x@bücher.example").await[0].to, "Joe.Doe+x@Bücher.Example");
    }

    /// BLK-7, BLK-10
    async fn a_blocked_member_cannot_be_invited_and_the_attempt_is_on_record(house) {
        let (ada, bob) = (house.person("ada@example.com").await, house.person("bob@example.com").await);
        let place = house.place(&ada, Kind::Team).await;
        invite(house, &place.admin, row("bob@example.com")).await;
        let bobs = accept(house, "bob@example.com").await.member;
        assert_eq!(bobs.account, Some(bob.account.id));
        let sql = "UPDATE members SET blocked_at = $2 WHERE id = $1";
        house.execute(sql, vec![bobs.id.into(), house.clock.now().into()]).await;

        let key = house.key(&place.admin).await;
        let head = house.head(place.id).await;
        for (who, rows) in [
            (&key, vec![row("bob@example.com")]),
            (&place.admin, vec![row("bob@example.com"), row("new@example.com")]),
            (&place.admin, vec![row("bob@example.com")]),
        ] {
            let answered = invite_rows(house, who, rows).await;
            let wanted = RowRefusal::Lifecycle {
                refusal: LifecycleRefusal::BlockedRequiresAdmin,
                blocked_at: Some(house.clock.now()),
            };
            assert_eq!(answered[0].result.as_ref().unwrap_err(), &wanted);
        }
        // One event per actor and hour, with a count.
        let kinds = house.kinds_after(place.id, head).await;
        assert_eq!(kinds, ["RefusedAttemptRecorded", "MemberInvited", "RefusedAttemptRecorded"]);
        let sql = "SELECT attempts FROM refused_attempts WHERE actor_kind = 'MEMBER'";
        assert_eq!(house.number(sql, vec![]).await, 2);
    }

    /// BLK-8
    async fn who_was_removed_while_blocked_is_invited_by_an_admin_directly_alone(house) {
        let ada = house.person("ada@example.com").await;
        let place = house.place(&ada, Kind::Wallet).await;
        invite(house, &place.admin, row("joe@example.com")).await;
        let joe = accept(house, "joe@example.com").await.member;
        house.remove(&joe, true).await;
        let key = house.key(&place.admin).await;
        let head = house.head(place.id).await;
        for (who, rows) in [
            (&key, vec![row("joe@example.com")]),
            (&place.admin, vec![row("joe@example.com"), row("joe@example.com")]),
        ] {
            for answered in invite_rows(house, who, rows).await {
                let refusal = answered.result.unwrap_err();
                assert!(matches!(refusal, RowRefusal::Lifecycle { refusal: LifecycleRefusal::BlockedRequiresAdmin, .. }));
            }
        }
        let kinds = house.kinds_after(place.id, head).await;
        assert_eq!(kinds, ["RefusedAttemptRecorded", "RefusedAttemptRecorded"]);
        let invited = invite(house, &place.admin, row("joe@example.com")).await;
        assert_eq!(invited.member.id, joe.id);
        // The mark goes when they are active again.
        assert!(house.member(place.id, joe.id).await.expect("there").removed_while_blocked);
        assert!(!accept(house, "joe@example.com").await.member.removed_while_blocked);
    }

    async fn malformed_and_oversized_rows_name_their_field(house) {
        let ada = house.person("ada@example.com").await;
        let place = house.place(&ada, Kind::Team).await;
        let head = house.head(place.id).await;
        let long = "x".repeat(300);
        let base = row("joe@example.com");
        let rows = vec![
            (row("joe@localhost"), "email"),
            (row(&format!("{long}@example.com")), "email"),
            (InviteRow { name: Some(long.clone()), ..base.clone() }, "name"),
            (InviteRow { name: Some("a\u{0}b".into()), ..base.clone() }, "name"),
            (InviteRow { role: Some(AssetId::new().to_string()), ..base.clone() }, "roleId"),
            (InviteRow { assets: vec!["asset_x".into()], ..base.clone() }, "assetIds"),
            (InviteRow { assets: vec![AssetId::new().to_string(); 101], ..base }, "assetIds"),
        ];
        for (row, wanted) in rows {
            let RowRefusal::Malformed { field, .. } = refused(house, &place.admin, row).await else {
                panic!("not malformed");
            };
            assert_eq!(field, wanted);
        }
        assert_eq!(house.head(place.id).await, head);
    }
}
