//! INV-13 and INV-14: how far a mail has come, and that none is lost or sent for nothing.

use rollcall::access::WorkspaceProof;
use rollcall::invitations::{MailState, load_many_open, resend, withdraw};
use rollcall::policy::Kind;
use rollcall::primitives::ids::MemberId;

use super::porch::Porch;
use super::{invite, invite_rows, row};
use crate::on_both;
use crate::support::gate::SENDING;

async fn mail_of(house: &Porch, admin: &WorkspaceProof, member: MemberId) -> MailState {
    let found = load_many_open::<rollcall::access::Never>(&house.workspace_view(admin), &[member]).await;
    found.expect("it answers")[&member].mail
}

on_both! {
    /// INV-13
    async fn an_invitation_shows_whether_its_mail_is_queued_or_handed_over(house) {
        let ada = house.person("ada@example.com").await;
        let place = house.place(&ada, Kind::Team).await;
        let sent = invite(house, &place.admin, row("joe@example.com")).await;
        assert_eq!(mail_of(house, &place.admin, sent.member.id).await, MailState::Queued);
        let head = house.head(place.id).await;
        let letters = house.letters("joe@example.com").await;
        assert_eq!(letters.len(), 1);
        assert_eq!(letters[0].subject, "Name of ada@example.com invites you to Acme");
        assert!(letters[0].body.contains("https://rollcall.example/invitations#token=rci_"), "{}", letters[0].body);
        assert!(letters[0].body.contains("2026-01-04 00:00 UTC"), "{}", letters[0].body);
        assert_eq!(mail_of(house, &place.admin, sent.member.id).await, MailState::HandedOver);
        assert_eq!(house.kinds_after(place.id, head).await, ["InvitationMailChanged"]);
        house.deliver().await;
        assert_eq!(house.letters("joe@example.com").await.len(), 1);
    }

    /// INV-13, INV-14
    async fn a_mail_that_cannot_leave_fails_nothing_and_leaves_later(house) {
        let ada = house.person("ada@example.com").await;
        let place = house.place(&ada, Kind::Team).await;
        house.execute("ALTER TABLE mailbox RENAME TO mailbox_away", vec![]).await;
        let sent = invite(house, &place.admin, row("joe@example.com")).await;
        for _ in 0..3 {
            house.deliver().await;
            assert_eq!(mail_of(house, &place.admin, sent.member.id).await, MailState::Failing);
            house.clock.advance_seconds(3600);
        }
        house.execute("ALTER TABLE mailbox_away RENAME TO mailbox", vec![]).await;
        let letters = house.letters("joe@example.com").await;
        assert_eq!(letters.len(), 1);
        assert_eq!(mail_of(house, &place.admin, sent.member.id).await, MailState::HandedOver);
        assert_eq!(house.number("SELECT COUNT(*) FROM outbox", vec![]).await, 0);
        let link = house.mailed_link("joe@example.com").await;
        rollcall::invitations::preview(&house.gate, &link).await.expect("it answers").expect("it works");
    }

    /// INV-14
    async fn the_mail_of_a_dead_invitation_is_dropped(house) {
        let ada = house.person("ada@example.com").await;
        let place = house.place(&ada, Kind::Team).await;
        let withdrawn = invite(house, &place.admin, row("joe@example.com")).await.invitation.id;
        withdraw(&house.gate, &place.admin, withdrawn).await.expect("withdrawn");
        invite(house, &place.admin, row("late@example.com")).await;
        house.clock.advance_seconds(72 * 3600);
        assert!(house.letters("joe@example.com").await.is_empty());
        assert!(house.letters("late@example.com").await.is_empty());
        assert_eq!(house.number("SELECT COUNT(*) FROM outbox", vec![]).await, 0);
        assert_eq!(house.number("SELECT COUNT(*) FROM invitation_links", vec![]).await, 0);
    }

    /// INV-14
    async fn the_mail_of_a_workspace_that_is_gone_is_not_tried_for_ever(house) {
        let ada = house.person("ada@example.com").await;
        let place = house.place(&ada, Kind::Team).await;
        invite(house, &place.admin, row("joe@example.com")).await;
        house.execute("DELETE FROM streams WHERE id = $1", vec![place.id.into()]).await;
        house.deliver().await;
        assert_eq!(house.number("SELECT COUNT(*) FROM outbox", vec![]).await, 0);
    }

    /// INV-4, INV-14
    async fn of_two_sendings_only_the_newest_mail_leaves(house) {
        let ada = house.person("ada@example.com").await;
        let place = house.place(&ada, Kind::Team).await;
        let sent = invite(house, &place.admin, row("joe@example.com")).await.invitation.id;
        resend(&house.gate, SENDING, &place.admin, sent).await.expect("resent");
        assert_eq!(house.letters("joe@example.com").await.len(), 1);
    }

    /// INV-14
    async fn several_couriers_hand_each_mail_over_once(house) {
        let ada = house.person("ada@example.com").await;
        let place = house.place(&ada, Kind::Team).await;
        let rows = (0..60).map(|at| row(&format!("p{at}@example.com"))).collect();
        invite_rows(house, &place.admin, rows).await;
        tokio::join!(house.deliver(), house.deliver(), house.deliver());
        assert_eq!(house.number("SELECT COUNT(*) FROM mailbox WHERE to_key LIKE 'p%'", vec![]).await, 60);
        assert_eq!(house.number("SELECT COUNT(*) FROM invitation_links", vec![]).await, 60);
        assert_eq!(house.number("SELECT COUNT(*) FROM outbox", vec![]).await, 0);
        let handed = "SELECT COUNT(*) FROM invitations WHERE mail_state = 'HANDED_OVER'";
        assert_eq!(house.number(handed, vec![]).await, 60);
    }
}
