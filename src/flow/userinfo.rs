//! The userinfo endpoint's use case (OpenID Connect Core section 5.3).

use serde_json::{Map, Value};

use super::karat::Karat;
use crate::domain::claims::{released, within_registration};
use crate::domain::error::{ErrorCode, OAuthError};
use crate::domain::scope;
use crate::domain::verified_claims::VERIFIED_CLAIMS;

impl Karat {
    pub async fn userinfo(&self, token: &str) -> Result<Map<String, Value>, OAuthError> {
        let refused =
            || OAuthError::new(ErrorCode::InvalidToken, "the access token is expired, revoked or not for this");
        let live = self.live_token(token, Some(self.issuer())).await?.ok_or_else(refused)?;
        let holder = live.holder.ok_or_else(refused)?;
        if !holder.scope.contains(scope::OPENID) {
            return Err(OAuthError::new(ErrorCode::InsufficientScope, "the access token was not granted openid"));
        }
        let client = self.clients.find(live.claims.client_id.as_str()).await?.ok_or_else(refused)?;
        // The registration may have been narrowed since the claims were asked for.
        let wanted = within_registration(holder.grant.claims, &client);
        let mut told = released(&holder.user, &holder.scope, &wanted.userinfo);
        told.insert("sub".into(), Value::String(holder.user.id.to_string()));
        told.insert("kyc_level".into(), self.kyc_tier(&holder.user).level().into());
        if let Some(until) = self.hold_until(&holder.user) {
            told.insert("hold_until".into(), until.into());
        }
        if let Some(verified) = self.verified_claims(&holder.user, &wanted.verified.userinfo).await? {
            told.insert(VERIFIED_CLAIMS.into(), verified);
        }
        Ok(told)
    }
}
