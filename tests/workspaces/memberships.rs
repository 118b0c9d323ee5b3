//! A person's memberships, and whom to turn to in each (BLK-4, WSP-8, WSP-9).

use rollcall::members::{self, BlockMember, Contact};
use rollcall::policy::Kind;
use rollcall::primitives::actor::MemberStatus;
use rollcall::primitives::page::{PageArguments, PageRequest};
use rollcall::workspaces::{self, Membership};

use crate::on_both_databases;
use crate::support::bench::{Bench, Entered, Office, whole};
use crate::support::gate::Person;

async fn memberships(bench: &Bench, person: &Person) -> Vec<Membership> {
    let view = bench.sight(person).await;
    let page = workspaces::list_memberships::<()>(&view, &whole(Membership::ORDER)).await.expect("listed");
    let counted = workspaces::count_memberships::<()>(&view).await.expect("counted");
    assert_eq!(counted, page.rows.len() as u64);
    page.rows
}

async fn block(bench: &Bench, office: &Office, entered: &Entered) {
    let request = BlockMember { member: entered.member, category: None, note: None, review_at: None };
    members::block(&bench.gate, &office.admin.proof, request).await.expect("blocked");
}

on_both_databases! {
    async fn blk_4_a_blocked_workspace_stays_among_the_memberships_marked(bench) {
        let (first, second) = (bench.office(Kind::Team, "Ada").await, bench.office(Kind::Wallet, "Grace").await);
        let (bob, there) = bench.hire(first.workspace, "Bob", "Member", &[]).await;
        bench.clock.advance_seconds(1);
        bench.take_in(second.workspace, &bob, "Workspace reviewer", &[]).await;
        block(bench, &first, &there).await;
        let found = memberships(bench, &bob).await;
        let shown: Vec<_> =
            found.iter().map(|it| (it.workspace.id, it.status, it.role.name.as_str())).collect();
        assert_eq!(
            shown,
            [
                (first.workspace, MemberStatus::Blocked, "Member"),
                (second.workspace, MemberStatus::Active, "Workspace reviewer"),
            ]
        );
        assert_eq!(found[0].display_status(), members::DisplayStatus::Inactive);
        assert_eq!(found[0].contact, Contact { text: Some("Name of Ada@example.com".into()), email: Some("Ada@example.com".into()) });
    }

    /// REM-1, and an open invitation is none yet.
    async fn a_removed_person_and_an_invited_one_have_no_membership(bench) {
        let office = bench.office(Kind::Team, "Ada").await;
        let (bob, _) = bench.hire(office.workspace, "Bob", "Member", &[]).await;
        for state in ["REMOVED", "INVITED"] {
            let sql = "UPDATE members SET state = $2 WHERE account_id = $1";
            bench.execute(sql, vec![bob.account.id.into(), state.into()]).await;
            assert_eq!(memberships(bench, &bob).await, [], "{state}");
        }
    }

    async fn memberships_are_paged_both_ways(bench) {
        let bob = bench.human("Bob").await;
        for founder in ["Ada", "Barbara", "Carol"] {
            let office = bench.office(Kind::Team, founder).await;
            bench.clock.advance_seconds(1);
            bench.take_in(office.workspace, &bob, "Member", &[]).await;
        }
        let view = bench.sight(&bob).await;
        let names = async |arguments: PageArguments<'_>| {
            let request = PageRequest::new(&arguments, Membership::ORDER).expect("a page");
            let page = workspaces::list_memberships::<()>(&view, &request).await.expect("listed");
            let names: Vec<_> = page.rows.iter().map(|it| it.workspace.name.clone()).collect();
            (names, page.rows.last().map(|it| it.place().encode()), page.has_next, page.has_previous)
        };
        let (first, end, more, _) = names(PageArguments { first: Some(2), ..Default::default() }).await;
        assert_eq!((first.as_slice(), more), (["Ada".to_owned(), "Barbara".to_owned()].as_slice(), true));
        let rest = names(PageArguments { first: Some(2), after: end.as_deref(), ..Default::default() }).await;
        assert_eq!((rest.0, rest.2), (vec!["Carol".to_owned()], false));
        let back = names(PageArguments { last: Some(2), ..Default::default() }).await;
        assert_eq!((back.0, back.3), (vec!["Barbara".to_owned(), "Carol".to_owned()], true));
    }

    /// WSP-8: a person looks up their own memberships alone.
    async fn wsp_8_anothers_membership_is_unknown(bench) {
        let office = bench.office(Kind::Team, "Ada").await;
        let bob = bench.human("Bob").await;
        let view = bench.sight(&bob).await;
        let found = workspaces::load_many_memberships::<()>(&view, &[office.admin.member]).await.expect("read");
        assert!(found.is_empty());
    }

    async fn wsp_9_the_contact_is_what_was_set_else_the_longest_serving_active_admin(bench) {
        let office = bench.office(Kind::Team, "Ada").await;
        bench.clock.advance_seconds(1);
        let (_, bob) = bench.hire(office.workspace, "Bob", "Admin", &[]).await;
        let contact = async || {
            let found = members::find_contact(bench.database().reader(), office.workspace).await;
            found.expect("read").expect("a workspace").text
        };
        assert_eq!(contact().await.as_deref(), Some("Name of Ada@example.com"));
        let request = BlockMember { member: office.admin.member, category: None, note: None, review_at: None };
        members::block(&bench.gate, &bob.proof, request).await.expect("blocked");
        assert_eq!(contact().await.as_deref(), Some("Name of Bob@example.com"));
        let sql = "UPDATE workspaces SET contact_text = 'Ask the desk' WHERE id = $1";
        bench.execute(sql, vec![office.workspace.into()]).await;
        assert_eq!(contact().await.as_deref(), Some("Ask the desk"));
    }
}
