//! The key of one person: identity data lies under it, and nothing else. It is itself sealed under the deployment's key.

use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::crypto::random::random_bytes;
use crate::crypto::seal::{Place, Sealer};
use crate::crypto::sealing_keys::SealingKeys;
use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;
use crate::storage::Error;
use crate::storage::store::{Change, Store, to_json};

/// Seals and opens what is known of one person.
pub struct PersonKey(Sealer);

fn key_of(id: &str) -> Place<'_> {
    Place { table: "kyc_keys", column: "sealed", row: id }
}

impl PersonKey {
    fn new(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(Sealer::new(&SealingKeys::single("person", bytes)))
    }

    pub(super) fn seal<T: Serialize>(&self, place: Place<'_>, value: &T) -> Result<Vec<u8>, Error> {
        Ok(self.0.seal(place, to_json(value)?.as_bytes()))
    }

    pub(super) fn open<T: DeserializeOwned>(&self, place: Place<'_>, sealed: &[u8]) -> Result<T, Error> {
        let plain = self.open_bytes(place, sealed)?;
        serde_json::from_slice(&plain).map_err(|_| Error::Corrupt(format!("{} of {}", place.column, place.table)))
    }

    pub fn seal_bytes(&self, place: Place<'_>, plain: &[u8]) -> Vec<u8> {
        self.0.seal(place, plain)
    }

    pub fn open_bytes(&self, place: Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        self.0.open(place, sealed).map_err(|error| Error::Corrupt(error.to_string()))
    }
}

impl Store {
    /// `None` when nothing was ever kept about the person, or the key has been destroyed.
    pub async fn person_key(&self, user: UserId) -> Result<Option<PersonKey>, Error> {
        let id = user.to_string();
        let found: Option<(Vec<u8>,)> =
            self.read("SELECT sealed FROM kyc_keys WHERE user_id = $1").bind(&id).optional().await?;
        let Some((sealed,)) = found else { return Ok(None) };
        let bytes: Zeroizing<[u8; 32]> = Zeroizing::new(self.open(key_of(&id), &sealed)?);
        Ok(Some(PersonKey::new(bytes)))
    }
}

impl Change {
    /// The person's key, made when there is none.
    pub async fn person_key(&mut self, user: UserId, now: Timestamp) -> Result<PersonKey, Error> {
        let id = user.to_string();
        let fresh: Zeroizing<[u8; 32]> = Zeroizing::new(random_bytes());
        let sealed = self.seal(key_of(&id), &*fresh)?;
        self.sql(
            "INSERT INTO kyc_keys (user_id, sealed, created_at) VALUES ($1, $2, $3) ON CONFLICT (user_id) DO NOTHING",
        )
        .bind(&id)
        .bind(sealed)
        .bind(now)
        .run()
        .await?;
        let (sealed,): (Vec<u8>,) = self.sql("SELECT sealed FROM kyc_keys WHERE user_id = $1").bind(&id).one().await?;
        let bytes: Zeroizing<[u8; 32]> = Zeroizing::new(self.open(key_of(&id), &sealed)?);
        Ok(PersonKey::new(bytes))
    }
}
