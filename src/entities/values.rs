//! How the values of `primitives` lie in columns. The values themselves know nothing of a database.
//!
//! Never invents a value for what it can't read: an unknown word is an error. But for the cause of an end: the end holds
//! whatever a later release calls its cause.

use sea_orm::sea_query::{ArrayType, ColumnType, Nullable, ValueType, ValueTypeErr};
use sea_orm::{ColIdx, DbErr, QueryResult, TryFromU64, TryGetError, TryGetable, Value};
use uuid::Uuid;

use crate::primitives::actor::{Actor, AssetScope, EndCause, MemberStatus, Origin};
use crate::primitives::email::EmailKey;
use crate::primitives::ids::{
    AccountId, AccountSessionId, ApiKeyId, AssetId, EventId, InvitationId, LedgerEntryId, MailId, MemberId,
    NoticeId, OperationId, RoleId, WorkspaceId, WorkspaceSessionId,
};
use crate::primitives::secret::SecretHash;
use crate::primitives::time::Timestamp;

/// `$name` lies in a column as a `$stored`, by the two functions.
macro_rules! stored_as {
    ($($name:ty: $stored:ty, $to:expr, $from:expr;)*) => { $(
        impl From<$name> for Value {
            fn from(value: $name) -> Self {
                let to: fn($name) -> $stored = $to;
                to(value).into()
            }
        }

        impl TryGetable for $name {
            fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
                let from: fn($stored) -> Option<$name> = $from;
                let stored = <$stored as TryGetable>::try_get_by(row, index)?;
                from(stored).ok_or_else(|| DbErr::Type(concat!("unreadable ", stringify!($name)).into()).into())
            }
        }

        impl ValueType for $name {
            fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
                let from: fn($stored) -> Option<$name> = $from;
                from(<$stored as ValueType>::try_from(value)?).ok_or(ValueTypeErr)
            }

            fn type_name() -> String {
                stringify!($name).to_owned()
            }

            fn array_type() -> ArrayType {
                <$stored as ValueType>::array_type()
            }

            fn column_type() -> ColumnType {
                <$stored as ValueType>::column_type()
            }
        }

        impl Nullable for $name {
            fn null() -> Value {
                <$stored as Nullable>::null()
            }
        }

        // SeaORM asks this of primary keys; none of ours is a number that the database hands out.
        impl TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, DbErr> {
                Err(DbErr::ConvertFromU64(stringify!($name)))
            }
        }
    )* };
}

macro_rules! ids_stored {
    ($($name:ident),*) => { stored_as! { $($name: Uuid, |id| id.as_uuid(), |id| Some($name::from_uuid(id));)* } };
}

macro_rules! words_stored {
    ($($name:ident),*) => { stored_as! { $($name: String, |word| word.as_str().to_owned(), |word| $name::parse(&word);)* } };
}

ids_stored!(
    AccountId,
    AccountSessionId,
    ApiKeyId,
    AssetId,
    EventId,
    InvitationId,
    LedgerEntryId,
    MailId,
    MemberId,
    NoticeId,
    OperationId,
    RoleId,
    WorkspaceId,
    WorkspaceSessionId
);
words_stored!(AssetScope, MemberStatus, Origin);
stored_as! {
    EndCause: String,
        |cause| cause.as_str().to_owned(),
        |word| Some(EndCause::parse(&word).unwrap_or(EndCause::Ended));
    Timestamp: i64, |time| time.as_micros(), |micros| Some(Timestamp::from_micros(micros));
    EmailKey: String, |key| key.as_str().to_owned(), |key| Some(EmailKey::from_stored(key));
    SecretHash: Vec<u8>, |hash| hash.as_bytes().to_vec(), |bytes| Some(SecretHash::from_bytes(bytes.try_into().ok()?));
}

/// An actor as the JSON that columns named `…_by` hold.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct StoredActor(pub Actor);

stored_as! {
    StoredActor: String,
        |actor| serde_json::to_string(&actor.0).expect("an actor is plain data"),
        |text| serde_json::from_str(&text).ok().map(StoredActor);
}
