//! The log of messages: what was sent where, how often, and what came of it.

use serde::{Deserialize, Serialize};

use super::super::Error;
use super::super::store::{Store, from_json, to_json};
use crate::domain::time::Timestamp;

/// More are made only by asking again and again.
const MOST_ATTEMPTS: usize = 50;

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// On its way, or between two attempts.
    Waiting,
    Arrived,
    /// Tried too often, or refused for good.
    GivenUp,
    /// The endpoint was switched off meanwhile.
    NotSent,
}

/// One try.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryAttempt {
    pub at: Timestamp,
    /// What the endpoint answered, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// How long it took.
    pub millis: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The `webhook-id`.
    pub id: String,
    pub endpoint: String,
    pub event: String,
    pub body: String,
    pub state: DeliveryState,
    pub attempts: Vec<DeliveryAttempt>,
    pub created_at: Timestamp,
    pub finished_at: Option<Timestamp>,
}

record! {
    struct Row {
        id: String,
        endpoint_id: String,
        event: String,
        body: String,
        state: String,
        attempts: String,
        created_at: i64,
        finished_at: Option<i64>,
    }
}

impl DeliveryState {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Arrived => "arrived",
            Self::GivenUp => "given_up",
            Self::NotSent => "not_sent",
        }
    }

    fn parse(text: &str) -> Result<Self, Error> {
        let all = [Self::Waiting, Self::Arrived, Self::GivenUp, Self::NotSent];
        let found = all.into_iter().find(|state| state.as_str() == text);
        found.ok_or_else(|| Error::Corrupt("webhook_deliveries.state".to_owned()))
    }
}

impl Store {
    pub async fn webhook_delivery(&self, id: &str) -> Result<Option<Delivery>, Error> {
        let row: Option<Row> = self.read("SELECT * FROM webhook_deliveries WHERE id = $1").bind(id).optional().await?;
        row.map(Delivery::try_from).transpose()
    }

    /// The newest first, at most `most` that are older than the message `before`; from the newest on when that is empty.
    pub async fn webhook_deliveries(&self, endpoint: &str, before: &str, most: i64) -> Result<Vec<Delivery>, Error> {
        let rows: Vec<Row> = self
            .read(
                "SELECT * FROM webhook_deliveries WHERE endpoint_id = $1 AND ($2 = '' OR id < $2) \
                 ORDER BY id DESC LIMIT $3",
            )
            .bind(endpoint)
            .bind(before)
            .bind(most)
            .all()
            .await?;
        rows.into_iter().map(Delivery::try_from).collect()
    }

    /// Whoever has leased the message writes this, and nobody else. `attempt`: none was made.
    pub async fn note_webhook(
        &self,
        delivery: &Delivery,
        attempt: Option<DeliveryAttempt>,
        state: DeliveryState,
        now: Timestamp,
    ) -> Result<(), Error> {
        let mut attempts = delivery.attempts.clone();
        attempts.extend(attempt);
        let older = attempts.len().saturating_sub(MOST_ATTEMPTS);
        let finished = (state != DeliveryState::Waiting).then_some(now);
        self.write("UPDATE webhook_deliveries SET attempts = $1, state = $2, finished_at = $3 WHERE id = $4")
            .bind(to_json(&attempts.split_off(older))?)
            .bind(state.as_str())
            .bind(finished)
            .bind(&delivery.id)
            .run()
            .await?;
        Ok(())
    }
}

impl TryFrom<Row> for Delivery {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id,
            endpoint: row.endpoint_id,
            event: row.event,
            body: row.body,
            state: DeliveryState::parse(&row.state)?,
            attempts: from_json(&row.attempts, "webhook_deliveries.attempts")?,
            created_at: Timestamp::from_unix(row.created_at),
            finished_at: row.finished_at.map(Timestamp::from_unix),
        })
    }
}
