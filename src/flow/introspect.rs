//! Token introspection (RFC 7662). What a caller may not know about, is not active.

use serde_json::{Map, Value, json};

use super::client_auth::AuthenticatedClient;
use super::karat::Karat;
use super::token::refresh_token::ShownRefreshToken;
use crate::domain::client::Client;
use crate::domain::error::{ErrorCode, OAuthError};
use crate::domain::grant::Shown;
use crate::domain::parameters::Parameters;
use crate::storage::grants::StoredGrant;

impl Karat {
    pub async fn introspect(
        &self,
        caller: &AuthenticatedClient,
        parameters: &Parameters,
    ) -> Result<Map<String, Value>, OAuthError> {
        let caller = caller.client();
        if caller.is_public() {
            // RFC 7662 section 2.1: the endpoint is not for everybody to scan tokens with.
            return Err(OAuthError::new(ErrorCode::InvalidClient, "introspection needs an authenticated client"));
        }
        let token = parameters.get("token").ok_or_else(|| OAuthError::invalid_request("token is missing"))?;
        let found = match ShownRefreshToken::parse(token) {
            Some(shown) => self.introspect_refresh_token(caller, &shown).await?,
            None => self.introspect_access_token(caller, token).await?,
        };
        Ok(found.unwrap_or_else(|| Map::from_iter([("active".to_owned(), Value::Bool(false))])))
    }

    async fn introspect_access_token(
        &self,
        caller: &Client,
        token: &str,
    ) -> Result<Option<Map<String, Value>>, OAuthError> {
        let Some(live) = self.live_token(token, None).await? else { return Ok(None) };
        let claims = live.claims;
        if claims.client_id != caller.id && !claims.aud.names(caller.id.as_str()) {
            return Ok(None);
        }
        let scope = live.holder.as_ref().map_or(claims.scope.clone(), |holder| holder.scope.clone());
        let Ok(Value::Object(mut told)) = serde_json::to_value(&claims) else {
            return Err(OAuthError::internal("claims are not an object"));
        };
        told.remove("grant_id");
        // As it is now, not as it was when the token was made.
        if let Some(holder) = &live.holder {
            told.insert("kyc_level".into(), json!(self.kyc_tier(&holder.user).level()));
            if let Some(until) = self.hold_until(&holder.user) {
                told.insert("hold_until".into(), json!(until));
            }
        }
        told.insert("active".into(), Value::Bool(true));
        told.insert("token_type".into(), json!("Bearer"));
        if !scope.is_empty() {
            told.insert("scope".into(), json!(scope.to_string()));
        }
        Ok(Some(told))
    }

    async fn introspect_refresh_token(
        &self,
        caller: &Client,
        shown: &ShownRefreshToken,
    ) -> Result<Option<Map<String, Value>>, OAuthError> {
        let now = self.now();
        let Some(client) = self.clients.find(caller.id.as_str()).await? else { return Ok(None) };
        let found = self.live_grant((shown.grant_id, None), &client, now).await?;
        let Some((StoredGrant { grant, salt, .. }, user)) = found else { return Ok(None) };
        let genuine = salt.as_deref().is_some_and(|salt| shown.is_genuine(self, salt));
        let Some(refresh) = grant.refresh.as_ref().filter(|refresh| genuine && refresh.idle_until > now) else {
            return Ok(None);
        };
        if !matches!(refresh.line.show(shown.link, now), Shown::Accepted { .. }) {
            return Ok(None);
        }
        let left = self.decide(&grant.scope, &client, &user, &grant.authentication).granted;
        if left.is_empty() {
            return Ok(None);
        }
        let Value::Object(told) = json!({
            "active": true,
            "token_type": "refresh_token",
            "iss": self.issuer(),
            "client_id": grant.client_id,
            "sub": self.subject(&client, grant.user_id),
            "scope": left.to_string(),
            "kyc_level": self.kyc_tier(&user).level(),
            "exp": refresh.idle_until.min(grant.expires_at).unix(),
        }) else {
            return Ok(None);
        };
        Ok(Some(told))
    }
}
