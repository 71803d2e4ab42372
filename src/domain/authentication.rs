//! How, how strongly and when a person logged in: the facts behind `acr`, `amr` and `auth_time`.

use serde::{Deserialize, Serialize};

use super::time::Timestamp;

/// The authentication context class references, from weak to strong (OpenID Connect Core section 2, `acr`).
/// A stronger class satisfies the demand for a weaker one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Acr {
    /// One factor, the password.
    #[serde(rename = "urn:karat:acr:pwd")]
    Password,
}

impl Acr {
    pub const LADDER: [Acr; 1] = [Acr::Password];

    pub const fn as_str(self) -> &'static str {
        match self {
            Acr::Password => "urn:karat:acr:pwd",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::LADDER.into_iter().find(|acr| acr.as_str() == text)
    }
}

/// One log-in. It describes what happened and never changes; refreshed tokens repeat it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authentication {
    /// When the person last proved who they are.
    pub time: Timestamp,
    pub acr: Acr,
    /// Authentication method references (RFC 8176).
    pub amr: Vec<String>,
}

impl Authentication {
    pub fn by_password(now: Timestamp) -> Self {
        Self { time: now, acr: Acr::Password, amr: vec!["pwd".to_owned()] }
    }
}
