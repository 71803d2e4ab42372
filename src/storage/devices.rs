//! The browsers that an account knows, by the hash of their cookie.

use super::Error;
use super::sessions::Device;
use super::store::{Change, Store};
use crate::crypto::token::TokenHash;
use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;

#[derive(Clone, Debug)]
pub struct KnownDevice {
    pub hash: TokenHash,
    /// `None` for one that was not seen since this is written down.
    pub device: Option<Device>,
    pub first_seen_at: Timestamp,
    pub last_seen_at: Timestamp,
    /// Until when it stands for a second factor.
    pub trusted_until: Option<Timestamp>,
}

record! {
    struct Row {
        device_hash: String,
        address: Option<String>,
        agent: Option<String>,
        first_seen_at: i64,
        last_seen_at: i64,
        trusted_until: Option<i64>,
    }
}

impl From<Row> for KnownDevice {
    fn from(row: Row) -> Self {
        Self {
            hash: TokenHash::from_stored(row.device_hash),
            device: row.address.zip(row.agent).map(|(address, agent)| Device { address, agent }),
            first_seen_at: Timestamp::from_unix(row.first_seen_at),
            last_seen_at: Timestamp::from_unix(row.last_seen_at),
            trusted_until: row.trusted_until.map(Timestamp::from_unix),
        }
    }
}

impl Store {
    /// Those seen since, the last one first.
    pub async fn devices_of(&self, user: UserId, seen_since: Timestamp) -> Result<Vec<KnownDevice>, Error> {
        let rows: Vec<Row> = self
            .read(
                "SELECT device_hash, address, agent, first_seen_at, last_seen_at, trusted_until FROM known_devices \
                 WHERE user_id = $1 AND last_seen_at > $2 ORDER BY last_seen_at DESC, device_hash LIMIT 100",
            )
            .bind(user.to_string())
            .bind(seen_since)
            .all()
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Until when a device stands for a second factor.
    pub async fn trust_in(&self, user: UserId, device: &TokenHash) -> Result<Option<Timestamp>, Error> {
        let found: Option<(Option<i64>,)> = self
            .read("SELECT trusted_until FROM known_devices WHERE user_id = $1 AND device_hash = $2")
            .bind(user.to_string())
            .bind(device.as_str())
            .optional()
            .await?;
        Ok(found.and_then(|(until,)| until).map(Timestamp::from_unix))
    }
}

impl Change {
    /// Notes from where a device was used.
    pub async fn place_device(&mut self, user: UserId, device: &TokenHash, seen: &Device) -> Result<(), Error> {
        self.sql("UPDATE known_devices SET address = $1, agent = $2 WHERE user_id = $3 AND device_hash = $4")
            .bind(&seen.address)
            .bind(&seen.agent)
            .bind(user.to_string())
            .bind(device.as_str())
            .run()
            .await?;
        Ok(())
    }

    /// `false` when the account does not know the device.
    pub async fn trust_device(&mut self, user: UserId, device: &TokenHash, until: Timestamp) -> Result<bool, Error> {
        let trusted = self
            .sql("UPDATE known_devices SET trusted_until = $1 WHERE user_id = $2 AND device_hash = $3")
            .bind(until)
            .bind(user.to_string())
            .bind(device.as_str())
            .run()
            .await?;
        Ok(trusted == 1)
    }

    /// Every device stays known; none stands for a second factor.
    pub async fn distrust_devices(&mut self, user: UserId) -> Result<(), Error> {
        self.sql("UPDATE known_devices SET trusted_until = NULL WHERE user_id = $1")
            .bind(user.to_string())
            .run()
            .await?;
        Ok(())
    }

    /// `device` is the hash; another's is left alone. Its row stays, expired: an account without any would look as if nobody
    /// had ever logged in, and the first log-in needs no approval and is told to nobody.
    pub async fn forget_device(&mut self, user: UserId, device: &str) -> Result<(), Error> {
        self.sql(
            "UPDATE known_devices SET last_seen_at = 0, trusted_until = NULL, address = NULL, agent = NULL \
             WHERE user_id = $1 AND device_hash = $2",
        )
        .bind(user.to_string())
        .bind(device)
        .run()
        .await?;
        Ok(())
    }

    /// As [`Change::forget_device`], of all.
    pub async fn forget_devices(&mut self, user: UserId) -> Result<(), Error> {
        self.sql(
            "UPDATE known_devices SET last_seen_at = 0, trusted_until = NULL, address = NULL, agent = NULL \
             WHERE user_id = $1",
        )
        .bind(user.to_string())
        .run()
        .await?;
        Ok(())
    }
}
