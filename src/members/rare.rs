//! What a list begins with where few have what its filter asks for: a role, an asset, a block. Statistics know how many
//! have a role on the average, and SQLite's not even that; so it is looked at, as in `search`.
//!
//! Never counts further than it has to, and finds nobody twice: told to see to that, SQLite would take the index that has
//! everybody once.

use sea_orm::{ConnectionTrait, DbErr, Value};

use super::read::MemberFilter;
use super::search::FEW;
use crate::access::WorkspaceView;
use crate::platform::database::statement;
use crate::primitives::actor::MemberStatus;

/// What leads to ids by an index, and the value that stands for its `{}`; the workspace is `$1`.
type Way = (&'static str, Option<Value>);

const BLOCKED: &str =
    "SELECT x.id AS id FROM members x WHERE x.workspace_id = $1 AND x.blocked_at IS NOT NULL";
const OF_ROLE: &str = "SELECT x.id AS id FROM members x WHERE x.workspace_id = $1 AND x.role_id = {}";
const OF_ASSET: &str =
    "SELECT x.member_id AS id FROM assignments x WHERE x.workspace_id = $1 AND x.asset_id = {}";

/// The first of them that leads to few, for a statement with these values.
pub(super) async fn find(
    view: &WorkspaceView,
    filter: &MemberFilter,
    values: &mut Vec<Value>,
) -> Result<Option<String>, DbErr> {
    let ways = ways(filter);
    if ways.is_empty() {
        return Ok(None);
    }
    let mut asked: Vec<Value> = vec![view.workspace().into()];
    let counts = ways.iter().enumerate().map(|(at, way)| {
        let way = numbered(way.clone(), &mut asked);
        format!("(SELECT COUNT(*) FROM ({way} LIMIT {}) f{at}) AS n{at}", FEW + 1)
    });
    let sql = format!("SELECT {}", counts.collect::<Vec<_>>().join(", "));
    let row = view.reader().query_one_raw(statement(view.reader(), &sql, asked)).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound("counts".into()))?;
    for (at, way) in ways.into_iter().enumerate() {
        if row.try_get::<i64>("", &format!("n{at}"))? <= FEW {
            return Ok(Some(numbered(way, values)));
        }
    }
    Ok(None)
}

fn ways(filter: &MemberFilter) -> Vec<Way> {
    let blocked = filter.statuses == [MemberStatus::Blocked];
    let mut ways: Vec<Way> = Vec::new();
    ways.extend(blocked.then_some((BLOCKED, None)));
    ways.extend(filter.role.map(|role| (OF_ROLE, Some(role.into()))));
    ways.extend(filter.asset.map(|asset| (OF_ASSET, Some(asset.into()))));
    ways
}

fn numbered((sql, value): Way, values: &mut Vec<Value>) -> String {
    values.extend(value);
    sql.replace("{}", &format!("${}", values.len()))
}
