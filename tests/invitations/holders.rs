//! INV-10, BLK-8: whom an address leads to, after people have moved from one to another.

use rollcall::invitations::{
    AnswerRefusal, BringAssets, BrokenPromise, RowRefusal, accept_by_account, resend, withdraw,
};
use rollcall::members::{self, Member, MemberState, lifecycle::LifecycleRefusal};
use rollcall::policy::Kind;
use rollcall::primitives::actor::MemberStatus;
use rollcall::primitives::ids::AccountId;

use super::porch::{Place, Porch};
use super::{accept, invite, refusal, refused, row, row_as};
use crate::on_both;
use crate::support::gate::{Person, SENDING, email};

const OLD: &str = "joe@example.com";
const NEW: &str = "moved@example.com";

/// Joe came in by his old address.
async fn joined(house: &Porch) -> (Place, Person, Member) {
    let (ada, joe) = (house.person("ada@example.com").await, house.person(OLD).await);
    let place = house.place(&ada, Kind::Wallet).await;
    invite(house, &place.admin, row(OLD)).await;
    let joes = accept(house, OLD).await.member;
    (place, joe, joes)
}

/// He was removed, and has another address since.
async fn moved_away(house: &Porch, while_blocked: bool) -> (Place, AccountId, Member) {
    let (place, joe, joes) = joined(house).await;
    house.remove(&joes, while_blocked).await;
    house.move_account(joe.account.id, NEW).await;
    (place, joe.account.id, joes)
}

fn is_held(refusal: &RowRefusal) -> bool {
    matches!(refusal, RowRefusal::Lifecycle { refusal: LifecycleRefusal::BlockedRequiresAdmin, .. })
}

on_both! {
    /// INV-6, INV-10: the link makes the account of whoever reads the mail there by now; the one who left is as he was, and
    /// is asked back by the address that he has.
    async fn inv_6_an_address_that_was_given_up_invites_somebody_new(house) {
        let (place, _, joes) = moved_away(house, false).await;
        let sent = invite(house, &place.admin, row(OLD)).await;
        assert_ne!(sent.member.id, joes.id);
        let accepted = accept(house, OLD).await;
        assert_eq!(accepted.member.id, sent.member.id);
        assert!(accepted.newcomer.is_some());
        let left = house.member(place.id, joes.id).await.expect("there");
        assert_eq!((left.state, left.account), (MemberState::Removed, joes.account));
        assert_eq!(invite(house, &place.admin, row(NEW)).await.member.id, joes.id);
    }

    /// BLK-8, BLK-10: whoever has the address now is invited by an admin directly alone, and comes in; the attempts are on
    /// record at the one who is marked, and the mark stays his.
    async fn blk_8_the_mark_follows_an_address_that_was_given_up(house) {
        let (place, _, joes) = moved_away(house, true).await;
        let heir = house.person(OLD).await;
        let key = house.key(&place.admin).await;
        assert!(is_held(&refused(house, &key, row(OLD)).await));
        let tried = "SELECT COUNT(*) FROM refused_attempts WHERE member_id = $1";
        assert_eq!(house.number(tried, vec![joes.id.into()]).await, 1);
        let sent = invite(house, &place.admin, row(OLD)).await;
        assert_ne!(sent.member.id, joes.id);
        assert!(sent.member.removed_while_blocked);
        house.clock.advance_seconds(73 * 3600);
        let again = resend(&house.gate, SENDING, &key, sent.invitation.id).await;
        assert!(again.is_err(), "{again:?}");
        resend(&house.gate, SENDING, &place.admin, sent.invitation.id).await.expect("by an admin");
        let accepted = accept_by_account(&house.gate, &heir.proof, sent.invitation.id, BringAssets::No).await.expect("in");
        assert!(!accepted.member.removed_while_blocked);
        assert!(house.member(place.id, joes.id).await.expect("there").removed_while_blocked);
        assert!(is_held(&refused(house, &key, row(NEW)).await));
    }

    /// INV-3, BLK-8: a mark that an invitation carries for the sake of its address goes with it.
    async fn inv_3_a_withdrawn_invitation_leaves_no_mark_behind(house) {
        let (place, _, _) = moved_away(house, true).await;
        let heir = house.person(OLD).await;
        let sent = invite(house, &place.admin, row(OLD)).await;
        let heirs = accept_by_account(&house.gate, &heir.proof, sent.invitation.id, BringAssets::No).await.expect("in").member;
        house.remove(&heirs, false).await;
        let again = invite(house, &place.admin, row(OLD)).await;
        assert_eq!((again.member.id, again.member.removed_while_blocked), (heirs.id, true));
        let put_back = withdraw(&house.gate, &place.admin, again.invitation.id).await.expect("withdrawn").member;
        let put_back = put_back.expect("they were in before");
        assert_eq!((put_back.state, put_back.removed_while_blocked), (MemberState::Removed, false));
        assert!(!house.member(place.id, heirs.id).await.expect("there").removed_while_blocked);
    }

    /// INV-7: somebody who is out is not told that they are in; withdrawn and sent anew, the invitation is theirs.
    async fn inv_7_who_was_removed_is_never_told_that_they_are_a_member(house) {
        let (place, account, joes) = moved_away(house, false).await;
        let sent = invite(house, &place.admin, row(OLD)).await;
        house.move_account(account, OLD).await;
        let joe = house.again(OLD).await;
        let refused = accept_by_account(&house.gate, &joe.proof, sent.invitation.id, BringAssets::No).await;
        assert_eq!(refusal(refused), AnswerRefusal::Broken(BrokenPromise::OtherPerson));
        withdraw(&house.gate, &place.admin, sent.invitation.id).await.expect("withdrawn");
        let anew = invite(house, &place.admin, row(OLD)).await;
        let accepted = accept_by_account(&house.gate, &joe.proof, anew.invitation.id, BringAssets::No).await.expect("in");
        assert_eq!(accepted.member.id, joes.id);
    }

    /// INV-10: whom the refusal is about is whom `memberByEmail` finds.
    async fn inv_10_the_refusal_and_the_search_mean_the_same_member(house) {
        let (place, joe, joes) = joined(house).await;
        let eve = house.person("eve@example.com").await;
        invite(house, &place.admin, row("eve@example.com")).await;
        let eves = accept(house, "eve@example.com").await.member;
        house.remove(&eves, false).await;
        house.move_account(joe.account.id, NEW).await;
        house.move_account(eve.account.id, OLD).await;
        let refusal = refused(house, &place.admin, row(OLD)).await;
        let RowRefusal::Lifecycle { refusal: LifecycleRefusal::NotAllowedInStatus { status, .. }, .. } = refusal else {
            panic!("{refusal:?}")
        };
        assert_eq!(status, Some(MemberStatus::Active));
        let found = members::find_by_email(&house.workspace_view(&place.admin), email(OLD).key()).await.expect("it answers");
        assert_eq!(found.expect("somebody").id, joes.id);
    }

    /// INV-10, BLK-7, BLK-10: who has the address is answered before what would be offered, also where no role is the default.
    async fn inv_10_the_status_is_told_before_the_role_is_asked_for(house) {
        let (ada, joe) = (house.person("ada@example.com").await, house.person(OLD).await);
        let place = house.place(&ada, Kind::Merchant).await;
        let asset = house.asset(&place.admin, "shop").await;
        let sent = invite(house, &place.admin, row_as(OLD, place.role("Operator"), &[asset])).await;
        accept_by_account(&house.gate, &joe.proof, sent.invitation.id, BringAssets::No).await.expect("in");
        let refusal = refused(house, &place.admin, row(OLD)).await;
        assert!(
            matches!(&refusal, RowRefusal::Lifecycle {
                refusal: LifecycleRefusal::NotAllowedInStatus { status: Some(MemberStatus::Active), .. }, ..
            }),
            "{refusal:?}"
        );
        let sql = "UPDATE members SET blocked_at = $2 WHERE id = $1";
        house.execute(sql, vec![sent.member.id.into(), house.clock.now().into()]).await;
        let key = house.key(&place.admin).await;
        let head = house.head(place.id).await;
        assert!(is_held(&refused(house, &key, row(OLD)).await));
        assert_eq!(house.kinds_after(place.id, head).await, ["RefusedAttemptRecorded"]);
    }
}
