//! The report as Markdown.

use std::fmt::Write;

use crate::report::{Figure, Report};

pub fn markdown(report: &Report) -> String {
    let mut text = String::new();
    // Writing to a String does not fail.
    let _ = write_all(&mut text, report);
    text
}

fn write_all(text: &mut String, report: &Report) -> std::fmt::Result {
    writeln!(
        text,
        "Machine: {}. Servers on core {}, load on core {}.",
        report.machine, report.server_cores, report.load_cores
    )?;
    writeln!(text, "ES256 signatures of one thread: {:.0}/s.\n", report.signing_limit)?;
    for provider in &report.providers {
        writeln!(text, "- {}: {}; durability: {}", provider.name, provider.signing, provider.durability)?;
    }
    writeln!(
        text,
        "\n| scenario | provider | requests/s | median ms | p99 ms | open loop: p50 / p99 ms | server cores | MiB | database cores |"
    )?;
    writeln!(text, "|---|---|---:|---:|---:|---:|---:|---:|---:|")?;
    for figure in &report.figures {
        row(text, figure)?;
    }
    writeln!(text, "\n| bar | target | reached | met |\n|---|---:|---:|---|")?;
    for bar in &report.bars {
        let met = if bar.is_met { "yes" } else { "**no**" };
        writeln!(text, "| {} | {} {} | {:.2} {} | {met} |", bar.what, bar.target, bar.unit, bar.reached, bar.unit)?;
    }
    Ok(())
}

fn row(text: &mut String, figure: &Figure) -> std::fmt::Result {
    let middle = |of: fn(&crate::engine::Seen) -> f64| crate::report::median(figure.rounds.iter().map(of).collect());
    let open =
        figure.open.as_ref().map_or_else(|| "-".to_owned(), |open| format!("{:.2} / {:.2}", open.median, open.p99));
    let services = figure.services.map_or_else(|| "-".to_owned(), |used| format!("{:.2}", used.cores));
    writeln!(
        text,
        "| {} | {} | {:.0} | {:.2} | {:.2} | {open} | {:.2} | {:.0} | {services} |",
        figure.scenario,
        figure.provider,
        figure.per_second,
        middle(|seen| seen.median),
        middle(|seen| seen.p99),
        figure.server.cores,
        figure.server.memory,
    )
}
