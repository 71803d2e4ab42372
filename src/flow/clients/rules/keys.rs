//! What a client signs with: its public keys, and the rules of its assertions.

use serde_json::Value;

use super::{Found, Rules};
use crate::config::ClientSection;
use crate::crypto::client_keys::PublicKeys;
use crate::domain::client::{ClientAuthentication, ClientKeys};
use crate::domain::jose::AssertionAlgorithm;

impl Rules {
    /// RFC 7591 section 2: `jwks` or `jwks_uri`, never both. A URI is judged here by its text, and when it is connected to.
    pub(super) fn keys(&self, metadata: &ClientSection, found: &mut Found) -> Option<ClientKeys> {
        match (&metadata.jwks, &metadata.jwks_uri) {
            (None, None) => None,
            (Some(_), Some(_)) => {
                found.refuse("jwks", "is set together with `jwks_uri`: choose one");
                None
            }
            (Some(set), None) => found.note("jwks", judged(set)).map(ClientKeys::Set),
            (None, Some(uri)) => {
                self.judge_target("jwks_uri", uri, found);
                Some(ClientKeys::At(uri.clone()))
            }
        }
    }
}

fn judged(set: &Value) -> Result<Value, String> {
    PublicKeys::parse(set.to_string().as_bytes()).map(|_| set.clone()).map_err(|refused| refused.to_string())
}

pub(super) fn private_key_jwt(metadata: &ClientSection, found: &mut Found) -> Option<ClientAuthentication> {
    if metadata.client_secret.is_some() || metadata.client_secret_hash.is_some() {
        found.refuse("client_secret", "a client that authenticates by \"private_key_jwt\" has no secret");
    }
    if metadata.jwks.is_none() && metadata.jwks_uri.is_none() {
        found.refuse("jwks", "is missing: \"private_key_jwt\" needs `jwks` or `jwks_uri`");
    }
    let asked = metadata.token_endpoint_auth_signing_alg.as_deref();
    Some(ClientAuthentication::PrivateKeyJwt {
        algorithm: algorithm("token_endpoint_auth_signing_alg", asked, found),
        audience: metadata.client_assertion_audience.unwrap_or_default(),
    })
}

/// The only one that the client signs with, when it names one.
pub(super) fn algorithm(key: &str, asked: Option<&str>, found: &mut Found) -> Option<AssertionAlgorithm> {
    let asked = asked?;
    let known = AssertionAlgorithm::ALL.map(AssertionAlgorithm::as_str).join(", ");
    let refused = format!("{asked:?} is none of {known}");
    found.note(key, AssertionAlgorithm::parse(asked).ok_or(refused))
}
