//! Strict verification of tokens that this issuer signed (RFC 8725 section 3): the key decides the algorithm, never the header
//! alone, and the header can bring no key of its own.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::{Keyring, strict_json};
use crate::domain::jose::Algorithm;
use crate::domain::time::{Seconds, Timestamp};

/// Larger tokens are refused unread.
const MAX_TOKEN_BYTES: usize = 16 * 1024;
/// How far ahead of this node's clock another node of the issuer may be.
const CLOCK_SKEW: Seconds = Seconds(60);
/// Header members that name another key, change what is signed, or must be understood. Karat sends none of them.
const REFUSED_MEMBERS: [&str; 10] = ["crit", "b64", "zip", "jwk", "jku", "x5u", "x5c", "x5t", "x5t#S256", "enc"];

/// What the token has to be.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The `typ` header (RFC 8725 section 3.11), compared without regard to case and to a leading `application/`.
    pub typ: &'a str,
    /// `iss`, compared byte by byte.
    pub issuer: &'a str,
    /// An audience that `aud` must name; `None` leaves `aud` to the caller.
    pub audience: Option<&'a str>,
    pub now: Timestamp,
    /// Accept an expired token: for `id_token_hint` (OIDC RP-Initiated Logout section 2). The key must still be published.
    pub accept_expired: bool,
}

/// Why a token is refused. For logs; a client is told `invalid_token` and no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    #[error("larger than {MAX_TOKEN_BYTES} bytes")]
    TooLarge,
    #[error("not a compact JWS of JSON objects without repeated names")]
    Malformed,
    #[error("the header has the member {0}")]
    HeaderMember(&'static str),
    #[error("the algorithm is none of ours, or not that of the key")]
    Algorithm,
    #[error("no published key has this kid")]
    UnknownKey,
    #[error("the typ is another")]
    Type,
    #[error("the signature does not verify")]
    Signature,
    #[error("the claim {0} is missing or has another form")]
    Claim(&'static str),
    #[error("the issuer is another")]
    Issuer,
    #[error("the audience is another")]
    Audience,
    #[error("expired")]
    Expired,
    #[error("issued in the future, or not valid yet")]
    NotYetValid,
}

pub(super) fn verify(ring: &Keyring, token: &str, expected: &Expected<'_>) -> Result<Map<String, Value>, VerifyError> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(VerifyError::TooLarge);
    }
    let (message, signature) = token.rsplit_once('.').ok_or(VerifyError::Malformed)?;
    let (header, payload) = message.split_once('.').ok_or(VerifyError::Malformed)?;
    let header = decode_object(header)?;
    check_header(&header)?;

    let kid = header.get("kid").and_then(Value::as_str).ok_or(VerifyError::UnknownKey)?;
    let key = ring.published(kid, expected.now).ok_or(VerifyError::UnknownKey)?;
    let algorithm = header.get("alg").and_then(Value::as_str).and_then(Algorithm::parse);
    if algorithm != Some(key.algorithm()) {
        return Err(VerifyError::Algorithm);
    }
    check_type(&header, expected.typ)?;
    if !key.verifies(message.as_bytes(), signature) {
        return Err(VerifyError::Signature);
    }

    // `split_once` leaves a further dot in the payload, where it is no base64url.
    let claims = decode_object(payload)?;
    check_claims(&claims, expected)?;
    Ok(claims)
}

fn decode_object(part: &str) -> Result<Map<String, Value>, VerifyError> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| VerifyError::Malformed)?;
    strict_json::object(&bytes).ok_or(VerifyError::Malformed)
}

/// RFC 8725 sections 3.1 and 3.10.
fn check_header(header: &Map<String, Value>) -> Result<(), VerifyError> {
    match REFUSED_MEMBERS.into_iter().find(|member| header.contains_key(*member)) {
        Some(member) => Err(VerifyError::HeaderMember(member)),
        None => Ok(()),
    }
}

/// RFC 7515 section 4.1.9: a `typ` without a slash stands for `application/` and itself.
fn check_type(header: &Map<String, Value>, expected: &str) -> Result<(), VerifyError> {
    let found = header.get("typ").and_then(Value::as_str).ok_or(VerifyError::Type)?;
    let bare = match found.split_at_checked("application/".len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case("application/") => rest,
        _ => found,
    };
    if bare.eq_ignore_ascii_case(expected) { Ok(()) } else { Err(VerifyError::Type) }
}

fn check_claims(claims: &Map<String, Value>, expected: &Expected<'_>) -> Result<(), VerifyError> {
    if claims.get("iss").and_then(Value::as_str) != Some(expected.issuer) {
        return Err(VerifyError::Issuer);
    }
    if let Some(audience) = expected.audience
        && !names_audience(claims.get("aud"), audience)
    {
        return Err(VerifyError::Audience);
    }
    // No allowance: the clock that is asked is the issuer's own.
    let expires = time(claims, "exp")?.ok_or(VerifyError::Claim("exp"))?;
    if expected.now >= expires && !expected.accept_expired {
        return Err(VerifyError::Expired);
    }
    for name in ["nbf", "iat"] {
        if time(claims, name)?.is_some_and(|time| time > expected.now.plus(CLOCK_SKEW)) {
            return Err(VerifyError::NotYetValid);
        }
    }
    Ok(())
}

/// RFC 7519 section 4.1.3: one string, or an array of strings.
fn names_audience(aud: Option<&Value>, audience: &str) -> bool {
    match aud {
        Some(Value::String(only)) => only == audience,
        Some(Value::Array(several)) => several.iter().any(|one| one.as_str() == Some(audience)),
        _ => false,
    }
}

/// A time claim in whole seconds, as this issuer writes them.
fn time(claims: &Map<String, Value>, name: &'static str) -> Result<Option<Timestamp>, VerifyError> {
    match claims.get(name) {
        None => Ok(None),
        Some(value) => {
            value.as_i64().map(|seconds| Some(Timestamp::from_unix(seconds))).ok_or(VerifyError::Claim(name))
        }
    }
}
