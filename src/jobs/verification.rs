//! Levels that end, and what was kept of verifications for long enough.

use std::sync::Arc;
use std::time::Duration;

use super::Stop;
use super::turns::Turns;
use crate::domain::time::Seconds;
use crate::flow::{Failure, Karat};

const INTERVAL: Seconds = Seconds(60);
/// Between two batches, for other writers.
const BREATH: Duration = Duration::from_millis(50);

pub async fn run(karat: Arc<Karat>, mut stop: Stop) {
    let turns = Turns::of(&karat, "verification", INTERVAL);
    while turns.next(&mut stop).await {
        match look(&karat, &turns, &mut stop).await {
            Ok((0, 0)) => {}
            Ok((found, destroyed)) => tracing::info!(found, destroyed, "verifications looked after"),
            Err(error) => tracing::warn!(%error, "looking after verifications is put off"),
        }
        turns.end().await;
    }
}

async fn look(karat: &Karat, turns: &Turns, stop: &mut Stop) -> Result<(usize, u64), Failure> {
    let (mut found, mut destroyed) = (0, 0);
    loop {
        let findings = karat.look_at_standings().await? + karat.give_up_unfinished().await?;
        let gone = karat.destroy_what_was_kept().await?;
        found += findings;
        destroyed += gone;
        if (findings == 0 && gone == 0) || !stop.pause(BREATH).await || !turns.goes_on().await? {
            return Ok((found, destroyed));
        }
    }
}
