//! An asset as the other rooms see it.

use crate::primitives::cursor::{Key, PageCursor};
use crate::primitives::ids::{AssetId, MemberId};
use crate::primitives::name::name_key;
use crate::primitives::time::Timestamp;

/// Something of the host application: a mini program, a flow, a recipe, a conversation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Asset {
    pub id: AssetId,
    /// A word of the host's.
    pub kind: String,
    pub name: String,
    /// The host's own id of it, unique among those of its kind.
    pub external_id: String,
    /// None: the workspace itself holds it.
    pub owner: Option<MemberId>,
    /// It went with the person who owned it: their account holds it (REM-6).
    pub went_away: bool,
    /// Out of use since then, for good.
    pub archived_at: Option<Timestamp>,
    pub revision: i64,
    pub created_at: Timestamp,
}

impl Asset {
    /// The order that assets are listed in.
    pub const ORDER: &'static str = "ASSET_NAME";

    /// Its place in the list.
    pub fn place(&self) -> PageCursor {
        PageCursor { order: Self::ORDER.into(), key: Key::Text(name_key(&self.name)), id: self.id.as_uuid() }
    }
}
