//! Opaque cursors of two kinds, never mixed: places in a list and places in a stream.
//!
//! Never says what a client may see; a cursor is a place, not a permission.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

const PAGE_MARK: &str = "p1.";
const EVENT_MARK: &str = "e1.";

/// Why a text is no cursor of the wanted kind.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CursorError {
    #[error("this is a page cursor; an event cursor comes from `eventCursor`")]
    PageCursor,
    #[error("this is an event cursor; a page cursor comes from `pageInfo` or an edge")]
    EventCursor,
    #[error("not a cursor; pass one back exactly as it was received")]
    Malformed,
}

/// A place in a list: the value that the list is ordered by, and the id of the row.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct PageCursor {
    /// Which order the cursor belongs to; a cursor of another order is refused.
    pub order: String,
    pub key: Key,
    pub id: Uuid,
}

/// The value that a list is ordered by.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Key {
    Number(i64),
    Text(String),
}

/// A place in a stream, and the history that it belongs to (delivery.md, "The journal").
#[derive(Clone, Copy, Debug, Eq, PartialEq, Hash, Serialize, Deserialize)]
pub struct EventCursor {
    pub epoch: Epoch,
    pub stream: Uuid,
    pub seq: i64,
}

/// Which history a number belongs to: another one after a restored backup or a failover.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Hash, Serialize, Deserialize)]
pub struct Epoch {
    /// The installation's stored id.
    pub id: Uuid,
    /// PostgreSQL's timeline; 0 on SQLite.
    pub timeline: i64,
}

impl PageCursor {
    pub fn encode(&self) -> String {
        let json = serde_json::to_vec(self).expect("a cursor holds text and numbers alone");
        format!("{PAGE_MARK}{}", URL_SAFE_NO_PAD.encode(json))
    }

    pub fn parse(text: &str) -> Result<Self, CursorError> {
        if text.starts_with(EVENT_MARK) {
            return Err(CursorError::EventCursor);
        }
        let body = text.strip_prefix(PAGE_MARK).ok_or(CursorError::Malformed)?;
        let json = URL_SAFE_NO_PAD.decode(body).map_err(|_| CursorError::Malformed)?;
        serde_json::from_slice(&json).map_err(|_| CursorError::Malformed)
    }
}

const EVENT_CURSOR_BYTES: usize = 16 + 8 + 16 + 8;

impl EventCursor {
    pub fn encode(&self) -> String {
        let mut bytes = Vec::with_capacity(EVENT_CURSOR_BYTES);
        bytes.extend_from_slice(self.epoch.id.as_bytes());
        bytes.extend_from_slice(&self.epoch.timeline.to_be_bytes());
        bytes.extend_from_slice(self.stream.as_bytes());
        bytes.extend_from_slice(&self.seq.to_be_bytes());
        format!("{EVENT_MARK}{}", URL_SAFE_NO_PAD.encode(bytes))
    }

    pub fn parse(text: &str) -> Result<Self, CursorError> {
        if text.starts_with(PAGE_MARK) {
            return Err(CursorError::PageCursor);
        }
        let body = text.strip_prefix(EVENT_MARK).ok_or(CursorError::Malformed)?;
        let bytes = URL_SAFE_NO_PAD.decode(body).map_err(|_| CursorError::Malformed)?;
        let bytes: [u8; EVENT_CURSOR_BYTES] = bytes.try_into().map_err(|_| CursorError::Malformed)?;
        let uuid = |at: usize| Uuid::from_slice(&bytes[at..at + 16]).map_err(|_| CursorError::Malformed);
        let number = |at: usize| {
            bytes[at..at + 8].try_into().map(i64::from_be_bytes).map_err(|_| CursorError::Malformed)
        };
        let seq = number(40)?;
        if seq < 0 {
            return Err(CursorError::Malformed);
        }
        Ok(Self { epoch: Epoch { id: uuid(0)?, timeline: number(16)? }, stream: uuid(24)?, seq })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_read_back_and_are_never_mixed() {
        let id = Uuid::from_u128(7);
        let page = PageCursor { order: "NAME".into(), key: Key::Text("ada".into()), id };
        let event = EventCursor { epoch: Epoch { id, timeline: 3 }, stream: id, seq: 42 };
        assert_eq!(PageCursor::parse(&page.encode()), Ok(page.clone()));
        assert_eq!(EventCursor::parse(&event.encode()), Ok(event));
        assert_eq!(PageCursor::parse(&event.encode()), Err(CursorError::EventCursor));
        assert_eq!(EventCursor::parse(&page.encode()), Err(CursorError::PageCursor));
        assert_eq!(EventCursor::parse("x"), Err(CursorError::Malformed));
        assert_eq!(EventCursor::parse("e1.AAAA"), Err(CursorError::Malformed));
    }
}
