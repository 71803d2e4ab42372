//! Telling the owners of accounts that somebody recovers them.

use std::sync::Arc;
use std::time::Duration;

use super::Stop;
use crate::flow::Karat;

const INTERVAL: Duration = Duration::from_secs(5 * 60);

pub async fn run(karat: Arc<Karat>, mut stop: Stop) {
    while stop.pause(INTERVAL).await {
        match karat.remind_of_recoveries().await {
            Ok(0) => {}
            Ok(told) => tracing::info!(told, "owners told of running recoveries"),
            Err(error) => tracing::warn!(%error, "reminders of recoveries are put off"),
        }
    }
}
