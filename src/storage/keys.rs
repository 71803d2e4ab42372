//! Signing keys and other secrets of the deployment, sealed.

use zeroize::Zeroizing;

use super::Error;
use super::store::{Change, Store};
use crate::crypto::seal::Place;
use crate::domain::jose::Algorithm;
use crate::domain::time::Timestamp;

/// A signing key as stored.
///
/// ```text
/// current --rotate--> retiring (published until its last token is dead) --purge--> gone
/// ```
pub struct StoredKey {
    pub kid: String,
    pub alg: Algorithm,
    pub pkcs8: Zeroizing<Vec<u8>>,
    pub created_at: Timestamp,
    /// `None` while the key signs; then when it stopped, and until when it stays published.
    pub retired: Option<Retired>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retired {
    pub at: Timestamp,
    pub published_until: Timestamp,
}

record! {
    struct Row {
        kid: String,
        alg: String,
        sealed: Vec<u8>,
        created_at: i64,
        retired_at: Option<i64>,
        published_until: Option<i64>,
    }
}

fn key_of(kid: &str) -> Place<'_> {
    Place { table: "signing_keys", column: "sealed", row: kid }
}

fn secret_of(name: &str) -> Place<'_> {
    Place { table: "secrets", column: "sealed", row: name }
}

impl Store {
    /// All keys that are still published at `now`, the youngest first. A row that cannot be read is left out and logged:
    /// one damaged key must not stop the others.
    pub async fn signing_keys(&self, now: Timestamp) -> Result<Vec<StoredKey>, Error> {
        let keys = self.signing_keys_and_damage(now).await?.into_iter();
        Ok(keys
            .filter_map(|key| key.inspect_err(|error| tracing::error!(%error, "a signing key is left out")).ok())
            .collect())
    }

    /// As [`Store::signing_keys`], with what is wrong in the place of each key that cannot be read.
    pub async fn signing_keys_and_damage(&self, now: Timestamp) -> Result<Vec<Result<StoredKey, Error>>, Error> {
        let rows: Vec<Row> = self
            .read(
                "SELECT kid, alg, sealed, created_at, retired_at, published_until FROM signing_keys \
                 WHERE published_until IS NULL OR published_until > $1 ORDER BY created_at DESC, kid",
            )
            .bind(now)
            .all()
            .await?;
        Ok(rows.into_iter().map(|row| self.signing_key(row)).collect())
    }

    fn signing_key(&self, row: Row) -> Result<StoredKey, Error> {
        let pkcs8: String = self.open(key_of(&row.kid), &row.sealed)?;
        let retired = row
            .retired_at
            .zip(row.published_until)
            .map(|(at, until)| Retired { at: Timestamp::from_unix(at), published_until: Timestamp::from_unix(until) });
        Ok(StoredKey {
            alg: Algorithm::parse(&row.alg).ok_or_else(|| Error::Corrupt("signing_keys.alg".into()))?,
            pkcs8: from_base64(&pkcs8)?,
            created_at: Timestamp::from_unix(row.created_at),
            kid: row.kid,
            retired,
        })
    }

    /// A text that changes whenever a key comes, retires or goes; cheap to ask.
    pub async fn signing_keys_state(&self) -> Result<String, Error> {
        let rows: Vec<(String, Option<i64>, Option<i64>)> =
            self.read("SELECT kid, retired_at, published_until FROM signing_keys ORDER BY kid").all().await?;
        let rows = rows.into_iter().map(|(kid, retired, until)| format!("{kid} {retired:?} {until:?}"));
        Ok(rows.collect::<Vec<_>>().join("\n"))
    }

    /// A 32-byte secret under a name; the first one to ask makes it, every node gets the same.
    pub async fn shared_secret(
        &self,
        name: &str,
        fresh: [u8; 32],
        now: Timestamp,
    ) -> Result<Zeroizing<[u8; 32]>, Error> {
        let sealed = self.seal(secret_of(name), &*to_base64(&fresh))?;
        self.write("INSERT INTO secrets (name, sealed, created_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING")
            .bind(name)
            .bind(sealed)
            .bind(now)
            .run()
            .await?;
        let (sealed,): (Vec<u8>,) = self.read("SELECT sealed FROM secrets WHERE name = $1").bind(name).one().await?;
        let text: String = self.open(secret_of(name), &sealed)?;
        let bytes = from_base64(&text)?;
        let bytes: [u8; 32] = bytes.as_slice().try_into().map_err(|_| Error::Corrupt(format!("secret {name}")))?;
        Ok(Zeroizing::new(bytes))
    }
}

impl Change {
    /// As [`Store::shared_secret`], of one that was made before.
    pub(super) async fn shared_secret(&mut self, name: &str) -> Result<Zeroizing<[u8; 32]>, Error> {
        let (sealed,): (Vec<u8>,) = self.sql("SELECT sealed FROM secrets WHERE name = $1").bind(name).one().await?;
        let text: String = self.open(secret_of(name), &sealed)?;
        let bytes = from_base64(&text)?;
        let bytes: [u8; 32] = bytes.as_slice().try_into().map_err(|_| Error::Corrupt(format!("secret {name}")))?;
        Ok(Zeroizing::new(bytes))
    }
}

impl Store {
    /// Whether a secret of this name was ever made.
    pub async fn has_secret(&self, name: &str) -> Result<bool, Error> {
        let found: Option<(String,)> =
            self.read("SELECT name FROM secrets WHERE name = $1").bind(name).optional().await?;
        Ok(found.is_some())
    }
}

impl Change {
    pub async fn add_signing_key(&mut self, key: &StoredKey) -> Result<(), Error> {
        let sealed = self.seal(key_of(&key.kid), &*to_base64(&key.pkcs8))?;
        self.sql("INSERT INTO signing_keys (kid, alg, sealed, created_at) VALUES ($1, $2, $3, $4)")
            .bind(&key.kid)
            .bind(key.alg.as_str())
            .bind(sealed)
            .bind(key.created_at)
            .run()
            .await?;
        Ok(())
    }

    /// Others that want to make a first key wait until this change is over: the first statement of one.
    pub async fn hold_first_keys(&mut self) -> Result<(), Error> {
        self.sql(
            "INSERT INTO locks (name) VALUES ('first signing keys') \
             ON CONFLICT (name) DO UPDATE SET name = 'first signing keys'",
        )
        .run()
        .await?;
        Ok(())
    }

    /// Whether a key of this algorithm signs already.
    pub async fn has_current_key(&mut self, alg: Algorithm) -> Result<bool, Error> {
        let found: Option<(String,)> = self
            .sql("SELECT kid FROM signing_keys WHERE alg = $1 AND retired_at IS NULL")
            .bind(alg.as_str())
            .optional()
            .await?;
        Ok(found.is_some())
    }

    /// Retires the keys of the algorithm that sign, apart from `keep`.
    pub async fn retire_signing_keys(&mut self, alg: Algorithm, keep: &str, retired: Retired) -> Result<u64, Error> {
        self.sql(
            "UPDATE signing_keys SET retired_at = $1, published_until = $2 \
             WHERE alg = $3 AND kid <> $4 AND retired_at IS NULL",
        )
        .bind(retired.at)
        .bind(retired.published_until)
        .bind(alg.as_str())
        .bind(keep)
        .run()
        .await
    }

    /// Retires one key. `false` when it has been already.
    pub async fn retire_signing_key(&mut self, kid: &str, retired: Retired) -> Result<bool, Error> {
        let changed = self
            .sql("UPDATE signing_keys SET retired_at = $1, published_until = $2 WHERE kid = $3 AND retired_at IS NULL")
            .bind(retired.at)
            .bind(retired.published_until)
            .bind(kid)
            .run()
            .await?;
        Ok(changed == 1)
    }

    /// Withdraws a retired key before its time. `false` when the key still signs or does not exist.
    pub async fn unpublish_signing_key(&mut self, kid: &str, now: Timestamp) -> Result<bool, Error> {
        let changed = self
            .sql("UPDATE signing_keys SET published_until = $1 WHERE kid = $2 AND retired_at IS NOT NULL")
            .bind(now)
            .bind(kid)
            .run()
            .await?;
        Ok(changed == 1)
    }
}

fn to_base64(bytes: &[u8]) -> Zeroizing<String> {
    use base64::Engine;
    Zeroizing::new(base64::engine::general_purpose::STANDARD.encode(bytes))
}

fn from_base64(text: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
    use base64::Engine;
    let bytes = base64::engine::general_purpose::STANDARD.decode(text);
    bytes.map(Zeroizing::new).map_err(|_| Error::Corrupt("a sealed key".into()))
}
