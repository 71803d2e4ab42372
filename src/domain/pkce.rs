//! Proof Key for Code Exchange, S256 only (RFC 7636).

use serde::{Deserialize, Serialize};

/// The base64url text of a SHA-256 digest: 43 characters (RFC 7636 section 4.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CodeChallenge(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidChallenge {
    #[error("code_challenge_method must be S256")]
    Method,
    #[error("code_challenge must be the base64url text of a SHA-256 digest")]
    Challenge,
    #[error("code_challenge_method was sent without code_challenge")]
    MethodAlone,
}

impl CodeChallenge {
    /// Reads the pair of parameters. `plain`, which a missing method means by RFC 7636 section 4.3, is refused.
    pub fn from_parameters(challenge: Option<&str>, method: Option<&str>) -> Result<Option<Self>, InvalidChallenge> {
        match (challenge, method) {
            (None, None) => Ok(None),
            (None, Some(_)) => Err(InvalidChallenge::MethodAlone),
            (Some(_), method) if method != Some("S256") => Err(InvalidChallenge::Method),
            (Some(text), _) if text.len() == 43 && text.bytes().all(is_base64url) => Ok(Some(Self(text.to_owned()))),
            (Some(_), _) => Err(InvalidChallenge::Challenge),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether the text has the form of a `code_verifier`: 43 to 128 unreserved characters (RFC 7636 section 4.1).
pub fn is_code_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len()) && text.bytes().all(|b| is_base64url(b) || matches!(b, b'.' | b'~'))
}

fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn s256_is_the_only_method() {
        assert!(matches!(CodeChallenge::from_parameters(Some(CHALLENGE), Some("S256")), Ok(Some(_))));
        assert_eq!(CodeChallenge::from_parameters(None, None), Ok(None));
        assert_eq!(CodeChallenge::from_parameters(Some(CHALLENGE), None), Err(InvalidChallenge::Method));
        assert_eq!(CodeChallenge::from_parameters(Some(CHALLENGE), Some("plain")), Err(InvalidChallenge::Method));
        assert_eq!(CodeChallenge::from_parameters(None, Some("S256")), Err(InvalidChallenge::MethodAlone));
        let short = Some(&CHALLENGE[1..]);
        assert_eq!(CodeChallenge::from_parameters(short, Some("S256")), Err(InvalidChallenge::Challenge));
    }

    #[test]
    fn a_verifier_has_43_to_128_unreserved_characters() {
        assert!(is_code_verifier(&"a".repeat(43)));
        assert!(is_code_verifier(&"~".repeat(128)));
        for bad in ["a".repeat(42), "a".repeat(129), format!("{}+", "a".repeat(43)), "ü".repeat(30)] {
            assert!(!is_code_verifier(&bad), "{bad}");
        }
    }
}
