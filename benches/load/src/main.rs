//! Measures OpenID providers under load, by plain OAuth and OpenID Connect, and says how they compare.

mod bare;
mod bars;
mod browser;
mod connection;
mod crowd;
mod engine;
mod flame;
mod process;
mod profile;
mod render;
mod report;
mod rows;
mod scenario;
mod stage;
mod start;
mod world;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Context;
use clap::{Parser, Subcommand};
use tokio::task::LocalSet;

use crate::report::{Report, Wanted};
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
        /// Among how many refresh rows tokens are asked for; 0 takes what `rows` has left
        #[arg(long, default_value_t = 10_000_000)]
        rows: usize,
        /// Where report.json and report.md go
        #[arg(long, default_value = "target/load")]
        out: PathBuf,
        /// Writes docs/performance.md as well
        #[arg(long)]
        document: bool,
    },
    /// Whether a refresh takes longer among many; minutes to make them, and some 6 GB of disk for ten million
    Rows {
        profile: PathBuf,
        #[arg(long, default_value_t = 10_000_000)]
        count: usize,
        #[arg(long, default_value_t = 5)]
        rounds: usize,
        #[arg(long, default_value_t = 5)]
        seconds: u64,
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
    /// A flame graph of one scenario at one provider, by perf
    Flame {
        profile: PathBuf,
        scenario: Scenario,
        /// The SVG file
        out: PathBuf,
        #[arg(long, default_value_t = 5)]
        seconds: u64,
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
        What::Report { rounds, seconds, profiles, rows, out, document } => {
            let profiles = match profiles.is_empty() {
                true => ["karat-sqlite", "karat-postgres", "node-oidc-provider"]
                    .map(|name| root.join(format!("benches/load/profiles/{name}.toml")))
                    .to_vec(),
                false => profiles,
            };
            let wanted = Wanted { rounds, measured: Duration::from_secs(seconds), cores, profiles, rows, out };
            let report = LocalSet::new().run_until(report::make(&root, &folder, &wanted)).await;
            report.and_then(|report| tell(&root, &wanted.out, &report, document))
        }
        What::Rows { profile, count, rounds, seconds, out } => {
            let mut stage = Stage::new(root, folder.clone(), cores);
            let measured = (rounds, Duration::from_secs(seconds));
            let grown = LocalSet::new().run_until(rows::measure(&mut stage, &profile, count, measured)).await;
            grown.and_then(|grown| {
                fs::create_dir_all(&out)?;
                let text = serde_json::to_string_pretty(&grown)?;
                println!("{text}");
                Ok(fs::write(rows::kept(&out, &profile), text)?)
            })
        }
        What::Run { profile, scenario, seconds, rate } => {
            let stage = Stage::new(root, folder.clone(), cores);
            let measured = Duration::from_secs(seconds);
            LocalSet::new().run_until(once(stage, profile, scenario, (measured, rate))).await
        }
        What::Flame { profile, scenario, out, seconds } => {
            let mut stage = Stage::new(root, folder.clone(), cores);
            let measured = (Duration::from_secs(seconds), out.as_path());
            LocalSet::new().run_until(flame(&mut stage, &profile, scenario, measured)).await
        }
        What::Bare { .. } => Ok(()),
    };
    match done {
        Ok(()) => fs::remove_dir_all(&folder).context("removing the folder of the run"),
        Err(error) => Err(error.context(format!("what was started left its logs in {}", folder.display()))),
    }
}

async fn flame(
    stage: &mut Stage,
    profile: &Path,
    scenario: Scenario,
    measured: (Duration, &Path),
) -> anyhow::Result<()> {
    let mut provider = stage.provider(profile).await?;
    for worker in &mut provider.workers {
        worker.scenario = scenario;
    }
    let title = format!("{}, {}", provider.world.profile.name, scenario::name_of(scenario));
    flame::draw(&mut provider, &title, measured).await?;
    provider.running.stop()
}

fn tell(root: &Path, out: &Path, report: &Report, document: bool) -> anyhow::Result<()> {
    let text = render::markdown(report);
    fs::create_dir_all(out)?;
    fs::write(out.join("report.json"), serde_json::to_string_pretty(report)?)?;
    fs::write(out.join("report.md"), &text)?;
    println!("{text}");
    if document {
        let frame = fs::read_to_string(root.join("benches/load/performance.md"))?;
        let whole =
            render::parts(report).iter().fold(frame, |whole, (name, text)| whole.replace(name, text.trim_end()));
        fs::write(root.join("docs/performance.md"), whole)?;
    }
    Ok(())
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
    let watch = process::Watch::begin(&[provider.running.pid()])?;
    let seen = match rate {
        Some(rate) => engine::open(&mut provider.workers, rate, measured).await?,
        None => engine::closed(&mut provider.workers, (Duration::from_secs(1), measured)).await?,
    };
    println!("{}", serde_json::json!({ "seen": seen, "server": watch.end()? }));
    provider.running.stop()
}
