//! Servers under test: started on cores of their own, watched, and stopped again, each by its process id.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde::Serialize;

/// Ticks of `/proc/PID/stat` a second, on every Linux that there is.
const TICKS: f64 = 100.0;
const PATIENCE: Duration = Duration::from_secs(60);

/// Ends its process when it is dropped; the system ends it when this process is killed.
pub struct Running {
    child: Child,
    name: String,
    pub begun: Instant,
}

impl Running {
    /// On the given cores (a list as `taskset` takes it); what it prints goes to `log`.
    pub fn start(
        name: &str,
        command: &[String],
        (cores, log): (&str, &Path),
        environment: &BTreeMap<String, String>,
    ) -> anyhow::Result<Self> {
        let out = fs::File::create(log)?;
        let begun = Instant::now();
        let child = Command::new("taskset")
            .args(["-c", cores, "setpriv", "--pdeathsig", "TERM"])
            .args(command)
            .envs(environment)
            .stdin(Stdio::null())
            .stderr(out.try_clone()?)
            .stdout(out)
            .spawn()
            .with_context(|| format!("starting {name}"))?;
        Ok(Self { child, name: name.to_owned(), begun })
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn is_running(&mut self) -> anyhow::Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("{} ended: {status}", self.name),
        }
    }

    /// Asks it to end, and waits for it.
    pub fn stop(mut self) -> anyhow::Result<()> {
        self.end()
    }

    fn end(&mut self) -> anyhow::Result<()> {
        if self.child.try_wait()?.is_some() {
            return Ok(());
        }
        Command::new("kill").arg(self.pid().to_string()).status()?;
        let begun = Instant::now();
        while self.child.try_wait()?.is_none() {
            if begun.elapsed() > PATIENCE {
                self.child.kill()?;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            eprintln!("{} was not stopped: {error}", self.name);
        }
    }
}

/// Runs a command to its end; what it printed.
pub fn run(command: &[String], folder: &Path, environment: &BTreeMap<String, String>) -> anyhow::Result<String> {
    let (program, arguments) = command.split_first().context("an empty command")?;
    let done = Command::new(program).args(arguments).envs(environment).current_dir(folder).output();
    let done = done.with_context(|| format!("running {program}"))?;
    ensure!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
    Ok(String::from_utf8_lossy(&done.stdout).into_owned())
}

pub fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// A private PostgreSQL and Redis, as `tests/run services` starts them.
pub struct Services {
    running: Running,
    /// PostgreSQL leaves the family of whoever starts it.
    postmaster: u32,
    pub postgres: String,
    pub redis: String,
}

impl Services {
    pub fn start(root: &Path, folder: &Path, cores: &str) -> anyhow::Result<Self> {
        let log = folder.join("services.log");
        let command = [root.join("tests/run").display().to_string(), "services".to_owned()];
        // Tests need not wait for the disk; what is measured must.
        let durable = BTreeMap::from([("KARAT_SERVICES_DURABLE".to_owned(), "yes".to_owned())]);
        let mut running = Running::start("tests/run services", &command, (cores, &log), &durable)?;
        let begun = Instant::now();
        loop {
            let told = fs::read_to_string(&log)?;
            let value = |name: &str| {
                let line = told.lines().find_map(|line| line.strip_prefix(&format!("export {name}=")));
                line.map(|value| value.replace('\\', ""))
            };
            if let (Some(postgres), Some(redis)) = (value("KARAT_TEST_POSTGRES"), value("KARAT_TEST_REDIS")) {
                return Ok(Self { running, postmaster: postmaster(&postgres)?, postgres, redis });
            }
            running.is_running().with_context(|| told.clone())?;
            ensure!(begun.elapsed() < PATIENCE, "the services do not start: {told}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Services {
    /// Of all that is theirs, with their descendants.
    pub fn pids(&self) -> [u32; 2] {
        [self.running.pid(), self.postmaster]
    }

    /// A database of its own for who asks; how to reach it.
    pub fn database(&self, name: &str) -> anyhow::Result<String> {
        let create = format!("CREATE DATABASE {name}");
        ask_postgres(&self.postgres, &create)?;
        let (server, _) = self.postgres.rsplit_once('/').context("no database in the address")?;
        Ok(format!("{server}/{name}"))
    }
}

/// Unaligned, without a heading.
fn ask_postgres(url: &str, statement: &str) -> anyhow::Result<String> {
    let command = ["psql", "-X", "-q", "-A", "-t", "-d", url, "-c", statement].map(str::to_owned);
    Ok(run(&command, Path::new("."), &BTreeMap::new())?.trim().to_owned())
}

/// The first line of the file that PostgreSQL keeps while it runs.
fn postmaster(url: &str) -> anyhow::Result<u32> {
    let file = Path::new(&ask_postgres(url, "SHOW data_directory")?).join("postmaster.pid");
    let told = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    told.lines().next().and_then(|line| line.trim().parse().ok()).context("no process id in postmaster.pid")
}

/// What processes used over a while.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Used {
    /// Cores that were busy, on average.
    pub cores: f64,
    /// MiB that were resident at the end.
    pub memory: f64,
}

/// Processes with all their descendants.
pub struct Watch {
    pids: Vec<u32>,
    ticks: f64,
    begun: Instant,
}

impl Watch {
    pub fn begin(pids: &[u32]) -> anyhow::Result<Self> {
        Ok(Self { pids: pids.to_vec(), ticks: family(pids)?.ticks, begun: Instant::now() })
    }

    pub fn end(&self) -> anyhow::Result<Used> {
        let now = family(&self.pids)?;
        let cores = (now.ticks - self.ticks) / TICKS / self.begun.elapsed().as_secs_f64();
        Ok(Used { cores, memory: now.resident / 1024.0 })
    }
}

struct Family {
    ticks: f64,
    /// KiB.
    resident: f64,
}

fn family(of: &[u32]) -> anyhow::Result<Family> {
    let mut all: BTreeMap<u32, (u32, f64)> = BTreeMap::new();
    for entry in fs::read_dir("/proc")? {
        let path = entry?.path();
        let Some(pid) = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse().ok()) else {
            continue;
        };
        // It may have ended meanwhile.
        if let Some(stat) = fs::read_to_string(path.join("stat")).ok().and_then(|stat| read_stat(&stat)) {
            all.insert(pid, stat);
        }
    }
    let mut members: BTreeSet<u32> = of.iter().copied().collect();
    while let Some((pid, _)) = all.iter().find(|(pid, (parent, _))| members.contains(parent) && !members.contains(pid))
    {
        members.insert(*pid);
    }
    let ticks = members.iter().filter_map(|pid| all.get(pid)).map(|(_, ticks)| ticks).sum();
    let resident = members.iter().filter_map(|pid| resident(&PathBuf::from(format!("/proc/{pid}/status")))).sum();
    Ok(Family { ticks, resident })
}

/// Parent and ticks, those of ended children included.
fn read_stat(stat: &str) -> Option<(u32, f64)> {
    // The name before it may hold anything, brackets too.
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let parent = fields.get(1)?.parse().ok()?;
    let ticks = fields.get(11..15)?.iter().filter_map(|field| field.parse::<f64>().ok()).sum();
    Some((parent, ticks))
}

fn resident(status: &Path) -> Option<f64> {
    let told = fs::read_to_string(status).ok()?;
    let line = told.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}
