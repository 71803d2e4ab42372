//! Tokens as tables that people can read: one row a claim, times in words, raw JSON beside it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};

use super::logout_token::{header, payload};
use crate::domain::time::Timestamp;

/// A token or answer, taken apart for the page.
#[derive(Serialize)]
pub struct ClaimsView {
    pub rows: Vec<ClaimRow>,
    /// The same as indented JSON.
    pub raw: String,
    /// JOSE header as indented JSON, for signed tokens.
    pub header: Option<String>,
}

#[derive(Serialize)]
pub struct ClaimRow {
    pub name: String,
    /// What the claim says, for those who do not know its name; empty for unknown claims.
    pub meaning: &'static str,
    pub value: String,
    /// Times in words: "in 4 min".
    pub note: String,
}

impl ClaimsView {
    pub fn of_claims(claims: &Map<String, Value>, now: Timestamp) -> Self {
        let mut rows: Vec<ClaimRow> = claims.iter().map(|(name, value)| row(name, value, now)).collect();
        rows.sort_by_key(|row| position(&row.name));
        Self { rows, raw: indented(claims), header: None }
    }

    /// A compact JWS; `None` for an opaque token. Nothing is verified here: that is not the app's business for an
    /// access token, which is meant for the resource server.
    pub fn of_token(token: &str, now: Timestamp) -> Option<Self> {
        let mut view = Self::of_claims(&payload(token)?, now);
        view.header = header(token).as_ref().map(indented);
        Some(view)
    }
}

/// "2026-11-22 13:47:44 UTC".
pub fn date_and_time(time: Timestamp) -> String {
    DateTime::<Utc>::from_timestamp(time.unix(), 0)
        .map(|time| time.format("%Y-%m-%d %H:%M:%S UTC").to_string())
        .unwrap_or_else(|| time.unix().to_string())
}

/// "in 4 min", "12 s ago", "now".
pub fn relative(time: Timestamp, now: Timestamp) -> String {
    let ahead = time.since(now).0;
    let behind = now.since(time).0;
    match (ahead, behind) {
        (0, 0) => "now".to_owned(),
        (0, behind) => format!("{} ago", span(behind)),
        (ahead, _) => format!("in {}", span(ahead)),
    }
}

fn span(seconds: i64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

fn row(name: &str, value: &Value, now: Timestamp) -> ClaimRow {
    let meaning = KNOWN.iter().find(|(known, _)| *known == name).map_or("", |(_, meaning)| meaning);
    let is_time = matches!(name, "exp" | "iat" | "nbf" | "auth_time" | "updated_at" | "hold_until");
    match value.as_i64().map(Timestamp::from_unix).filter(|_| is_time) {
        Some(time) => {
            ClaimRow { name: name.to_owned(), meaning, value: date_and_time(time), note: relative(time, now) }
        }
        None => ClaimRow { name: name.to_owned(), meaning, value: readable(value), note: String::new() },
    }
}

fn readable(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Array(items) => items.iter().map(readable).collect::<Vec<_>>().join(", "),
        Value::Object(members) => {
            members.iter().map(|(name, value)| format!("{name}: {}", readable(value))).collect::<Vec<_>>().join("\n")
        }
        other => other.to_string(),
    }
}

fn indented(claims: &Map<String, Value>) -> String {
    serde_json::to_string_pretty(claims).unwrap_or_default()
}

fn position(name: &str) -> usize {
    KNOWN.iter().position(|(known, _)| *known == name).unwrap_or(KNOWN.len())
}

/// Claims in the order in which the page shows them, with what they say.
const KNOWN: &[(&str, &str)] = &[
    ("iss", "issued by"),
    ("sub", "the person, as this provider names them"),
    ("aud", "meant for"),
    ("client_id", "issued to the app"),
    ("azp", "issued to the app"),
    ("scope", "what it allows"),
    ("kyc_level", "how far the person is verified, from 0 to 3"),
    ("hold_until", "no money moves before"),
    ("exp", "good until"),
    ("iat", "issued"),
    ("nbf", "not good before"),
    ("auth_time", "the person logged in"),
    ("acr", "how strong the log-in was"),
    ("amr", "how the person logged in"),
    ("sid", "the session at the provider"),
    ("nonce", "ties it to this app's request"),
    ("at_hash", "ties it to the access token"),
    ("grant_id", "the authorization it stems from"),
    ("jti", "the token's own name"),
    ("name", "full name"),
    ("given_name", "given name"),
    ("middle_name", "middle name"),
    ("family_name", "family name"),
    ("nickname", "nickname"),
    ("preferred_username", "likes to be called"),
    ("email", "e-mail address"),
    ("email_verified", "e-mail address proved"),
    ("phone_number", "phone number"),
    ("phone_number_verified", "phone number proved"),
    ("profile", "profile page"),
    ("picture", "picture"),
    ("website", "website"),
    ("gender", "gender"),
    ("birthdate", "date of birth"),
    ("zoneinfo", "time zone"),
    ("locale", "language"),
    ("address", "postal address"),
    ("updated_at", "profile last changed"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn times_are_told_in_words_and_known_claims_come_first() {
        let claims = json!({ "zebra": [1, "two"], "exp": 1_000_300, "iss": "https://idp.example", "admin": true });
        let view = ClaimsView::of_claims(claims.as_object().unwrap(), Timestamp::from_unix(1_000_000));
        let rows: Vec<_> =
            view.rows.iter().map(|row| (row.name.as_str(), row.value.as_str(), row.note.as_str())).collect();
        assert_eq!(rows[0], ("iss", "https://idp.example", ""));
        assert_eq!(rows[1], ("exp", "1970-01-12 13:51:40 UTC", "in 5 min"));
        assert!(rows.contains(&("zebra", "1, two", "")) && rows.contains(&("admin", "yes", "")));
    }

    #[test]
    fn an_opaque_token_has_no_claims_to_show() {
        assert!(ClaimsView::of_token("2YotnFZFEjr1zCsicMWpAA", Timestamp::from_unix(0)).is_none());
        assert!(ClaimsView::of_token("a.b.c", Timestamp::from_unix(0)).is_none());
    }
}
