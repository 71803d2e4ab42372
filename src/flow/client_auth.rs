//! Client authentication (RFC 6749 section 2.3, OpenID Connect Core section 9): exactly one method, the registered one. What an
//! assertion has to say is in `client_assertion`.

use std::net::IpAddr;
use std::sync::Arc;

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use subtle::ConstantTimeEq;

use super::client_assertion::TYPE;
use super::karat::Karat;
use crate::crypto::assertion::{Assertion, Purpose};
use crate::domain::client::{Client, ClientAuthentication, SecretHash};
use crate::domain::error::{ErrorCode, OAuthError};
use crate::domain::parameters::Parameters;

/// Longer headers and secrets are refused before they are looked at.
const LONGEST_CREDENTIAL: usize = 4096;

/// A client that has proven who it is, by its registered method. Only [`Karat::authenticate_client`] makes one.
pub struct AuthenticatedClient {
    client: Arc<Client>,
}

impl AuthenticatedClient {
    pub fn client(&self) -> &Client {
        &self.client
    }
}

/// What the request shows.
struct Shown {
    id: String,
    proof: Proof,
    method: &'static str,
}

enum Proof {
    Nothing,
    Secret(String),
    Assertion(Box<Assertion>),
}

impl Karat {
    /// `authorization` is the value of the header, if there is one. `from` is whom wrong guesses are counted against.
    pub async fn authenticate_client(
        &self,
        authorization: Option<&[u8]>,
        parameters: &Parameters,
        from: IpAddr,
    ) -> Result<AuthenticatedClient, OAuthError> {
        let shown = shown(authorization, parameters)?;
        let found = self.clients.find(&shown.id).await?;
        let known = found.as_ref().map(|client| &client.id);
        self.check_client_failures(known, from).await?;
        let right = match (&found, &shown.proof) {
            (Some(client), _) if client.authentication.as_str() != shown.method => false,
            (Some(client), Proof::Assertion(assertion)) => self.is_proven_by(client, assertion).await?,
            (Some(client), Proof::Secret(secret)) => secret_fits(client, Some(secret)),
            (Some(client), Proof::Nothing) => secret_fits(client, None),
            (None, proof) => {
                // As much work as for a known one.
                if let Proof::Secret(secret) = proof {
                    hashes_include(&[SecretHash(hash_secret("nobody"))], secret);
                }
                false
            }
        };
        match found {
            Some(client) if right => Ok(AuthenticatedClient { client }),
            other => {
                self.count_client_failure(other.as_ref().map(|client| &client.id), from).await?;
                Err(OAuthError::invalid_client())
            }
        }
    }
}

fn secret_fits(client: &Client, secret: Option<&str>) -> bool {
    match &client.authentication {
        ClientAuthentication::None => secret.is_none(),
        ClientAuthentication::PrivateKeyJwt { .. } => false,
        ClientAuthentication::ClientSecretBasic { secret: hashes }
        | ClientAuthentication::ClientSecretPost { secret: hashes } => {
            secret.is_some_and(|secret| hashes_include(hashes, secret))
        }
    }
}

fn hashes_include(hashes: &[SecretHash], secret: &str) -> bool {
    let shown = hash_secret(secret);
    // Every hash is compared, so that the time does not tell which one was near.
    hashes.iter().fold(false, |found, hash| found | bool::from(hash.0.as_bytes().ct_eq(shown.as_bytes())))
}

/// The stored form of a client secret: SHA-256 in hex. Secrets are random and long, so no slow hash is needed.
pub fn hash_secret(secret: &str) -> String {
    let digest = digest::digest(&digest::SHA256, secret.as_bytes());
    let halves = digest.as_ref().iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let mut hex = String::with_capacity(64);
    hex.extend(halves.filter_map(|half| char::from_digit(half.into(), 16)));
    hex
}

fn shown(authorization: Option<&[u8]>, parameters: &Parameters) -> Result<Shown, OAuthError> {
    if let Some(name) = parameters.doubled() {
        let name: String = name.chars().take(40).collect();
        return Err(OAuthError::invalid_request(format!("{name} was sent more than once")));
    }
    let in_body = parameters.get("client_secret");
    if parameters.get("client_assertion").is_some() || parameters.get("client_assertion_type").is_some() {
        return match (authorization, in_body) {
            (None, None) => by_assertion(parameters),
            _ => Err(two_methods()),
        };
    }
    match (authorization, in_body) {
        (Some(_), Some(_)) => Err(two_methods()),
        (Some(header), None) => basic(header, parameters.get("client_id")),
        (None, secret) => {
            let id = parameters.get("client_id").ok_or_else(OAuthError::invalid_client)?.to_owned();
            if secret.is_some_and(|secret| secret.len() > LONGEST_CREDENTIAL) {
                return Err(OAuthError::invalid_client());
            }
            Ok(match secret {
                Some(secret) => Shown { id, proof: Proof::Secret(secret.to_owned()), method: "client_secret_post" },
                None => Shown { id, proof: Proof::Nothing, method: "none" },
            })
        }
    }
}

/// RFC 7521 section 4.2: a `client_id` beside the assertion names the same client.
fn by_assertion(parameters: &Parameters) -> Result<Shown, OAuthError> {
    let refused = OAuthError::invalid_client;
    if parameters.get("client_assertion_type") != Some(TYPE) {
        return Err(refused());
    }
    let assertion = parameters.get("client_assertion");
    let assertion = assertion.and_then(|text| Assertion::read(text, Purpose::Authentication)).ok_or_else(refused)?;
    let id = assertion.claims.get("sub").and_then(Value::as_str).ok_or_else(refused)?.to_owned();
    if parameters.get("client_id").is_some_and(|named| named != id) {
        return Err(refused());
    }
    Ok(Shown { id, proof: Proof::Assertion(Box::new(assertion)), method: "private_key_jwt" })
}

/// RFC 6749 section 2.3.1: id and secret are form-encoded before they are joined.
fn basic(header: &[u8], id_in_body: Option<&str>) -> Result<Shown, OAuthError> {
    let refused = OAuthError::invalid_client;
    if header.len() > LONGEST_CREDENTIAL {
        return Err(refused());
    }
    let text = std::str::from_utf8(header).map_err(|_| refused())?;
    let (scheme, encoded) = text.split_once(' ').ok_or_else(refused)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(refused());
    }
    let decoded = STANDARD.decode(encoded.trim()).map_err(|_| refused())?;
    let colon = decoded.iter().position(|byte| *byte == b':').ok_or_else(refused)?;
    let (id, secret) = (form_decoded(&decoded[..colon])?, form_decoded(&decoded[colon + 1..])?);
    if id_in_body.is_some_and(|other| other != id) {
        return Err(OAuthError::invalid_request("client_id differs from the one in the Authorization header"));
    }
    Ok(Shown { id, proof: Proof::Secret(secret), method: "client_secret_basic" })
}

fn form_decoded(part: &[u8]) -> Result<String, OAuthError> {
    let is_bare = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~*".contains(byte);
    if part.iter().all(is_bare) {
        return Ok(String::from_utf8_lossy(part).into_owned());
    }
    let mut encoded = Vec::with_capacity(part.len() + 2);
    encoded.extend_from_slice(b"v=");
    // What a form would never leave bare is refused by the parser or kept; an ampersand must not split the value.
    for byte in part {
        match byte {
            b'&' => encoded.extend_from_slice(b"%26"),
            other => encoded.push(*other),
        }
    }
    let parsed = Parameters::parse(&encoded).map_err(|_| OAuthError::invalid_client())?;
    Ok(parsed.get("v").unwrap_or_default().to_owned())
}

fn two_methods() -> OAuthError {
    OAuthError::new(ErrorCode::InvalidRequest, "more than one way of client authentication was used")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(text: &str) -> Vec<u8> {
        format!("Basic {}", STANDARD.encode(text)).into_bytes()
    }

    #[test]
    fn id_and_secret_are_form_decoded() {
        let shown = basic(&header("a%2Bb:p%C3%BC+%3A:x&y"), None).unwrap();
        assert_eq!(shown.id, "a+b");
        assert!(matches!(shown.proof, Proof::Secret(secret) if secret == "p\u{fc} ::x&y"));
    }

    #[test]
    fn malformed_headers_are_refused() {
        for bad in [
            &b"Basic"[..],
            b"Basic !!!",
            b"Bearer abc",
            b"Basic \xff",
            &header("no colon"),
            &header("a:%zz"),
            &header("a:%ff"),
        ] {
            assert_eq!(basic(bad, None).err().map(|error| error.code), Some(ErrorCode::InvalidClient), "{bad:?}");
        }
        assert!(basic(&[b'a'; 70_000], None).is_err());
        assert_eq!(basic(&header("a:b"), Some("c")).err().map(|error| error.code), Some(ErrorCode::InvalidRequest));
    }

    #[test]
    fn a_secret_is_compared_by_its_hash() {
        let hashes = [SecretHash(hash_secret("one")), SecretHash(hash_secret("two"))];
        assert!(hashes_include(&hashes, "two"));
        assert!(!hashes_include(&hashes, "three") && !hashes_include(&hashes, ""));
    }
}
