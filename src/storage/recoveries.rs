//! Recoveries: the way back for who lost every second factor. At most one of a person is open.

use super::Error;
use super::store::{Change, Store, parsed};
use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// A UUID as text.
    pub id: String,
    pub user_id: UserId,
    pub began_at: Timestamp,
    /// Not before then are the lost factors removed.
    pub ripe_at: Timestamp,
    pub expires_at: Timestamp,
    pub reminded_at: Timestamp,
}

/// How one ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Cancelled,
    /// Somebody logged in with a factor that was said to be lost.
    LoggedIn,
    Done,
}

impl Outcome {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::LoggedIn => "logged_in",
            Self::Done => "done",
        }
    }
}

record! {
    struct Row {
        id: String,
        user_id: String,
        began_at: i64,
        ripe_at: i64,
        expires_at: i64,
        reminded_at: i64,
    }
}

impl TryFrom<Row> for Recovery {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            user_id: parsed(&row.user_id, "recoveries.user_id")?,
            id: row.id,
            began_at: Timestamp::from_unix(row.began_at),
            ripe_at: Timestamp::from_unix(row.ripe_at),
            expires_at: Timestamp::from_unix(row.expires_at),
            reminded_at: Timestamp::from_unix(row.reminded_at),
        })
    }
}

impl Store {
    pub async fn open_recovery(&self, user: UserId, now: Timestamp) -> Result<Option<Recovery>, Error> {
        let found = self
            .read(
                "SELECT id, user_id, began_at, ripe_at, expires_at, reminded_at FROM recoveries \
                 WHERE user_id = $1 AND closed_at IS NULL AND expires_at > $2 ORDER BY began_at LIMIT 1",
            )
            .bind(user.to_string())
            .bind(now);
        found.optional::<Row>().await?.map(TryInto::try_into).transpose()
    }

    /// Those open of which nothing was said since `before`.
    pub async fn recoveries_to_tell_of(&self, before: Timestamp, now: Timestamp) -> Result<Vec<Recovery>, Error> {
        let rows: Vec<Row> = self
            .read(
                "SELECT id, user_id, began_at, ripe_at, expires_at, reminded_at FROM recoveries \
                 WHERE closed_at IS NULL AND expires_at > $2 \
                 AND (reminded_at <= $1 OR (ripe_at <= $2 AND reminded_at < ripe_at)) ORDER BY reminded_at LIMIT 100",
            )
            .bind(before)
            .bind(now)
            .all()
            .await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }
}

impl Change {
    pub async fn add_recovery(&mut self, made: &Recovery) -> Result<(), Error> {
        self.sql(
            "INSERT INTO recoveries (id, user_id, began_at, ripe_at, expires_at, reminded_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&made.id)
        .bind(made.user_id.to_string())
        .bind(made.began_at)
        .bind(made.ripe_at)
        .bind(made.expires_at)
        .bind(made.reminded_at)
        .run()
        .await?;
        Ok(())
    }

    /// Of nodes that find the same one, one gets `true`.
    pub async fn note_reminder(&mut self, recovery: &Recovery, now: Timestamp) -> Result<bool, Error> {
        let noted = self
            .sql("UPDATE recoveries SET reminded_at = $1 WHERE id = $2 AND reminded_at = $3 AND closed_at IS NULL")
            .bind(now)
            .bind(&recovery.id)
            .bind(recovery.reminded_at)
            .run()
            .await?;
        Ok(noted == 1)
    }

    /// `false` when none was open.
    pub async fn close_recovery(&mut self, user: UserId, outcome: Outcome, now: Timestamp) -> Result<bool, Error> {
        let closed = self
            .sql(
                "UPDATE recoveries SET closed_at = $1, outcome = $2 \
                 WHERE user_id = $3 AND closed_at IS NULL AND expires_at > $1",
            )
            .bind(now)
            .bind(outcome.as_str())
            .bind(user.to_string())
            .run()
            .await?;
        Ok(closed > 0)
    }

    /// Only while it is open and ripe.
    pub async fn finish_recovery(&mut self, user: UserId, now: Timestamp) -> Result<bool, Error> {
        let finished = self
            .sql(
                "UPDATE recoveries SET closed_at = $1, outcome = 'done' \
                 WHERE user_id = $2 AND closed_at IS NULL AND ripe_at <= $1 AND expires_at > $1",
            )
            .bind(now)
            .bind(user.to_string())
            .run()
            .await?;
        Ok(finished > 0)
    }

    /// Everything beside the password.
    pub async fn remove_every_factor(&mut self, user: UserId) -> Result<(), Error> {
        self.sql("DELETE FROM authenticators WHERE user_id = $1").bind(user.to_string()).run().await?;
        self.sql("DELETE FROM recovery_codes WHERE user_id = $1").bind(user.to_string()).run().await?;
        Ok(())
    }
}
