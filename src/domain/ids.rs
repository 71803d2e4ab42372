//! Identifiers as types of their own, so that a session is never taken for a grant.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text is not an identifier of this kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {0}")]
pub struct InvalidId(&'static str);

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            pub const fn new(id: Uuid) -> Self {
                Self(id)
            }

            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                // Only the canonical form: one identifier, one text.
                if text.len() != 36 || text.bytes().any(|b| b.is_ascii_uppercase()) {
                    return Err(InvalidId($kind));
                }
                Uuid::try_parse(text).map(Self).map_err(|_| InvalidId($kind))
            }
        }
    };
}

uuid_id!(
    /// A person. Its text is the `sub` of the person's tokens (OpenID Connect Core section 2).
    UserId,
    "user id"
);
uuid_id!(
    /// A browser session; its text is the `sid` claim (OpenID Connect Back-Channel Logout section 2.1).
    SessionId,
    "session id"
);
uuid_id!(
    /// What one authorization led to: every token of one family carries it.
    GrantId,
    "grant id"
);
uuid_id!(
    /// One application for a verification level.
    CaseId,
    "case id"
);

/// A `client_id` (RFC 6749 appendix A.1): 1 to 128 visible ASCII characters, without the colon that would make
/// HTTP Basic ambiguous.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClientId(String);

impl ClientId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ClientId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let fits = (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic() && b != b':');
        if fits { Ok(Self(text.to_owned())) } else { Err(InvalidId("client_id")) }
    }
}

impl TryFrom<String> for ClientId {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<ClientId> for String {
    fn from(id: ClientId) -> String {
        id.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_canonical_text_is_an_id() {
        assert!("0190163d-8694-739b-aea5-966c26f8ad91".parse::<UserId>().is_ok());
        for bad in ["0190163D-8694-739B-AEA5-966C26F8AD91", "0190163d8694739baea5966c26f8ad91", "", "x", "{}"] {
            assert!(bad.parse::<UserId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_client_id_is_visible_ascii_without_colon() {
        assert!("trading-app".parse::<ClientId>().is_ok());
        for bad in ["", "a b", "a:b", "ü", "a\n", &"x".repeat(129)] {
            assert!(bad.parse::<ClientId>().is_err(), "{bad:?}");
        }
    }
}
