//! Whether a refresh takes longer when there are many: measured among as many rows as real requests made, and again
//! when these stand spread among a thousand times as many.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, ensure};
use serde::{Deserialize, Serialize};

use crate::engine::{self, Seen};
use crate::process::{self, Watch};
use crate::profile::Rows;
use crate::report::median;
use crate::scenario::Scenario;
use crate::stage::{CALLERS, Filled, PEOPLE, Place, Provider, Stage};
use crate::start::until_answered;

/// Grants that are refreshed, each made by a request.
const REAL: usize = 10_000;
/// Requests a second, well below what any provider here can do: what is measured is an answer, not a queue.
const RATE: f64 = 1_000.0;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Grown {
    pub provider: String,
    pub few: Standing,
    pub many: Standing,
    /// Bytes of the database for a person, and for a grant with its refresh token.
    pub bytes_a_person: f64,
    pub bytes_a_grant: f64,
    /// Bytes of the server's memory for each grant that was made and each of its refreshes, while it runs.
    pub memory_a_grant: f64,
}

/// With so many rows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Standing {
    pub rows: usize,
    pub bytes: f64,
    pub rounds: Vec<Seen>,
}

impl Standing {
    /// Milliseconds.
    pub fn median(&self) -> f64 {
        median(self.rounds.iter().map(|seen| seen.median).collect())
    }

    pub fn p99(&self) -> f64 {
        median(self.rounds.iter().map(|seen| seen.p99).collect())
    }
}

/// Where the last figures of a profile are kept: they take long.
pub fn kept(out: &Path, profile: &Path) -> PathBuf {
    out.join("rows").with_added_extension(profile.file_stem().unwrap_or_default()).with_added_extension("json")
}

pub async fn measure(
    stage: &mut Stage,
    path: &Path,
    count: usize,
    (rounds, measured): (usize, Duration),
) -> anyhow::Result<Grown> {
    ensure!(count >= REAL && count.is_multiple_of(REAL), "the number of rows must be a multiple of {REAL}");
    let empty = stage.place(path, Filled::Empty)?;
    let started = until_answered(stage.start(&empty)?, &empty.profile.issuer).await?;
    started.0.stop()?;
    let nothing = rows_of(&empty)?.size(&empty)?;

    let place = stage.place(path, Filled::WithPeople)?;
    let rows = rows_of(&place)?;
    let with_people = rows.size(&place)?;
    let mut provider = stage.open(&place).await?;
    let memory = Watch::begin(&[provider.running.pid()])?.end()?.memory;
    collect(&mut provider).await?;
    let made = (Watch::begin(&[provider.running.pid()])?.end()?.memory - memory) * f64::from(1 << 20);
    let few = refresh(&mut provider, (rounds, measured)).await?;
    provider.running.stop()?;
    let with_grants = rows.size(&place)?;
    eprintln!("{}: {REAL} rows measured; making {count}", place.profile.name);
    rows.make(&place, count)?;
    let with_many = rows.size(&place)?;
    provider.running = stage.start(&place)?;
    let many = refresh(&mut provider, (rounds, measured)).await?;
    provider.running.stop()?;
    Ok(Grown {
        provider: place.profile.name.clone(),
        few: Standing { rows: REAL, bytes: with_grants, rounds: few },
        many: Standing { rows: count, bytes: with_many, rounds: many },
        bytes_a_person: (with_people - nothing) / share(PEOPLE),
        bytes_a_grant: (with_many - with_grants) / share(count - REAL),
        memory_a_grant: made / share(REAL),
    })
}

/// They name the folder of their place.
fn rows_of(place: &Place) -> anyhow::Result<Rows> {
    place.profile.rows.clone().context("the profile does not say how rows are made")
}

async fn collect(provider: &mut Provider) -> anyhow::Result<()> {
    let local = tokio::task::LocalSet::new();
    let workers = std::mem::take(&mut provider.workers);
    let all = workers.into_iter().enumerate().map(|(number, mut worker)| {
        local.spawn_local(async move {
            // Its log-in brought one already.
            for _ in 1..(REAL - number).div_ceil(CALLERS) {
                worker.collect().await?;
            }
            anyhow::Ok(worker)
        })
    });
    let all: Vec<_> = all.collect();
    local
        .run_until(async {
            for one in all {
                provider.workers.push(one.await??);
            }
            anyhow::Ok(())
        })
        .await
}

async fn refresh(provider: &mut Provider, (rounds, measured): (usize, Duration)) -> anyhow::Result<Vec<Seen>> {
    for worker in &mut provider.workers {
        worker.scenario = Scenario::Refresh;
    }
    // Each grant once: how cold the caches are after a start is not what is measured.
    engine::open(&mut provider.workers, RATE, Duration::from_secs_f64(share(REAL) / RATE)).await?;
    let mut all = Vec::new();
    for _ in 0..rounds {
        let seen = engine::open(&mut provider.workers, RATE, measured).await?;
        ensure!(seen.failed == 0, "{} failed: {}", seen.failed, seen.failure.unwrap_or_default());
        all.push(seen);
    }
    Ok(all)
}

impl Rows {
    fn ask(&self, place: &Place, sql: &str) -> anyhow::Result<String> {
        let mut command = self.tool.clone();
        command.push(sql.to_owned());
        process::run(&command, &place.folder, &place.profile.environment)
    }

    fn size(&self, place: &Place) -> anyhow::Result<f64> {
        let told = self.ask(place, &self.size)?;
        told.trim().parse().with_context(|| format!("a size: {told}"))
    }

    /// Indexes are made when the rows are there, as a restore does.
    fn make(&self, place: &Place, count: usize) -> anyhow::Result<()> {
        let told = self.ask(place, &self.indexes)?;
        let indexes: Vec<_> = told.lines().filter_map(|line| line.split_once('|')).collect();
        ensure!(!indexes.is_empty(), "no indexes: {told}");
        let drop: String = indexes.iter().map(|(name, _)| format!("DROP INDEX {name};\n")).collect();
        let again: String = indexes.iter().map(|(_, made_by)| format!("{made_by};\n")).collect();
        let insert = self.insert.replace("{count}", &count.to_string()).replace("{each}", &(count / REAL).to_string());
        self.ask(place, &format!("{}\n{drop}{insert}\n{again}", self.before)).map(std::mem::drop)?;
        for statement in self.after.lines() {
            self.ask(place, statement)?;
        }
        // What the system still has to write would be measured with the first rounds.
        process::run(&["sync".to_owned()], &place.folder, &BTreeMap::new()).map(std::mem::drop)
    }
}

/// Counts here stay far below what a float holds exactly.
#[expect(clippy::cast_precision_loss)]
fn share(count: usize) -> f64 {
    count as f64
}
