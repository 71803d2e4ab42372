//! JWTs that clients sign (RFC 7523 section 3): read as strictly as our own, verified by the keys that the client registered. What the
//! claims have to say is the caller's to judge.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::client_keys::{PublicKeys, Verdict};
use super::keyring::strict_json;
use crate::domain::jose::AssertionAlgorithm;

const LARGEST: usize = 16 * 1024;
const LONGEST_KID: usize = 256;
/// Header members that bring a key of their own, change what is signed, or must be understood (RFC 8725 section 3.10).
const REFUSED_MEMBERS: [&str; 8] = ["crit", "b64", "zip", "jwk", "jku", "x5u", "x5c", "enc"];

/// What a client signs a JWT for. One that was made for something else may say so in its type (RFC 8725 section 3.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Authentication,
    /// RFC 9101 section 4.
    Request,
}

impl Purpose {
    const fn types(self) -> [&'static str; 2] {
        match self {
            Self::Authentication => ["jwt", "client-authentication+jwt"],
            Self::Request => ["jwt", "oauth-authz-req+jwt"],
        }
    }
}

/// Well formed; not yet verified.
pub struct Assertion {
    pub algorithm: AssertionAlgorithm,
    pub claims: Map<String, Value>,
    kid: Option<String>,
    message: String,
    signature: String,
}

impl Assertion {
    /// `None` for whatever is no compact JWS of an algorithm that clients may use.
    pub fn read(token: &str, purpose: Purpose) -> Option<Self> {
        if token.len() > LARGEST {
            return None;
        }
        let (message, signature) = token.rsplit_once('.')?;
        let (header, payload) = message.split_once('.')?;
        let header = object(header)?;
        if REFUSED_MEMBERS.into_iter().any(|member| header.contains_key(member)) || !is_of(purpose, &header) {
            return None;
        }
        let kid = match header.get("kid") {
            None => None,
            Some(kid) => Some(kid.as_str().filter(|kid| kid.len() <= LONGEST_KID)?.to_owned()),
        };
        Some(Self {
            algorithm: AssertionAlgorithm::parse(header.get("alg")?.as_str()?)?,
            claims: object(payload)?,
            kid,
            message: message.to_owned(),
            signature: signature.to_owned(),
        })
    }

    pub fn verify(&self, keys: &PublicKeys) -> Verdict {
        keys.verify((&self.message, &self.signature), self.algorithm, self.kid.as_deref())
    }
}

fn object(part: &str) -> Option<Map<String, Value>> {
    strict_json::object(&URL_SAFE_NO_PAD.decode(part).ok()?)
}

/// RFC 7515 section 4.1.9: optional, and without a slash it stands for `application/` and itself.
fn is_of(purpose: Purpose, header: &Map<String, Value>) -> bool {
    let Some(found) = header.get("typ") else { return true };
    let Some(found) = found.as_str().map(str::to_ascii_lowercase) else { return false };
    purpose.types().contains(&found.strip_prefix("application/").unwrap_or(&found))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn token(header: &Value, claims: &str) -> String {
        format!("{}.{}.AAAA", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims))
    }

    fn read(token: &str) -> Option<Assertion> {
        Assertion::read(token, Purpose::Authentication)
    }

    #[test]
    fn only_asymmetric_signatures_of_plain_headers_are_read() {
        for good in [
            json!({ "alg": "ES256" }),
            json!({ "alg": "PS256", "kid": "a", "typ": "JWT" }),
            json!({ "alg": "EdDSA", "typ": "application/client-authentication+jwt", "x5t": "AA" }),
        ] {
            assert!(read(&token(&good, "{}")).is_some(), "{good}");
        }
        for bad in [
            json!({}),
            json!({ "alg": "none" }),
            json!({ "alg": "HS256" }),
            json!({ "alg": "RS512" }),
            json!({ "alg": "ES256", "typ": "at+jwt" }),
            json!({ "alg": "ES256", "typ": 1 }),
            json!({ "alg": "ES256", "kid": 1 }),
            json!({ "alg": "ES256", "crit": ["exp"] }),
            json!({ "alg": "ES256", "jwk": {} }),
            json!({ "alg": "ES256", "jku": "https://evil.test/" }),
        ] {
            assert!(read(&token(&bad, "{}")).is_none(), "{bad}");
        }
        let good = json!({ "alg": "ES256" });
        for claims in ["", "[]", r#"{"iss":"a","iss":"b"}"#] {
            assert!(read(&token(&good, claims)).is_none(), "{claims}");
        }
        for text in ["", ".", "..", "a.b.c", "a.b.c.d.e"] {
            assert!(read(text).is_none(), "{text}");
        }
        assert!(read(&"a".repeat(LARGEST + 1)).is_none());
    }

    #[test]
    fn a_jwt_that_says_what_it_is_for_is_for_nothing_else() {
        for (typ, proves, asks) in [
            ("JWT", true, true),
            ("client-authentication+jwt", true, false),
            ("oauth-authz-req+jwt", false, true),
            ("application/OAuth-AuthZ-Req+jwt", false, true),
            ("at+jwt", false, false),
            ("dpop+jwt", false, false),
            ("logout+jwt", false, false),
        ] {
            let token = token(&json!({ "alg": "ES256", "typ": typ }), "{}");
            let found = [Purpose::Authentication, Purpose::Request].map(|it| Assertion::read(&token, it).is_some());
            assert_eq!(found, [proves, asks], "{typ}");
        }
    }
}
