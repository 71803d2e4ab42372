//! The public keys of a client (RFC 7517): read from a set that somebody else wrote, used to verify what the client signed.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm as JwtAlgorithm, DecodingKey};
use serde_json::{Map, Value};

use super::keyring::strict_json;
use crate::domain::jose::AssertionAlgorithm;

/// A set is read at every authentication, and keys without a name are tried one after another.
const MOST_KEYS: usize = 32;
const LARGEST: usize = 64 << 10;
const LONGEST_KID: usize = 256;
/// Shorter ones can be broken, longer ones only cost time.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;
/// The parts of private keys (RFC 7518 section 6) and the symmetric key.
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

pub struct PublicKeys(Vec<PublicKey>);

struct PublicKey {
    kid: Option<String>,
    algorithms: Vec<AssertionAlgorithm>,
    key: DecodingKey,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeySetError {
    #[error("must be a JWK set: {{\"keys\": [...]}}, without repeated names, of at most 64 KiB")]
    Malformed,
    #[error("holds more than {MOST_KEYS} keys")]
    TooMany,
    /// Whoever can read the set could sign in the client's name.
    #[error("holds a private or symmetric key: publish public keys only, and replace this one")]
    Private,
    #[error("holds an RSA key that has not from 2048 to 4096 bits")]
    RsaSize,
    #[error("holds a key that is not written as its type is (RFC 7518 section 6)")]
    Key,
    #[error("holds no key that signs with ES256 (P-256), EdDSA (Ed25519), PS256 or RS256 (RSA)")]
    Nothing,
}

/// What a signature is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Genuine,
    /// No key of this name, or none of this kind: the set may be an old one.
    UnknownKey,
    Forged,
}

impl PublicKeys {
    /// Reads a set. Keys of other kinds or for other uses are passed over (RFC 7517 section 5); what must not be there at all refuses the set.
    pub fn parse(text: &[u8]) -> Result<Self, KeySetError> {
        if text.len() > LARGEST {
            return Err(KeySetError::Malformed);
        }
        let set = strict_json::object(text).ok_or(KeySetError::Malformed)?;
        let keys = set.get("keys").and_then(Value::as_array).ok_or(KeySetError::Malformed)?;
        if keys.len() > MOST_KEYS {
            return Err(KeySetError::TooMany);
        }
        let mut usable = Vec::new();
        for key in keys {
            let key = key.as_object().ok_or(KeySetError::Malformed)?;
            usable.extend(public_key(key)?);
        }
        if usable.is_empty() { Err(KeySetError::Nothing) } else { Ok(Self(usable)) }
    }

    pub(super) fn verify(
        &self,
        (message, signature): (&str, &str),
        algorithm: AssertionAlgorithm,
        kid: Option<&str>,
    ) -> Verdict {
        let fitting = self.0.iter().filter(|key| {
            // A key without a name may be any.
            let named = kid.is_none_or(|kid| key.kid.as_deref().is_none_or(|own| own == kid));
            named && key.algorithms.contains(&algorithm)
        });
        let mut verdict = Verdict::UnknownKey;
        for key in fitting {
            let verified =
                jsonwebtoken::crypto::verify(signature, message.as_bytes(), &key.key, jwt_algorithm(algorithm));
            if verified.unwrap_or(false) {
                return Verdict::Genuine;
            }
            // Where nothing says which key it was to be, it may be one that is not here yet.
            if kid.is_some() && key.kid.is_some() {
                verdict = Verdict::Forged;
            }
        }
        verdict
    }
}

fn public_key(jwk: &Map<String, Value>) -> Result<Option<PublicKey>, KeySetError> {
    let text = |name: &str| jwk.get(name).and_then(Value::as_str);
    let kty = text("kty").ok_or(KeySetError::Malformed)?;
    if kty == "oct" || PRIVATE.iter().any(|name| jwk.contains_key(*name)) {
        return Err(KeySetError::Private);
    }
    let kid = match jwk.get("kid") {
        None => None,
        Some(kid) => Some(kid.as_str().filter(|kid| kid.len() <= LONGEST_KID).ok_or(KeySetError::Malformed)?),
    };
    let component = |name: &str| {
        let bytes = text(name).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
        bytes.ok_or(KeySetError::Key)
    };
    let (mut algorithms, key) = match (kty, text("crv")) {
        ("RSA", _) => {
            let (modulus, exponent) = (component("n")?, component("e")?);
            check_rsa(&modulus, &exponent)?;
            let key = DecodingKey::from_rsa_raw_components(&modulus, &exponent);
            (vec![AssertionAlgorithm::Ps256, AssertionAlgorithm::Rs256], key)
        }
        ("EC", Some("P-256")) => {
            let (x, y) = (component("x")?, component("y")?);
            if x.len() != 32 || y.len() != 32 {
                return Err(KeySetError::Key);
            }
            let key = DecodingKey::from_ec_components(text("x").unwrap_or_default(), text("y").unwrap_or_default());
            (vec![AssertionAlgorithm::Es256], key.map_err(|_| KeySetError::Key)?)
        }
        ("OKP", Some("Ed25519")) => {
            if component("x")?.len() != 32 {
                return Err(KeySetError::Key);
            }
            let key = DecodingKey::from_ed_components(text("x").unwrap_or_default());
            (vec![AssertionAlgorithm::EdDsa], key.map_err(|_| KeySetError::Key)?)
        }
        _ => return Ok(None),
    };
    if let Some(only) = text("alg") {
        algorithms.retain(|algorithm| {
            algorithm.as_str() == only || (only == "Ed25519" && *algorithm == AssertionAlgorithm::EdDsa)
        });
    }
    let operations = jwk.get("key_ops").and_then(Value::as_array);
    let verifies = operations.is_none_or(|operations| operations.iter().any(|one| one == "verify"));
    let signs = text("use").is_none_or(|purpose| purpose == "sig") && verifies && !algorithms.is_empty();
    Ok(signs.then(|| PublicKey { kid: kid.map(str::to_owned), algorithms, key }))
}

/// The exponent is odd and short: a long one makes verifying as slow as signing.
fn check_rsa(modulus: &[u8], exponent: &[u8]) -> Result<(), KeySetError> {
    let significant = |bytes: &[u8]| bytes.iter().position(|byte| *byte != 0).map(|first| bytes[first..].to_vec());
    let (Some(modulus), Some(exponent)) = (significant(modulus), significant(exponent)) else {
        return Err(KeySetError::Key);
    };
    let bits = modulus.len() * 8 - modulus.first().map_or(0, |first| first.leading_zeros() as usize);
    if !RSA_BITS.contains(&bits) {
        return Err(KeySetError::RsaSize);
    }
    let is_odd = |bytes: &[u8]| bytes.last().is_some_and(|last| last % 2 == 1);
    if exponent.len() > 4 || exponent == [1] || !is_odd(&exponent) || !is_odd(&modulus) {
        return Err(KeySetError::Key);
    }
    Ok(())
}

const fn jwt_algorithm(algorithm: AssertionAlgorithm) -> JwtAlgorithm {
    match algorithm {
        AssertionAlgorithm::Es256 => JwtAlgorithm::ES256,
        AssertionAlgorithm::Ps256 => JwtAlgorithm::PS256,
        AssertionAlgorithm::Rs256 => JwtAlgorithm::RS256,
        AssertionAlgorithm::EdDsa => JwtAlgorithm::EdDSA,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::keyring::SigningKey;
    use crate::domain::jose::Algorithm;
    use serde_json::json;

    fn refused(keys: Value) -> Option<KeySetError> {
        PublicKeys::parse(json!({ "keys": keys }).to_string().as_bytes()).err()
    }

    fn published(algorithm: Algorithm) -> Value {
        SigningKey::generate(algorithm).unwrap().public_jwk().clone()
    }

    #[test]
    fn every_kind_of_public_key_is_read_and_others_are_passed_over() {
        let keys: Vec<_> = [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa].map(published).to_vec();
        for key in &keys {
            assert_eq!(refused(json!([key])), None, "{key}");
        }
        let foreign = json!({ "kty": "EC", "crv": "P-521", "x": "AA", "y": "AA" });
        assert_eq!(refused(json!([keys[1], foreign, { "kty": "quantum" }])), None);
        assert_eq!(refused(json!([foreign])), Some(KeySetError::Nothing));
        let mut for_encryption = keys[0].clone();
        for_encryption["use"] = json!("enc");
        assert_eq!(refused(json!([for_encryption])), Some(KeySetError::Nothing));
    }

    #[test]
    fn private_and_symmetric_keys_are_refused_wherever_they_stand() {
        let good = published(Algorithm::Es256);
        for name in PRIVATE {
            let mut key = good.clone();
            key[name] = json!("AQAB");
            assert_eq!(refused(json!([good, key])), Some(KeySetError::Private), "{name}");
        }
        assert_eq!(refused(json!([{ "kty": "oct" }])), Some(KeySetError::Private));
    }

    #[test]
    fn keys_of_odd_sizes_and_sets_of_other_shapes_are_refused() {
        let rsa = |bytes: usize, e: &str| json!([{ "kty": "RSA", "n": URL_SAFE_NO_PAD.encode(vec![0xc1_u8; bytes]), "e": e }]);
        assert_eq!(refused(rsa(256, "AQAB")), None);
        assert_eq!(refused(rsa(128, "AQAB")), Some(KeySetError::RsaSize));
        assert_eq!(refused(rsa(1024, "AQAB")), Some(KeySetError::RsaSize));
        for exponent in ["AQ", "Ag", "AQABAQAB", "", "!"] {
            assert_eq!(refused(rsa(256, exponent)), Some(KeySetError::Key), "{exponent}");
        }
        assert_eq!(refused(json!([{ "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA" }])), Some(KeySetError::Key));
        assert_eq!(refused(json!([{ "kty": "OKP", "crv": "Ed25519", "x": "AA" }])), Some(KeySetError::Key));
        assert_eq!(refused(json!([])), Some(KeySetError::Nothing));
        let good = published(Algorithm::EdDsa);
        assert_eq!(refused(json!(vec![good.clone(); 32])), None);
        assert_eq!(refused(json!(vec![good; 33])), Some(KeySetError::TooMany));
        for text in
            ["", "[]", "{}", r#"{"keys":{}}"#, r#"{"keys":["x"]}"#, r#"{"keys":[{}]}"#, r#"{"keys":[],"keys":[]}"#]
        {
            assert_eq!(PublicKeys::parse(text.as_bytes()).err(), Some(KeySetError::Malformed), "{text}");
        }
    }
}
