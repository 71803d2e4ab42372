//! How soon a provider answers after its start, and what it holds when nobody asks.

use std::path::Path;
use std::time::Duration;

use anyhow::ensure;
use serde::Serialize;
use url::Url;

use crate::connection::{Ask, Connection};
use crate::process::{Running, Watch};
use crate::report::median;
use crate::stage::{Filled, Stage};
use crate::world::discovery_of;

/// Medians.
#[derive(Clone, Debug, Serialize)]
pub struct Started {
    pub provider: String,
    /// Milliseconds until the discovery document is answered, from nothing but the configuration.
    pub first: f64,
    /// The same, of what has run before.
    pub again: f64,
    /// MiB, some seconds after the last answer.
    pub idle: f64,
}

const PATIENCE: Duration = Duration::from_secs(30);
const IDLE: Duration = Duration::from_secs(5);

pub async fn measure(stage: &mut Stage, path: &Path, rounds: usize) -> anyhow::Result<Started> {
    let (mut first, mut again, mut idle) = (Vec::new(), Vec::new(), Vec::new());
    let mut provider = String::new();
    for _ in 0..rounds {
        let place = stage.place(path, Filled::Empty)?;
        place.profile.name.clone_into(&mut provider);
        let (running, took) = until_answered(stage.start(&place)?, &place.profile.issuer).await?;
        first.push(took);
        running.stop()?;
        let (running, took) = until_answered(stage.start(&place)?, &place.profile.issuer).await?;
        again.push(took);
        if idle.is_empty() {
            tokio::time::sleep(IDLE).await;
            idle.push(Watch::begin(&[running.pid()])?.end()?.memory);
        }
        running.stop()?;
    }
    Ok(Started { provider, first: median(first), again: median(again), idle: median(idle) })
}

/// The process has been started just before.
pub async fn until_answered(mut running: Running, issuer: &str) -> anyhow::Result<(Running, f64)> {
    let base = Url::parse(issuer)?;
    let ask = Ask::get(discovery_of(&base));
    loop {
        let mut connection = Connection::to(&base)?;
        if let Ok(answer) = connection.send(&ask).await {
            ensure!(answer.status.is_success(), "{}", answer.told());
            let took = running.begun.elapsed().as_secs_f64() * 1e3;
            return Ok((running, took));
        }
        running.is_running()?;
        ensure!(running.begun.elapsed() < PATIENCE, "no answer at {issuer}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
