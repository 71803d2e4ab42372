//! The userinfo endpoint's use case (OpenID Connect Core section 5.3).

use serde_json::{Map, Value};

use super::karat::Karat;
use crate::domain::claims::released;
use crate::domain::error::{ErrorCode, OAuthError};
use crate::domain::scope;

impl Karat {
    pub async fn userinfo(&self, token: &str) -> Result<Map<String, Value>, OAuthError> {
        let refused =
            || OAuthError::new(ErrorCode::InvalidToken, "the access token is expired, revoked or not for this");
        let live = self.live_token(token, Some(self.issuer())).await?.ok_or_else(refused)?;
        let holder = live.holder.ok_or_else(refused)?;
        if !holder.scope.contains(scope::OPENID) {
            return Err(OAuthError::new(ErrorCode::InsufficientScope, "the access token was not granted openid"));
        }
        let mut told = released(&holder.user, &holder.scope, &holder.grant.claims.userinfo);
        told.insert("sub".into(), Value::String(holder.user.id.to_string()));
        Ok(told)
    }
}
