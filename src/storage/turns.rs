//! Whose turn a background job is: one node's of all. A turn is held by a lease; whoever dies in it holds nobody up for longer than that.

use super::Error;
use super::store::Store;
use crate::domain::time::{Seconds, Timestamp};

/// A job and the node that asks for it.
#[derive(Clone, Debug)]
pub struct Turn {
    pub job: &'static str,
    pub holder: String,
    /// From the beginning of one turn to that of the next.
    pub every: Seconds,
    /// How long a turn is held without a sign of life.
    pub lease: Seconds,
}

impl Store {
    /// Whether the turn is this node's: the job is due and nobody is at it. Of several nodes one is told so. A time that lies further ahead than
    /// any node would write is that of a clock that ran ahead, and holds nobody up.
    pub async fn begin_turn(&self, turn: &Turn, now: Timestamp) -> Result<bool, Error> {
        let begun = self
            .write(
                "INSERT INTO job_turns (job, holder, begun_at, held_until) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (job) DO UPDATE SET holder = $2, begun_at = $3, held_until = $4 \
                 WHERE (job_turns.held_until <= $3 AND job_turns.begun_at <= $5) OR job_turns.begun_at > $6",
            )
            .bind(turn.job)
            .bind(&turn.holder)
            .bind(now)
            .bind(now.plus(turn.lease))
            .bind(now.minus(turn.every))
            .bind(now.plus(turn.lease))
            .run()
            .await?;
        Ok(begun == 1)
    }

    /// A sign of life. `false` when the turn was lost: the lease ran out, and another node has it.
    pub async fn keep_turn(&self, turn: &Turn, now: Timestamp) -> Result<bool, Error> {
        self.hold_turn_until(turn, now.plus(turn.lease)).await
    }

    /// The job is done until it is due again.
    pub async fn end_turn(&self, turn: &Turn, now: Timestamp) -> Result<(), Error> {
        self.hold_turn_until(turn, now).await.map(drop)
    }

    async fn hold_turn_until(&self, turn: &Turn, until: Timestamp) -> Result<bool, Error> {
        let held = self
            .write("UPDATE job_turns SET held_until = $3 WHERE job = $1 AND holder = $2")
            .bind(turn.job)
            .bind(&turn.holder)
            .bind(until)
            .run()
            .await?;
        Ok(held == 1)
    }
}
