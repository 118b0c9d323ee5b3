//! What an entry says has changed, from what to what: read out of the payload, whatever the type (EVT-3).
//!
//! Never knows a type by name, so that one of a later release shows its changes too. A payload says under `before` what
//! something was, in the places where it says what it is now.

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::platform::journal::Event;
use crate::primitives::ids::{ApiKeyId, AssetId, InvitationId, MemberId, RoleId, WorkspaceId};
use crate::primitives::time::Timestamp;

/// One thing that is something else now.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Change {
    /// What: `status`, `role`, `invitation.expiresAt`.
    pub what: String,
    /// None: there was nothing.
    pub from: Option<String>,
    /// None: there is nothing.
    pub to: Option<String>,
}

/// What the entry changed. Nothing for a fact that only came to be.
pub fn changes(event: &Event) -> Vec<Change> {
    let mut found = Vec::new();
    if let Some(Value::Object(before)) = event.payload.get("before") {
        compare("", before, &|name| now(&event.payload, name), &mut found);
    }
    found.extend(handed_over(&event.payload));
    found
}

/// The reason's category, by its word; what somebody wrote beside it isn't in the log (DEL-1).
pub fn category(event: &Event) -> Option<&str> {
    event.payload.get("category")?.as_str()
}

/// What somebody was refused, where the entry tells of that (BLK-10).
pub fn refused_operation(event: &Event) -> Option<&str> {
    matches!(event.kind.as_str(), "RefusedAttemptRecorded" | "BarredAttemptRecorded")
        .then(|| event.payload.get("operation")?.as_str())
        .flatten()
}

/// Where the payload says what it is now: beside `before`, or in the member's own state.
fn now<'p>(payload: &'p Value, name: &str) -> Option<&'p Value> {
    payload.get(name).or_else(|| payload.get("member")?.get(name))
}

fn compare<'p>(
    within: &str,
    before: &Map<String, Value>,
    now: &dyn Fn(&str) -> Option<&'p Value>,
    found: &mut Vec<Change>,
) {
    for (name, was) in before {
        let (is, what) = (now(name).unwrap_or(&Value::Null), format!("{within}{name}"));
        match (was, is) {
            (was, is) if was == is || name == "revision" => {}
            (Value::Object(was), Value::Object(is)) if !was.contains_key("id") => {
                compare(&format!("{what}."), was, &|name| is.get(name), found);
            }
            _ => {
                let (from, to) = (text(name, was), text(name, is));
                if from != to {
                    found.push(Change { what, from, to });
                }
            }
        }
    }
}

/// Assets change hands `from` somebody `to` a holder.
fn handed_over(payload: &Value) -> Option<Change> {
    let to = payload.get("to")?;
    let from = text("member", payload.get("from")?);
    let to = text("member", to.get("member")?).or_else(|| text("kind", to.get("kind")?));
    Some(Change { what: "owner".into(), from, to })
}

/// A value as people and programs read it: ids in their own form, times in RFC 3339, lists as JSON.
fn text(name: &str, value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        // What has an id of its own is told by it.
        Value::Object(thing) => thing.get("id").map_or_else(|| Some(value.to_string()), |id| text(name, id)),
        Value::String(word) => {
            Some(Uuid::parse_str(word).map_or_else(|_| word.clone(), |id| typed(name, id)))
        }
        Value::Number(number) if name.ends_with("At") => {
            let time = number.as_i64().map(|micros| Timestamp::from_micros(micros).to_rfc3339());
            time.or_else(|| Some(number.to_string()))
        }
        Value::Array(items) => {
            let texts: Vec<Value> = items.iter().map(|item| entry(name, item)).collect();
            Some(Value::Array(texts).to_string())
        }
        other => Some(other.to_string()),
    }
}

/// One of a list; what it holds is written the same way.
fn entry(name: &str, item: &Value) -> Value {
    match item {
        Value::Object(thing) => {
            thing.iter().map(|(name, value)| (name.clone(), Value::from(text(name, value)))).collect()
        }
        item => Value::from(text(name, item)),
    }
}

/// An id in the form that the API has it in, by what it stands for.
fn typed(name: &str, id: Uuid) -> String {
    match name {
        "role" | "successor" | "defaultRole" => RoleId::from_uuid(id).to_string(),
        "asset" | "assets" => AssetId::from_uuid(id).to_string(),
        "member" | "inviter" | "owner" | "maker" => MemberId::from_uuid(id).to_string(),
        "invitation" => InvitationId::from_uuid(id).to_string(),
        "apiKey" => ApiKeyId::from_uuid(id).to_string(),
        "workspace" => WorkspaceId::from_uuid(id).to_string(),
        _ => id.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::platform::journal::samples::event;

    fn of(payload: Value) -> Vec<Change> {
        changes(&Event { payload, ..event(1) })
    }

    fn change(what: &str, from: Option<&str>, to: Option<&str>) -> Change {
        Change { what: what.into(), from: from.map(Into::into), to: to.map(Into::into) }
    }

    /// EVT-3: what became of what, whatever the type.
    #[test]
    fn evt_3_what_was_and_what_is_are_found_in_the_same_places() {
        let (one, two) = (RoleId::new(), RoleId::new());
        let payload = json!({
            "member": { "id": MemberId::new(), "status": "BLOCKED", "role": { "id": two, "name": "B" } },
            "before": { "status": "ACTIVE", "role": { "id": one, "name": "A" } },
        });
        let role = change("role", Some(&one.to_string()), Some(&two.to_string()));
        assert_eq!(of(payload), [role, change("status", Some("ACTIVE"), Some("BLOCKED"))]);
    }

    #[test]
    fn what_stayed_is_no_change_and_what_is_within_is_told_by_its_way() {
        let asset = AssetId::new();
        let payload = json!({
            "invitation": { "expiresAt": 1_000_000, "assets": [asset], "role": "r", "revision": 2 },
            "before": { "invitation": { "expiresAt": 0, "assets": [], "role": "r", "revision": 1 } },
        });
        let assets = change("invitation.assets", Some("[]"), Some(&json!([asset.to_string()]).to_string()));
        let expiry = change(
            "invitation.expiresAt",
            Some("1970-01-01T00:00:00.000000Z"),
            Some("1970-01-01T00:00:01.000000Z"),
        );
        assert_eq!(of(payload), [assets, expiry]);
    }

    #[test]
    fn nothing_before_is_told_as_nothing_and_a_mere_fact_changes_nothing() {
        let payload = json!({ "role": RoleId::new(), "before": { "role": null } });
        assert_eq!(of(payload)[0].from, None);
        let member = MemberId::new();
        let payload = json!({ "assets": [], "from": member, "to": { "kind": "WORKSPACE", "member": null } });
        assert_eq!(of(payload), [change("owner", Some(&member.to_string()), Some("WORKSPACE"))]);
        assert_eq!(of(json!({ "chair": 1 })), []);
        assert_eq!(of(json!("rubbish")), []);
    }
}
