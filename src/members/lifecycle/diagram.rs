//! docs/lifecycle.md, drawn from the table.
//!
//! Never writes the file; a test compares it and can renew it.

use std::collections::BTreeMap;

use super::Operation;
use super::table::{By, Row, Setting, Start, TABLE, To};
use crate::primitives::actor::MemberStatus;

const HEAD: &str = "\
# The life of a member

Drawn from the table in `src/members/lifecycle/table.rs`; renew it with
`UPDATE_DOCS=1 cargo test --test it lifecycle`. The rules behind it are section 4 of the rule book.
";

const TABLE_HEAD: &str = "\
| from | operation | to | may be asked by |
| --- | --- | --- | --- |
";

const FOOT: &str = "\
`admin` is an admin's own workspace session on one member, `bulk` a call with more than one member, `automation` an
API key. Time alone turns `INVITATION_SENT` into `INVITATION_EXPIRED`. Who was removed is invited again after the wait
of the policy (REM-4); who left doesn't wait. Admins don't block, deactivate, remove or demote themselves (WSP-7).
Seats and the last admin may refuse what this table allows.
";

/// The state diagram and the table, as Markdown.
pub fn diagram() -> String {
    let lines: Vec<String> = TABLE.iter().map(table_line).collect();
    format!("{HEAD}\n```mermaid\nstateDiagram-v2\n{}```\n\n{TABLE_HEAD}{}\n{FOOT}", arrows(), lines.concat(),)
}

/// One arrow for each pair of states, with all that leads along it.
fn arrows() -> String {
    let mut arrows: BTreeMap<(Start, Start), Vec<String>> = BTreeMap::new();
    arrows.insert(
        (Some(MemberStatus::InvitationSent), Some(MemberStatus::InvitationExpired)),
        vec!["time passes".to_owned()],
    );
    for row in TABLE {
        for (from, label) in starts(row) {
            for to in targets(row.to, from) {
                arrows.entry((from, to)).or_default().push(label.clone());
            }
        }
    }
    arrows
        .iter()
        .map(|((from, to), labels)| {
            format!("    {} --> {}: {}\n", state(*from), state(*to), labels.join(", "))
        })
        .collect()
}

fn starts(row: &Row) -> Vec<(Start, String)> {
    let word = words(row.operation);
    let always = row.from.iter().map(|from| (*from, word.clone()));
    let by_policy = row.by_policy.map(|(status, _)| (Some(status), format!("{word} (policy)")));
    always.chain(by_policy).collect()
}

fn targets(to: To, from: Start) -> Vec<Start> {
    match to {
        To::Status(status) => vec![Some(status)],
        To::BeforeInvitation => vec![None, Some(MemberStatus::Removed)],
        To::UnderBlock => vec![Some(MemberStatus::Active), Some(MemberStatus::Deactivated)],
        To::Unchanged => vec![from],
        To::Purged => vec![None],
    }
}

fn state(status: Start) -> &'static str {
    status.map_or("[*]", MemberStatus::as_str)
}

fn table_line(row: &Row) -> String {
    let always = row.from.iter().map(|from| code(*from)).collect::<Vec<_>>().join(", ");
    let from = match row.by_policy {
        None => always,
        Some((status, setting)) => {
            let by_policy = format!("{} where {}", code(Some(status)), condition(setting));
            if always.is_empty() { by_policy } else { format!("{always}; {by_policy}") }
        }
    };
    format!("| {from} | {} | {} | {} |\n", words(row.operation), destination(row.to), askers(row.by))
}

fn words(operation: Operation) -> String {
    operation.as_str().to_lowercase().replace('_', " ")
}

fn code(status: Start) -> String {
    status.map_or("none".to_owned(), |status| format!("`{}`", status.as_str()))
}

fn condition(setting: Setting) -> &'static str {
    match setting {
        Setting::ResendValidInvitation => "the policy lets valid invitations be resent",
        Setting::BlockDeactivated => "the policy lets deactivated members be blocked",
        Setting::RejoinDeactivated => "the policy lets deactivated members rejoin",
        Setting::ChangeBlocked => "the policy lets blocked members be changed",
    }
}

fn destination(to: To) -> String {
    match to {
        To::Status(status) => code(Some(status)),
        To::BeforeInvitation => "what it was before: none or `REMOVED`".to_owned(),
        To::UnderBlock => {
            "what lies under the block: `ACTIVE` or `DEACTIVATED`; or `DEACTIVATED` if the admin says so"
                .to_owned()
        }
        To::Unchanged => "unchanged".to_owned(),
        To::Purged => "purged".to_owned(),
    }
}

fn askers(by: By) -> &'static str {
    match by {
        By::Admins => "admin, bulk, automation",
        By::AdminsMindingTheMark => {
            "admin, bulk, automation; who was removed while blocked: admin directly (BLK-8)"
        }
        By::AdminDirectly => "**admin directly, and nothing else**",
        By::Invited => "the invited person",
        By::Member => "the member",
    }
}
