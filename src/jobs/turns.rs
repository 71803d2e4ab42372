//! A job that one node does for all of them, in turn.

use std::sync::Arc;
use std::time::Duration;

use super::Stop;
use crate::domain::time::Seconds;
use crate::flow::Karat;
use crate::storage::Error;
use crate::storage::turns::Turn;

/// How long the other nodes wait for one that died at work. Longer than a batch takes by far.
const LEASE: Seconds = Seconds::minutes(2);

pub struct Turns {
    karat: Arc<Karat>,
    turn: Turn,
    /// How often this node asks for the turn.
    look: Duration,
}

impl Turns {
    pub fn of(karat: &Arc<Karat>, job: &'static str, every: Seconds) -> Self {
        let turn = Turn { job, holder: karat.new_id().to_string(), every, lease: LEASE };
        Self { karat: karat.clone(), turn, look: (every.as_duration() / 4).min(Duration::from_secs(30)) }
    }

    /// Waits until the turn is this node's; `false` when it is time to stop.
    pub async fn next(&self, stop: &mut Stop) -> bool {
        while stop.pause(self.look).await {
            if self.begin().await {
                return true;
            }
        }
        false
    }

    pub async fn begin(&self) -> bool {
        let begun = self.karat.store.begin_turn(&self.turn, self.karat.now()).await;
        begun.unwrap_or_else(|error| {
            tracing::warn!(job = self.turn.job, %error, "whose turn it is cannot be told");
            false
        })
    }

    /// Between two batches: whether to go on. Not when another node has taken the turn over.
    pub async fn goes_on(&self) -> Result<bool, Error> {
        self.karat.store.keep_turn(&self.turn, self.karat.now()).await
    }

    pub async fn end(&self) {
        if let Err(error) = self.karat.store.end_turn(&self.turn, self.karat.now()).await {
            tracing::debug!(job = self.turn.job, %error, "the turn ends with its lease");
        }
    }
}
