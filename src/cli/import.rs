//! `karat user import`: people of another product, from a file of JSON lines.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use serde_json::{Value, json};

use super::open::ConfigArgument;
use super::print;
use crate::flow::admin::Authority;
use crate::flow::import::{Fate, Imported, Lines, Trial};

/// Lines of one transaction: few enough that a running server is not kept from its writes.
const BATCH: usize = 200;

#[derive(Args)]
pub struct ImportArguments {
    #[command(flatten)]
    config: ConfigArgument,
    /// One JSON object a line; "-" is standard input.
    file: PathBuf,
    /// Says what would happen, and changes nothing.
    #[arg(long)]
    dry_run: bool,
    /// Prints a JSON object for each line of the file, with the new account's `sub`, and the counts as the last.
    #[arg(long)]
    json: bool,
}

#[derive(Default)]
struct Counts {
    imported: u64,
    without_password: u64,
    taken: u64,
    refused: u64,
}

pub async fn people(arguments: ImportArguments) -> anyhow::Result<()> {
    let app = arguments.config.open().await?;
    let mut lines = Lines::of(opened(&arguments.file)?);
    let mut trial = arguments.dry_run.then(Trial::default);
    let mut counts = Counts::default();
    let mut last = 0;
    loop {
        let batch = lines.take(BATCH).with_context(|| arguments.file.display().to_string())?;
        let Some(end) = batch.last().map(|line| line.number) else { break };
        let fates = app.karat.import_people(&Authority::operator(), &batch, trial.as_mut()).await;
        let stopped =
            || format!("stopped behind line {last}; what was before is in, so the import may be started again");
        for fate in fates.with_context(stopped)? {
            counts.add(&fate.imported);
            tell(&fate, &arguments);
        }
        last = end;
    }
    app.karat.store.db().close().await;
    counts.tell(&arguments);
    if counts.refused == 0 {
        return Ok(());
    }
    anyhow::bail!("{} lines were refused", counts.refused)
}

fn opened(path: &PathBuf) -> anyhow::Result<Box<dyn BufRead>> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(io::stdin().lock()));
    }
    let file = File::open(path).with_context(|| path.display().to_string())?;
    Ok(Box::new(BufReader::new(file)))
}

/// Neither addresses nor hashes are repeated: what is printed ends up in logs.
fn tell(fate: &Fate, arguments: &ImportArguments) {
    if arguments.json {
        println!("{}", as_json(fate, arguments.dry_run));
        return;
    }
    match &fate.imported {
        Imported::Made { .. } => {}
        Imported::Taken => println!("line {}: skipped, the address has an account", fate.line),
        Imported::Refused(why) => println!("line {}: refused, {}", fate.line, print::safe(why)),
    }
}

fn as_json(fate: &Fate, dry_run: bool) -> Value {
    match &fate.imported {
        Imported::Made { id, external_id, without_password } => {
            let sub = (!dry_run).then(|| id.to_string());
            json!({
                "line": fate.line, "outcome": "imported", "sub": sub, "external_id": external_id,
                "without_password": without_password,
            })
        }
        Imported::Taken => json!({ "line": fate.line, "outcome": "skipped" }),
        Imported::Refused(why) => json!({ "line": fate.line, "outcome": "refused", "reason": why }),
    }
}

impl Counts {
    fn add(&mut self, imported: &Imported) {
        match imported {
            Imported::Made { without_password, .. } => {
                self.imported += 1;
                self.without_password += u64::from(*without_password);
            }
            Imported::Taken => self.taken += 1,
            Imported::Refused(_) => self.refused += 1,
        }
    }

    fn tell(&self, arguments: &ImportArguments) {
        let Self { imported, without_password, taken, refused } = self;
        if arguments.json {
            let counts = json!({
                "imported": imported, "without_password": without_password, "skipped": taken, "refused": refused,
                "dry_run": arguments.dry_run,
            });
            println!("{counts}");
            return;
        }
        let tense = if arguments.dry_run { "would be imported" } else { "imported" };
        println!("{imported} {tense} ({without_password} without a password), {taken} skipped, {refused} refused");
    }
}
