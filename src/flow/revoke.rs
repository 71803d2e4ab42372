//! Token revocation (RFC 7009). A refresh token takes its whole family along; an access token goes alone.

use super::client_auth::AuthenticatedClient;
use super::karat::Karat;
use super::token::refresh_token::ShownRefreshToken;
use crate::domain::error::OAuthError;
use crate::domain::grant::RevocationReason;
use crate::domain::parameters::Parameters;
use crate::domain::time::Timestamp;

impl Karat {
    /// Answers only when the revocation is stored. A token that is unknown, or another client's, is left alone without
    /// a word (RFC 7009 section 2.2).
    pub async fn revoke(&self, caller: &AuthenticatedClient, parameters: &Parameters) -> Result<(), OAuthError> {
        let token = parameters.get("token").ok_or_else(|| OAuthError::invalid_request("token is missing"))?;
        let caller = &caller.client().id;
        if let Some(shown) = ShownRefreshToken::parse(token) {
            let Some(stored) = self.store.grant(shown.grant_id).await? else { return Ok(()) };
            let genuine = stored.salt.as_deref().is_some_and(|salt| shown.is_genuine(self, salt));
            if genuine && stored.grant.client_id == *caller {
                self.store.revoke_grant(stored.grant.id, RevocationReason::ByClient, self.now()).await?;
            }
            return Ok(());
        }
        if let Some(live) = self.live_token(token, None).await?
            && live.claims.client_id == *caller
        {
            self.store.revoke_token(&live.claims.jti, Timestamp::from_unix(live.claims.exp)).await?;
        }
        Ok(())
    }
}
