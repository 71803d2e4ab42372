//! Security event tokens: by these the provider tells that a person's rights have changed (RFC 8417, pushed as RFC 8935 says).
//!
//! The app believes none of what is said in them: it asks for new tokens, which say how things stand. So a token that is delivered
//! twice does no more than once, and needs no memory of what was heard.

use openidconnect::core::CoreJsonWebKeySet;
use serde_json::Value;

use super::logout_token::{Expected, LogoutTokenRefused, check_signature, payload};
use super::relying_party::{CLOCK_SKEW, RelyingParty};
use crate::domain::time::Timestamp;

/// The media type of a pushed token, and its `typ` (RFC 8417 section 2.3).
pub const MEDIA_TYPE: &str = "application/secevent+jwt";
const TYP: &str = "secevent+jwt";

/// What makes new tokens worth asking for (OpenID CAEP 1.0).
const HEARD: [&str; 2] = [
    "https://schemas.openid.net/secevent/caep/event-type/token-claims-change",
    "https://schemas.openid.net/secevent/caep/event-type/session-revoked",
];

/// Whose rights have changed; `None` when the event is about something else.
pub fn verify(
    token: &str,
    keys: &CoreJsonWebKeySet,
    expected: &Expected<'_>,
) -> Result<Option<String>, LogoutTokenRefused> {
    use LogoutTokenRefused::Claim;

    check_signature(token, keys, |typ| typ == Some(TYP))?;
    let claims = payload(token).ok_or(LogoutTokenRefused::Malformed)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(expected.issuer) {
        return Err(Claim("iss"));
    }
    let for_us = match claims.get("aud") {
        Some(Value::String(audience)) => audience == expected.client_id,
        Some(Value::Array(all)) => all.iter().any(|audience| audience == expected.client_id),
        _ => false,
    };
    if !for_us {
        return Err(Claim("aud"));
    }
    // It may have waited for this app for long, so it may be old.
    let issued = claims.get("iat").and_then(Value::as_i64).map(Timestamp::from_unix).ok_or(Claim("iat"))?;
    if issued > expected.now.plus(expected.clock_skew) {
        return Err(Claim("iat"));
    }
    if text("jti").is_none_or(str::is_empty) {
        return Err(Claim("jti"));
    }
    let events = claims.get("events").and_then(Value::as_object).ok_or(Claim("events"))?;
    if !HEARD.iter().any(|event| events.contains_key(*event)) {
        return Ok(None);
    }
    let subject = claims.get("sub_id").ok_or(Claim("sub_id"))?;
    if subject["format"] != "iss_sub" || subject["iss"] != expected.issuer {
        return Err(Claim("sub_id"));
    }
    subject["sub"].as_str().map(|sub| Some(sub.to_owned())).ok_or(Claim("sub_id"))
}

/// The error of RFC 8935 section 2.4 for a token that was refused.
pub fn code(refused: &LogoutTokenRefused) -> &'static str {
    match refused {
        LogoutTokenRefused::UnknownKey | LogoutTokenRefused::Algorithm => "invalid_key",
        LogoutTokenRefused::Signature => "authentication_failed",
        LogoutTokenRefused::Claim("iss") => "invalid_issuer",
        LogoutTokenRefused::Claim("aud") => "invalid_audience",
        _ => "invalid_request",
    }
}

impl RelyingParty {
    pub async fn verify_security_event(&self, token: &str) -> Result<Option<String>, LogoutTokenRefused> {
        let away = |_| LogoutTokenRefused::ProviderUnreachable;
        let metadata = self.directory.metadata().await.map_err(away)?;
        let expected = Expected {
            issuer: self.issuer.as_str(),
            client_id: &self.settings.client_id,
            now: self.settings.clock.now(),
            clock_skew: CLOCK_SKEW,
        };
        match verify(token, metadata.jwks(), &expected) {
            Err(LogoutTokenRefused::UnknownKey) => {
                let metadata = self.directory.metadata_with_fresh_keys().await.map_err(away)?;
                verify(token, metadata.jwks(), &expected)
            }
            verdict => verdict,
        }
    }
}
