//! What was verified about a person, sealed under the person's key.

use super::keys::PersonKey;
use crate::crypto::seal::Place;
use crate::domain::ids::UserId;
use crate::domain::kyc::identity::Identity;
use crate::domain::time::Timestamp;
use crate::storage::Error;
use crate::storage::store::{Change, Store};

fn identity_of(id: &str) -> Place<'_> {
    Place { table: "kyc_identities", column: "sealed", row: id }
}

impl Store {
    /// Nothing when nothing was verified, or the person's key is gone.
    pub async fn identity(&self, user: UserId) -> Result<Identity, Error> {
        let Some(key) = self.person_key(user).await? else { return Ok(Identity::default()) };
        let id = user.to_string();
        let found: Option<(Vec<u8>,)> =
            self.read("SELECT sealed FROM kyc_identities WHERE user_id = $1").bind(&id).optional().await?;
        found.map_or(Ok(Identity::default()), |(sealed,)| key.open(identity_of(&id), &sealed))
    }
}

impl Change {
    pub async fn identity(&mut self, user: UserId, key: &PersonKey) -> Result<Identity, Error> {
        let id = user.to_string();
        let found: Option<(Vec<u8>,)> =
            self.sql("SELECT sealed FROM kyc_identities WHERE user_id = $1").bind(&id).optional().await?;
        found.map_or(Ok(Identity::default()), |(sealed,)| key.open(identity_of(&id), &sealed))
    }

    pub async fn set_identity(
        &mut self,
        user: UserId,
        key: &PersonKey,
        identity: &Identity,
        now: Timestamp,
    ) -> Result<(), Error> {
        let id = user.to_string();
        let sealed = key.seal(identity_of(&id), identity)?;
        self.sql(
            "INSERT INTO kyc_identities (user_id, sealed, updated_at) VALUES ($1, $2, $3) \
             ON CONFLICT (user_id) DO UPDATE SET sealed = excluded.sealed, updated_at = excluded.updated_at",
        )
        .bind(&id)
        .bind(sealed)
        .bind(now)
        .run()
        .await?;
        Ok(())
    }
}
