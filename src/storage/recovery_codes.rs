//! Recovery codes, as keyed hashes: a set at a time, each code once.

use super::Error;
use super::store::{Change, Store};
use crate::crypto::token::TokenHash;
use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;

/// How many there are of the set in force.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecoveryCodes {
    pub left: i64,
    pub made_at: Option<Timestamp>,
}

impl Store {
    pub async fn recovery_codes_of(&self, user: UserId) -> Result<RecoveryCodes, Error> {
        let (left, made_at): (i64, Option<i64>) = self
            .read("SELECT COUNT(*) - COUNT(used_at), MAX(created_at) FROM recovery_codes WHERE user_id = $1")
            .bind(user.to_string())
            .one()
            .await?;
        Ok(RecoveryCodes { left, made_at: made_at.map(Timestamp::from_unix) })
    }
}

impl Change {
    /// A new set; the old one is dead.
    pub async fn replace_recovery_codes(
        &mut self,
        user: UserId,
        codes: &[TokenHash],
        now: Timestamp,
    ) -> Result<(), Error> {
        self.sql("DELETE FROM recovery_codes WHERE user_id = $1").bind(user.to_string()).run().await?;
        for code in codes {
            self.sql("INSERT INTO recovery_codes (user_id, code_hash, created_at) VALUES ($1, $2, $3)")
                .bind(user.to_string())
                .bind(code.as_str())
                .bind(now)
                .run()
                .await?;
        }
        Ok(())
    }

    /// Of parallel uses of one code, one gets `true`.
    pub async fn use_recovery_code(&mut self, user: UserId, code: &TokenHash, now: Timestamp) -> Result<bool, Error> {
        let used = self
            .sql("UPDATE recovery_codes SET used_at = $1 WHERE user_id = $2 AND code_hash = $3 AND used_at IS NULL")
            .bind(now)
            .bind(user.to_string())
            .bind(code.as_str())
            .run()
            .await?;
        Ok(used == 1)
    }
}
