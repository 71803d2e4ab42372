//! Removes what has expired.

use std::sync::Arc;
use std::time::Duration;

use super::Stop;
use super::turns::Turns;
use crate::domain::time::Seconds;
use crate::flow::Karat;

const INTERVAL: Seconds = Seconds::minutes(10);
/// Rows of each table at once: other writers wait no longer than that takes.
const BATCH: i64 = 200;
/// Between two batches, for those writers.
const BREATH: Duration = Duration::from_millis(50);

pub async fn run(karat: Arc<Karat>, mut stop: Stop) {
    let turns = Turns::of(&karat, "clean-up", INTERVAL);
    while turns.next(&mut stop).await {
        match clean_up(&karat, &turns, &mut stop).await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "expired rows removed"),
            Err(error) => tracing::warn!(%error, "clean-up is put off"),
        }
        match karat.remove_unused_clients().await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "unused apps removed"),
            Err(error) => tracing::warn!(%error, "the removal of unused apps is put off"),
        }
        turns.end().await;
    }
}

async fn clean_up(karat: &Karat, turns: &Turns, stop: &mut Stop) -> Result<u64, crate::storage::Error> {
    let mut removed = 0;
    loop {
        let batch = karat.store.clean_up(karat.now(), BATCH).await?;
        removed += batch;
        if batch == 0 || !stop.pause(BREATH).await || !turns.goes_on().await? {
            return Ok(removed);
        }
    }
}
