//! Where state is kept, and the keys that protect and sign it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use url::Url;

use super::mistake::Report;
use super::value::{self, Secret};
use crate::domain::jose::Algorithm;
use crate::domain::time::Seconds;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StorageSection {
    /// `sqlite:PATH`, or a `postgres://` URL, which may hold a password.
    pub url: Secret,
    pub max_connections: u32,
    #[serde(deserialize_with = "value::seconds")]
    pub acquire_timeout: Seconds,
    #[serde(deserialize_with = "value::seconds")]
    pub statement_timeout: Seconds,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EphemeralSection {
    /// `memory:`, or the URL of a Redis, of its Sentinels or its cluster, which may hold a password.
    pub url: Secret,
    pub prefix: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeysSection {
    pub sealing_key_file: PathBuf,
    /// The variable from which `sealing_key` was taken.
    pub sealing_key_env: Option<String>,
    /// What the variable holds; when present, the file is not used.
    #[serde(skip)]
    pub sealing_key: Option<Secret>,
    /// Without repetition; RS256 is among them.
    pub algorithms: Vec<Algorithm>,
    pub automatic_rotation: bool,
    #[serde(deserialize_with = "value::seconds")]
    pub rotation_interval: Seconds,
}

impl StorageSection {
    pub(super) fn check(&self, report: &mut Report<'_>) {
        let url = self.url.expose();
        match url.split_once(':') {
            Some(("sqlite", rest)) if !rest.trim_start_matches('/').is_empty() => {}
            Some(("sqlite", _)) => report.mistake("storage.url", "names no file after \"sqlite:\""),
            Some(("postgres" | "postgresql", _)) => match Url::parse(url) {
                Ok(url) if url.has_host() => {}
                _ => report.mistake("storage.url", "is not a valid postgres://USER:PASSWORD@HOST/DATABASE"),
            },
            _ => report.mistake("storage.url", "must begin with \"sqlite:\" or \"postgres://\""),
        }
        report.number("storage.max_connections", self.max_connections, 1, 1000);
        report.span("storage.acquire_timeout", self.acquire_timeout, Seconds(1), Seconds::minutes(5));
        report.span("storage.statement_timeout", self.statement_timeout, Seconds(1), Seconds::minutes(5));
    }
}

impl EphemeralSection {
    pub(super) fn check(&self, report: &mut Report<'_>) {
        match self.url.expose() {
            "memory:" => {}
            url => match url.split_once("://") {
                Some(("redis" | "rediss", _)) if Url::parse(url).is_ok_and(|url| url.has_host()) => {}
                Some(("redis" | "rediss", _)) => report.mistake("ephemeral.url", "is not a valid redis://HOST:PORT/DB"),
                Some(("redis+sentinel" | "rediss+sentinel", rest)) if names_hosts(rest) && names_a_primary(rest) => {}
                Some(("redis+sentinel" | "rediss+sentinel", _)) => {
                    report.mistake("ephemeral.url", "is not a valid redis+sentinel://HOST:PORT,HOST:PORT/NAME");
                }
                Some(("redis+cluster" | "rediss+cluster", rest)) if names_hosts(rest) => {}
                Some(("redis+cluster" | "rediss+cluster", _)) => {
                    report.mistake("ephemeral.url", "is not a valid redis+cluster://HOST:PORT,HOST:PORT");
                }
                _ => report.mistake(
                    "ephemeral.url",
                    "must be \"memory:\" or begin with \"redis://\", \"redis+sentinel://\" or \"redis+cluster://\" (\"rediss\" for TLS)",
                ),
            },
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '_');
        if !self.prefix.chars().all(allowed) {
            report.mistake("ephemeral.prefix", "may hold letters, digits, `:`, `-` and `_` only");
        }
    }
}

/// After `://`: user and password if any, then hosts with commas between them.
fn names_hosts(rest: &str) -> bool {
    let authority = rest.split('/').next().unwrap_or_default();
    let hosts = authority.rsplit_once('@').map_or(authority, |(_, hosts)| hosts);
    hosts.split(',').all(|host| Url::parse(&format!("redis://{host}")).is_ok_and(|url| url.has_host()))
}

/// After the hosts: what the Sentinels call it, and perhaps the number of a database.
fn names_a_primary(rest: &str) -> bool {
    let mut path = rest.split('/').skip(1);
    path.next().is_some_and(|name| !name.is_empty())
        && path.next().is_none_or(|database| database.bytes().all(|byte| byte.is_ascii_digit()))
        && path.next().is_none()
}

impl KeysSection {
    pub(super) fn resolve(&mut self, env: &BTreeMap<String, String>, report: &mut Report<'_>) {
        self.sealing_key = report.variable("keys.sealing_key_env", self.sealing_key_env.as_deref(), env);
    }

    pub(super) fn check(&self, report: &mut Report<'_>) {
        if !self.algorithms.contains(&Algorithm::Rs256) {
            // OpenID Connect Core 1.0 section 15.1: RS256 must be supported.
            report.mistake("keys.algorithms", "must include \"RS256\", which OpenID Connect requires");
        }
        for (index, algorithm) in self.algorithms.iter().enumerate() {
            if self.algorithms[..index].contains(algorithm) {
                report.mistake(&format!("keys.algorithms[{index}]"), "is there twice");
            }
        }
        report.span("keys.rotation_interval", self.rotation_interval, Seconds::days(1), Seconds::days(730));
    }
}
