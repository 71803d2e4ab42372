//! One signing key: the parsed key pair, its PKCS#8 form for storage, its public JWK.
//!
//! `jsonwebtoken` would parse the private key on every signature, which for RSA costs more than the signature itself; so signing
//! goes to the parsed key here, while `jsonwebtoken` does JWKs, thumbprints and verification.

use std::fmt;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
    RsaPublicKeyComponents,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{
    AlgorithmParameters, CommonParameters, EllipticCurve, EllipticCurveKeyParameters, EllipticCurveKeyType, Jwk,
    OctetKeyPairParameters, OctetKeyPairType, PublicKeyUse, RSAKeyParameters, RSAKeyType, ThumbprintHash,
};
use jsonwebtoken::{Algorithm as JwtAlgorithm, DecodingKey};
use serde_json::Value;
use zeroize::Zeroizing;

use super::verified::Verified;
use crate::domain::jose::Algorithm;

/// A key pair that signs. Its `kid` is its RFC 7638 SHA-256 thumbprint, so one key has one name everywhere.
pub struct SigningKey {
    kid: String,
    pair: Pair,
    pkcs8: Zeroizing<Vec<u8>>,
    verifying: DecodingKey,
    verified: Verified,
    public_jwk: Value,
}

enum Pair {
    Rs256(RsaKeyPair),
    Es256(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
}

/// Why a key cannot be made or read.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("a {0} key could not be generated")]
    Generate(Algorithm),
    #[error("not a private key for {0}")]
    Rejected(Algorithm),
    /// The stored name belongs to another key: rows were swapped.
    #[error("the key's thumbprint is {thumbprint}, not {kid}")]
    WrongKid { kid: String, thumbprint: String },
}

impl SigningKey {
    /// Makes a key. RSA keys have 2048 bits and take up to a second: call it on a blocking thread.
    pub fn generate(algorithm: Algorithm) -> Result<Self, KeyError> {
        let failed = |_| KeyError::Generate(algorithm);
        let pkcs8 = match algorithm {
            Algorithm::Rs256 => {
                let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(failed)?;
                Zeroizing::new(pair.as_der().map_err(failed)?.as_ref().to_vec())
            }
            Algorithm::Es256 => {
                let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
                Zeroizing::new(document.map_err(failed)?.as_ref().to_vec())
            }
            Algorithm::EdDsa => {
                let document = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new());
                Zeroizing::new(document.map_err(failed)?.as_ref().to_vec())
            }
        };
        Self::parse(algorithm, pkcs8)
    }

    /// Reads a stored key (PKCS#8, DER). The key must be the one that `kid` names.
    pub fn from_pkcs8(algorithm: Algorithm, kid: &str, pkcs8: &[u8]) -> Result<Self, KeyError> {
        let key = Self::parse(algorithm, Zeroizing::new(pkcs8.to_vec()))?;
        if key.kid != kid {
            return Err(KeyError::WrongKid { kid: kid.to_owned(), thumbprint: key.kid.clone() });
        }
        Ok(key)
    }

    /// The private key for storage (PKCS#8, DER). Seal it.
    pub fn to_pkcs8(&self) -> Zeroizing<Vec<u8>> {
        self.pkcs8.clone()
    }

    pub fn kid(&self) -> &str {
        &self.kid
    }

    pub fn algorithm(&self) -> Algorithm {
        match self.pair {
            Pair::Rs256(_) => Algorithm::Rs256,
            Pair::Es256(_) => Algorithm::Es256,
            Pair::EdDsa(_) => Algorithm::EdDsa,
        }
    }

    /// The public key as published: `kty`, its members, `kid`, `use` and `alg`.
    pub fn public_jwk(&self) -> &Value {
        &self.public_jwk
    }

    /// The JWS signature over `message`: for ES256 the 64 bytes of r and s (RFC 7518 section 3.4).
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, aws_lc_rs::error::Unspecified> {
        match &self.pair {
            Pair::Rs256(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)?;
                Ok(signature)
            }
            Pair::Es256(pair) => Ok(pair.sign(&SystemRandom::new(), message)?.as_ref().to_vec()),
            Pair::EdDsa(pair) => Ok(pair.try_sign(message)?.as_ref().to_vec()),
        }
    }

    /// Whether `signature` (base64url) is this key's over `message`.
    pub(super) fn verifies(&self, message: &[u8], signature: &str) -> bool {
        let algorithm = jwt_algorithm(self.algorithm());
        self.verified.or_verify(message, signature, || {
            jsonwebtoken::crypto::verify(signature, message, &self.verifying, algorithm).unwrap_or(false)
        })
    }

    /// The public key as SubjectPublicKeyInfo (RFC 5280 section 4.1), as files hold it.
    #[cfg(test)]
    pub(super) fn public_der(&self) -> Vec<u8> {
        let der: Result<aws_lc_rs::encoding::PublicKeyX509Der<'static>, _> = match &self.pair {
            Pair::Rs256(pair) => pair.public_key().as_der(),
            Pair::Es256(pair) => pair.public_key().as_der(),
            Pair::EdDsa(pair) => pair.public_key().as_der(),
        };
        der.map(|der| der.as_ref().to_vec()).unwrap_or_default()
    }

    fn parse(algorithm: Algorithm, pkcs8: Zeroizing<Vec<u8>>) -> Result<Self, KeyError> {
        let rejected = || KeyError::Rejected(algorithm);
        let pair = match algorithm {
            Algorithm::Rs256 => RsaKeyPair::from_pkcs8(&pkcs8).map(Pair::Rs256),
            Algorithm::Es256 => EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8).map(Pair::Es256),
            Algorithm::EdDsa => Ed25519KeyPair::from_pkcs8(&pkcs8).map(Pair::EdDsa),
        }
        .map_err(|_| rejected())?;
        let mut jwk = Jwk {
            common: CommonParameters {
                public_key_use: Some(PublicKeyUse::Signature),
                key_algorithm: Some(jwt_algorithm(algorithm).into()),
                ..CommonParameters::default()
            },
            algorithm: pair.public_parameters().ok_or_else(rejected)?,
        };
        let kid = jwk.thumbprint(ThumbprintHash::SHA256).map_err(|_| rejected())?;
        jwk.common.key_id = Some(kid.clone());
        let verifying = DecodingKey::from_jwk(&jwk).map_err(|_| rejected())?;
        let public_jwk = serde_json::to_value(&jwk).map_err(|_| rejected())?;
        Ok(Self { kid, pair, pkcs8, verifying, verified: Verified::default(), public_jwk })
    }
}

impl Pair {
    fn public_parameters(&self) -> Option<AlgorithmParameters> {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        Some(match self {
            Pair::Rs256(pair) => {
                let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                AlgorithmParameters::RSA(RSAKeyParameters {
                    key_type: RSAKeyType::RSA,
                    n: encode(&public.n),
                    e: encode(&public.e),
                })
            }
            Pair::Es256(pair) => {
                // An uncompressed point: 0x04, x, y (SEC 1 section 2.3.3).
                let (tag, coordinates) = pair.public_key().as_ref().split_first()?;
                let (x, y) = coordinates.split_at_checked(32)?;
                if *tag != 4 || y.len() != 32 {
                    return None;
                }
                AlgorithmParameters::EllipticCurve(EllipticCurveKeyParameters {
                    key_type: EllipticCurveKeyType::EC,
                    curve: EllipticCurve::P256,
                    x: encode(x),
                    y: encode(y),
                })
            }
            Pair::EdDsa(pair) => AlgorithmParameters::OctetKeyPair(OctetKeyPairParameters {
                key_type: OctetKeyPairType::OctetKeyPair,
                curve: EllipticCurve::Ed25519,
                x: encode(pair.public_key().as_ref()),
            }),
        })
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("kid", &self.kid)
            .field("algorithm", &self.algorithm())
            .finish_non_exhaustive()
    }
}

const fn jwt_algorithm(algorithm: Algorithm) -> JwtAlgorithm {
    match algorithm {
        Algorithm::Rs256 => JwtAlgorithm::RS256,
        Algorithm::Es256 => JwtAlgorithm::ES256,
        Algorithm::EdDsa => JwtAlgorithm::EdDSA,
    }
}
