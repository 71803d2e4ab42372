//! What a change changed, for the audit log: the keys that differ, before and after, and never a secret.

use serde::Serialize;
use serde_json::{Map, Value, json};

/// Keys whose value is a secret, or made from one, wherever they stand.
const SECRETS: [&str; 5] = ["secret", "client_secret", "client_secret_hash", "password", "registration_token"];

/// `{"before": {..}, "after": {..}}` with the top-level keys that differ. Of a secret only that it changed.
pub fn between<T: Serialize>(before: Option<&T>, after: Option<&T>) -> Value {
    let (before, after) = (object(before), object(after));
    let mut told = (Map::new(), Map::new());
    let keys = before.keys().chain(after.keys().filter(|key| !before.contains_key(*key)));
    for key in keys {
        let (old, new) = (before.get(key), after.get(key));
        if old == new {
            continue;
        }
        for (side, value) in [(&mut told.0, old), (&mut told.1, new)] {
            if let Some(value) = value {
                side.insert(key.clone(), without_secrets(value.clone()));
            }
        }
    }
    json!({ "before": told.0, "after": told.1 })
}

fn object<T: Serialize>(value: Option<&T>) -> Map<String, Value> {
    match value.and_then(|value| serde_json::to_value(value).ok()) {
        Some(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

fn without_secrets(value: Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(
            map.into_iter()
                .map(|(key, inner)| match SECRETS.contains(&key.as_str()) {
                    true => (key, summary(&inner)),
                    false => (key, without_secrets(inner)),
                })
                .collect(),
        ),
        Value::Array(all) => Value::Array(all.into_iter().map(without_secrets).collect()),
        other => other,
    }
}

fn summary(secret: &Value) -> Value {
    match secret {
        Value::Array(all) => json!(format!("{} kept", all.len())),
        Value::Null => Value::Null,
        _ => json!("kept"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_told() {
        let told = between(Some(&json!({ "a": 1, "b": 2 })), Some(&json!({ "a": 1, "b": 3, "c": 4 })));
        assert_eq!(told, json!({ "before": { "b": 2 }, "after": { "b": 3, "c": 4 } }));
    }

    #[test]
    fn a_secret_is_never_told() {
        let old = json!({ "authentication": { "method": "client_secret_basic", "secret": ["hash-one"] } });
        let new = json!({ "authentication": { "method": "client_secret_basic", "secret": ["hash-one", "hash-two"] } });
        let told = between(Some(&old), Some(&new));
        assert!(!told.to_string().contains("hash-"), "{told}");
        assert_eq!(told["after"]["authentication"]["secret"], json!("2 kept"));
    }
}
