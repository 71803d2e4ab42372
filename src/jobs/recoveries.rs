//! Telling the owners of accounts that somebody recovers them.

use std::sync::Arc;

use super::Stop;
use super::turns::Turns;
use crate::domain::time::Seconds;
use crate::flow::Karat;

const INTERVAL: Seconds = Seconds::minutes(5);

pub async fn run(karat: Arc<Karat>, mut stop: Stop) {
    let turns = Turns::of(&karat, "recoveries", INTERVAL);
    while turns.next(&mut stop).await {
        match karat.remind_of_recoveries().await {
            Ok(0) => {}
            Ok(told) => tracing::info!(told, "owners told of running recoveries"),
            Err(error) => tracing::warn!(%error, "reminders of recoveries are put off"),
        }
        turns.end().await;
    }
}
