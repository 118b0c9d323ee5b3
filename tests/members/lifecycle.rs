//! Section 4 of the rule book against the code: every status, operation, credential and policy.
//!
//! What is expected here is written down anew from the rule book and shares nothing with the table in `src/`.

use std::collections::BTreeMap;
use std::fmt::Write;

use rollcall::members::lifecycle::{
    Asker, Asking, BeforeInvitation, LifecyclePolicy, LifecycleRefusal, Operation, Outcome, Request,
    Standing, Underneath, available, decide, diagram, status_at,
};
use rollcall::primitives::actor::{MemberStatus, Origin};
use rollcall::primitives::time::Timestamp;

type Decision = Result<Outcome, LifecycleRefusal>;
/// A setting of the policy: its name, and how it is read.
type Setting = (&'static str, fn(&LifecyclePolicy) -> bool);

const NOW: Timestamp = Timestamp::from_micros(1_000_000_000_000);
const ADMIN_DIRECT: Asking = Asking::new(Asker::Admin, Origin::AdminDirect);
const BULK: Asking = Asking::new(Asker::Admin, Origin::Bulk);
const KEY: Asking = Asking::new(Asker::Admin, Origin::Automation);
const INVITED: Asking = Asking::new(Asker::Invited, Origin::StandardFlow);
const MEMBER: Asking = Asking::new(Asker::Member, Origin::StandardFlow);
const JOB: Asking = Asking::new(Asker::Nobody, Origin::System);
const OUTSIDER: Asking = Asking::new(Asker::Nobody, Origin::StandardFlow);
const STRICT: LifecyclePolicy = LifecyclePolicy {
    resend_valid_invitation: false,
    block_deactivated: false,
    rejoin_deactivated: false,
    change_blocked: false,
};
const LENIENT: LifecyclePolicy = LifecyclePolicy {
    resend_valid_invitation: true,
    block_deactivated: true,
    rejoin_deactivated: true,
    change_blocked: true,
};

/// The table as the rule book prints it: from, from by policy, operation, to, asked by.
const RULE_BOOK: &[(&str, &str, &str, &str, &str)] = &[
    ("NONE REMOVED", "", "INVITE", "INVITATION_SENT", "admin bulk automation"),
    ("INVITATION_SENT INVITATION_EXPIRED", "", "WITHDRAW", "before", "admin bulk automation"),
    ("INVITATION_EXPIRED", "INVITATION_SENT", "RESEND", "INVITATION_SENT", "admin bulk automation"),
    ("INVITATION_SENT INVITATION_EXPIRED", "", "UPDATE_INVITATION", "unchanged", "admin bulk automation"),
    ("INVITATION_SENT", "", "ACCEPT", "ACTIVE", "invited"),
    ("INVITATION_SENT", "", "DECLINE", "before", "invited"),
    ("ACTIVE", "DEACTIVATED", "BLOCK", "BLOCKED", "admin bulk automation"),
    ("BLOCKED", "", "UNBLOCK", "under the block", "admin"),
    ("BLOCKED", "", "SET_REVIEW", "unchanged", "admin bulk automation"),
    ("ACTIVE", "", "DEACTIVATE", "DEACTIVATED", "admin bulk automation"),
    ("DEACTIVATED", "", "REACTIVATE", "ACTIVE", "admin bulk automation"),
    ("", "DEACTIVATED", "REJOIN", "ACTIVE", "member"),
    ("ACTIVE DEACTIVATED BLOCKED", "", "REMOVE", "REMOVED", "admin bulk automation"),
    ("ACTIVE", "", "LEAVE", "REMOVED", "member"),
    ("DEACTIVATED REMOVED", "", "DELETE_FOREVER", "purged", "admin"),
    ("ACTIVE DEACTIVATED", "BLOCKED", "SET_ROLE", "unchanged", "admin bulk automation"),
    ("ACTIVE DEACTIVATED", "BLOCKED", "SET_ASSIGNMENTS", "unchanged", "admin bulk automation"),
];

/// One question to the table.
#[derive(Clone, Copy, Debug)]
struct Case {
    request: Request,
    standing: Standing,
    asking: Asking,
    policy: LifecyclePolicy,
}

impl Case {
    fn decide(&self) -> Decision {
        decide(self.request, &self.standing, self.asking, &self.policy, NOW)
    }

    fn operation(&self) -> Operation {
        self.request.operation()
    }

    fn is_blocked(&self) -> bool {
        self.standing.status == Some(MemberStatus::Blocked)
    }
}

fn standing(status: MemberStatus) -> Standing {
    Standing { status: Some(status), ..Standing::default() }
}

fn blocked(under: Underneath) -> Standing {
    Standing { under_block: Some(under), ..standing(MemberStatus::Blocked) }
}

/// Every standing that can exist, each seen from another's and from one's own side.
fn standings() -> Vec<Standing> {
    let absent = Standing::default();
    let mut all = vec![absent, Standing { removed_while_blocked: true, ..absent }];
    for status in [MemberStatus::InvitationSent, MemberStatus::InvitationExpired] {
        let fresh = standing(status);
        let again = Standing { before_invitation: BeforeInvitation::Removed, ..fresh };
        let marked = |of| Standing { removed_while_blocked: true, ..of };
        all.extend([fresh, again, marked(fresh), marked(again)]);
    }
    all.extend([MemberStatus::Active, MemberStatus::Deactivated].map(standing));
    all.extend([Underneath::Active, Underneath::Deactivated].map(blocked));
    for reinvite_allowed_at in [None, Some(NOW), Some(NOW.plus_seconds(1))] {
        for removed_while_blocked in [false, true] {
            let removed = standing(MemberStatus::Removed);
            all.push(Standing { reinvite_allowed_at, removed_while_blocked, ..removed });
        }
    }
    let own_side: Vec<Standing> = all.iter().map(|of| Standing { is_self: true, ..*of }).collect();
    all.extend(own_side);
    all
}

fn requests() -> Vec<Request> {
    let plain = Operation::ALL.iter().map(|operation| Request::Plain(*operation));
    plain.chain([Request::UnblockIntoDeactivated, Request::InviteGivingUpKept]).collect()
}

fn askings() -> Vec<Asking> {
    let of =
        |asker: &Asker| Origin::ALL.iter().map(|origin| Asking::new(*asker, *origin)).collect::<Vec<_>>();
    Asker::ALL.iter().flat_map(of).collect()
}

fn policies() -> Vec<LifecyclePolicy> {
    (0..16)
        .map(|bits| LifecyclePolicy {
            resend_valid_invitation: bits & 1 != 0,
            block_deactivated: bits & 2 != 0,
            rejoin_deactivated: bits & 4 != 0,
            change_blocked: bits & 8 != 0,
        })
        .collect()
}

fn for_every_case(check: impl Fn(&Case, &Decision)) {
    for standing in standings() {
        for policy in policies() {
            for asking in askings() {
                for request in requests() {
                    let case = Case { request, standing, asking, policy };
                    check(&case, &case.decide());
                }
            }
        }
    }
}

/// What the printed table gives: the outcome, if any of its rows fits status, policy and asker.
fn printed(case: &Case) -> Option<Outcome> {
    let operation = case.operation().as_str();
    let (from, by_policy, _, to, by) = RULE_BOOK.iter().find(|row| row.2 == operation).unwrap();
    let status = case.standing.status.map_or("NONE", MemberStatus::as_str);
    let names = |words: &str, word: &str| words.split(' ').any(|one| one == word);
    let fits = names(from, status) || (names(by_policy, status) && setting_for(case));
    (fits && askers(case).iter().any(|asker| names(by, asker))).then(|| printed_outcome(case, to))
}

fn setting_for(case: &Case) -> bool {
    match case.operation() {
        Operation::Resend => case.policy.resend_valid_invitation,
        Operation::Block => case.policy.block_deactivated,
        Operation::Rejoin => case.policy.rejoin_deactivated,
        Operation::SetRole | Operation::SetAssignments => case.policy.change_blocked,
        _ => false,
    }
}

/// The names under which the table knows this asker; an admin is a member, too.
fn askers(case: &Case) -> Vec<&'static str> {
    match (case.asking.asker, case.asking.origin) {
        (Asker::Admin, Origin::AdminDirect) if case.standing.is_self => vec!["admin", "member"],
        (Asker::Admin, Origin::StandardFlow) if case.standing.is_self => vec!["member"],
        (Asker::Admin, Origin::AdminDirect) => vec!["admin"],
        (Asker::Admin, Origin::Bulk) => vec!["bulk"],
        (Asker::Admin, Origin::Automation) => vec!["automation"],
        (Asker::Invited, Origin::StandardFlow) => vec!["invited"],
        (Asker::Member, Origin::StandardFlow | Origin::AdminDirect) => vec!["member"],
        _ => vec![],
    }
}

fn printed_outcome(case: &Case, to: &str) -> Outcome {
    match to {
        "before" => Outcome::BackToBefore(case.standing.before_invitation),
        "unchanged" => Outcome::Unchanged,
        "purged" => Outcome::Purged,
        "under the block" => {
            let rests = case.standing.under_block == Some(Underneath::Deactivated)
                || case.request == Request::UnblockIntoDeactivated;
            Outcome::Becomes(if rests { MemberStatus::Deactivated } else { MemberStatus::Active })
        }
        status => Outcome::Becomes(MemberStatus::parse(status).unwrap()),
    }
}

/// What stands in the rules beside the table: WSP-7, REM-4, BLK-8.
fn held_back(case: &Case) -> bool {
    use Operation::*;
    let Case { standing, asking, .. } = case;
    let on_oneself = matches!(
        case.operation(),
        Block | Unblock | SetReview | Deactivate | Reactivate | Remove | DeleteForever | SetRole
    );
    let waits = standing.status == Some(MemberStatus::Removed)
        && case.operation() == Invite
        && standing.reinvite_allowed_at.is_some_and(|end| NOW < end)
        && !(case.request == Request::InviteGivingUpKept && *asking == ADMIN_DIRECT);
    let marked = matches!(case.operation(), Invite | Resend | UpdateInvitation)
        && standing.removed_while_blocked
        && *asking != ADMIN_DIRECT;
    (standing.is_self && on_oneself) || waits || marked
}

/// LIF-1: the code allows what the rule book's table prints, and nothing else.
#[test]
fn what_is_allowed_is_exactly_what_the_rule_book_prints() {
    for_every_case(|case, decision| {
        let expected = printed(case).filter(|_| !held_back(case));
        assert_eq!(decision.clone().ok(), expected, "{case:?} gives {decision:?}");
    });
}

/// LIF-1: the rows above and the operations are the same set.
#[test]
fn every_operation_stands_in_the_rule_book_once() {
    let printed: Vec<&str> = RULE_BOOK.iter().map(|row| row.2).collect();
    let known: Vec<&str> = Operation::ALL.iter().map(|operation| operation.as_str()).collect();
    assert_eq!(known, printed);
}

/// BLK-7: nothing but an admin's direct unblock leads out of a block, except out of the workspace.
#[test]
fn only_an_admins_direct_unblock_leaves_a_block_into_access() {
    for_every_case(|case, decision| {
        let Ok(Outcome::Becomes(status)) = decision else { return };
        if case.is_blocked() && *status != MemberStatus::Removed {
            assert_eq!(case.operation(), Operation::Unblock, "{case:?}");
            assert_eq!(case.asking, ADMIN_DIRECT, "{case:?}");
            assert!(!case.standing.is_self, "{case:?}");
        }
    });
}

/// BLK-7: an API key, a bulk call, an invitation, a rejoin and a job are told that it takes an admin.
#[test]
fn every_way_round_a_block_is_told_that_it_takes_an_admin() {
    use Operation::*;
    let tries = [
        (BULK, vec![Unblock, Reactivate, Invite, Resend]),
        (KEY, vec![Unblock, Reactivate, Invite, Resend]),
        (JOB, vec![Unblock, Reactivate, Invite, Resend, Accept, Rejoin]),
        (ADMIN_DIRECT, vec![Invite, Resend]),
        (INVITED, vec![Accept]),
        (MEMBER, vec![Rejoin]),
    ];
    for (asking, operations) in tries {
        for operation in operations {
            for under in [Underneath::Active, Underneath::Deactivated] {
                let answer = decide(operation, &blocked(under), asking, &LENIENT, NOW);
                assert_eq!(answer, Err(LifecycleRefusal::BlockedRequiresAdmin), "{operation:?} {asking:?}");
            }
        }
    }
}

/// BLK-8: who was removed while blocked comes back by an admin's own hand alone, until active again.
#[test]
fn removing_and_inviting_again_is_no_way_round_a_block() {
    for policy in policies() {
        for asking in [BULK, KEY] {
            let mut person = blocked(Underneath::Active);
            let removal = decide(Operation::Remove, &person, asking, &policy, NOW).unwrap();
            let marked = person.marked_after(removal);
            person = Standing { removed_while_blocked: marked, ..standing(MemberStatus::Removed) };
            let expired = Standing { status: Some(MemberStatus::InvitationExpired), ..person };
            let forgotten = Standing { status: None, ..person };

            for (operation, of) in [
                (Operation::Invite, person),
                (Operation::Invite, forgotten),
                (Operation::Resend, expired),
                (Operation::UpdateInvitation, expired),
            ] {
                let refused = decide(operation, &of, asking, &policy, NOW);
                assert_eq!(refused, Err(LifecycleRefusal::BlockedRequiresAdmin));
                assert!(decide(operation, &of, ADMIN_DIRECT, &policy, NOW).is_ok());
            }
        }
    }
}

/// BLK-8: the mark is set by removing the blocked, kept by everything else, and gone with `ACTIVE`.
#[test]
fn the_mark_of_a_removed_block_stays_until_active_again() {
    for_every_case(|case, decision| {
        let Ok(outcome) = decision else { return };
        let marked = case.standing.marked_after(*outcome);
        let expected = match outcome {
            Outcome::Becomes(MemberStatus::Active) => false,
            Outcome::Becomes(MemberStatus::Removed) if case.is_blocked() => true,
            _ => case.standing.removed_while_blocked,
        };
        assert_eq!(marked, expected, "{case:?}");
    });
}

/// BLK-10: what BLK-7 and BLK-8 refuse is recorded, and only that.
#[test]
fn only_tries_against_a_block_or_its_mark_are_recorded() {
    for_every_case(|case, decision| {
        let Err(refusal) = decision else { return };
        assert_eq!(refusal.is_recorded(), *refusal == LifecycleRefusal::BlockedRequiresAdmin);
        if refusal.is_recorded() {
            assert!(case.is_blocked() || case.standing.removed_while_blocked, "{case:?}");
        }
    });
}

/// LIF-2: a refusal by status names the status and lists what the same asker may really do, all of it.
#[test]
fn the_ways_out_of_a_refusal_are_open() {
    for_every_case(|case, decision| {
        let Err(LifecycleRefusal::NotAllowedInStatus { status, allowed }) = decision else { return };
        assert_eq!(*status, case.standing.status);
        for operation in Operation::ALL {
            let request = Request::Plain(*operation);
            let open =
                printed(&Case { request, ..*case }).is_some() && !held_back(&Case { request, ..*case });
            assert_eq!(allowed.contains(operation), open, "{operation:?} for {case:?}");
        }
    });
}

/// WSP-7: admins act on themselves by leaving.
#[test]
fn admins_do_not_put_themselves_out() {
    let me = Standing { is_self: true, ..standing(MemberStatus::Active) };
    for operation in [Operation::Block, Operation::Deactivate, Operation::Remove, Operation::SetRole] {
        for asking in [ADMIN_DIRECT, BULK, KEY] {
            let answer = decide(operation, &me, asking, &LENIENT, NOW);
            assert_eq!(answer, Err(LifecycleRefusal::NotYourself), "{operation:?} {asking:?}");
        }
    }
    let left = decide(Operation::Leave, &me, ADMIN_DIRECT, &STRICT, NOW);
    assert_eq!(left, Ok(Outcome::Becomes(MemberStatus::Removed)));
}

/// REM-4: within the wait inviting is refused with the date; an admin who gives up the kept data need not wait.
#[test]
fn a_removed_person_is_invited_after_the_wait_or_without_what_was_kept() {
    let end = NOW.plus_hours(14 * 24);
    let removed = Standing { reinvite_allowed_at: Some(end), ..standing(MemberStatus::Removed) };
    let early = Err(LifecycleRefusal::ReinviteTooEarly { allowed_at: end });
    let sent = Ok(Outcome::Becomes(MemberStatus::InvitationSent));

    for asking in [ADMIN_DIRECT, BULK, KEY] {
        assert_eq!(decide(Operation::Invite, &removed, asking, &STRICT, NOW), early);
        assert_eq!(decide(Operation::Invite, &removed, asking, &STRICT, end), sent);
    }
    assert_eq!(decide(Request::InviteGivingUpKept, &removed, ADMIN_DIRECT, &STRICT, NOW), sent);
    assert_eq!(decide(Request::InviteGivingUpKept, &removed, BULK, &STRICT, NOW), early);
    assert!(Operation::Remove.starts_wait() && !Operation::Leave.starts_wait());
}

/// INV-2: an invitation is expired from the instant of its expiry; INV-6: the late acceptance is told so.
#[test]
fn a_late_acceptance_is_told_that_the_invitation_expired() {
    let expiry = Some(NOW);
    assert_eq!(status_at(MemberStatus::InvitationSent, expiry, NOW), MemberStatus::InvitationExpired);
    let before = Timestamp::from_micros(NOW.as_micros() - 1);
    assert_eq!(status_at(MemberStatus::InvitationSent, expiry, before), MemberStatus::InvitationSent);
    assert_eq!(status_at(MemberStatus::Active, expiry, NOW), MemberStatus::Active);

    for operation in [Operation::Accept, Operation::Decline] {
        let late = decide(operation, &standing(MemberStatus::InvitationExpired), INVITED, &STRICT, NOW);
        assert_eq!(late, Err(LifecycleRefusal::InvitationExpired));
    }
    let withdrawn = decide(Operation::Accept, &Standing::default(), INVITED, &STRICT, NOW);
    assert_eq!(withdrawn, Err(LifecycleRefusal::NotAllowedInStatus { status: None, allowed: vec![] }));
}

/// INV-10: inviting somebody whose invitation has expired points to resending.
#[test]
fn inviting_again_after_expiry_points_to_resending() {
    let expired = standing(MemberStatus::InvitationExpired);
    let Err(LifecycleRefusal::NotAllowedInStatus { status, allowed }) =
        decide(Operation::Invite, &expired, KEY, &STRICT, NOW)
    else {
        panic!("an open invitation is not to be doubled")
    };
    assert_eq!(status, Some(MemberStatus::InvitationExpired));
    assert!(allowed.contains(&Operation::Resend));
}

/// DEL-1: deleting for ever takes an admin's own session.
#[test]
fn a_key_or_a_bulk_call_never_deletes_for_ever() {
    let removed = standing(MemberStatus::Removed);
    for asking in [BULK, KEY] {
        let answer = decide(Operation::DeleteForever, &removed, asking, &LENIENT, NOW);
        assert_eq!(answer, Err(LifecycleRefusal::DirectAdminOnly));
    }
    assert_eq!(decide(Operation::DeleteForever, &removed, ADMIN_DIRECT, &STRICT, NOW), Ok(Outcome::Purged));
}

/// LIF-3: an admin sees every operation; others only what they may do to themselves; all as decided.
#[test]
fn others_than_admins_are_shown_only_what_concerns_themselves() {
    for standing in standings() {
        for asking in askings() {
            let shown = available(&standing, asking, &LENIENT, NOW);
            let operations: Vec<Operation> = shown.iter().map(|(operation, _)| *operation).collect();
            let expected: &[Operation] = match asking.asker {
                Asker::Admin => Operation::ALL,
                Asker::Invited => &[Operation::Accept, Operation::Decline],
                Asker::Member => &[Operation::Rejoin, Operation::Leave],
                Asker::Nobody => &[],
            };
            assert_eq!(operations, expected);
            for (operation, decision) in shown {
                assert_eq!(decision, decide(operation, &standing, asking, &LENIENT, NOW));
            }
        }
    }
}

/// WSP-8: whoever may not ask is told the same whatever the member's status.
#[test]
fn strangers_learn_nothing_from_a_refusal() {
    for_every_case(|case, decision| {
        if case.asking == OUTSIDER {
            assert_eq!(*decision, Err(LifecycleRefusal::NotPermitted), "{case:?}");
        }
    });
}

#[test]
fn a_refusal_reads_as_a_sentence_with_the_way_out() {
    let refusal =
        decide(Operation::Block, &standing(MemberStatus::Removed), ADMIN_DIRECT, &STRICT, NOW).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "not possible while the member's status is REMOVED; possible now: INVITE, DELETE_FOREVER"
    );
}

/// LIF-1: the whole matrix, for review.
#[test]
fn the_complete_matrix() {
    let mut text = String::new();
    for standing in standings() {
        writeln!(text, "== {}", heading(&standing)).unwrap();
        for request in requests() {
            writeln!(text, "{:<27}{}", request_name(request), answers(request, standing)).unwrap();
        }
        text.push('\n');
    }
    insta::assert_snapshot!(text);
}

fn heading(standing: &Standing) -> String {
    let mut text = standing.status.map_or("NONE", MemberStatus::as_str).to_owned();
    if let Some(under) = standing.under_block {
        write!(text, " over {}", under.as_str()).unwrap();
    }
    match standing.reinvite_allowed_at {
        Some(end) if end > NOW => text.push_str(", wait running"),
        Some(_) => text.push_str(", wait over"),
        None => {}
    }
    for (holds, words) in [
        (standing.before_invitation == BeforeInvitation::Removed, ", removed before"),
        (standing.removed_while_blocked, ", removed while blocked"),
        (standing.is_self, ", the asking admin"),
    ] {
        text.push_str(if holds { words } else { "" });
    }
    text
}

fn request_name(request: Request) -> &'static str {
    match request {
        Request::Plain(operation) => operation.as_str(),
        Request::UnblockIntoDeactivated => "UNBLOCK into deactivated",
        Request::InviteGivingUpKept => "INVITE giving up kept data",
    }
}

/// The askers by what they are told; whom it isn't for is left out.
fn answers(request: Request, standing: Standing) -> String {
    let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for asking in askings() {
        let answer = over_policies(request, standing, asking);
        if answer != "NotPermitted" {
            let who = format!("{}/{}", asking.asker.as_str(), asking.origin.as_str()).to_lowercase();
            told.entry(answer).or_default().push(who);
        }
    }
    let told: Vec<String> =
        told.iter().map(|(answer, who)| format!("{answer} <- {}", who.join(" "))).collect();
    if told.is_empty() { "-".to_owned() } else { told.join(" | ") }
}

/// The answer under each policy; where they differ, the one setting that makes the difference is named.
fn over_policies(request: Request, standing: Standing, asking: Asking) -> String {
    let under =
        |policy: &LifecyclePolicy| answer(&Case { request, standing, asking, policy: *policy }.decide());
    let (without, with) = (under(&STRICT), under(&LENIENT));
    let settings: [Setting; 4] = [
        ("resend_valid_invitation", |policy| policy.resend_valid_invitation),
        ("block_deactivated", |policy| policy.block_deactivated),
        ("rejoin_deactivated", |policy| policy.rejoin_deactivated),
        ("change_blocked", |policy| policy.change_blocked),
    ];
    if policies().iter().all(|policy| under(policy) == without) {
        return without;
    }
    let decides = |setting: fn(&LifecyclePolicy) -> bool| {
        policies()
            .iter()
            .all(|policy| under(policy) == if setting(policy) { with.clone() } else { without.clone() })
    };
    let name = settings.iter().find(|(_, setting)| decides(*setting)).expect("one setting decides").0;
    format!("{without}, with {name} {with}")
}

fn answer(decision: &Decision) -> String {
    match decision {
        Ok(Outcome::Becomes(status)) => status.as_str().to_owned(),
        Ok(Outcome::BackToBefore(before)) => format!("back to {}", before.as_str()),
        Ok(Outcome::Unchanged) => "unchanged".to_owned(),
        Ok(Outcome::Purged) => "purged".to_owned(),
        Err(LifecycleRefusal::NotAllowedInStatus { .. }) => "NotAllowedInStatus".to_owned(),
        Err(LifecycleRefusal::ReinviteTooEarly { .. }) => "ReinviteTooEarly".to_owned(),
        Err(refusal) => format!("{refusal:?}"),
    }
}

/// LIF-1: docs/lifecycle.md is drawn from the table.
#[test]
fn the_lifecycle_page_is_drawn_from_the_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/lifecycle.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, diagram()).unwrap();
    }
    let page = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        page == diagram(),
        "docs/lifecycle.md differs from the table; renew it with `UPDATE_DOCS=1 cargo test --test it lifecycle`"
    );
}
