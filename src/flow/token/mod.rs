//! The token endpoint's use case: one file a grant, one issuer.

mod client_credentials;
mod code;
mod issue;
mod refresh;
pub mod refresh_token;

use serde::Serialize;

use super::client_auth::AuthenticatedClient;
use super::karat::Karat;
use crate::domain::client::GrantType;
use crate::domain::error::{ErrorCode, OAuthError};
use crate::domain::parameters::Parameters;
use crate::domain::scope::Scope;

/// A successful answer (RFC 6749 section 5.1, OpenID Connect Core section 3.1.3.3).
#[derive(Serialize)]
pub struct TokenSet {
    pub access_token: String,
    pub token_type: &'static str,
    /// Seconds from now.
    pub expires_in: i64,
    /// Left out when there is none: an empty scope is no scope (RFC 6749 section 3.3).
    #[serde(skip_serializing_if = "Scope::is_empty")]
    pub scope: Scope,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
}

impl Karat {
    pub async fn token(&self, client: &AuthenticatedClient, parameters: &Parameters) -> Result<TokenSet, OAuthError> {
        let asked = parameters.get("grant_type").ok_or_else(|| OAuthError::invalid_request("grant_type is missing"))?;
        let grant = GrantType::parse(asked)
            .ok_or_else(|| OAuthError::new(ErrorCode::UnsupportedGrantType, "grant_type is not supported"))?;
        if !client.client().may_use(grant) {
            return Err(OAuthError::new(ErrorCode::UnauthorizedClient, "the client may not use this grant_type"));
        }
        match grant {
            GrantType::AuthorizationCode => self.redeem_code(client.client(), parameters).await,
            GrantType::RefreshToken => self.refresh(client.client(), parameters).await,
            GrantType::ClientCredentials => self.client_credentials(client.client(), parameters),
        }
    }
}
