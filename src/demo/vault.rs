//! The wallet's own API, as a resource server: it moves coins only for a log-in that is strong and fresh, and says what it
//! wants in the challenge of RFC 9470. Nothing really moves.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use openidconnect::core::CoreJsonWebKeySet;
use serde_json::{Map, Value, json};

use super::logout_token::{LogoutTokenRefused, check_signature, payload};
use crate::domain::time::{Seconds, Timestamp};

/// Below the app's base URL, which is also the audience of its tokens.
pub const SEND_PATH: &str = "/api/send";

/// The class that sending asks for: one that cannot be phished.
pub const ACR: &str = "phr";
/// What the token must carry.
pub const SCOPE: &str = "wallet:withdraw";
/// And the most that a log-in may be old.
pub const MAX_AGE: Seconds = Seconds::minutes(5);

/// Classes that are as strong as [`ACR`].
const STRONG: [&str; 2] = ["phr", "phrh"];

pub struct Expected<'a> {
    pub issuer: &'a str,
    pub audience: &'a str,
    pub now: Timestamp,
    pub clock_skew: Seconds,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// Not a token of ours, or no longer (RFC 6750 section 3.1).
    Token,
    UnknownKey,
    /// RFC 9470 section 3.
    TooWeak,
    /// It does not carry the scope (RFC 6750 section 3.1).
    Scope,
    /// A hold runs until then.
    Held(i64),
    ProviderUnreachable,
}

/// Whether the bearer of this access token may move coins now (RFC 9068 section 4, RFC 9470 section 4).
pub fn judge(token: &str, keys: &CoreJsonWebKeySet, expected: &Expected<'_>) -> Result<(), Refused> {
    check_signature(token, keys, |typ| typ == Some("at+jwt")).map_err(|refused| match refused {
        LogoutTokenRefused::UnknownKey => Refused::UnknownKey,
        _ => Refused::Token,
    })?;
    let claims = payload(token).ok_or(Refused::Token)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let time = |name: &str| claims.get(name).and_then(Value::as_i64).map(Timestamp::from_unix);
    let is_for_us = match claims.get("aud") {
        Some(Value::String(audience)) => audience == expected.audience,
        Some(Value::Array(all)) => all.iter().any(|audience| audience == expected.audience),
        _ => false,
    };
    let expires = time("exp").ok_or(Refused::Token)?;
    if text("iss") != Some(expected.issuer) || !is_for_us || expires.plus(expected.clock_skew) <= expected.now {
        return Err(Refused::Token);
    }
    if let Some(until) = claims.get("hold_until").and_then(Value::as_i64).filter(|until| *until > expected.now.unix()) {
        return Err(Refused::Held(until));
    }
    if !text("scope").unwrap_or_default().split(' ').any(|scope| scope == SCOPE) {
        return Err(Refused::Scope);
    }
    let strong = text("acr").is_some_and(|acr| STRONG.contains(&acr));
    let fresh = time("auth_time").is_some_and(|time| expected.now.since(time).0 <= MAX_AGE.0 + expected.clock_skew.0);
    if !strong || !fresh {
        return Err(Refused::TooWeak);
    }
    Ok(())
}

/// The token of `Authorization: Bearer`.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

pub fn answer(verdict: Result<(), Refused>) -> Response {
    let challenged = |challenge: String| {
        let value = HeaderValue::from_str(&challenge).unwrap_or(HeaderValue::from_static("Bearer"));
        (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, value)]).into_response()
    };
    match verdict {
        Ok(()) => axum::Json(json!({ "sent": "0.0100 BTC" })).into_response(),
        Err(Refused::TooWeak) => challenged(format!(
            "Bearer error=\"insufficient_user_authentication\", \
             error_description=\"Sending coins takes a passkey, used within five minutes\", \
             acr_values=\"{ACR}\", max_age=\"{}\"",
            MAX_AGE.0
        )),
        Err(Refused::Token | Refused::UnknownKey) => challenged("Bearer error=\"invalid_token\"".to_owned()),
        Err(Refused::Scope) => {
            let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{SCOPE}\"");
            let value = HeaderValue::from_str(&challenge).unwrap_or(HeaderValue::from_static("Bearer"));
            (StatusCode::FORBIDDEN, [(header::WWW_AUTHENTICATE, value)]).into_response()
        }
        Err(Refused::Held(until)) => {
            let body = json!({ "error": "withdrawal_hold", "hold_until": until });
            (StatusCode::FORBIDDEN, axum::Json(body)).into_response()
        }
        Err(Refused::ProviderUnreachable) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// What is asked for by a challenge of RFC 9470: `acr_values` and `max_age`.
pub type Challenge = (Option<String>, Option<String>);

/// `None` when it is another challenge.
pub fn challenge(headers: &HeaderMap) -> Option<Challenge> {
    let text = headers.get(header::WWW_AUTHENTICATE)?.to_str().ok()?;
    let parameters = quoted(text.strip_prefix("Bearer ")?);
    if parameters.get("error").and_then(Value::as_str) != Some("insufficient_user_authentication") {
        return None;
    }
    let named = |name: &str| parameters.get(name).and_then(Value::as_str).map(str::to_owned);
    Some((named("acr_values"), named("max_age")))
}

/// `name="value"` pairs, as our own server writes them (RFC 9110 section 11.2).
fn quoted(text: &str) -> Map<String, Value> {
    let mut parts = text.split('"');
    let mut found = Map::new();
    while let (Some(name), Some(value)) = (parts.next(), parts.next()) {
        let name = name.trim_matches([' ', ',', '=']);
        found.insert(name.to_owned(), Value::String(value.to_owned()));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_read_as_it_was_written() {
        let response = answer(Err(Refused::TooWeak));
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(challenge(response.headers()), Some((Some("phr".into()), Some("300".into()))));
        assert_eq!(challenge(answer(Err(Refused::Token)).headers()), None);
        assert_eq!(challenge(&HeaderMap::new()), None);
    }
}
