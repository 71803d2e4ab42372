//! Removes what has expired.

use std::sync::Arc;
use std::time::Duration;

use super::Stop;
use crate::flow::Karat;

const FIRST: Duration = Duration::from_secs(30);
const INTERVAL: Duration = Duration::from_secs(10 * 60);
/// Rows of each table at once: other writers wait no longer than that takes.
const BATCH: i64 = 200;
/// Between two batches, for those writers.
const BREATH: Duration = Duration::from_millis(50);

pub async fn run(karat: Arc<Karat>, mut stop: Stop) {
    let mut wait = FIRST;
    while stop.pause(wait).await {
        wait = INTERVAL;
        match clean_up(&karat, &mut stop).await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "expired rows removed"),
            Err(error) => tracing::warn!(%error, "clean-up is put off"),
        }
        match karat.remove_unused_clients().await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "unused apps removed"),
            Err(error) => tracing::warn!(%error, "the removal of unused apps is put off"),
        }
    }
}

async fn clean_up(karat: &Karat, stop: &mut Stop) -> Result<u64, crate::storage::Error> {
    let mut removed = 0;
    loop {
        let batch = karat.store.clean_up(karat.now(), BATCH).await?;
        removed += batch;
        if batch == 0 || !stop.pause(BREATH).await {
            return Ok(removed);
        }
    }
}
