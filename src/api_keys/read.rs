//! What may be asked about keys: by admins, in a session of their own (API-1, API-3).

use std::collections::HashMap;

use super::{ApiKey, store};
use crate::access::{Failure, WorkspaceView};
use crate::platform::database::{Database, DatabaseError};
use crate::primitives::ids::{ApiKeyId, MemberId};
use crate::primitives::page::{Page, PageRequest};
use crate::primitives::rights::Permission;

/// How many keys are shown of one maker.
const OF_MAKER_SHOWN: u64 = 50;

/// The workspace's keys, the newest first, revoked ones too.
pub async fn list<R>(view: &WorkspaceView, request: &PageRequest) -> Result<Page<ApiKey>, Failure<R>> {
    view.require(Permission::ManageApiKeys)?;
    Ok(request.page(store::list(view.reader(), view.workspace(), request).await?))
}

/// How many keys the list holds.
pub async fn count<R>(view: &WorkspaceView) -> Result<u64, Failure<R>> {
    view.require(Permission::ManageApiKeys)?;
    Ok(store::count(view.reader(), view.workspace()).await?)
}

/// How many keys of all workspaces were never revoked: for the operator.
pub async fn count_unrevoked(database: &Database) -> Result<u64, DatabaseError> {
    store::count_unrevoked(database.reader()).await
}

/// Keys by id, in one statement; those that are not of this workspace are not in the answer.
pub async fn load_many_api_keys<R>(
    view: &WorkspaceView,
    keys: &[ApiKeyId],
) -> Result<HashMap<ApiKeyId, ApiKey>, Failure<R>> {
    view.require(Permission::ManageApiKeys)?;
    let found = store::find_many(view.reader(), view.workspace(), keys).await?;
    Ok(found.into_iter().map(|key| (key.id, key)).collect())
}

/// The keys of a member that work, or would but for where their maker stands, the oldest first, as many as are shown.
pub async fn list_of_maker<R>(view: &WorkspaceView, maker: MemberId) -> Result<Vec<ApiKey>, Failure<R>> {
    view.require(Permission::ManageApiKeys)?;
    Ok(store::list_of_maker(view.reader(), view.workspace(), maker, OF_MAKER_SHOWN).await?)
}
