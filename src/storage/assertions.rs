//! Client assertions that were used (RFC 7523 section 3, point 7), and signed requests that count once. They stand here and not in the short-lived store, because what that one forgets
//! would count a second time.

use super::Error;
use super::store::Store;
use crate::crypto::token::TokenHash;
use crate::domain::time::Timestamp;

impl Store {
    /// Whether this is the first use of what counts until `expires_at`.
    pub async fn use_assertion(&self, id: &TokenHash, now: Timestamp, expires_at: Timestamp) -> Result<bool, Error> {
        let used = self
            .write(
                "INSERT INTO used_assertions (hash, expires_at) VALUES ($1, $2) \
                 ON CONFLICT (hash) DO UPDATE SET expires_at = $2 WHERE used_assertions.expires_at <= $3",
            )
            .bind(id.as_str())
            .bind(expires_at)
            .bind(now)
            .run()
            .await?;
        Ok(used == 1)
    }
}
