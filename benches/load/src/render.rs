//! The report as Markdown.

use std::fmt::Write;

use crate::engine::Seen;
use crate::report::{Figure, Report, median};

/// The parts of a document, by the names under which it wants them.
pub fn parts(report: &Report) -> [(&'static str, String); 5] {
    [
        ("{machine}", machine(report)),
        ("{bars}", bars(report)),
        ("{figures}", figures(report)),
        ("{starts}", starts(report)),
        ("{rows}", rows(report)),
    ]
}

pub fn markdown(report: &Report) -> String {
    parts(report).map(|(_, text)| text).join("\n")
}

fn machine(report: &Report) -> String {
    let mut text = format!(
        "{}.\n\n{}. Servers on core {}, load on core {}. {}.\n\nES256 signatures of one thread, claims written out each time: {:.0}/s.\n\n",
        report.asked, report.machine, report.server_cores, report.load_cores, report.versions, report.signing_limit
    );
    for provider in &report.providers {
        line(&mut text, format_args!("- {}: {}; durability: {}", provider.name, provider.signing, provider.durability));
    }
    text
}

fn bars(report: &Report) -> String {
    let mut text = String::from("| bar | who | target | reached | |\n|---|---|---:|---:|---|\n");
    for bar in &report.bars {
        let verdict = if bar.is_met { "met" } else { "**falls short**" };
        let reached = if bar.reached < 10.0 { format!("{:.2}", bar.reached) } else { format!("{:.0}", bar.reached) };
        let (what, who, target) = (&bar.what, &bar.provider, &bar.target);
        line(&mut text, format_args!("| {what} | {who} | {target} | {reached} {} | {verdict} |", bar.unit));
    }
    text
}

fn figures(report: &Report) -> String {
    let mut text = String::from(
        "| scenario | who | a second | p50 ms | p99 ms | open: a second | open: p50 ms | open: p99 ms | server cores | server MiB | database cores |\n\
         |---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for figure in &report.figures {
        row(&mut text, figure);
    }
    text
}

fn row(text: &mut String, figure: &Figure) {
    let middle = |of: fn(&Seen) -> f64| median(figure.rounds.iter().map(of).collect());
    let open = figure.open.as_ref().map_or_else(
        || "- | - | -".to_owned(),
        |open| format!("{:.0} | {:.2} | {:.2}", open.per_second, open.median, open.p99),
    );
    let services = figure.services.map_or_else(|| "-".to_owned(), |used| format!("{:.2}", used.cores));
    line(
        text,
        format_args!(
            "| {} | {} | {:.0} | {:.2} | {:.2} | {open} | {:.2} | {:.0} | {services} |",
            figure.scenario,
            figure.provider,
            figure.per_second,
            middle(|seen| seen.median),
            middle(|seen| seen.p99),
            figure.server.cores,
            figure.server.memory,
        ),
    );
}

fn starts(report: &Report) -> String {
    let mut text = String::from("| who | first start, ms | restart, ms | idle, MiB |\n|---|---:|---:|---:|\n");
    for started in &report.started {
        let (first, again, idle) = (started.first, started.again, started.idle);
        line(&mut text, format_args!("| {} | {first:.0} | {again:.0} | {idle:.0} |", started.provider));
    }
    text
}

fn rows(report: &Report) -> String {
    if report.grown.is_empty() {
        return String::from("Not measured in this run.\n");
    }
    let mut text = String::from(
        "| who | rows | database MiB | refresh p50 ms | p99 ms | bytes a person | bytes a grant | server memory a grant |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for grown in &report.grown {
        for standing in [&grown.few, &grown.many] {
            line(
                &mut text,
                format_args!(
                    "| {} | {} | {:.0} | {:.2} | {:.2} | {:.0} | {:.0} | {:.0} |",
                    grown.provider,
                    standing.rows,
                    standing.bytes / f64::from(1 << 20),
                    standing.median(),
                    standing.p99(),
                    grown.bytes_a_person,
                    grown.bytes_a_grant,
                    grown.memory_a_grant,
                ),
            );
        }
    }
    text
}

fn line(text: &mut String, what: std::fmt::Arguments<'_>) {
    // Writing to a String does not fail.
    let _ = writeln!(text, "{what}");
}
