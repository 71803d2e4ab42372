//! What a request says of one element: `value`, `values`, `max_age`. `essential` changes nothing, so it is not kept.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::claims_request::InvalidClaims;
use crate::domain::time::{Seconds, Timestamp};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Constraint {
    /// Any of them; empty: any value at all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    values: Vec<Value>,
    /// Counted from the last second that a date or time stands for.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_age: Option<Seconds>,
}

pub(super) const MEMBERS: [&str; 5] = ["essential", "value", "values", "max_age", "purpose"];

impl Constraint {
    /// Of an object; members that are not known are ignored (OpenID Connect Core section 5.5.1).
    pub(super) fn parse(members: &Map<String, Value>) -> Result<Self, InvalidClaims> {
        if members.get("essential").is_some_and(|essential| !essential.is_boolean()) {
            return Err(InvalidClaims);
        }
        let values = match (members.get("value"), members.get("values")) {
            (None, None) => Vec::new(),
            (Some(one), None) => vec![one.clone()],
            (None, Some(Value::Array(many))) if !many.is_empty() => many.clone(),
            _ => return Err(InvalidClaims),
        };
        let max_age = members.get("max_age").map(|span| span.as_i64().filter(|span| *span >= 0).ok_or(InvalidClaims));
        Ok(Self { values, max_age: max_age.transpose()?.map(Seconds) })
    }

    /// What nothing meets.
    pub(super) fn unmeetable() -> Self {
        Self { values: vec![Value::Null], max_age: None }
    }

    pub(super) fn is_none(&self) -> bool {
        self.values.is_empty() && self.max_age.is_none()
    }

    /// Whether it asks for exactly one value, and which.
    pub(super) fn only_value(&self) -> Option<&str> {
        match self.values.as_slice() {
            [one] => one.as_str(),
            _ => None,
        }
    }

    pub(super) fn admits(&self, found: &Value, now: Timestamp) -> bool {
        let by_value = self.values.is_empty() || self.values.contains(found);
        // What is no date has no age, and so not the one that is wanted.
        let by_age = self.max_age.is_none_or(|most| last_second(found).is_some_and(|last| now.since(last) <= most));
        by_value && by_age
    }
}

/// The last second that a date (`YYYY-MM-DD`) or a time (RFC 3339) stands for.
fn last_second(value: &Value) -> Option<Timestamp> {
    let text = value.as_str()?;
    if let Ok(day) = text.parse::<chrono::NaiveDate>() {
        return Some(Timestamp::from_unix(day.and_hms_opt(23, 59, 59)?.and_utc().timestamp()));
    }
    let time = chrono::DateTime::parse_from_rfc3339(text).ok()?;
    Some(Timestamp::from_unix(time.timestamp()))
}
