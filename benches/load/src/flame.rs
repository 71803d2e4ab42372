//! Where a server's time goes, as a flame graph: stacks sampled by `perf`, wide where much time is spent.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};

use crate::engine;
use crate::stage::Provider;

const WIDTH: f64 = 1200.0;
const HEIGHT: f64 = 16.0;
/// What is narrower cannot be read.
const NARROWEST: f64 = 1.5;
const A_LETTER: f64 = 6.2;
/// Prime, so that nothing that happens a hundred times a second hides.
const A_SECOND: &str = "499";

/// Measures for a while and writes the graph.
pub async fn draw(provider: &mut Provider, title: &str, (measured, out): (Duration, &Path)) -> anyhow::Result<()> {
    let samples = out.with_added_extension("perf");
    let mut perf = Command::new("perf")
        .args([
            "record",
            "-q",
            "-F",
            A_SECOND,
            "--call-graph",
            // As much of the stack as perf can copy: futures in futures are deep.
            "dwarf,65528",
            "-p",
            &provider.running.pid().to_string(),
        ])
        .arg("-o")
        .arg(&samples)
        .args(["--", "sleep", &measured.as_secs().to_string()])
        .stdout(Stdio::null())
        .spawn()
        .context("perf")?;
    let warm_up = Duration::from_millis(200);
    let seen = engine::closed(&mut provider.workers, (warm_up, measured)).await?;
    ensure!(perf.wait()?.success(), "perf record failed");
    let told = Command::new("perf").args(["script", "--no-inline", "-F", "comm,ip,sym", "-i"]).arg(&samples).output();
    let told = told.context("perf script")?;
    fs::remove_file(&samples)?;
    let root = Frame::of(&String::from_utf8_lossy(&told.stdout));
    ensure!(root.samples > 0, "no samples: {}", String::from_utf8_lossy(&told.stderr));
    let title = format!("{title}: {} samples at {:.0} requests a second", root.samples, seen.per_second);
    fs::write(out, svg(&root, &title))?;
    Ok(())
}

#[derive(Default)]
struct Frame {
    samples: u32,
    inside: BTreeMap<String, Frame>,
}

impl Frame {
    /// Of what `perf script` prints: a line that names the thread, then one a frame, the innermost first, then an empty one.
    fn of(script: &str) -> Self {
        let mut root = Self::default();
        for sample in script.split("\n\n") {
            let mut lines = sample.lines().filter(|line| !line.is_empty());
            let Some(thread) = lines.next() else { continue };
            let mut stack: Vec<String> = lines.filter_map(named).collect();
            stack.push(thread.trim().to_owned());
            root.add(stack.into_iter().rev());
        }
        root
    }

    fn add(&mut self, mut stack: impl Iterator<Item = String>) {
        self.samples += 1;
        if let Some(outer) = stack.next() {
            self.inside.entry(outer).or_default().add(stack);
        }
    }

    fn depth(&self) -> u32 {
        1 + self.inside.values().map(Self::depth).max().unwrap_or_default()
    }
}

/// Without address and hash; what only wraps is left out.
fn named(line: &str) -> Option<String> {
    let (_, name) = line.trim().split_once(' ')?;
    let name = name.split("::h").next().unwrap_or(name);
    let wrapper = ["core::ops::function", "std::sys::backtrace", "std::panicking", "core::pin", "__rust_try"];
    let wraps = wrapper.iter().any(|start| name.trim_start_matches('<').starts_with(start));
    (!wraps).then(|| name.to_owned())
}

fn svg(root: &Frame, title: &str) -> String {
    let height = f64::from(root.depth() + 2) * HEIGHT;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"monospace\" font-size=\"11\">\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#fff\"/>\n<text x=\"4\" y=\"12\">{}</text>\n",
        escaped(title)
    );
    let scale = WIDTH / f64::from(root.samples);
    inside(&mut text, root, (0.0, height - HEIGHT), scale);
    text.push_str("</svg>\n");
    text
}

/// What is called stands upon its caller.
fn inside(text: &mut String, frame: &Frame, (mut x, y): (f64, f64), scale: f64) {
    for (name, frame) in &frame.inside {
        let width = f64::from(frame.samples) * scale;
        if width >= NARROWEST {
            bar(text, name, (x, y, width), frame.samples);
            inside(text, frame, (x, y - HEIGHT), scale);
        }
        x += width;
    }
}

fn bar(text: &mut String, name: &str, (x, y, width): (f64, f64, f64), samples: u32) {
    let hue = name.bytes().fold(7_u32, |hue, byte| (hue * 31 + u32::from(byte)) % 45) + 10;
    let share = width / WIDTH * 100.0;
    let room = ((width - 4.0) / A_LETTER).max(0.0).floor();
    let shown: String =
        name.chars().rev().zip(0_u32..).take_while(|(_, at)| f64::from(*at) < room).map(|(c, _)| c).collect();
    let shown: String = if room < 3.0 { String::new() } else { shown.chars().rev().collect() };
    // Writing to a String does not fail.
    let _ = writeln!(
        text,
        "<g><title>{} ({samples}, {share:.1} %)</title><rect x=\"{x:.1}\" y=\"{y}\" width=\"{:.1}\" height=\"{}\" \
         fill=\"hsl({hue},80%,68%)\"/><text x=\"{:.1}\" y=\"{}\">{}</text></g>",
        escaped(name),
        (width - 0.4).max(0.4),
        HEIGHT - 1.0,
        x + 2.0,
        y + 11.0,
        escaped(&shown)
    );
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stacks_are_gathered_from_the_outside_in() {
        let script = "tokio 12\n  1f3a karat::sign::h0123456789abcdef\n  2b karat::token::h0\n\ntokio 12\n  2b karat::token::h0\n\n";
        let root = Frame::of(script);
        assert_eq!(root.samples, 2);
        let token = &root.inside["tokio 12"].inside["karat::token"];
        assert_eq!((token.samples, token.inside["karat::sign"].samples), (2, 1));
        assert!(svg(&root, "a<b").contains("karat::sign (1, 50.0 %)"));
    }
}
