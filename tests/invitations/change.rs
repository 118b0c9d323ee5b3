//! What admins do with an invitation: resend, withdraw, change; and what time does with it.

use rollcall::access::Failure;
use rollcall::invitations::{
    self, AnswerRefusal, BringAssets, InvitationOutcome, InvitationRefusal, InvitationStatus, InviteRow,
    PromiseRefusal, UpdateInvitation, expire_due, resend, update, withdraw,
};
use rollcall::members::lifecycle::{LifecycleRefusal, Operation};
use rollcall::platform::journal::StreamId;
use rollcall::policy::Kind;
use rollcall::primitives::actor::{MemberStatus, Origin};
use rollcall::primitives::ids::InvitationId;

use super::{accept, invite, newcomer, refusal, row, row_as};
use crate::on_both;
use crate::support::gate::SENDING;

const THREE_DAYS: i64 = 72 * 3600;

fn nothing_else(invitation: InvitationId) -> UpdateInvitation {
    UpdateInvitation { invitation, name: None, role: None, assets: None }
}

on_both! {
    /// INV-2
    async fn an_invitation_expires_after_three_days_without_any_job(house) {
        let ada = house.person("ada@example.com").await;
        let place = house.place(&ada, Kind::Team).await;
        let sent = invite(house, &place.admin, row("joe@example.com")).await;
        house.clock.advance_seconds(THREE_DAYS - 1);
        assert_eq!(sent.invitation.status(house.clock.now()), InvitationStatus::Sent);
        house.clock.advance_seconds(1);
        assert_eq!(sent.invitation.status(house.clock.now()), InvitationStatus::Expired);
        let member = house.member(place.id, sent.member.id).await.expect("there");
        assert_eq!(member.status(house.clock.now()), MemberStatus::InvitationExpired);
    }

    /// INV-2
    async fn the_job_announces_an_expiry_once_and_dates_it_at_the_expiry(house) {
        let ada = house.person("ada@example.com").await;
        let place = house.place(&ada, Kind::Team).await;
        let sent = invite(house, &place.admin, row("joe@example.com")).await;
        house.deliver().await;
        let head = house.head(place.id).await;
        house.clock.advance_seconds(THREE_DAYS + 3600);
        for _ in 0..2 {
            expire_due(&house.gate).await.expect("the job runs");
        }
        let events = house.events(StreamId::Workspace(place.id)).await;
        let new: Vec<_> = events.iter().filter(|event| event.seq > head).collect();
        assert_eq!(new.len(), 1);
        assert_eq!((new[0].kind.as_str(), new[0].origin), ("InvitationExpired", Some(Origin::System)));
        assert_eq!(new[0].occurred_at, sent.invitation.expires_at);
        assert_eq!(new[0].payload["member"]["status"], "INVITATION_EXPIRED");
    }

    /// INV-2: a workspace where it fails holds none of the others up.
    async fn the_job_goes_on_past_a_workspace_that_fails_and_tells_of_it_at_the_end(house) {
        let ada = house.person("ada@example.com").await;
        let (first, second) = (house.place(&ada, Kind::Team).await, house.place(&ada, Kind::Team).await);
        for place in [&first, &second] {
            invite(house, &place.admin, row("joe@example.com")).await;
        }
        let heads = (house.head(first.id).await, house.head(second.id).await);
        house.clock.advance_seconds(THREE_DAYS);
        // The first workspace's next number is taken: nothing can be appended there.
        let shift = "UPDATE streams SET seq = seq + $2 WHERE id = $1";
        house.execute(shift, vec![first.id.into(), (-1_i64).into()]).await;
        expire_due(&house.gate).await.expect_err("told");
        assert!(house.kinds_after(first.id, heads.0).await.is_empty());
        assert_eq!(house.kinds_after(second.id, heads.1).await, ["InvitationExpired"]);
        house.execute(shift, vec![first.id.into(), 1_i64.into()]).await;
        expire_due(&house.gate).await.expect("the job runs");
        assert_eq!(house.kinds_after(first.id, heads.0).await, ["InvitationExpired"]);
    }

    /// INV-2
    async fn a_transaction_that_touches_an_expired_invitation_announces_the_expiry_first(house) {
        let ada = house.person("ada@example.com").await;
        let place = house.place(&ada, Kind::Wallet).await;
        let sent = invite(house, &place.admin, row("joe@example.com")).await;
        let head = house.head(place.id).await;
        house.clock.advance_seconds(THREE_DAYS + 3600);
        resend(&house.gate, SENDING, &place.admin, sent.invitation.id).await.expect("resent");
        assert_eq!(house.kinds_after(place.id, head).await, ["InvitationExpired", "InvitationResent"]);
        expire_due(&house.gate).await.expect("the job runs");
        assert_eq!(house.kinds_after(place.id, head).await.len(), 2);
        let events = house.events(StreamId::Workspace(place.id)).await;
        let times: Vec<_> = events.iter().rev().take(2).map(|event| event.occurred_at).collect();
        assert_eq!(times, [house.clock.now(), sent.invitation.expires_at]);
    }

    /// INV-3
    async fn withdrawing_leaves_nothing_of_who_was_nothing_before(house) {
        let ada = house.person("ada@example.com").await;
        let place = house.place(&ada, Kind::Team).await;
        let sent = invite(house, &place.admin, row("joe@example.com")).await;
        let link = house.mailed_link("joe@example.com").await;
        let withdrawn = withdraw(&house.gate, &place.admin, sent.invitation.id).await.expect("withdrawn");
        assert!(withdrawn.member.is_none());
        assert!(house.member(place.id, sent.member.id).await.is_none());
        let late = invitations::accept_by_link(&house.gate, &house.entrance, &link, newcomer("Joe"), BringAssets::No).await;
        assert_eq!(refusal(late), AnswerRefusal::Ended(InvitationOutcome::Withdrawn));
        // They can be invited anew; the dead link stays dead.
        invite(house, &place.admin, row("joe@example.com")).await;
        let late = invitations::accept_by_link(&house.gate, &house.entrance, &link, newcomer("Joe"), BringAssets::No).await;
        assert_eq!(refusal(late), AnswerRefusal::Ended(InvitationOutcome::Withdrawn));
    }

    /// INV-3
    async fn withdrawing_gives_back_what_a_removed_person_was(house) {
        let ada = house.person("ada@example.com").await;
        let place = house.place(&ada, Kind::Wallet).await;
        invite(house, &place.admin, row("joe@example.com")).await;
        let joined = accept(house, "joe@example.com").await.member;
        house.remove(&joined, true).await;
        let before = house.member(place.id, joined.id).await.expect("there");
        let row = InviteRow {
            name: Some("Josephine".into()),
            ..row_as("JOE@example.com", place.role("Workspace reviewer"), &[])
        };
        let again = invite(house, &place.admin, row).await;
        assert_eq!((again.member.id, again.member.name.as_str()), (joined.id, "Josephine"));
        house.clock.advance_seconds(THREE_DAYS);
        withdraw(&house.gate, &place.admin, again.invitation.id).await.expect("withdrawn, though expired");
        let after = house.member(place.id, joined.id).await.expect("still there");
        assert_eq!(after.status(house.clock.now()), MemberStatus::Removed);
        let kept = |member: &rollcall::members::Member| {
            (member.name.clone(), member.email.clone(), member.role.id, member.removed_at,
                member.reinvite_allowed_at, member.removed_while_blocked)
        };
        assert_eq!(kept(&after), kept(&before));
    }

    /// INV-4
    async fn resending_an_expired_one_makes_a_new_link_and_kills_the_old(house) {
        let ada = house.person("ada@example.com").await;
        let place = house.place(&ada, Kind::Wallet).await;
        let sent = invite(house, &place.admin, row("joe@example.com")).await;
        let old = house.mailed_link("joe@example.com").await;
        house.clock.advance_seconds(THREE_DAYS + 1);
        let resent = resend(&house.gate, SENDING, &place.admin, sent.invitation.id).await.expect("resent");
        assert_eq!(resent.invitation.expires_at, house.clock.now().plus_seconds(THREE_DAYS));
        assert_eq!(resent.member.expect("there").status(house.clock.now()), MemberStatus::InvitationSent);
        let new = house.mailed_link("joe@example.com").await;
        let late = invitations::accept_by_link(&house.gate, &house.entrance, &old, newcomer("Joe"), BringAssets::No).await;
        assert_eq!(refusal(late), AnswerRefusal::Superseded);
        invitations::accept_by_link(&house.gate, &house.entrance, &new, newcomer("Joe"), BringAssets::No).await.expect("accepted");
    }

    /// INV-4
    async fn a_valid_one_is_resent_where_the_policy_says_so(house) {
        let ada = house.person("ada@example.com").await;
        let (team, wallet) = (house.place(&ada, Kind::Team).await, house.place(&ada, Kind::Wallet).await);
        let sent = invite(house, &team.admin, row("joe@example.com")).await;
        resend(&house.gate, SENDING, &team.admin, sent.invitation.id).await.expect("resent");
        let sent = invite(house, &wallet.admin, row("joe@example.com")).await;
        let refused = refusal(resend(&house.gate, SENDING, &wallet.admin, sent.invitation.id).await);
        let InvitationRefusal::Lifecycle { refusal: LifecycleRefusal::NotAllowedInStatus { status, .. }, .. } = refused
        else { panic!("{refused:?}") };
        assert_eq!(status, Some(MemberStatus::InvitationSent));
    }

    /// INV-11
    async fn name_role_and_assets_of_an_open_invitation_can_be_changed(house) {
        let ada = house.person("ada@example.com").await;
        let place = house.place(&ada, Kind::Wallet).await;
        let (shop, bank) = (house.asset(&place.admin, "shop").await, house.asset(&place.admin, "bank").await);
        let developer = place.role("Workspace developer");
        let sent = invite(house, &place.admin, row_as("joe@example.com", developer, &[shop])).await;
        let link = house.mailed_link("joe@example.com").await;
        let id = sent.invitation.id;

        let request = UpdateInvitation { assets: Some(vec![bank.to_string()]), name: Some("Joe D".into()), ..nothing_else(id) };
        let changed = update(&house.gate, &place.admin, request).await.expect("changed");
        assert_eq!((changed.invitation.assets, changed.invitation.role), (vec![bank], developer));
        assert_eq!(changed.member.expect("there").name, "Joe D");

        let request = UpdateInvitation { assets: Some(Vec::new()), ..nothing_else(id) };
        let refused = refusal(update(&house.gate, &place.admin, request).await);
        assert_eq!(refused, InvitationRefusal::Promise(PromiseRefusal::AssetsRequired));

        // Moving to a role for all assets drops them.
        let request = UpdateInvitation { role: Some(place.role("Workspace reviewer").to_string()), ..nothing_else(id) };
        let changed = update(&house.gate, &place.admin, request).await.expect("changed");
        assert!(changed.invitation.assets.is_empty());
        assert!(changed.invitation.revision > sent.invitation.revision);

        // The link that is out stays as it is, and gives what is promised now.
        let joined = invitations::accept_by_link(&house.gate, &house.entrance, &link, newcomer("Joe"), BringAssets::No).await.expect("accepted");
        assert_eq!(joined.member.role.name, "Workspace reviewer");
    }

    /// API-3
    async fn a_key_never_changes_or_resends_into_the_admin_role(house) {
        let ada = house.person("ada@example.com").await;
        let place = house.place(&ada, Kind::Team).await;
        let key = house.key(&place.admin).await;
        let plain = invite(house, &place.admin, row("joe@example.com")).await.invitation.id;
        let admin = invite(house, &place.admin, row_as("ann@example.com", place.role("Admin"), &[])).await.invitation.id;
        let request = UpdateInvitation { role: Some(place.role("Admin").to_string()), ..nothing_else(plain) };
        let by_key = InvitationRefusal::Promise(PromiseRefusal::AdminRoleByKey);
        assert_eq!(refusal(update(&house.gate, &key, request).await), by_key);
        assert_eq!(refusal(resend(&house.gate, SENDING, &key, admin).await), by_key);
        assert_eq!(refusal(update(&house.gate, &key, nothing_else(admin)).await), by_key);
        resend(&house.gate, SENDING, &key, plain).await.expect("resent");
    }

    /// BLK-8, BLK-10
    async fn the_invitation_of_who_was_removed_while_blocked_is_resent_and_taken_over_directly_alone(house) {
        let (ada, eve) = (house.person("ada@example.com").await, house.person("eve@example.com").await);
        let place = house.place(&ada, Kind::Team).await;
        invite(house, &place.admin, row_as("eve@example.com", place.role("Admin"), &[])).await;
        accept(house, "eve@example.com").await;
        let eves = house.go_in(&eve, place.id).await;
        invite(house, &place.admin, row("joe@example.com")).await;
        let joe = accept(house, "joe@example.com").await.member;
        house.remove(&joe, true).await;
        let sent = invite(house, &place.admin, row("joe@example.com")).await.invitation.id;

        let key = house.key(&eves).await;
        let marked = |refused: InvitationRefusal| matches!(
            refused,
            InvitationRefusal::Lifecycle { refusal: LifecycleRefusal::BlockedRequiresAdmin, .. }
        );
        let head = house.head(place.id).await;
        assert!(marked(refusal(resend(&house.gate, SENDING, &key, sent).await)));
        assert!(marked(refusal(update(&house.gate, &key, nothing_else(sent)).await)));
        assert_eq!(house.kinds_after(place.id, head).await, ["RefusedAttemptRecorded"]);
        let taken = update(&house.gate, &eves, nothing_else(sent)).await.expect("taken over by hand");
        assert_eq!(taken.invitation.inviter, eves.member);
        resend(&house.gate, SENDING, &place.admin, sent).await.expect("resent by hand");
    }

    /// LIF-2, INV-6
    async fn a_change_that_comes_too_late_is_told_what_the_invitation_came_to(house) {
        let ada = house.person("ada@example.com").await;
        let place = house.place(&ada, Kind::Team).await;
        let sent = invite(house, &place.admin, row("joe@example.com")).await;
        let id = sent.invitation.id;
        accept(house, "joe@example.com").await;
        let too_late = |refused: InvitationRefusal| {
            let InvitationRefusal::Ended { outcome, status, allowed } = refused else { panic!("{refused:?}") };
            assert_eq!((outcome, status), (InvitationOutcome::Accepted, Some(MemberStatus::Active)));
            assert!(allowed.contains(&Operation::Remove) && !allowed.contains(&Operation::Resend), "{allowed:?}");
        };
        let head = house.head(place.id).await;
        too_late(refusal(withdraw(&house.gate, &place.admin, id).await));
        too_late(refusal(resend(&house.gate, SENDING, &place.admin, id).await));
        too_late(refusal(update(&house.gate, &place.admin, nothing_else(id)).await));
        assert_eq!(house.head(place.id).await, head);
    }

    /// WSP-8
    async fn the_invitation_of_another_workspace_answers_as_unknown(house) {
        let ada = house.person("ada@example.com").await;
        let (place, other) = (house.place(&ada, Kind::Team).await, house.place(&ada, Kind::Team).await);
        let sent = invite(house, &other.admin, row("joe@example.com")).await;
        for id in [sent.invitation.id, InvitationId::new()] {
            let unknown = |failure: Failure<InvitationRefusal>| {
                assert!(matches!(failure, Failure::NotFound { field: "input.invitationId" }), "{failure:?}");
            };
            unknown(withdraw(&house.gate, &place.admin, id).await.unwrap_err());
            unknown(resend(&house.gate, SENDING, &place.admin, id).await.unwrap_err());
            unknown(update(&house.gate, &place.admin, nothing_else(id)).await.unwrap_err());
        }
    }

    /// WSP-3
    async fn who_is_no_admin_may_do_none_of_it(house) {
        let (ada, bob) = (house.person("ada@example.com").await, house.person("bob@example.com").await);
        let place = house.place(&ada, Kind::Team).await;
        invite(house, &place.admin, row("bob@example.com")).await;
        accept(house, "bob@example.com").await;
        let bobs = house.go_in(&bob, place.id).await;
        let sent = invite(house, &place.admin, row("joe@example.com")).await.invitation.id;
        let request = invitations::InviteMembers { rows: vec![row("x@example.com")], ..Default::default() };
        let invited = invitations::invite_members(&house.gate, SENDING, &bobs, request).await;
        assert!(matches!(invited, Err(Failure::Forbidden)));
        assert!(matches!(withdraw(&house.gate, &bobs, sent).await, Err(Failure::Forbidden)));
        assert!(matches!(resend(&house.gate, SENDING, &bobs, sent).await, Err(Failure::Forbidden)));
        assert!(matches!(update(&house.gate, &bobs, nothing_else(sent)).await, Err(Failure::Forbidden)));
        let seen = invitations::load_many_open::<rollcall::access::Never>(&house.workspace_view(&bobs), &[]).await;
        assert!(matches!(seen, Err(Failure::Forbidden)));
    }
}
