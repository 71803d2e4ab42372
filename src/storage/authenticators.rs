//! What people have enrolled. Secrets are sealed to their row and read apart from the list.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Error;
use super::store::{Change, Store, from_json, parsed, to_json};
use crate::crypto::seal::Place;
use crate::domain::authenticator::{Authenticator, AuthenticatorKind, Facts};
use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;

record! {
    struct Row {
        id: String,
        user_id: String,
        name: String,
        facts: String,
        created_at: i64,
        last_used_at: Option<i64>,
    }
}

impl TryFrom<Row> for Authenticator {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            user_id: parsed(&row.user_id, "authenticators.user_id")?,
            facts: from_json(&row.facts, "authenticators.facts")?,
            id: row.id,
            name: row.name,
            created_at: Timestamp::from_unix(row.created_at),
            last_used_at: row.last_used_at.map(Timestamp::from_unix),
        })
    }
}

fn secret_of(id: &str) -> Place<'_> {
    Place { table: "authenticators", column: "secret", row: id }
}

impl Store {
    /// Oldest first.
    pub async fn authenticators_of(&self, user: UserId) -> Result<Vec<Authenticator>, Error> {
        let rows: Vec<Row> = self
            .read(
                "SELECT id, user_id, name, facts, created_at, last_used_at FROM authenticators \
                 WHERE user_id = $1 ORDER BY created_at, id",
            )
            .bind(user.to_string())
            .all()
            .await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    pub async fn authenticator(&self, user: UserId, id: &str) -> Result<Option<Authenticator>, Error> {
        let found = self
            .read(
                "SELECT id, user_id, name, facts, created_at, last_used_at FROM authenticators \
                 WHERE user_id = $1 AND id = $2",
            )
            .bind(user.to_string())
            .bind(id);
        found.optional::<Row>().await?.map(TryInto::try_into).transpose()
    }

    pub async fn authenticator_by_lookup(
        &self,
        kind: AuthenticatorKind,
        lookup: &str,
    ) -> Result<Option<Authenticator>, Error> {
        let found = self
            .read(
                "SELECT id, user_id, name, facts, created_at, last_used_at FROM authenticators \
                 WHERE kind = $1 AND lookup = $2",
            )
            .bind(kind.as_str())
            .bind(lookup);
        found.optional::<Row>().await?.map(TryInto::try_into).transpose()
    }

    /// What each of the kind is found by, with its facts; oldest first. Those without are left out.
    pub async fn lookups_of(&self, user: UserId, kind: AuthenticatorKind) -> Result<Vec<(String, Facts)>, Error> {
        let rows: Vec<(String, String)> = self
            .read(
                "SELECT lookup, facts FROM authenticators WHERE user_id = $1 AND kind = $2 AND lookup IS NOT NULL \
                 ORDER BY created_at, id",
            )
            .bind(user.to_string())
            .bind(kind.as_str())
            .all()
            .await?;
        rows.into_iter().map(|(lookup, facts)| Ok((lookup, from_json(&facts, "authenticators.facts")?))).collect()
    }

    pub async fn authenticator_secret<T: DeserializeOwned>(&self, id: &str) -> Result<Option<T>, Error> {
        let found: Option<(Vec<u8>,)> =
            self.read("SELECT secret FROM authenticators WHERE id = $1").bind(id).optional().await?;
        found.map(|(sealed,)| self.open(secret_of(id), &sealed)).transpose()
    }
}

impl Change {
    /// [`Error::Conflict`] when another authenticator of the kind has the same `lookup`.
    pub async fn add_authenticator<T: Serialize>(
        &mut self,
        made: &Authenticator,
        lookup: Option<&str>,
        secret: &T,
    ) -> Result<(), Error> {
        let sealed = self.seal(secret_of(&made.id), secret)?;
        self.sql(
            "INSERT INTO authenticators (id, user_id, kind, name, lookup, secret, facts, last_step, created_at, \
             last_used_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9)",
        )
        .bind(&made.id)
        .bind(made.user_id.to_string())
        .bind(made.kind().as_str())
        .bind(&made.name)
        .bind(lookup.map(str::to_owned))
        .bind(sealed)
        .bind(to_json(&made.facts)?)
        .bind(made.created_at)
        .bind(made.last_used_at)
        .run()
        .await?;
        Ok(())
    }

    /// `false` when the person has none of this id.
    pub async fn rename_authenticator(&mut self, user: UserId, id: &str, name: &str) -> Result<bool, Error> {
        let renamed = self
            .sql("UPDATE authenticators SET name = $1 WHERE id = $2 AND user_id = $3")
            .bind(name)
            .bind(id)
            .bind(user.to_string())
            .run()
            .await?;
        Ok(renamed == 1)
    }

    /// `false` when the person has none of this id.
    pub async fn remove_authenticator(&mut self, user: UserId, id: &str) -> Result<bool, Error> {
        let removed = self
            .sql("DELETE FROM authenticators WHERE id = $1 AND user_id = $2")
            .bind(id)
            .bind(user.to_string())
            .run()
            .await?;
        Ok(removed == 1)
    }

    /// `true` when the person had any of the kind. Also those that were added while the caller was looking.
    /// As [`Store::authenticators_of`], inside this change.
    pub async fn authenticators_of(&mut self, user: UserId) -> Result<Vec<Authenticator>, Error> {
        let rows: Vec<Row> = self
            .sql(
                "SELECT id, user_id, name, facts, created_at, last_used_at FROM authenticators \
                 WHERE user_id = $1 ORDER BY created_at, id",
            )
            .bind(user.to_string())
            .all()
            .await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    pub async fn remove_authenticators_of_kind(
        &mut self,
        user: UserId,
        kind: AuthenticatorKind,
    ) -> Result<bool, Error> {
        let removed = self
            .sql("DELETE FROM authenticators WHERE user_id = $1 AND kind = $2")
            .bind(user.to_string())
            .bind(kind.as_str())
            .run()
            .await?;
        Ok(removed > 0)
    }

    /// Notes a use. `false` when it was removed meanwhile, or `step` is not later than the last one: of parallel uses of one
    /// step, one gets `true`. Who counts no steps uses [`Change::touch_authenticator`].
    pub async fn use_authenticator(&mut self, id: &str, now: Timestamp, step: i64) -> Result<bool, Error> {
        let used = self
            .sql("UPDATE authenticators SET last_used_at = $1, last_step = $2 WHERE id = $3 AND last_step < $2")
            .bind(now)
            .bind(step)
            .bind(id)
            .run()
            .await?;
        Ok(used == 1)
    }

    /// `false` when it was removed meanwhile.
    pub async fn touch_authenticator(&mut self, id: &str, now: Timestamp) -> Result<bool, Error> {
        let used =
            self.sql("UPDATE authenticators SET last_used_at = $1 WHERE id = $2").bind(now).bind(id).run().await?;
        Ok(used == 1)
    }

    /// What a use has changed, as a passkey's counter. `false` when it was removed meanwhile.
    pub async fn replace_authenticator<T: Serialize>(
        &mut self,
        id: &str,
        secret: &T,
        facts: &Facts,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let sealed = self.seal(secret_of(id), secret)?;
        let replaced = self
            .sql("UPDATE authenticators SET secret = $1, facts = $2, last_used_at = $3 WHERE id = $4")
            .bind(sealed)
            .bind(to_json(facts)?)
            .bind(now)
            .bind(id)
            .run()
            .await?;
        Ok(replaced == 1)
    }
}
