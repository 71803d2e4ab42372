//! The whole comparison: every scenario, provider by provider in turn, the medians of the rounds, and each bar beside what was reached.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::ensure;
use serde::Serialize;

use crate::bare::{self, BareCaller, Kind};
use crate::bars::{self, Bar};
use crate::connection::{Ask, Connection};
use crate::crowd;
use crate::engine::{self, Caller, Seen};
use crate::process::{self, Running, Used, Watch};
use crate::profile::Profile;
use crate::rows::{self, Grown};
use crate::scenario::{Scenario, name_of};
use crate::stage::{CALLERS, Cores, Provider, Stage};
use crate::start::{self, Started};

const COMPARED: [Scenario; 8] = [
    Scenario::Discovery,
    Scenario::Jwks,
    Scenario::ClientCredentials,
    Scenario::Code,
    Scenario::Refresh,
    Scenario::Introspection,
    Scenario::Userinfo,
    Scenario::Mix,
];
pub const WARM_UP: Duration = Duration::from_secs(1);
/// Of an open loop, as a share of what the closed one reached.
const OPEN_RATE: f64 = 0.5;

pub struct Wanted {
    pub rounds: usize,
    pub measured: Duration,
    pub cores: Cores,
    pub profiles: Vec<PathBuf>,
    /// Refresh rows among which a token is asked for; 0 takes what an earlier run of `rows` has left in `out`.
    pub rows: usize,
    pub out: PathBuf,
}

impl Wanted {
    fn told(&self) -> String {
        format!(
            "{} rounds of {} seconds for each figure in a closed loop; one for those in an open loop and beside log-ins; many rows: {}",
            self.rounds,
            self.measured.as_secs(),
            if self.rows > 0 { "measured in the same run" } else { "as an earlier `load rows` has left them" }
        )
    }
}

/// One scenario at one provider.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    pub provider: String,
    pub scenario: String,
    /// Of each round, a closed loop of 64 callers.
    pub rounds: Vec<Seen>,
    /// Requests a second, the median of the rounds.
    pub per_second: f64,
    pub server: Used,
    /// Of PostgreSQL and Redis.
    pub services: Option<Used>,
    /// An open loop at half of that rate.
    pub open: Option<Seen>,
}

#[derive(Debug, Serialize)]
pub struct Report {
    /// How it was asked for.
    pub asked: String,
    pub machine: String,
    /// Of what was measured.
    pub versions: String,
    pub server_cores: String,
    pub load_cores: String,
    /// ES256 signatures a second of one thread.
    pub signing_limit: f64,
    pub providers: Vec<Stated>,
    pub figures: Vec<Figure>,
    pub started: Vec<Started>,
    pub grown: Vec<Grown>,
    pub bars: Vec<Bar>,
}

/// What the comparison rests on.
#[derive(Debug, Serialize)]
pub struct Stated {
    pub name: String,
    pub signing: String,
    pub durability: String,
}

pub async fn make(root: &Path, folder: &Path, wanted: &Wanted) -> anyhow::Result<Report> {
    let signing_limit = bare::signing_limit(Duration::from_secs(2))?;
    let mut stage = Stage::new(root.to_owned(), folder.to_owned(), wanted.cores.clone());
    let mut providers = Vec::new();
    for path in &wanted.profiles {
        let provider = stage.provider(path).await?;
        eprintln!("ready: {}", provider.world.profile.name);
        providers.push(provider);
    }
    ensure!(!providers.is_empty(), "no profiles");
    let mut bare = Bare::start(folder, &wanted.cores, &providers[0]).await?;
    let mut figures = Vec::new();
    for scenario in COMPARED {
        figures.extend(compare(scenario, &mut providers, &mut bare, wanted).await?);
    }
    bare.running.stop()?;
    for provider in providers.iter_mut().filter(|provider| is_karat(&provider.world.profile.name)) {
        figures.push(crowd::measure(provider, wanted.measured).await?);
    }
    let stated = |provider: &Provider| Stated {
        name: provider.world.profile.name.clone(),
        signing: provider.world.profile.signing.clone(),
        durability: provider.world.profile.durability.clone(),
    };
    let stated: Vec<_> = providers.iter().map(stated).collect();
    // What follows is measured alone.
    for provider in providers {
        provider.running.stop()?;
    }
    let started = start::measure(&mut stage, &wanted.profiles[0], wanted.rounds).await?;
    let grown = grown(root, folder, wanted).await?;
    let mut report = Report {
        asked: wanted.told(),
        machine: machine()?,
        versions: versions(root),
        server_cores: wanted.cores.server.clone(),
        load_cores: wanted.cores.load.clone(),
        signing_limit,
        providers: stated,
        figures,
        started: vec![started],
        grown,
        bars: Vec::new(),
    };
    report.bars = bars::of(&report);
    Ok(report)
}

fn is_karat(name: &str) -> bool {
    name.starts_with("Karat")
}

/// Of each profile that says how rows are made.
async fn grown(root: &Path, folder: &Path, wanted: &Wanted) -> anyhow::Result<Vec<Grown>> {
    let mut all = Vec::new();
    for path in &wanted.profiles {
        if Profile::read(path)?.rows.is_none() {
            continue;
        }
        let kept = rows::kept(&wanted.out, path);
        if wanted.rows > 0 {
            let mut stage = Stage::new(root.to_owned(), folder.join("rows"), wanted.cores.clone());
            let grown = rows::measure(&mut stage, path, wanted.rows, (wanted.rounds, wanted.measured)).await?;
            fs::create_dir_all(&wanted.out)?;
            fs::write(kept, serde_json::to_string_pretty(&grown)?)?;
            all.push(grown);
        } else if let Ok(text) = fs::read_to_string(kept) {
            all.push(serde_json::from_str(&text)?);
        }
    }
    Ok(all)
}

struct Bare {
    running: Running,
    callers: Vec<BareCaller>,
}

pub const BARE: &str = "bare axum";

impl Bare {
    /// It answers what the first provider does.
    async fn start(folder: &Path, cores: &Cores, first: &Provider) -> anyhow::Result<Self> {
        let mut connection = Connection::to(&first.world.base)?;
        let answer = connection.send(&Ask::get(&first.world.discovery)).await?.text();
        let (file, port) = (folder.join("bare.json"), process::free_port()?);
        fs::write(&file, answer)?;
        let own = std::env::current_exe()?.display().to_string();
        let command = [own, "bare".to_owned(), port.to_string(), file.display().to_string()];
        let running = Running::start(BARE, &command, (&cores.server, &folder.join("bare.log")), &BTreeMap::new())?;
        let base = url::Url::parse(&format!("http://127.0.0.1:{port}"))?;
        let caller = |_| anyhow::Ok(BareCaller { connection: Connection::to(&base)?, kind: Kind::Static });
        let callers = (0..CALLERS).map(caller).collect::<Result<Vec<_>, _>>()?;
        tokio::time::sleep(Duration::from_millis(300)).await;
        Ok(Self { running, callers })
    }
}

/// Each round asks everybody in turn, so that what disturbs the machine disturbs all alike.
async fn compare(
    scenario: Scenario,
    providers: &mut [Provider],
    bare: &mut Bare,
    wanted: &Wanted,
) -> anyhow::Result<Vec<Figure>> {
    let ceiling = match scenario {
        Scenario::Discovery | Scenario::Jwks => Some(Kind::Static),
        Scenario::ClientCredentials => Some(Kind::Sign),
        _ => None,
    };
    // What a mix makes would drive out what it needs.
    let mut providers: Vec<_> =
        providers.iter_mut().filter(|provider| scenario != Scenario::Mix || !provider.world.profile.forgets).collect();
    let mut figures: Vec<Figure> = Vec::new();
    for round in 0..wanted.rounds {
        for (index, provider) in providers.iter_mut().enumerate() {
            let name = provider.world.profile.name.clone();
            prepare(provider, scenario).await?;
            if matches!(scenario, Scenario::Introspection | Scenario::Userinfo) {
                renew(provider).await?;
            }
            let (server, services) = (provider.running.pid(), provider.services.as_ref().map(|all| all.pids()));
            let took = measure(&mut provider.workers, server, services, wanted.measured).await?;
            note(&mut figures, (round, index), (name, scenario), took)?;
        }
        if let Some(kind) = ceiling {
            for caller in &mut bare.callers {
                caller.kind = kind;
            }
            let took = measure(&mut bare.callers, bare.running.pid(), None, wanted.measured).await?;
            note(&mut figures, (round, providers.len()), (BARE.to_owned(), scenario), took)?;
        }
    }
    for figure in &mut figures {
        figure.per_second = median(figure.rounds.iter().map(|seen| seen.per_second).collect());
        eprintln!("{:<20} {:<28} {:>8.0}/s", figure.scenario, figure.provider, figure.per_second);
    }
    for (provider, figure) in providers.iter_mut().zip(&mut figures) {
        prepare(provider, scenario).await?;
        figure.open = Some(engine::open(&mut provider.workers, figure.per_second * OPEN_RATE, wanted.measured).await?);
    }
    Ok(figures)
}

async fn prepare(provider: &mut Provider, scenario: Scenario) -> anyhow::Result<()> {
    if provider.world.profile.forgets {
        provider.workers = provider.world.workers(CALLERS).await?;
    }
    for worker in &mut provider.workers {
        worker.scenario = scenario;
    }
    Ok(())
}

/// An access token lives for minutes, a report for longer.
async fn renew(provider: &mut Provider) -> anyhow::Result<()> {
    let local = tokio::task::LocalSet::new();
    let workers = &mut provider.workers;
    local
        .run_until(async {
            for worker in workers {
                worker.refresh().await?;
            }
            anyhow::Ok(())
        })
        .await
}

struct Took {
    seen: Seen,
    server: Used,
    services: Option<Used>,
}

async fn measure<C: Caller>(
    callers: &mut Vec<C>,
    server: u32,
    services: Option<[u32; 2]>,
    measured: Duration,
) -> anyhow::Result<Took> {
    let watch = Watch::begin(&[server])?;
    let beside = services.map(|pids| Watch::begin(&pids)).transpose()?;
    let seen = engine::closed(callers, (WARM_UP, measured)).await?;
    Ok(Took { seen, server: watch.end()?, services: beside.map(|watch| watch.end()).transpose()? })
}

fn note(
    figures: &mut Vec<Figure>,
    (round, index): (usize, usize),
    (provider, scenario): (String, Scenario),
    took: Took,
) -> anyhow::Result<()> {
    ensure!(
        took.seen.failed == 0,
        "{provider}, {scenario:?}: {} of {} failed: {}",
        took.seen.failed,
        took.seen.failed + took.seen.answered,
        took.seen.failure.unwrap_or_default()
    );
    if round == 0 {
        let scenario = name_of(scenario);
        let rounds = Vec::new();
        let (server, services) = (took.server, took.services);
        figures.push(Figure { provider, scenario, rounds, per_second: 0.0, server, services, open: None });
    }
    figures[index].rounds.push(took.seen);
    figures[index].server = took.server;
    figures[index].services = took.services;
    Ok(())
}

/// Of an even count the mean of the middle two.
pub fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    let upper = all.get(all.len() / 2).copied().unwrap_or_default();
    let lower = all.get(all.len().saturating_sub(1) / 2).copied().unwrap_or_default();
    f64::midpoint(lower, upper)
}

fn machine() -> anyhow::Result<String> {
    let model = fs::read_to_string("/proc/cpuinfo")?;
    // All of them, not those that this process is pinned to.
    let cores = model.lines().filter(|line| line.starts_with("processor")).count();
    let model = model.lines().find_map(|line| line.strip_prefix("model name\t: ")).unwrap_or("unknown").to_owned();
    let memory = fs::read_to_string("/proc/meminfo")?;
    let kib: u64 = memory.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).unwrap_or_default();
    Ok(format!("{cores} cores ({model}), {} GiB", kib / (1 << 20)))
}

/// As each says itself; what is not there is left out.
fn versions(root: &Path) -> String {
    let karat = root.join("target/release/karat").display().to_string();
    let asked = [
        (karat.as_str(), "--version"),
        ("rustc", "--version"),
        ("node", "--version"),
        ("psql", "--version"),
        ("redis-server", "--version"),
        ("uname", "-sr"),
    ];
    let told = asked.iter().filter_map(|(program, argument)| {
        let said = process::run(&[(*program).to_owned(), (*argument).to_owned()], root, &BTreeMap::new()).ok()?;
        let said = said.lines().next()?.to_owned();
        Some(if *program == "node" { format!("node {said}") } else { said })
    });
    let peer = fs::read_to_string(root.join("benches/load/peer/package.json")).unwrap_or_default();
    let peer =
        peer.lines().find_map(|line| line.trim().strip_prefix("\"dependencies\": ")).unwrap_or_default().to_owned();
    told.chain([peer]).collect::<Vec<_>>().join("; ")
}
