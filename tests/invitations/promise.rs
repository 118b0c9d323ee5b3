//! INV-7: what was promised is checked again at acceptance.

use rollcall::invitations::{
    AnswerRefusal, BringAssets, BrokenPromise, InvitationRefusal, PromiseRefusal, UpdateInvitation,
    accept_by_account, accept_by_link, resend, update, withdraw,
};
use rollcall::platform::journal::StreamId;
use rollcall::policy::Kind;
use rollcall::primitives::ids::InvitationId;

use super::{accept, invite, newcomer, refusal, row, row_as};
use crate::on_both;
use crate::support::gate::SENDING;

fn take_over(invitation: InvitationId) -> UpdateInvitation {
    UpdateInvitation { invitation, name: None, role: None, assets: None }
}

on_both! {
    /// INV-7
    async fn an_inviter_who_is_no_admin_any_more_is_answered_for_by_whoever_takes_over(house) {
        let (ada, eve) = (house.person("ada@example.com").await, house.person("eve@example.com").await);
        let place = house.place(&ada, Kind::Team).await;
        invite(house, &place.admin, row_as("eve@example.com", place.role("Admin"), &[])).await;
        let eves = accept(house, "eve@example.com").await.member;
        let eve_in = house.go_in(&eve, place.id).await;
        let sent = invite(house, &eve_in, row("joe@example.com")).await.invitation;
        let link = house.mailed_link("joe@example.com").await;
        let sql = "UPDATE members SET blocked_at = $2 WHERE id = $1";
        house.execute(sql, vec![eves.id.into(), house.clock.now().into()]).await;

        let head = house.head(place.id).await;
        for _ in 0..3 {
            let refused = accept_by_link(&house.gate, &house.entrance, &link, newcomer("Joe"), BringAssets::No).await;
            assert_eq!(refusal(refused), AnswerRefusal::Broken(BrokenPromise::InviterNotAdmin));
        }
        // The admins are told, once.
        assert_eq!(house.kinds_after(place.id, head).await, ["InvitationAcceptanceRefused"]);
        let told = house.events(StreamId::Workspace(place.id)).await.pop().expect("told");
        assert_eq!(told.payload["reason"], "INVITER_NOT_ADMIN");
        assert_eq!(house.number("SELECT COUNT(*) FROM accounts", vec![]).await, 2);

        let taken = update(&house.gate, &place.admin, take_over(sent.id)).await.expect("taken over");
        assert_eq!(taken.invitation.inviter, place.admin.member);
        accept_by_link(&house.gate, &house.entrance, &link, newcomer("Joe"), BringAssets::No).await.expect("accepted");
    }

    /// INV-7
    async fn an_asset_that_is_gone_is_never_left_out_silently(house) {
        let ada = house.person("ada@example.com").await;
        let place = house.place(&ada, Kind::Wallet).await;
        let (shop, bank) = (house.asset(&place.admin, "shop").await, house.asset(&place.admin, "bank").await);
        let developer = place.role("Workspace developer");
        let sent = invite(house, &place.admin, row_as("joe@example.com", developer, &[shop, bank])).await.invitation;
        let link = house.mailed_link("joe@example.com").await;
        house.execute("DELETE FROM assets WHERE id = $1", vec![bank.into()]).await;
        let refused = accept_by_link(&house.gate, &house.entrance, &link, newcomer("Joe"), BringAssets::No).await;
        assert_eq!(refusal(refused), AnswerRefusal::Broken(BrokenPromise::AssetGone));
        // Taking it over as it stands, or sending it again, would promise what isn't there.
        let gone = InvitationRefusal::Promise(PromiseRefusal::AssetsUnknown { assets: vec![bank] });
        assert_eq!(refusal(update(&house.gate, &place.admin, take_over(sent.id)).await), gone);
        house.clock.advance_seconds(72 * 3600);
        assert_eq!(refusal(resend(&house.gate, SENDING, &place.admin, sent.id).await), gone);
        let request = UpdateInvitation { assets: Some(vec![shop.to_string()]), ..take_over(sent.id) };
        update(&house.gate, &place.admin, request).await.expect("changed");
        resend(&house.gate, SENDING, &place.admin, sent.id).await.expect("resent");
        accept(house, "joe@example.com").await;
    }

    /// INV-7
    async fn an_account_that_is_a_member_already_is_refused_and_the_admins_are_told(house) {
        let (ada, joe) = (house.person("ada@example.com").await, house.person("joe@example.com").await);
        let place = house.place(&ada, Kind::Team).await;
        invite(house, &place.admin, row("joe@example.com")).await;
        accept(house, "joe@example.com").await;
        let sent = invite(house, &place.admin, row("other@example.com")).await.invitation;
        // The person moves their account to the other address.
        house.move_account(joe.account.id, "other@example.com").await;
        let refused = accept_by_account(&house.gate, &joe.proof, sent.id, BringAssets::No).await;
        assert_eq!(refusal(refused), AnswerRefusal::Broken(BrokenPromise::AlreadyMember));
        let told = house.events(StreamId::Workspace(place.id)).await.pop().expect("told");
        assert_eq!((told.kind.as_str(), &told.payload["reason"]),
            ("InvitationAcceptanceRefused", &serde_json::json!("ALREADY_MEMBER")));
    }

    /// INV-7: also where the address has become somebody else's after the invitation was sent; sent anew, it is theirs.
    async fn an_address_that_changed_hands_does_not_open_another_persons_membership(house) {
        let (ada, joe) = (house.person("ada@example.com").await, house.person("joe@example.com").await);
        let place = house.place(&ada, Kind::Wallet).await;
        invite(house, &place.admin, row("joe@example.com")).await;
        let joes = accept(house, "joe@example.com").await.member;
        house.remove(&joes, false).await;
        let sent = invite(house, &place.admin, row("joe@example.com")).await;
        assert_eq!(sent.member.id, joes.id);
        house.move_account(joe.account.id, "moved@example.com").await;
        let heir = house.person("joe@example.com").await;
        let refused = accept_by_account(&house.gate, &heir.proof, sent.invitation.id, BringAssets::No).await;
        assert_eq!(refusal(refused), AnswerRefusal::Broken(BrokenPromise::OtherPerson));
        withdraw(&house.gate, &place.admin, sent.invitation.id).await.expect("withdrawn");
        let anew = invite(house, &place.admin, row("joe@example.com")).await;
        let accepted = accept_by_account(&house.gate, &heir.proof, anew.invitation.id, BringAssets::No).await;
        assert_ne!(accepted.expect("in").member.id, joes.id);
    }

    /// INV-10: whoever has the address by now is invited as themselves.
    async fn an_address_that_changed_hands_invites_whoever_has_it(house) {
        let (ada, joe) = (house.person("ada@example.com").await, house.person("joe@example.com").await);
        let place = house.place(&ada, Kind::Wallet).await;
        invite(house, &place.admin, row("joe@example.com")).await;
        let joes = accept(house, "joe@example.com").await.member;
        house.remove(&joes, false).await;
        house.move_account(joe.account.id, "moved@example.com").await;
        let heir = house.person("joe@example.com").await;
        let sent = invite(house, &place.admin, row("joe@example.com")).await;
        assert_ne!(sent.member.id, joes.id);
        let accepted = accept_by_account(&house.gate, &heir.proof, sent.invitation.id, BringAssets::No).await.expect("in");
        assert_eq!(accepted.member.id, sent.member.id);
    }
}
