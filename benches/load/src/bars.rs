//! What Karat means to reach, beside what it reached.

use serde::Serialize;

use crate::crowd;
use crate::report::{BARE, Figure, Report, median};

#[derive(Clone, Debug, Serialize)]
pub struct Bar {
    pub what: String,
    pub provider: String,
    /// As a report prints it.
    pub target: String,
    pub reached: f64,
    pub unit: &'static str,
    pub is_met: bool,
}

const PEER: &str = "node-oidc-provider (memory)";
const SQLITE: &str = "Karat (SQLite)";
const KARATS: [&str; 2] = [SQLITE, "Karat (PostgreSQL, Redis)"];

/// Those whose figures were made.
pub fn of(report: &Report) -> Vec<Bar> {
    let mut bars = Bars(Vec::new());
    for karat in KARATS {
        throughput(&mut bars, report, karat);
    }
    let refresh = find(report, SQLITE, "refresh");
    bars.at_least(SQLITE, "refresh with rotation", (4_000.0, "/s"), refresh.map(|figure| figure.per_second));
    let p99 = refresh.map(|figure| median(figure.rounds.iter().map(|seen| seen.p99).collect()));
    bars.below(SQLITE, "refresh, p99 with 64 in flight", (25.0, "ms"), p99);
    for karat in KARATS {
        let figure = find(report, karat, crowd::SCENARIO);
        let p99 = figure.and_then(|figure| figure.rounds.first()).map(|seen| seen.p99);
        bars.below(karat, "tokens beside 500 log-ins by password, p99", (50.0, "ms"), p99);
        bars.below(karat, "memory then", (300.0, "MiB"), figure.map(|figure| figure.server.memory));
    }
    for started in &report.started {
        let name = &started.provider;
        bars.below(name, "memory when idle", (40.0, "MiB"), Some(started.idle));
        bars.below(name, "restart until the first answer", (100.0, "ms"), Some(started.again));
        bars.below(name, "first start in an empty folder until the first answer", (1000.0, "ms"), Some(started.first));
    }
    for grown in &report.grown {
        let what = format!("median refresh among {} rows beside {}", grown.many.rows, grown.few.rows);
        bars.below(&grown.provider, &what, (1.3, "times"), Some(grown.many.median() / grown.few.median()));
    }
    bars.0
}

fn throughput(bars: &mut Bars, report: &Report, karat: &str) {
    let ratio = |scenario, other| ratio(find(report, karat, scenario)?, find(report, other, scenario)?);
    for (scenario, target) in [("client_credentials", 5.0), ("code", 4.0), ("introspection", 4.0), ("userinfo", 4.0)] {
        bars.at_least(karat, &format!("{scenario}, of node-oidc-provider"), (target, "times"), ratio(scenario, PEER));
    }
    let rate = |provider: &str| find(report, provider, "client_credentials").map(|figure| figure.per_second);
    let share = match rate(BARE) {
        Some(bare) if bare > report.signing_limit => rate(karat).map(|karat| karat / report.signing_limit),
        _ => ratio("client_credentials", BARE),
    };
    bars.at_least(karat, "client_credentials, of a bare server that signs", (0.5, "times"), share);
    for scenario in ["discovery", "jwks"] {
        bars.at_least(karat, &format!("{scenario}, of a bare static answer"), (0.8, "times"), ratio(scenario, BARE));
    }
}

/// The median of the rounds' ratios: what disturbs the machine for a while disturbs both of a round.
fn ratio(figure: &Figure, other: &Figure) -> Option<f64> {
    let rounds = figure.rounds.iter().zip(&other.rounds).map(|(this, that)| this.per_second / that.per_second);
    let rounds: Vec<_> = rounds.collect();
    (!rounds.is_empty()).then(|| median(rounds))
}

fn find<'a>(report: &'a Report, provider: &str, scenario: &str) -> Option<&'a Figure> {
    report.figures.iter().find(|figure| figure.provider == provider && figure.scenario == scenario)
}

struct Bars(Vec<Bar>);

impl Bars {
    fn at_least(&mut self, provider: &str, what: &str, target: (f64, &'static str), reached: Option<f64>) {
        self.add(provider, what, ("at least", target), reached, |reached| reached >= target.0);
    }

    fn below(&mut self, provider: &str, what: &str, target: (f64, &'static str), reached: Option<f64>) {
        self.add(provider, what, ("below", target), reached, |reached| reached < target.0);
    }

    fn add(
        &mut self,
        provider: &str,
        what: &str,
        (how, (target, unit)): (&str, (f64, &'static str)),
        reached: Option<f64>,
        is_met: impl Fn(f64) -> bool,
    ) {
        let Some(reached) = reached else { return };
        let (provider, what) = (provider.to_owned(), what.to_owned());
        self.0.push(Bar {
            what,
            provider,
            target: format!("{how} {target} {unit}"),
            reached,
            unit,
            is_met: is_met(reached),
        });
    }
}
