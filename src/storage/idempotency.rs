//! Requests of the admin API that carry an `Idempotency-Key`, and how they were answered.
//!
//! ```text
//! - --first request--> in flight (status 0) --done------> answered --a day--> -
//!                                           --not done--> -
//!                                           --we died---> in flight, until a day is over
//! ```
//! Nobody knows whether what stayed in flight was done, so that it is not done again by itself.

use serde::{Deserialize, Serialize};

use super::Error;
use super::store::Store;
use crate::crypto::seal::Place;
use crate::domain::time::{Seconds, Timestamp};

/// How long an answer is given again.
pub const KEPT_FOR: Seconds = Seconds::hours(24);
const IN_FLIGHT: i64 = 0;

/// Whose key it is.
#[derive(Clone, Debug)]
pub struct RequestKey {
    pub caller: String,
    pub name: String,
}

/// What an answer is given again with. Sealed at rest: it may hold a secret that was just made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub status: u16,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

/// What became of a request with a key.
#[derive(Debug, PartialEq, Eq)]
pub enum Begun {
    First,
    /// The first one is not answered.
    InFlight,
    /// The key belongs to another request.
    Another,
    Answered(Answer),
}

record! {
    struct Row {
        request_hash: String,
        status: i64,
        answer: Vec<u8>,
    }
}

impl Store {
    /// Of requests that come at once, one is the first.
    pub async fn begin_once(&self, key: &RequestKey, hash: &str, now: Timestamp) -> Result<Begun, Error> {
        self.write("DELETE FROM idempotency_keys WHERE caller = $1 AND name = $2 AND created_at <= $3")
            .bind(&key.caller)
            .bind(&key.name)
            .bind(now.minus(KEPT_FOR))
            .run()
            .await?;
        let inserted = self
            .write(
                "INSERT INTO idempotency_keys (caller, name, request_hash, status, answer, created_at) \
                 VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (caller, name) DO NOTHING",
            )
            .bind(&key.caller)
            .bind(&key.name)
            .bind(hash)
            .bind(IN_FLIGHT)
            .bind(Vec::new())
            .bind(now)
            .run()
            .await?;
        if inserted == 1 {
            return Ok(Begun::First);
        }
        let row: Option<Row> = self
            .read("SELECT request_hash, status, answer FROM idempotency_keys WHERE caller = $1 AND name = $2")
            .bind(&key.caller)
            .bind(&key.name)
            .optional()
            .await?;
        match row {
            Some(row) if row.request_hash != hash => Ok(Begun::Another),
            Some(row) if row.status != IN_FLIGHT => self.open(place(&key.row()), &row.answer).map(Begun::Answered),
            // Gone between the two: the first one was just refused.
            Some(_) | None => Ok(Begun::InFlight),
        }
    }

    pub async fn keep_answer(&self, key: &RequestKey, answer: &Answer) -> Result<(), Error> {
        let sealed = self.seal(place(&key.row()), answer)?;
        self.write("UPDATE idempotency_keys SET status = $1, answer = $2 WHERE caller = $3 AND name = $4")
            .bind(i64::from(answer.status))
            .bind(sealed)
            .bind(&key.caller)
            .bind(&key.name)
            .run()
            .await?;
        Ok(())
    }

    /// Nothing was done: the key is free again.
    pub async fn forget_request(&self, key: &RequestKey) -> Result<(), Error> {
        self.write("DELETE FROM idempotency_keys WHERE caller = $1 AND name = $2 AND status = $3")
            .bind(&key.caller)
            .bind(&key.name)
            .bind(IN_FLIGHT)
            .run()
            .await?;
        Ok(())
    }
}

impl RequestKey {
    /// The primary key as one text; callers have no space in their names.
    fn row(&self) -> String {
        format!("{} {}", self.caller, self.name)
    }
}

fn place(row: &str) -> Place<'_> {
    Place { table: "idempotency_keys", column: "answer", row }
}
