//! Levels that end, and what was kept of verifications for long enough.

use std::sync::Arc;
use std::time::Duration;

use super::Stop;
use crate::flow::{Failure, Karat};

const FIRST: Duration = Duration::from_secs(20);
const INTERVAL: Duration = Duration::from_secs(60);
/// Between two batches, for other writers.
const BREATH: Duration = Duration::from_millis(50);

pub async fn run(karat: Arc<Karat>, mut stop: Stop) {
    let mut wait = FIRST;
    while stop.pause(wait).await {
        wait = INTERVAL;
        match look(&karat, &mut stop).await {
            Ok((0, 0)) => {}
            Ok((found, destroyed)) => tracing::info!(found, destroyed, "verifications looked after"),
            Err(error) => tracing::warn!(%error, "looking after verifications is put off"),
        }
    }
}

async fn look(karat: &Karat, stop: &mut Stop) -> Result<(usize, u64), Failure> {
    let (mut found, mut destroyed) = (0, 0);
    loop {
        let findings = karat.look_at_standings().await? + karat.give_up_unfinished().await?;
        let gone = karat.destroy_what_was_kept().await?;
        found += findings;
        destroyed += gone;
        if (findings == 0 && gone == 0) || !stop.pause(BREATH).await {
            return Ok((found, destroyed));
        }
    }
}
