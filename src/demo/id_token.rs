//! ID tokens: what one must prove before the app believes it (OpenID Connect Core 3.1.3.7 and 12.2).

use chrono::{DateTime, Utc};
use openidconnect::core::{CoreIdToken, CoreJwsSigningAlgorithm};
use openidconnect::{
    AccessToken, AccessTokenHash, ClaimsVerificationError, IdTokenVerifier, JsonWebKey, Nonce,
    SignatureVerificationError,
};
use serde_json::{Map, Value};

use super::logout_token::payload;
use super::provider::with_causes;
use super::relying_party::Client;
use crate::domain::time::{Seconds, Timestamp};

/// What the verifier holds the token against, beside issuer, client and keys, which the client knows.
pub struct Expected<'a> {
    pub nonce: NonceRule<'a>,
    /// As sent in the authorization request.
    pub max_age: Option<Seconds>,
    pub now: Timestamp,
    pub clock_skew: Seconds,
}

#[derive(Clone, Copy)]
pub enum NonceRule<'a> {
    /// In answer to an authorization request.
    MustBe(&'a Nonce),
    /// At a refresh: it should be absent, and if there, the original one (Core 12.2).
    MayBe(&'a Nonce),
}

#[derive(Debug, thiserror::Error)]
pub enum IdTokenRefused {
    #[error("the ID token is signed by a key the provider does not publish")]
    UnknownKey,
    #[error("the ID token does not hold: {0}")]
    Claims(String),
    #[error("the access token is not the one the ID token was issued with")]
    AccessTokenHash,
}

/// The token's claims, once signature, issuer, audience, times, nonce, age of the log-in and `at_hash` are right.
pub fn verify(
    id_token: &CoreIdToken,
    access_token: &AccessToken,
    client: &Client,
    expected: &Expected<'_>,
) -> Result<Map<String, Value>, IdTokenRefused> {
    let Expected { nonce, max_age, now, clock_skew } = *expected;
    let verifier = client
        .id_token_verifier()
        .set_allowed_algs(ACCEPTED_ALGORITHMS)
        .set_time_fn(move || utc(now.minus(clock_skew)))
        .set_issue_time_verifier_fn(move |issued| {
            if issued <= utc(now.plus(clock_skew)) { Ok(()) } else { Err("iat lies in the future".to_owned()) }
        })
        .set_auth_time_verifier_fn(move |auth_time| recent_enough(auth_time, max_age, now, clock_skew));
    id_token.claims(&verifier, |found: Option<&Nonce>| nonce.check(found)).map_err(IdTokenRefused::from)?;
    let claims = payload(&id_token.to_string()).ok_or(IdTokenRefused::Claims("no JSON object".to_owned()))?;
    check_access_token_hash(id_token, access_token, &claims, &verifier)?;
    Ok(claims)
}

/// HMAC is not among them: whoever knows the client secret could then write ID tokens.
const ACCEPTED_ALGORITHMS: [CoreJwsSigningAlgorithm; 3] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// `at_hash`, when there, ties the access token to the ID token (Core 3.1.3.8).
fn check_access_token_hash<K>(
    id_token: &CoreIdToken,
    access_token: &AccessToken,
    claims: &Map<String, Value>,
    verifier: &IdTokenVerifier<'_, K>,
) -> Result<(), IdTokenRefused>
where
    K: JsonWebKey<SigningAlgorithm = CoreJwsSigningAlgorithm>,
{
    let Some(expected) = claims.get("at_hash") else { return Ok(()) };
    let algorithm = id_token.signing_alg().map_err(|_| IdTokenRefused::UnknownKey)?;
    let key = id_token.signing_key(verifier).map_err(|_| IdTokenRefused::UnknownKey)?;
    let hash =
        AccessTokenHash::from_token(access_token, algorithm, key).map_err(|_| IdTokenRefused::AccessTokenHash)?;
    if expected.as_str() == Some(hash.as_str()) { Ok(()) } else { Err(IdTokenRefused::AccessTokenHash) }
}

/// Core 3.1.2.1: with `max_age` sent, `auth_time` must be there and young enough.
fn recent_enough(
    auth_time: Option<DateTime<Utc>>,
    max_age: Option<Seconds>,
    now: Timestamp,
    clock_skew: Seconds,
) -> Result<(), String> {
    let Some(max_age) = max_age else { return Ok(()) };
    let auth_time = auth_time.ok_or("max_age was asked for, but auth_time is missing")?;
    let age = now.since(Timestamp::from_unix(auth_time.timestamp()));
    if age.0 <= max_age.0.saturating_add(clock_skew.0) { Ok(()) } else { Err("the log-in is too old".to_owned()) }
}

impl NonceRule<'_> {
    fn check(self, found: Option<&Nonce>) -> Result<(), String> {
        match (self, found) {
            (Self::MayBe(_), None) => Ok(()),
            (Self::MustBe(expected) | Self::MayBe(expected), Some(found)) if expected.secret() == found.secret() => {
                Ok(())
            }
            (_, None) => Err("it carries no nonce".to_owned()),
            (_, Some(_)) => Err("its nonce is not the one that was sent".to_owned()),
        }
    }
}

impl From<ClaimsVerificationError> for IdTokenRefused {
    fn from(error: ClaimsVerificationError) -> Self {
        match error {
            ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey) => {
                Self::UnknownKey
            }
            other => Self::Claims(with_causes(&other)),
        }
    }
}

fn utc(time: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp(time.unix(), 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
}
