//! What Karat means to reach, beside what it reached.

use serde::Serialize;

use crate::report::{BARE, Figure};

#[derive(Clone, Debug, Serialize)]
pub struct Bar {
    pub what: String,
    pub target: f64,
    pub reached: f64,
    pub unit: &'static str,
    pub is_met: bool,
}

const PEER: &str = "node-oidc-provider (memory)";
const SQLITE: &str = "Karat (SQLite)";

/// Those whose figures were made.
pub fn of(figures: &[Figure], signing_limit: f64) -> Vec<Bar> {
    let find = |provider: &str, scenario: &str| {
        figures.iter().find(|figure| figure.provider == provider && figure.scenario == scenario)
    };
    let rate = |provider: &str, scenario: &str| find(provider, scenario).map(|figure| figure.per_second);
    let mut bars = Vec::new();
    let mut at_least = |what: String, target: f64, reached: Option<f64>, unit| {
        if let Some(reached) = reached {
            bars.push(Bar { what, target, reached, unit, is_met: reached >= target });
        }
    };
    let names: Vec<&str> = figures.iter().map(|figure| figure.provider.as_str()).collect();
    let karats = ["Karat (SQLite)", "Karat (PostgreSQL, Redis)"].into_iter().filter(|name| names.contains(name));
    for karat in karats {
        let ratio = |scenario, other| Some(rate(karat, scenario)? / rate(other, scenario)?);
        let times = [("client_credentials", 5.0), ("code", 4.0), ("introspection", 4.0), ("userinfo", 4.0)];
        for (scenario, target) in times {
            at_least(format!("{karat}: {scenario}, beside the peer"), target, ratio(scenario, PEER), "times");
        }
        let ceiling = rate(BARE, "client_credentials").map(|bare| bare.min(signing_limit));
        let share = rate(karat, "client_credentials").zip(ceiling).map(|(karat, ceiling)| karat / ceiling);
        at_least(format!("{karat}: client_credentials, of the ceiling"), 0.5, share, "times");
        for scenario in ["discovery", "jwks"] {
            at_least(format!("{karat}: {scenario}, of a bare static answer"), 0.8, ratio(scenario, BARE), "times");
        }
    }
    at_least(format!("{SQLITE}: refresh with rotation"), 4_000.0, rate(SQLITE, "refresh"), "/s");
    let refresh = find(SQLITE, "refresh")
        .map(|figure| crate::report::median(figure.rounds.iter().map(|seen| seen.p99).collect()));
    let mut below = |what: String, limit: f64, reached: Option<f64>, unit| {
        if let Some(reached) = reached {
            bars.push(Bar { what, target: limit, reached, unit, is_met: reached < limit });
        }
    };
    below(format!("{SQLITE}: refresh, p99 with 64 in flight, below"), 25.0, refresh, "ms");
    for figure in figures.iter().filter(|figure| figure.scenario == "tokens_beside_500_log_ins") {
        let p99 = figure.rounds.first().map(|seen| seen.p99);
        below(format!("{}: tokens beside 500 log-ins, p99 below", figure.provider), 50.0, p99, "ms");
        below(format!("{}: memory then, below", figure.provider), 300.0, Some(figure.server.memory), "MiB");
    }
    bars
}
