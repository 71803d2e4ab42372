//! Accounts that their owners froze, and the mailbox that they did it from when the account has another one now.

use serde::{Deserialize, Serialize};

use super::store::{Change, Store, parsed};
use crate::crypto::seal::Place;
use crate::domain::email::EmailAddress;
use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;
use crate::storage::Error;

/// A mailbox that the account had before, and whose link froze it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrozenFrom {
    pub email: EmailAddress,
    /// When the link was made. Of two mailboxes the one with the older link had the account earlier.
    pub linked_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    email: String,
    linked_at: i64,
}

fn frozen_from(id: &str) -> Place<'_> {
    Place { table: "users", column: "frozen_from", row: id }
}

const FROZEN_FROM: &str = "SELECT frozen_from FROM users WHERE id = $1";

impl TryFrom<Kept> for FrozenFrom {
    type Error = Error;

    fn try_from(kept: Kept) -> Result<Self, Error> {
        let email = parsed(&kept.email, "users.frozen_from")?;
        Ok(Self { email, linked_at: Timestamp::from_unix(kept.linked_at) })
    }
}

impl Store {
    /// `None`: it is not frozen, or from the mailbox that it has.
    pub async fn frozen_from(&self, id: UserId) -> Result<Option<FrozenFrom>, Error> {
        let id = id.to_string();
        let found: Option<(Option<Vec<u8>>,)> = self.read(FROZEN_FROM).bind(&id).optional().await?;
        let Some((Some(sealed),)) = found else { return Ok(None) };
        self.open::<Kept>(frozen_from(&id), &sealed)?.try_into().map(Some)
    }
}

impl Change {
    /// As [`Store::frozen_from`].
    pub async fn frozen_from(&mut self, id: UserId) -> Result<Option<FrozenFrom>, Error> {
        let id = id.to_string();
        let found: Option<(Option<Vec<u8>>,)> = self.sql(FROZEN_FROM).bind(&id).optional().await?;
        let Some((Some(sealed),)) = found else { return Ok(None) };
        self.open::<Kept>(frozen_from(&id), &sealed)?.try_into().map(Some)
    }

    /// `false` when it was frozen already.
    pub async fn freeze(&mut self, id: UserId, now: Timestamp) -> Result<bool, Error> {
        let frozen = self
            .sql("UPDATE users SET frozen_at = $1 WHERE id = $2 AND frozen_at IS NULL")
            .bind(now)
            .bind(id.to_string())
            .run()
            .await?;
        Ok(frozen == 1)
    }

    /// Of an account that is frozen.
    pub async fn set_frozen_from(&mut self, id: UserId, from: &FrozenFrom) -> Result<(), Error> {
        let id = id.to_string();
        let kept = Kept { email: from.email.to_string(), linked_at: from.linked_at.unix() };
        let sealed = self.seal(frozen_from(&id), &kept)?;
        self.sql("UPDATE users SET frozen_from = $1 WHERE id = $2 AND frozen_at IS NOT NULL")
            .bind(sealed)
            .bind(&id)
            .run()
            .await?;
        Ok(())
    }

    /// `false` when it is not frozen.
    pub async fn unfreeze(&mut self, id: UserId) -> Result<bool, Error> {
        let thawed = self
            .sql("UPDATE users SET frozen_at = NULL, frozen_from = NULL WHERE id = $1 AND frozen_at IS NOT NULL")
            .bind(id.to_string())
            .run()
            .await?;
        Ok(thawed == 1)
    }
}
