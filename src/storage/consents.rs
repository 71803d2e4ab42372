//! Remembered consents, one row a person and client.

use super::Error;
use super::store::{Change, Store, parsed, stored_scope};
use crate::domain::consent::Consent;
use crate::domain::ids::{ClientId, UserId};
use crate::domain::scope::Scope;
use crate::domain::time::Timestamp;

impl Store {
    /// What was allowed and not withdrawn; empty when nothing was.
    pub async fn consented(&self, user: UserId, client: &ClientId) -> Result<Scope, Error> {
        let found: Option<(String,)> = self
            .read("SELECT scope FROM consents WHERE user_id = $1 AND client_id = $2")
            .bind(user.to_string())
            .bind(client.as_str())
            .optional()
            .await?;
        found.map_or(Ok(Scope::default()), |(scope,)| stored_scope(&scope, "consents.scope"))
    }

    pub async fn consents_of(&self, user: UserId) -> Result<Vec<Consent>, Error> {
        let rows: Vec<(String, String, i64, i64)> = self
            .read(
                "SELECT client_id, scope, given_at, updated_at FROM consents WHERE user_id = $1 \
                 ORDER BY updated_at DESC, client_id",
            )
            .bind(user.to_string())
            .all()
            .await?;
        rows.into_iter()
            .map(|(client, scope, given_at, updated_at)| {
                Ok(Consent {
                    client_id: parsed(&client, "consents.client_id")?,
                    scope: stored_scope(&scope, "consents.scope")?,
                    given_at: Timestamp::from_unix(given_at),
                    updated_at: Timestamp::from_unix(updated_at),
                })
            })
            .collect()
    }
}

impl Change {
    /// Adds to what was allowed before.
    pub async fn give_consent(
        &mut self,
        user: UserId,
        client: &ClientId,
        items: &Scope,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.hold_consents(user).await?;
        let earlier: Option<(String,)> = self
            .sql("SELECT scope FROM consents WHERE user_id = $1 AND client_id = $2")
            .bind(user.to_string())
            .bind(client.as_str())
            .optional()
            .await?;
        let earlier: Scope = earlier.map_or(Ok(Scope::default()), |(scope,)| stored_scope(&scope, "consents.scope"))?;
        self.sql(
            "INSERT INTO consents (user_id, client_id, scope, given_at, updated_at) VALUES ($1, $2, $3, $4, $4) \
             ON CONFLICT (user_id, client_id) DO UPDATE SET scope = excluded.scope, updated_at = excluded.updated_at",
        )
        .bind(user.to_string())
        .bind(client.as_str())
        .bind(earlier.union(items).to_string())
        .bind(now)
        .run()
        .await?;
        Ok(())
    }

    pub async fn withdraw_consent(&mut self, user: UserId, client: &ClientId) -> Result<bool, Error> {
        self.hold_consents(user).await?;
        let withdrawn = self
            .sql("DELETE FROM consents WHERE user_id = $1 AND client_id = $2")
            .bind(user.to_string())
            .bind(client.as_str())
            .run()
            .await?;
        Ok(withdrawn == 1)
    }

    /// Writes the person's row unchanged: a lock until the end of the transaction, so that what is given is never added
    /// to something that was read before it was withdrawn.
    async fn hold_consents(&mut self, user: UserId) -> Result<(), Error> {
        self.sql("UPDATE users SET updated_at = updated_at WHERE id = $1").bind(user.to_string()).run().await?;
        Ok(())
    }
}
