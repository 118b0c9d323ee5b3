//! Which entries an export is for: the filters of `workspace.events` as parameters of the URL, and where to go on.
//!
//! Never passes over a parameter that it doesn't know: a filter with a typing error would export everything.

use axum::extract::Query;
use axum::http::Uri;

use super::super::refusal::HttpRefusal;
use crate::audit::{ExportRequest, Since};
use crate::graphql::audit::{actor_id, check_types};
use crate::graphql::errors::TopLevelError;
use crate::platform::journal::EventFilter;
use crate::primitives::actor::Origin;
use crate::primitives::cursor::EventCursor;
use crate::primitives::ids::MemberId;
use crate::primitives::time::Timestamp;

pub(super) fn read(uri: &Uri) -> Result<ExportRequest, HttpRefusal> {
    let Query(parameters) = Query::<Vec<(String, String)>>::try_from_uri(uri)
        .map_err(|error| HttpRefusal::malformed(format!("the URL can't be read: {error}")))?;
    let mut request = ExportRequest { filter: EventFilter::default(), since: Since::Beginning, up_to: None };
    for (name, value) in parameters {
        take(&mut request, &name, value)?;
    }
    check_types("type", &request.filter.kinds)?;
    Ok(request)
}

fn take(request: &mut ExportRequest, name: &str, value: String) -> Result<(), TopLevelError> {
    let filter = &mut request.filter;
    match name {
        "type" => filter.kinds.push(value),
        "origin" => {
            let known = || Origin::ALL.iter().map(|it| it.as_str()).collect::<Vec<_>>().join(", ");
            let origin = Origin::parse(&value);
            filter.origins.push(origin.ok_or_else(|| bad(name, &format!("one of {}", known())))?);
        }
        "actor" => put(name, &mut filter.actor, actor_id(name, &value)?)?,
        "member" => {
            let member = MemberId::parse(&value).map_err(|error| bad(name, &error.to_string()))?;
            put(name, &mut filter.subject, member.as_uuid())?;
        }
        "since" => put(name, &mut filter.since, time(name, &value)?)?,
        "until" => put(name, &mut filter.until, time(name, &value)?)?,
        "after" if request.since == Since::Beginning => {
            let cursor = EventCursor::parse(&value).map_err(|error| bad(name, &error.to_string()))?;
            request.since = Since::Cursor(cursor);
        }
        "after" => return Err(twice(name)),
        other => {
            let known = "type, actor, member, origin, since, until, after";
            return Err(bad(other, &format!("there is no such parameter; there are {known}")));
        }
    }
    Ok(())
}

fn put<T>(name: &str, place: &mut Option<T>, value: T) -> Result<(), TopLevelError> {
    if place.replace(value).is_some() { Err(twice(name)) } else { Ok(()) }
}

fn time(name: &str, value: &str) -> Result<Timestamp, TopLevelError> {
    Timestamp::parse_rfc3339(value).ok_or_else(|| bad(name, "write a time like 2026-02-28T21:59:59Z"))
}

fn twice(name: &str) -> TopLevelError {
    bad(name, "give it once")
}

fn bad(name: &str, message: &str) -> TopLevelError {
    TopLevelError::bad_input(name, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(query: &str) -> bool {
        read(&format!("/export/events?{query}").parse().expect("a URL")).is_err()
    }

    #[test]
    fn parameters_are_the_filters_by_name_and_nothing_else() {
        let member = MemberId::new();
        let url = format!(
            "/export/events?type=MemberBlocked&type=MemberLeft&origin=BULK&member={member}&since=2026-01-01T00:00:00Z"
        );
        let request = read(&url.parse().expect("a URL")).expect("understood");
        assert_eq!(request.filter.kinds, ["MemberBlocked", "MemberLeft"]);
        assert_eq!(request.filter.origins, [Origin::Bulk]);
        assert_eq!(request.filter.subject, Some(member.as_uuid()));
        assert!(request.filter.since.is_some() && request.filter.until.is_none());
        for query in [
            "types=MemberBlocked",
            "type=a%20b",
            "origin=SIDEWAYS",
            "member=role_01h455vb4pex5vsknk084sn02q",
            "actor=nobody",
            "since=yesterday",
            "after=p1.AAAA",
            &format!("member={member}&member={member}"),
        ] {
            assert!(refused(query), "{query}");
        }
    }
}
