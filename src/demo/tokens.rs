//! What an app holds of a person once they are logged in.

use openidconnect::core::CoreIdToken;
use openidconnect::{AccessToken, Nonce, RefreshToken};
use serde_json::{Map, Value};

use crate::domain::time::Timestamp;

/// Tokens of one person at this app, with the ID token's claims already verified.
#[derive(Clone)]
pub struct Tokens {
    pub id_token: CoreIdToken,
    pub id_claims: Map<String, Value>,
    pub access_token: AccessToken,
    pub refresh_token: Option<RefreshToken>,
    /// As granted by the provider; the requested ones when the answer named none (RFC 6749 section 5.1).
    pub scope: String,
    pub access_token_expires: Option<Timestamp>,
    pub obtained: Timestamp,
    pub(super) nonce: Nonce,
}

impl Tokens {
    pub fn subject(&self) -> &str {
        self.id_claims.get("sub").and_then(Value::as_str).unwrap_or_default()
    }

    pub fn allows(&self, scope: &str) -> bool {
        self.scope.split(' ').any(|granted| granted == scope)
    }

    /// From now on the app acts as if it had not been granted.
    pub fn drop_scope(&mut self, scope: &str) {
        self.scope = self.scope.split(' ').filter(|granted| *granted != scope).collect::<Vec<_>>().join(" ");
    }

    /// How far the provider has verified the person.
    pub fn level(&self) -> Option<i64> {
        self.id_claims.get("kyc_level").and_then(Value::as_i64)
    }

    /// Until when the provider holds back what moves money; `None` when it does not.
    pub fn hold_until(&self, now: Timestamp) -> Option<Timestamp> {
        let until = self.id_claims.get("hold_until").and_then(Value::as_i64).map(Timestamp::from_unix);
        until.filter(|until| *until > now)
    }

    pub fn session_id(&self) -> Option<&str> {
        self.id_claims.get("sid").and_then(Value::as_str)
    }
}
