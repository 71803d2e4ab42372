//! `karat doctor`: looks at each thing an installation stands on, says what is wrong and what to do about it. Changes
//! nothing and makes nothing.

mod files;
mod services;

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::open::{ConfigArgument, quiet};
use super::print;
use crate::config::{Config, ConfigError};
use crate::crypto::clock::Clock;
use crate::flow::clients::{SyncError, configured};

#[derive(Args)]
pub struct DoctorArguments {
    #[command(flatten)]
    config: ConfigArgument,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Ok,
    Warn,
    Fail,
}

impl Level {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

struct Finding {
    level: Level,
    /// What was looked at.
    what: &'static str,
    found: String,
    /// What to do about it.
    advice: Option<String>,
}

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn ok(&mut self, what: &'static str, found: impl Into<String>) {
        self.0.push(Finding { level: Level::Ok, what, found: found.into(), advice: None });
    }

    fn warn(&mut self, what: &'static str, found: impl Into<String>, advice: impl Into<String>) {
        self.0.push(Finding { level: Level::Warn, what, found: found.into(), advice: Some(advice.into()) });
    }

    fn fail(&mut self, what: &'static str, found: impl Into<String>, advice: impl Into<String>) {
        self.0.push(Finding { level: Level::Fail, what, found: found.into(), advice: Some(advice.into()) });
    }
}

/// 0 when nothing fails (there may be warnings), 1 when something does, 2 when the configuration does.
pub async fn run(arguments: DoctorArguments) -> anyhow::Result<ExitCode> {
    quiet();
    let mut findings = Findings::default();
    let config = configuration(&arguments.config, &mut findings);
    let config_failed = findings.0.iter().any(|finding| finding.level == Level::Fail);
    if let Some(config) = &config {
        files::look(config, &mut findings);
        services::look(config, &Clock::system(), &mut findings).await;
    }
    show(&findings, arguments.json)?;
    let worst = findings.0.iter().map(|finding| finding.level).max().unwrap_or(Level::Ok);
    Ok(match worst {
        Level::Fail if config_failed => ExitCode::from(2),
        Level::Fail => ExitCode::from(1),
        Level::Ok | Level::Warn => ExitCode::SUCCESS,
    })
}

fn configuration(argument: &ConfigArgument, findings: &mut Findings) -> Option<Config> {
    const WHAT: &str = "configuration";
    const ADVICE: &str = "mend it there; `karat config defaults` prints every key with its meaning";
    let config = match argument.load() {
        Ok(config) => config,
        Err(error) => {
            refused(findings, error);
            return None;
        }
    };
    let source = argument.config.as_ref().map_or("built-in defaults".to_owned(), |path| path.display().to_string());
    findings.ok(WHAT, source);
    if let Err(error) = config.ready_for_people() {
        refused(findings, error);
    }
    match configured::check(&config) {
        Ok(()) => findings.ok("clients", format!("{} in the configuration", config.clients.len())),
        Err(SyncError::Mistakes(mistakes)) => {
            mistakes.iter().for_each(|mistake| findings.fail("clients", mistake.to_string(), ADVICE));
        }
        Err(SyncError::Storage(error)) => findings.fail("clients", error.to_string(), ADVICE),
    }
    for warning in config.warnings() {
        findings.warn(WHAT, warning, "leave it only if you mean it");
    }
    Some(config)
}

fn refused(findings: &mut Findings, error: ConfigError) {
    const ADVICE: &str = "mend it there; `karat config defaults` prints every key with its meaning";
    match error {
        ConfigError::Mistakes(mistakes) => {
            mistakes.iter().for_each(|mistake| findings.fail("configuration", mistake.to_string(), ADVICE));
        }
        other => findings.fail("configuration", other.to_string(), "check the path given with --config"),
    }
}

fn show(findings: &Findings, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        let all = findings.0.iter().map(|finding| {
            json!({
                "level": finding.level.as_str(),
                "what": finding.what,
                "found": finding.found,
                "advice": finding.advice,
            })
        });
        return print::json(&all.collect());
    }
    for finding in &findings.0 {
        println!("{:<5} {:<16} {}", finding.level.as_str(), finding.what, print::safe(&finding.found));
        if let Some(advice) = &finding.advice {
            println!("{:<22} -> {}", "", advice);
        }
    }
    Ok(())
}
