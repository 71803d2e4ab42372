//! The signature algorithms Karat signs with, and those that clients may sign with, by their registered JOSE names.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A JWS algorithm (RFC 7518 section 3.1, RFC 8037 section 3.1). Nothing outside this list is ever signed or accepted by the
/// keyring: no `none`, no MACs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256: what an ID token is signed with unless the client asks otherwise (OIDC Core 2).
    #[serde(rename = "RS256")]
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl Algorithm {
    /// Every algorithm, in the order in which they are published.
    pub const ALL: [Algorithm; 3] = [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa];

    /// The registered name, as it stands in headers, metadata and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Algorithm::Rs256 => "RS256",
            Algorithm::Es256 => "ES256",
            Algorithm::EdDsa => "EdDSA",
        }
    }

    /// Reads the registered name; names are case-sensitive (RFC 7515 section 4.1.1).
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == name)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a client's own signatures may be of (OpenID Connect Core section 9): asymmetric ones only, so that nothing stored here could
/// sign in the client's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum AssertionAlgorithm {
    #[serde(rename = "ES256")]
    Es256,
    /// RSASSA-PSS with SHA-256.
    #[serde(rename = "PS256")]
    Ps256,
    #[serde(rename = "RS256")]
    Rs256,
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl AssertionAlgorithm {
    pub const ALL: [Self; 4] = [Self::Es256, Self::Ps256, Self::Rs256, Self::EdDsa];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Ps256 => "PS256",
            Self::Rs256 => "RS256",
            Self::EdDsa => "EdDSA",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::{Algorithm, AssertionAlgorithm};

    #[test]
    fn clients_sign_with_asymmetric_algorithms_only() {
        for algorithm in AssertionAlgorithm::ALL {
            assert_eq!(AssertionAlgorithm::parse(algorithm.as_str()), Some(algorithm));
        }
        for name in ["none", "HS256", "HS512", "RS1", "es256", ""] {
            assert_eq!(AssertionAlgorithm::parse(name), None, "{name}");
        }
    }

    #[test]
    fn names_are_read_back_and_nothing_else_is() {
        for algorithm in Algorithm::ALL {
            assert_eq!(Algorithm::parse(algorithm.as_str()), Some(algorithm));
            assert_eq!(serde_json::to_string(&algorithm).ok(), Some(format!("\"{algorithm}\"")));
        }
        for name in ["none", "None", "rs256", "HS256", "RS512", "ES384", "eddsa", "Ed25519", ""] {
            assert_eq!(Algorithm::parse(name), None, "{name}");
        }
    }
}
