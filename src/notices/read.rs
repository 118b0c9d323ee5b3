//! What may be asked about notices: one's own.

use super::{Notice, store};
use crate::access::{AccountView, Failure};
use crate::primitives::ids::NoticeId;
use crate::primitives::page::{Page, PageRequest};

/// One's own notices, the newest first.
pub async fn list<R>(view: &AccountView, request: &PageRequest) -> Result<Page<Notice>, Failure<R>> {
    Ok(request.page(store::list(view.reader(), view.account(), request).await?))
}

/// How many there are.
pub async fn count<R>(view: &AccountView) -> Result<u64, Failure<R>> {
    Ok(store::count(view.reader(), view.account()).await?)
}

/// One's own notices by id; others are not in the answer.
pub async fn load_many<R>(view: &AccountView, ids: &[NoticeId]) -> Result<Vec<Notice>, Failure<R>> {
    Ok(store::find_many(view.reader(), view.account(), ids).await?)
}
