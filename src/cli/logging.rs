//! The log: on standard error, as text for people or JSON for machines.

use std::io::IsTerminal;

use opentelemetry::trace::TracerProvider;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use super::traces::Traces;
use crate::TRACES;
use crate::config::{LogFormat, LogSection, TracesSection};

/// Libraries that at their finer levels write what travels through them: headers with cookies, bodies with codes.
const QUIET: [&str; 11] = [
    "h2=info",
    "hyper=info",
    "hyper_util=info",
    "lettre=info",
    "reqwest=info",
    "rustls=info",
    "sqlx=info",
    "tower_http=info",
    "redis=info",
    "rlibphonenumber=info",
    // These are not for people to read.
    "karat::traces=off",
];

/// Once a process; a second call changes nothing.
pub fn start(section: &LogSection) {
    let builder = fmt().with_env_filter(filter(&section.level)).with_writer(std::io::stderr);
    let started = match section.format {
        LogFormat::Json => builder.json().flatten_event(true).with_span_list(false).try_init(),
        LogFormat::Text => builder.with_ansi(std::io::stderr().is_terminal()).try_init(),
    };
    if started.is_ok() {
        tell_of_panics();
    }
}

/// As [`start`], and spans go to the collector, if there is one.
pub fn start_traced(section: &LogSection, traces: &TracesSection) -> anyhow::Result<Traces> {
    let traces = Traces::begin(traces)?;
    let Some(provider) = traces.provider() else {
        start(section);
        return Ok(traces);
    };
    let spans = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("karat"))
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_target(false)
        .with_level(false)
        .with_filter(Targets::new().with_target(TRACES, LevelFilter::DEBUG));
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = match section.format {
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).boxed(),
    };
    let lines = lines.with_filter(filter(&section.level));
    if tracing_subscriber::registry().with(spans).with(lines).try_init().is_ok() {
        tell_of_panics();
    }
    Ok(traces)
}

fn tell_of_panics() {
    std::panic::set_hook(Box::new(|panic| {
        // Where, and not what: the message may quote what was worked on.
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "a panic: please report it");
    }));
}

/// The configuration has checked the level already; what it says about a library by name counts.
fn filter(level: &str) -> EnvFilter {
    let mut filter = EnvFilter::builder().parse_lossy(level);
    for directive in QUIET {
        let target = directive.split('=').next().unwrap_or_default();
        if !level.contains(target)
            && let Ok(directive) = directive.parse()
        {
            filter = filter.add_directive(directive);
        }
    }
    filter
}
