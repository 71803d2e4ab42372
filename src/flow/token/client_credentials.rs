//! A client acting for itself (RFC 6749 section 4.4).

use super::TokenSet;
use crate::domain::client::Client;
use crate::domain::error::{ErrorCode, OAuthError};
use crate::domain::parameters::Parameters;
use crate::domain::scope::{self, Scope};
use crate::flow::karat::Karat;

impl Karat {
    pub(super) fn client_credentials(&self, client: &Client, parameters: &Parameters) -> Result<TokenSet, OAuthError> {
        if client.is_public() {
            let why = "a public client cannot act for itself";
            return Err(OAuthError::new(ErrorCode::UnauthorizedClient, why));
        }
        // Scopes about people mean nothing without one.
        let own = client.scope.without(&Scope::of(scope::STANDARD));
        let scope = match parameters.get("scope") {
            None => own,
            Some(text) => text.parse::<Scope>().ok().filter(|asked| asked.is_within(&own)).ok_or_else(|| {
                OAuthError::new(ErrorCode::InvalidScope, "the client is not registered for this scope")
            })?,
        };
        let (access_token, expires_in) = self.client_access_token(client, &scope)?;
        Ok(TokenSet {
            access_token,
            token_type: "Bearer",
            expires_in: expires_in.0,
            scope,
            refresh_token: None,
            id_token: None,
        })
    }
}
