//! A log-in on its way: what is asked for, what is remembered until it comes back, and what comes back.

use openidconnect::{CsrfToken, Nonce, PkceCodeVerifier};
use serde::Deserialize;

use crate::domain::time::{Seconds, Timestamp};

/// What a developer may add to the authorization request.
#[derive(Debug, Default, Deserialize)]
pub struct LoginOptions {
    /// `login`, `consent`, `select_account` or `none`.
    pub prompt: Option<String>,
    /// Largest age of the log-in in seconds.
    pub max_age: Option<String>,
    pub acr_values: Option<String>,
    pub login_hint: Option<String>,
    /// Space-separated; in place of the app's own scopes.
    pub scope: Option<String>,
    /// `query` or `form_post`.
    pub response_mode: Option<String>,
}

/// A log-in that has been started and not yet come back; kept with the browser session that started it.
pub struct PendingLogin {
    pub started: Timestamp,
    pub(super) state: CsrfToken,
    pub(super) nonce: Nonce,
    pub(super) pkce: PkceCodeVerifier,
    pub(super) max_age: Option<Seconds>,
    pub(super) scopes: Vec<String>,
}

/// The provider's answer at the redirect URI (RFC 6749 sections 4.1.2 and 4.1.2.1, RFC 9207 section 2).
#[derive(Debug, Default, Deserialize)]
pub struct AuthorizationAnswer {
    pub code: Option<String>,
    pub state: Option<String>,
    pub iss: Option<String>,
    pub error: Option<String>,
    pub error_description: Option<String>,
}

impl PendingLogin {
    pub fn asks(&self, scope: &str) -> bool {
        self.scopes.iter().any(|asked| asked == scope)
    }

    /// Whether the answer's `state` is this log-in's.
    pub fn awaits(&self, state: &str) -> bool {
        // Compared in constant time: the state is what keeps a forged answer out (RFC 6749 section 10.12).
        use subtle::ConstantTimeEq;
        self.state.secret().as_bytes().ct_eq(state.as_bytes()).into()
    }
}
