//! What the browser says of the page that asked (WebAuthn Level 3 section 5.8.1), held to the letter.
//!
//! The library compares origins as URLs, so that a path or another spelling of the host passes, and does not look at
//! `crossOrigin` when a passkey is used. Both are looked at here.

use serde::Deserialize;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ceremony {
    Create,
    Get,
}

#[derive(Debug, thiserror::Error)]
pub enum ClientDataError {
    #[error("the client data is no JSON of that kind: {0}")]
    Unreadable(#[from] serde_json::Error),
    #[error("the client data is of another type")]
    Kind,
    #[error("the passkey was used at {0:?}")]
    Origin(String),
    #[error("the page was framed by another site")]
    CrossOrigin,
}

/// Names that stand there twice are an error of the reader.
#[derive(Deserialize)]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    origin: String,
    #[serde(rename = "crossOrigin", default)]
    cross_origin: bool,
    #[serde(rename = "topOrigin", default)]
    top_origin: Option<String>,
}

/// Sections 7.1 steps 7 and 9 to 11, 7.2 steps 11 and 13 to 15. `own` is the origin of the issuer.
pub fn check(json: &[u8], ceremony: Ceremony, own: &str) -> Result<(), ClientDataError> {
    let data: ClientData = serde_json::from_slice(json)?;
    let expected = match ceremony {
        Ceremony::Create => "webauthn.create",
        Ceremony::Get => "webauthn.get",
    };
    if data.kind != expected {
        return Err(ClientDataError::Kind);
    }
    if data.origin != own {
        return Err(ClientDataError::Origin(data.origin.chars().take(100).collect()));
    }
    // Our pages are never framed, by whomever.
    if data.cross_origin || data.top_origin.is_some() {
        return Err(ClientDataError::CrossOrigin);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "https://id.example";

    fn said(kind: &str, origin: &str, more: &str) -> bool {
        let json = format!(r#"{{"type":"{kind}","challenge":"AA","origin":"{origin}"{more}}}"#);
        check(json.as_bytes(), Ceremony::Get, OWN).is_ok()
    }

    #[test]
    fn only_our_own_page_at_the_top_may_ask() {
        assert!(said("webauthn.get", OWN, ""));
        assert!(said("webauthn.get", OWN, r#","crossOrigin":false,"other_keys_can_be_added_here":1"#));
        assert!(!said("webauthn.create", OWN, ""));
        assert!(!said("payment.get", OWN, ""));
        for origin in [
            "http://id.example",
            "https://id.example/",
            "https://id.example:443",
            "https://ID.example",
            "https://login.id.example",
            "https://example",
            "https://id.example.evil.test",
            "android:apk-key-hash:AAAA",
            "null",
            "",
        ] {
            assert!(!said("webauthn.get", origin, ""), "{origin}");
        }
        assert!(!said("webauthn.get", OWN, r#","crossOrigin":true"#));
        assert!(!said("webauthn.get", OWN, r#","topOrigin":"https://evil.test""#));
        assert!(!said("webauthn.get", OWN, r#","origin":"https://evil.test""#), "an origin said twice");
    }
}
