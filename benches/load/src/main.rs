//! Measures OpenID providers under load, by plain OAuth and OpenID Connect, and says how they compare.

mod bare;
mod bars;
mod browser;
mod connection;
mod engine;
mod process;
mod profile;
mod render;
mod report;
mod scenario;
mod stage;
mod world;

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::Context;
use clap::{Parser, Subcommand};

use crate::report::Wanted;
use crate::scenario::Scenario;
use crate::stage::{Cores, Stage};

#[derive(Parser)]
#[command(about = "Measures OpenID providers under load")]
struct Arguments {
    #[command(subcommand)]
    what: What,
    /// Cores of the servers, as taskset takes them
    #[arg(long, global = true, default_value = "0")]
    server_cores: String,
    /// Cores of the load
    #[arg(long, global = true, default_value = "1")]
    load_cores: String,
}

#[derive(Subcommand)]
enum What {
    /// Every scenario at every provider in turn; each bar beside what was reached
    Report {
        #[arg(long, default_value_t = 5)]
        rounds: usize,
        /// Of each measurement
        #[arg(long, default_value_t = 5)]
        seconds: u64,
        /// Without: all of benches/load/profiles
        #[arg(long = "profile")]
        profiles: Vec<PathBuf>,
        /// Where report.json and report.md go
        #[arg(long, default_value = "target/load")]
        out: PathBuf,
    },
    /// One scenario at one provider
    Run {
        profile: PathBuf,
        scenario: Scenario,
        #[arg(long, default_value_t = 5)]
        seconds: u64,
        /// Requests a second; without, as many as are answered
        #[arg(long)]
        rate: Option<f64>,
    },
    /// The bare server of a report
    #[command(hide = true)]
    Bare { port: u16, answer: PathBuf },
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    if let What::Bare { port, answer } = arguments.what {
        let answer = fs::read_to_string(answer)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        return runtime.block_on(bare::serve(port, answer));
    }
    // Before any thread is there: what is started later inherits it.
    let own = std::process::id().to_string();
    let pinned = Command::new("taskset").args(["-cp", &arguments.load_cores, &own]).output()?;
    anyhow::ensure!(pinned.status.success(), "taskset: {}", String::from_utf8_lossy(&pinned.stderr));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(act(arguments))
}

async fn act(arguments: Arguments) -> anyhow::Result<()> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    let folder = std::env::temp_dir().join(format!("karat-load.{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let cores = Cores { server: arguments.server_cores, load: arguments.load_cores };
    let done = match arguments.what {
        What::Report { rounds, seconds, profiles, out } => {
            let profiles = match profiles.is_empty() {
                true => ["karat-sqlite", "karat-postgres", "node-oidc-provider"]
                    .map(|name| root.join(format!("benches/load/profiles/{name}.toml")))
                    .to_vec(),
                false => profiles,
            };
            let wanted = Wanted { rounds, measured: Duration::from_secs(seconds), cores, profiles };
            let report = tokio::task::LocalSet::new().run_until(report::make(&root, &folder, &wanted)).await;
            report.and_then(|report| {
                let text = render::markdown(&report);
                fs::create_dir_all(&out)?;
                fs::write(out.join("report.json"), serde_json::to_string_pretty(&report)?)?;
                fs::write(out.join("report.md"), &text)?;
                println!("{text}");
                Ok(())
            })
        }
        What::Run { profile, scenario, seconds, rate } => {
            let stage = Stage::new(root, folder.clone(), cores);
            let measured = Duration::from_secs(seconds);
            tokio::task::LocalSet::new().run_until(once(stage, profile, scenario, (measured, rate))).await
        }
        What::Bare { .. } => Ok(()),
    };
    match done {
        Ok(()) => fs::remove_dir_all(&folder).context("removing the folder of the run"),
        Err(error) => Err(error.context(format!("what was started left its logs in {}", folder.display()))),
    }
}

async fn once(
    mut stage: Stage,
    profile: PathBuf,
    scenario: Scenario,
    (measured, rate): (Duration, Option<f64>),
) -> anyhow::Result<()> {
    let mut provider = stage.provider(&profile).await?;
    for worker in &mut provider.workers {
        worker.scenario = scenario;
    }
    let watch = process::Watch::begin(provider.running.pid())?;
    let seen = match rate {
        Some(rate) => engine::open(&mut provider.workers, rate, measured).await?,
        None => engine::closed(&mut provider.workers, (Duration::from_secs(1), measured)).await?,
    };
    println!("{}", serde_json::json!({ "seen": seen, "server": watch.end()? }));
    provider.running.stop()
}
