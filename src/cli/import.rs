//! `karat user import` and `karat client import`: people and clients of another product, from its files.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::open::ConfigArgument;
use super::{Mistyped, print};
use crate::flow::admin::Authority;
use crate::flow::import::{ClientFate, Dialect, Fate, Imported, ImportedClient, Lines, Trial};

/// Lines of one transaction: few enough that a running server is not kept from its writes.
const BATCH: usize = 200;

/// Ten thousand clients are a few of these.
const LARGEST_FILE: u64 = 64 * 1024 * 1024;

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

#[derive(Args)]
pub struct ClientsArguments {
    #[command(flatten)]
    config: ConfigArgument,
    /// A JSON list of clients, an object that holds one, or one client; "-" is standard input.
    file: PathBuf,
    /// Whose words it is written in.
    #[arg(long, default_value = "rfc7591")]
    from: From,
    /// Says what would happen, and changes nothing.
    #[arg(long)]
    dry_run: bool,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum From {
    Rfc7591,
    Keycloak,
    Hydra,
    Auth0,
    Dex,
}

pub async fn clients(arguments: ClientsArguments) -> anyhow::Result<()> {
    let mut text = String::new();
    opened(&arguments.file)?.take(LARGEST_FILE).read_to_string(&mut text)?;
    let file: Value = serde_json::from_str(&text)
        .map_err(|error| Mistyped(format!("{} is not JSON: {error}", arguments.file.display())))?;
    let dialect = match arguments.from {
        From::Rfc7591 => Dialect::Rfc7591,
        From::Keycloak => Dialect::Keycloak,
        From::Hydra => Dialect::Hydra,
        From::Auth0 => Dialect::Auth0,
        From::Dex => Dialect::Dex,
    };
    let app = arguments.config.open().await?;
    let all = app.karat.import_clients(&Authority::operator(), (dialect, &file), arguments.dry_run).await?;
    app.karat.store.db().close().await;
    if arguments.json {
        print::json(&all.iter().map(client_as_json).collect())?;
    } else {
        all.iter().for_each(tell_client);
    }
    match all.iter().filter(|client| matches!(client.fate, ClientFate::Refused(_))).count() {
        0 => Ok(()),
        refused => anyhow::bail!("{refused} clients were refused"),
    }
}

fn client_as_json(client: &ImportedClient) -> Value {
    let (outcome, why, secret, disabled) = told(&client.fate);
    let left = client.left_behind.iter().map(|left| json!({ "key": left.key, "why": left.why }));
    json!({
        "client_id": client.client_id, "outcome": outcome, "reason": why, "client_secret": secret, "disabled": disabled,
        "left_behind": left.collect::<Vec<_>>(),
    })
}

fn tell_client(client: &ImportedClient) {
    let (outcome, why, secret, disabled) = told(&client.fate);
    let state = if disabled { " (disabled, as it was)" } else { "" };
    println!("{}: {outcome}{state}", print::safe(&client.client_id));
    for line in why.unwrap_or_default().lines() {
        println!("    {}", print::safe(line));
    }
    if let Some(secret) = secret {
        println!("    new secret, shown this once: {secret}");
    }
    for left in &client.left_behind {
        println!("    left behind: {}: {}", print::safe(&left.key), print::safe(&left.why));
    }
}

fn told(fate: &ClientFate) -> (&'static str, Option<&str>, Option<&str>, bool) {
    match fate {
        ClientFate::Made { secret, disabled } => {
            ("imported", None, secret.as_ref().map(|secret| secret.expose()), *disabled)
        }
        ClientFate::Taken => ("skipped", Some("there is a client of this id"), None, false),
        ClientFate::PassedOver(why) => ("skipped", Some(why), None, false),
        ClientFate::Refused(why) => ("refused", Some(why), None, false),
    }
}
