//! The log: on standard error, as text for people or JSON for machines.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

use crate::config::{LogFormat, LogSection};

/// Libraries that at their finer levels write what travels through them: headers with cookies, bodies with codes.
const QUIET: [&str; 10] = [
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
];

/// Once a process; a second call changes nothing.
pub fn start(section: &LogSection) {
    let builder = fmt().with_env_filter(filter(&section.level)).with_writer(std::io::stderr);
    let started = match section.format {
        LogFormat::Json => builder.json().flatten_event(true).with_span_list(false).try_init(),
        LogFormat::Text => builder.with_ansi(std::io::stderr().is_terminal()).try_init(),
    };
    if started.is_ok() {
        std::panic::set_hook(Box::new(|panic| {
            // Where, and not what: the message may quote what was worked on.
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            tracing::error!(place, "a panic: please report it");
        }));
    }
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
