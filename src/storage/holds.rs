//! Holds: when the one of an account ends, and every one there was.

use serde_json::json;

use super::Error;
use super::store::{Change, Store};
use crate::domain::hold::{Hold, HoldCause};
use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;
use crate::domain::webhook::WebhookEvent;

record! {
    struct Row {
        cause: String,
        began_at: i64,
        ends_at: i64,
    }
}

impl Store {
    /// The newest first. Causes of newer versions are left out.
    pub async fn holds_of(&self, user: UserId, most: i64) -> Result<Vec<Hold>, Error> {
        let rows: Vec<Row> = self
            .read(
                "SELECT cause, began_at, ends_at FROM holds WHERE user_id = $1 ORDER BY began_at DESC, id DESC LIMIT $2",
            )
            .bind(user.to_string())
            .bind(most)
            .all()
            .await?;
        let known = rows.into_iter().filter_map(|row| {
            Some(Hold {
                cause: HoldCause::parse(&row.cause)?,
                began_at: Timestamp::from_unix(row.began_at),
                ends_at: Timestamp::from_unix(row.ends_at),
            })
        });
        Ok(known.collect())
    }
}

impl Change {
    /// Ends the running holds of one cause. Answers how many there were, and when the account's hold ends now.
    pub async fn lift_holds(
        &mut self,
        user: UserId,
        cause: HoldCause,
        now: Timestamp,
    ) -> Result<(u64, Option<Timestamp>), Error> {
        let lifted = self
            .sql("UPDATE holds SET ends_at = $1 WHERE user_id = $2 AND cause = $3 AND ends_at > $1")
            .bind(now)
            .bind(user.to_string())
            .bind(cause.as_str())
            .run()
            .await?;
        self.sql("UPDATE users SET hold_until = (SELECT MAX(ends_at) FROM holds WHERE user_id = $1) WHERE id = $1")
            .bind(user.to_string())
            .run()
            .await?;
        let (until,): (Option<i64>,) =
            self.sql("SELECT hold_until FROM users WHERE id = $1").bind(user.to_string()).one().await?;
        let until = until.map(Timestamp::from_unix).filter(|until| *until > now);
        if lifted > 0 {
            let told = json!({ "user_id": user.to_string(), "hold_until": until });
            self.announce(WebhookEvent::HoldLifted, now, told).await?;
        }
        Ok((lifted, until))
    }

    /// Lengthens the account's hold to `hold.ends_at`, and answers when it ends now: never earlier than before, whoever else
    /// does the same at this moment.
    pub async fn begin_hold(&mut self, id: &str, user: UserId, hold: &Hold) -> Result<Timestamp, Error> {
        self.sql("UPDATE users SET hold_until = $1 WHERE id = $2 AND (hold_until IS NULL OR hold_until < $1)")
            .bind(hold.ends_at)
            .bind(user.to_string())
            .run()
            .await?;
        self.sql("INSERT INTO holds (id, user_id, cause, began_at, ends_at) VALUES ($1, $2, $3, $4, $5)")
            .bind(id)
            .bind(user.to_string())
            .bind(hold.cause.as_str())
            .bind(hold.began_at)
            .bind(hold.ends_at)
            .run()
            .await?;
        let (until,): (Option<i64>,) =
            self.sql("SELECT hold_until FROM users WHERE id = $1").bind(user.to_string()).one().await?;
        let until = until.map_or(hold.ends_at, Timestamp::from_unix);
        let told = json!({ "user_id": user.to_string(), "cause": hold.cause.as_str(), "hold_until": until });
        self.announce(WebhookEvent::HoldStarted, hold.began_at, told).await?;
        Ok(until)
    }
}
