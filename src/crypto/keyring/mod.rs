//! The signing keys of the issuer: one immutable snapshot that signs, verifies and publishes.
//!
//! ```text
//! signing_key   one key pair, parsed once, with its public JWK and RFC 7638 thumbprint
//! verify        strict verification of what this issuer signed
//! strict_json   JSON objects in which no name stands twice
//! ```
//!
//! The snapshot is replaced as a whole when keys rotate. A key is `Coming` (it is published before it signs), `Current`
//! (it signs) or `Retiring` (it is published, and what it signed is accepted, until its last token is dead). To revoke a key, leave it out of the next snapshot.

mod signing_key;
pub mod strict_json;
mod verified;
mod verify;

use std::collections::HashMap;
use std::sync::Arc;

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::{Value, json};

pub use self::signing_key::{KeyError, SigningKey};
pub use self::verify::{Expected, VerifyError};
use crate::domain::jose::Algorithm;
use crate::domain::time::Timestamp;

/// What a key is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyStage {
    /// Is published, and will sign when everybody has it.
    Coming,
    /// Signs, and is published.
    Current,
    /// Signs no more; published and accepted before `published_until`.
    Retiring { published_until: Timestamp },
}

/// A key and what it is used for.
#[derive(Clone, Debug)]
pub struct KeyEntry {
    pub key: Arc<SigningKey>,
    pub stage: KeyStage,
}

impl KeyEntry {
    fn is_published(&self, now: Timestamp) -> bool {
        match self.stage {
            KeyStage::Coming | KeyStage::Current => true,
            KeyStage::Retiring { published_until } => now < published_until,
        }
    }
}

/// A snapshot of the issuer's keys.
#[derive(Debug, Default)]
pub struct Keyring {
    /// In the order of publication.
    entries: Vec<KeyEntry>,
    by_kid: HashMap<String, usize>,
}

/// Why nothing was signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    #[error("there is no current {0} key")]
    NoKey(Algorithm),
    #[error("the claims cannot be written as JSON: {0}")]
    Claims(#[from] serde_json::Error),
    #[error("the {0} signature failed")]
    Signature(Algorithm),
}

impl Keyring {
    /// Of several current keys of one algorithm, the first in `entries` signs. Of two entries for one key, the first counts.
    pub fn new(entries: Vec<KeyEntry>) -> Self {
        let mut ring = Self::default();
        for entry in entries {
            let kid = entry.key.kid().to_owned();
            if let std::collections::hash_map::Entry::Vacant(vacant) = ring.by_kid.entry(kid) {
                vacant.insert(0);
                ring.entries.push(entry);
            }
        }
        // A stable sort: the order given decides within an algorithm and a stage.
        ring.entries.sort_by_key(|entry| (entry.stage != KeyStage::Current, entry.key.algorithm()));
        for (index, entry) in ring.entries.iter().enumerate() {
            ring.by_kid.insert(entry.key.kid().to_owned(), index);
        }
        ring
    }

    /// The key that signs with `algorithm`.
    pub fn current(&self, algorithm: Algorithm) -> Option<&Arc<SigningKey>> {
        self.entries
            .iter()
            .find(|entry| entry.stage == KeyStage::Current && entry.key.algorithm() == algorithm)
            .map(|entry| &entry.key)
    }

    /// The algorithms that can sign now, in the order in which metadata lists them.
    pub fn algorithms(&self) -> Vec<Algorithm> {
        Algorithm::ALL.into_iter().filter(|algorithm| self.current(*algorithm).is_some()).collect()
    }

    /// Signs `claims` as a compact JWS (RFC 7515 section 7.1) with header `alg`, `kid` and `typ`.
    ///
    /// `typ` is `JWT` for an ID token, `at+jwt` for an access token (RFC 9068 section 2.1), `logout+jwt` for a logout token.
    /// An RS256 signature takes about half a millisecond.
    pub fn sign<T: Serialize>(&self, algorithm: Algorithm, typ: &str, claims: &T) -> Result<String, SignError> {
        let key = self.current(algorithm).ok_or(SignError::NoKey(algorithm))?;
        let header = Header { alg: algorithm, kid: key.kid(), typ };
        let mut token = String::with_capacity(1024);
        URL_SAFE_NO_PAD.encode_string(serde_json::to_vec(&header)?, &mut token);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(serde_json::to_vec(claims)?, &mut token);
        let signature = key.sign(token.as_bytes()).map_err(|_| SignError::Signature(algorithm))?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }

    /// The claims of a token that this issuer signed and that is what `expected` says. See [`VerifyError`] for what is refused.
    pub fn verify(&self, token: &str, expected: &Expected<'_>) -> Result<serde_json::Map<String, Value>, VerifyError> {
        verify::verify(self, token, expected)
    }

    /// The JWK set (RFC 7517 section 5) of every key published at `now`: public members only, current keys first, the same
    /// bytes for the same keys.
    pub fn jwks(&self, now: Timestamp) -> Value {
        let published = self.entries.iter().filter(|entry| entry.is_published(now));
        let keys: Vec<&Value> = published.map(|entry| entry.key.public_jwk()).collect();
        json!({ "keys": keys })
    }

    /// The key of this `kid`, in whatever stage.
    pub fn key(&self, kid: &str) -> Option<&Arc<SigningKey>> {
        Some(&self.entries.get(*self.by_kid.get(kid)?)?.key)
    }

    /// Whether both hold the same keys in the same stages.
    pub fn is_same_as(&self, other: &Self) -> bool {
        let same =
            |(own, theirs): (&KeyEntry, &KeyEntry)| own.key.kid() == theirs.key.kid() && own.stage == theirs.stage;
        self.entries.len() == other.entries.len() && self.entries.iter().zip(&other.entries).all(same)
    }

    /// When the next of the published keys is withdrawn by itself: until then the set at `now` stays as it is.
    pub fn withdraws_next(&self, now: Timestamp) -> Option<Timestamp> {
        let ends = self.entries.iter().filter_map(|entry| match entry.stage {
            KeyStage::Coming | KeyStage::Current => None,
            KeyStage::Retiring { published_until } => Some(published_until),
        });
        ends.filter(|end| *end > now).min()
    }

    fn published(&self, kid: &str, now: Timestamp) -> Option<&SigningKey> {
        let entry = self.entries.get(*self.by_kid.get(kid)?)?;
        entry.is_published(now).then_some(&*entry.key)
    }
}

#[derive(Serialize)]
struct Header<'a> {
    alg: Algorithm,
    kid: &'a str,
    typ: &'a str,
}

/// The `at_hash` of an ID token (OIDC Core 3.1.3.6): the left half of the hash of the access token, with the hash function of
/// the ID token's algorithm. EdDSA with Ed25519 hashes with SHA-512 (RFC 8032 section 5.1). `c_hash` is made the same way.
pub fn at_hash(algorithm: Algorithm, access_token: &str) -> String {
    let hash = match algorithm {
        Algorithm::Rs256 | Algorithm::Es256 => &digest::SHA256,
        Algorithm::EdDsa => &digest::SHA512,
    };
    let digest = digest::digest(hash, access_token.as_bytes());
    let (left, _) = digest.as_ref().split_at(hash.output_len() / 2);
    URL_SAFE_NO_PAD.encode(left)
}

#[cfg(test)]
mod tests;
