//! How times, ids and places in a stream look on the wire.
//!
//! Never lets a value in that isn't what its type says; the error names the field.

use async_graphql::{ID, InputValueError, InputValueResult, Scalar, ScalarType, Value};

use super::errors::TopLevelError;
use crate::primitives::cursor;
use crate::primitives::ids::IdError;
use crate::primitives::time::Timestamp;

/// A point in time, RFC 3339 in UTC: `2026-02-28T21:59:59.500000Z`. Other offsets are understood in input.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DateTime(pub Timestamp);

/// A point in time, RFC 3339 in UTC: `2026-02-28T21:59:59.500000Z`. Other offsets are understood in input.
#[Scalar(name = "DateTime", specified_by_url = "https://scalars.graphql.org/andimarek/date-time.html")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else { return Err(InputValueError::expected_type(value)) };
        let time = Timestamp::parse_rfc3339(text);
        time.map(Self).ok_or_else(|| InputValueError::custom("write a time like 2026-02-28T21:59:59Z"))
    }

    fn to_value(&self) -> Value {
        self.0.to_rfc3339().into()
    }
}

impl From<Timestamp> for DateTime {
    fn from(time: Timestamp) -> Self {
        Self(time)
    }
}

/// A place in a stream of events: what was seen up to now. Pass it back exactly as it was received; it is no page
/// cursor.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct EventCursor(pub cursor::EventCursor);

/// A place in a stream of events: what was seen up to now. Pass it back exactly as it was received; it is no page
/// cursor.
#[Scalar(name = "EventCursor")]
impl ScalarType for EventCursor {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else { return Err(InputValueError::expected_type(value)) };
        cursor::EventCursor::parse(text).map(Self).map_err(InputValueError::custom)
    }

    fn to_value(&self) -> Value {
        self.0.encode().into()
    }
}

impl From<cursor::EventCursor> for EventCursor {
    fn from(cursor: cursor::EventCursor) -> Self {
        Self(cursor)
    }
}

/// An amount of money in whole minor units of its currency (cents for EUR), from 0 to 9007199254740991: what every
/// client's numbers hold exactly. `Int` would end at some 21 million euros.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct MinorUnits(i64);

/// 2^53 - 1: beyond it a number of JavaScript's may be another than the one that was written.
pub const MINOR_UNITS_MAX: i64 = (1 << 53) - 1;

impl MinorUnits {
    /// None where a client couldn't read it.
    pub fn new(amount: i64) -> Option<Self> {
        (0..=MINOR_UNITS_MAX).contains(&amount).then_some(Self(amount))
    }

    pub const fn get(self) -> i64 {
        self.0
    }
}

/// An amount of money in whole minor units of its currency (cents for EUR), from 0 to 9007199254740991: what every
/// client's numbers hold exactly. `Int` would end at some 21 million euros.
#[Scalar(name = "MinorUnits")]
impl ScalarType for MinorUnits {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::Number(number) = &value else { return Err(InputValueError::expected_type(value)) };
        let message = format!("write a whole number of minor units, from 0 to {MINOR_UNITS_MAX}");
        number.as_i64().and_then(Self::new).ok_or_else(|| InputValueError::custom(message))
    }

    fn to_value(&self) -> Value {
        self.0.into()
    }
}

/// Reads an id of one kind: `parse_id("memberId", &input.member_id, MemberId::parse)`. `field` is the path into the
/// arguments, its parts separated by points.
pub fn parse_id<T>(field: &str, id: &ID, parse: fn(&str) -> Result<T, IdError>) -> Result<T, TopLevelError> {
    parse(id).map_err(|error| TopLevelError::bad_input(field, &error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::primitives::cursor::{Epoch, Key, PageCursor};
    use crate::primitives::ids::{MemberId, RoleId};

    #[test]
    fn times_are_read_with_any_offset_and_written_with_z() {
        let time = DateTime::parse("2026-02-28T23:59:59.5+02:00".into()).expect("a time");
        assert_eq!(time.to_value(), Value::from("2026-02-28T21:59:59.500000Z"));
        assert!(DateTime::parse("yesterday".into()).is_err());
        assert!(DateTime::parse(5.into()).is_err());
    }

    /// SEAT-1: sums pass 2^31 - 1, and none passes what a client can read.
    #[test]
    fn minor_units_are_whole_and_end_where_clients_numbers_do() {
        for amount in [0, 3_000_000_000, MINOR_UNITS_MAX] {
            let units = MinorUnits::parse(amount.into()).expect("an amount");
            assert_eq!((units.get(), units.to_value()), (amount, amount.into()));
        }
        for wrong in [Value::from(-1), (MINOR_UNITS_MAX + 1).into(), 1.5.into(), "100".into()] {
            assert!(MinorUnits::parse(wrong.clone()).is_err(), "{wrong}");
        }
        assert_eq!(MinorUnits::new(MINOR_UNITS_MAX + 1), None);
    }

    #[test]
    fn a_page_cursor_is_no_event_cursor() {
        let id = uuid::Uuid::from_u128(1);
        let event = cursor::EventCursor { epoch: Epoch { id, timeline: 1 }, stream: id, seq: 1 };
        assert_eq!(
            EventCursor::parse(EventCursor(event).to_value()).expect("its own form"),
            EventCursor(event)
        );
        let page = PageCursor { order: "NAME".into(), key: Key::Number(1), id };
        let refused = EventCursor::parse(page.encode().into()).expect_err("another kind");
        assert!(refused.into_server_error(async_graphql::Pos::default()).message.contains("page cursor"));
    }

    #[test]
    fn an_id_of_another_kind_is_refused_with_the_fields_name() {
        let member = MemberId::new();
        assert_eq!(parse_id("memberId", &ID(member.to_string()), MemberId::parse).ok(), Some(member));
        let role = ID(RoleId::new().to_string());
        let error = parse_id("input.memberId", &role, MemberId::parse).expect_err("a role");
        let message = async_graphql::Error::from(error).message;
        assert!(message.starts_with("input.memberId: this is the id of a role"), "{message}");
    }
}
