//! Single access tokens that were revoked before their time (RFC 7009). Their grant lives on.

use super::Error;
use super::store::Store;
use crate::domain::time::Timestamp;

impl Store {
    pub async fn revoke_token(&self, jti: &str, expires_at: Timestamp) -> Result<(), Error> {
        self.write("INSERT INTO revoked_tokens (jti, expires_at) VALUES ($1, $2) ON CONFLICT (jti) DO NOTHING")
            .bind(jti)
            .bind(expires_at)
            .run()
            .await?;
        Ok(())
    }

    pub async fn is_token_revoked(&self, jti: &str) -> Result<bool, Error> {
        let found: Option<(i64,)> =
            self.read("SELECT expires_at FROM revoked_tokens WHERE jti = $1").bind(jti).optional().await?;
        Ok(found.is_some())
    }
}
