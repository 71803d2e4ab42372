//! Logout tokens: what a back-channel logout must prove before a session ends (Back-Channel Logout 1.0, section 2.6).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{CoreJsonWebKey, CoreJsonWebKeySet, CoreJwsSigningAlgorithm};
use openidconnect::{JsonWebKey, JsonWebKeyId};
use serde_json::{Map, Value};

use crate::domain::time::{Seconds, Timestamp};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// A logout token older than this is not acted on, whatever its `exp` says.
const LARGEST_AGE: Seconds = Seconds::minutes(10);

/// A verified order to end sessions: of one session when `session_id` is there, else of everything of the subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutToken {
    pub subject: Option<String>,
    pub session_id: Option<String>,
    /// Names this token; a second token with the same one is a replay.
    pub token_id: String,
    pub expires: Timestamp,
}

/// What the verifier holds the token against.
pub struct Expected<'a> {
    pub issuer: &'a str,
    pub client_id: &'a str,
    pub now: Timestamp,
    pub clock_skew: Seconds,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum LogoutTokenRefused {
    #[error("not a signed JWT")]
    Malformed,
    #[error("signed by an algorithm that is not accepted")]
    Algorithm,
    #[error("signed by a key the provider does not publish")]
    UnknownKey,
    #[error("the signature does not fit")]
    Signature,
    #[error("the claim {0} is missing or wrong")]
    Claim(&'static str),
    #[error("this token has been used before")]
    Replayed,
    #[error("the provider's keys cannot be fetched")]
    ProviderUnreachable,
}

pub fn verify(
    token: &str,
    keys: &CoreJsonWebKeySet,
    expected: &Expected<'_>,
) -> Result<LogoutToken, LogoutTokenRefused> {
    // Explicit typing keeps other tokens of the same provider from being taken for an order to log out.
    check_signature(token, keys, |typ| matches!(typ, None | Some("logout+jwt" | "JWT")))?;
    let claims = payload(token).ok_or(LogoutTokenRefused::Malformed)?;
    check_claims(claims, expected)
}

/// The claims of a compact JWS, unverified; `None` when it is not one.
pub fn payload(token: &str) -> Option<Map<String, Value>> {
    decoded_part(token, 1)
}

/// The header of a compact JWS.
pub fn header(token: &str) -> Option<Map<String, Value>> {
    decoded_part(token, 0)
}

fn decoded_part(token: &str, index: usize) -> Option<Map<String, Value>> {
    let parts: Vec<&str> = token.split('.').collect();
    if parts.len() != 3 {
        return None;
    }
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[index]).ok()?).ok()
}

/// Signed by a key of the provider, and of a type that is expected.
pub(super) fn check_signature(
    token: &str,
    keys: &CoreJsonWebKeySet,
    is_expected: impl Fn(Option<&str>) -> bool,
) -> Result<(), LogoutTokenRefused> {
    let header = header(token).ok_or(LogoutTokenRefused::Malformed)?;
    let algorithm = match header.get("alg").and_then(Value::as_str) {
        Some("RS256") => CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
        Some("ES256") => CoreJwsSigningAlgorithm::EcdsaP256Sha256,
        Some("EdDSA") => CoreJwsSigningAlgorithm::EdDsa,
        _ => return Err(LogoutTokenRefused::Algorithm),
    };
    if !is_expected(header.get("typ").and_then(Value::as_str)) {
        return Err(LogoutTokenRefused::Claim("typ"));
    }
    if header.contains_key("crit") {
        return Err(LogoutTokenRefused::Malformed);
    }
    let kid = header.get("kid").and_then(Value::as_str).map(|kid| JsonWebKeyId::new(kid.to_owned()));
    let (signed, signature) = token.rsplit_once('.').ok_or(LogoutTokenRefused::Malformed)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| LogoutTokenRefused::Malformed)?;
    let mut candidates = keys.keys().iter().filter(|key| kid.is_none() || key.key_id() == kid.as_ref()).peekable();
    if candidates.peek().is_none() {
        return Err(LogoutTokenRefused::UnknownKey);
    }
    let fits = |key: &CoreJsonWebKey| key.verify_signature(&algorithm, signed.as_bytes(), &signature).is_ok();
    if candidates.any(fits) { Ok(()) } else { Err(LogoutTokenRefused::Signature) }
}

fn check_claims(claims: Map<String, Value>, expected: &Expected<'_>) -> Result<LogoutToken, LogoutTokenRefused> {
    use LogoutTokenRefused::Claim;

    let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
    let time = |name: &str| claims.get(name).and_then(Value::as_i64).map(Timestamp::from_unix);

    if text("iss").as_deref() != Some(expected.issuer) {
        return Err(Claim("iss"));
    }
    let for_us = match claims.get("aud") {
        Some(Value::String(audience)) => audience == expected.client_id,
        Some(Value::Array(audiences)) => audiences.iter().any(|audience| audience == expected.client_id),
        _ => false,
    };
    if !for_us {
        return Err(Claim("aud"));
    }
    let issued = time("iat").ok_or(Claim("iat"))?;
    let latest = expected.now.plus(expected.clock_skew);
    if issued > latest || expected.now.since(issued).0 > LARGEST_AGE.0 {
        return Err(Claim("iat"));
    }
    let expires = time("exp").ok_or(Claim("exp"))?;
    if expires.plus(expected.clock_skew) <= expected.now {
        return Err(Claim("exp"));
    }
    let token_id = text("jti").filter(|jti| !jti.is_empty()).ok_or(Claim("jti"))?;
    if !matches!(claims.get("events").and_then(|events| events.get(EVENT)), Some(Value::Object(_))) {
        return Err(Claim("events"));
    }
    // A nonce would make this an ID token in disguise (section 2.4).
    if claims.contains_key("nonce") {
        return Err(Claim("nonce"));
    }
    let (subject, session_id) = (text("sub"), text("sid"));
    if subject.is_none() && session_id.is_none() {
        return Err(Claim("sub"));
    }
    Ok(LogoutToken { subject, session_id, token_id, expires })
}
