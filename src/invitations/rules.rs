//! What comes in, read: rows of a call, each either good or refused, before any database is asked.
//!
//! Never lets one bad row fail the others (INV-1).

use super::invite::{InviteMembers, InviteRow};
use super::pasted;
use super::refusal::{InviteRefusal, RowRefusal};
use crate::primitives::email::Email;
use crate::primitives::ids::{AssetId, IdError, RoleId};
use crate::primitives::name::parse_name;
use crate::primitives::time::Timestamp;

/// Most rows of one call.
pub const ROWS_MAX: usize = 100;
/// Most assets of one invitation.
pub const ASSETS_MAX: usize = 100;

/// A row that can be acted on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Row {
    pub email: Email,
    pub name: Option<String>,
    pub role: Option<RoleId>,
    pub assets: Vec<AssetId>,
    pub gives_up_kept: bool,
}

/// A row as it was given, and what it says.
pub(super) type ReadRow = (String, Result<Row, RowRefusal>);

/// What rows get that name no role of their own.
#[derive(Default)]
struct Common {
    role: Option<RoleId>,
    assets: Vec<AssetId>,
}

/// Reads a call: the rows first, then the pasted list.
pub(super) fn read(request: InviteMembers) -> Result<Vec<ReadRow>, InviteRefusal> {
    let InviteMembers { rows: mut given, list, role, assets } = request;
    let common = common(role.as_deref(), &assets)?;
    let pasted = list.as_deref().map(pasted::entries).unwrap_or_default();
    given.extend(pasted.into_iter().map(|entry| InviteRow {
        email: entry.email,
        name: entry.name,
        role: None,
        assets: Vec::new(),
        gives_up_kept: false,
    }));
    match given.len() {
        0 => Err(InviteRefusal::Empty),
        rows if rows > ROWS_MAX => Err(InviteRefusal::TooMany { rows }),
        _ => Ok(given.into_iter().map(|row| (row.email.trim().to_owned(), read_row(row, &common))).collect()),
    }
}

fn common(role: Option<&str>, assets: &[String]) -> Result<Common, InviteRefusal> {
    let malformed = |(field, message)| InviteRefusal::Malformed { field, message };
    Ok(Common { role: read_role(role).map_err(malformed)?, assets: read_assets(assets).map_err(malformed)? })
}

fn read_row(row: InviteRow, common: &Common) -> Result<Row, RowRefusal> {
    let malformed = |(field, message)| RowRefusal::Malformed { field, message };
    let email = Email::parse(&row.email).map_err(|error| malformed(("email", error.to_string())))?;
    let name = read_name(row.name.as_deref()).map_err(malformed)?;
    let role = read_role(row.role.as_deref()).map_err(malformed)?;
    let assets = read_assets(&row.assets).map_err(malformed)?;
    let bare = role.is_none() && assets.is_empty();
    let (role, assets) = if bare { (common.role, common.assets.clone()) } else { (role, assets) };
    Ok(Row { email, name, role, assets, gives_up_kept: row.gives_up_kept })
}

/// The field, and what is wrong with it.
type Malformed = (&'static str, String);

/// A blank name is none.
pub(super) fn read_name(name: Option<&str>) -> Result<Option<String>, Malformed> {
    let given = name.filter(|name| !name.trim().is_empty());
    given.map(parse_name).transpose().map_err(|error| ("name", error.to_string()))
}

pub(super) fn read_role(role: Option<&str>) -> Result<Option<RoleId>, Malformed> {
    role.map(RoleId::parse).transpose().map_err(|error| ("roleId", error.to_string()))
}

pub(super) fn read_assets(assets: &[String]) -> Result<Vec<AssetId>, Malformed> {
    if assets.len() > ASSETS_MAX {
        return Err(("assetIds", format!("too many: at most {ASSETS_MAX}")));
    }
    let read: Result<Vec<AssetId>, IdError> = assets.iter().map(|id| AssetId::parse(id)).collect();
    read.map_err(|error| ("assetIds", error.to_string()))
}

/// A time as a mail names it: to the minute, and in which zone.
pub(super) fn in_words(time: Timestamp) -> String {
    let text = time.to_rfc3339();
    let (date, clock) = text.split_once('T').unwrap_or((&text, ""));
    format!("{date} {} UTC", clock.get(..5).unwrap_or(clock))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(email: &str) -> InviteRow {
        InviteRow { email: email.into(), ..InviteRow::default() }
    }

    fn call(rows: Vec<InviteRow>, list: Option<&str>) -> InviteMembers {
        InviteMembers { rows, list: list.map(str::to_owned), role: None, assets: Vec::new() }
    }

    #[test]
    fn inv_1_rows_come_before_the_pasted_list_and_keep_their_order() {
        let read = read(call(vec![row("a@example.com"), row("b@example.com")], Some("c@example.com")))
            .expect("read");
        let emails: Vec<&str> = read.iter().map(|(email, _)| email.as_str()).collect();
        assert_eq!(emails, ["a@example.com", "b@example.com", "c@example.com"]);
    }

    #[test]
    fn inv_1_a_bad_row_is_refused_alone() {
        let read = read(call(vec![row("a@example.com"), row("no address")], None)).expect("read");
        assert!(read[0].1.is_ok());
        assert!(matches!(read[1].1, Err(RowRefusal::Malformed { field: "email", .. })));
    }

    #[test]
    fn an_empty_call_and_one_past_the_limit_are_refused() {
        assert_eq!(read(call(Vec::new(), Some(" , "))), Err(InviteRefusal::Empty));
        let many = (0..=ROWS_MAX).map(|at| row(&format!("a{at}@example.com"))).collect();
        assert_eq!(read(call(many, None)), Err(InviteRefusal::TooMany { rows: 101 }));
    }

    #[test]
    fn what_is_given_for_all_rows_goes_to_those_that_name_nothing() {
        let (common, own) = (RoleId::new(), RoleId::new());
        let request = InviteMembers {
            role: Some(common.to_string()),
            ..call(
                vec![row("a@example.com"), InviteRow { role: Some(own.to_string()), ..row("b@example.com") }],
                None,
            )
        };
        let roles: Vec<Option<RoleId>> =
            read(request).expect("read").into_iter().map(|(_, row)| row.expect("good").role).collect();
        assert_eq!(roles, [Some(common), Some(own)]);
    }
}
