//! The userinfo endpoint's use case (OpenID Connect Core section 5.3).

use serde_json::{Map, Value};

use super::karat::Karat;
use crate::domain::claims::{released, within_registration};
use crate::domain::error::{ErrorCode, OAuthError};
use crate::domain::scope;
use crate::domain::verified_claims::VERIFIED_CLAIMS;

/// What the endpoint answers, in the form that the client registered.
pub enum UserInfo {
    Plain(Map<String, Value>),
    /// A JWT (OpenID Connect Core section 5.3.2).
    Signed(String),
}

impl Karat {
    pub async fn userinfo(&self, token: &str) -> Result<UserInfo, OAuthError> {
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
        told.insert("sub".into(), Value::String(self.subject(&client, holder.user.id)));
        told.insert("kyc_level".into(), self.kyc_tier(&holder.user).level().into());
        if let Some(until) = self.hold_until(&holder.user) {
            told.insert("hold_until".into(), until.into());
        }
        if let Some(verified) = self.verified_claims(&holder.user, &wanted.verified.userinfo).await? {
            told.insert(VERIFIED_CLAIMS.into(), verified);
        }
        let Some(alg) = client.userinfo_alg else { return Ok(UserInfo::Plain(told)) };
        told.insert("iss".into(), self.issuer().into());
        told.insert("aud".into(), client.id.as_str().into());
        told.insert("iat".into(), self.now().unix().into());
        // Without `exp`, it can never pass for an ID token.
        Ok(UserInfo::Signed(self.keys.ring().sign(alg, "JWT", &told)?))
    }
}
