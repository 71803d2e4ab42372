//! `karat keys`.

use std::collections::BTreeSet;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::door::{Door, Question, ServerArguments, segment};
use super::open::ConfigArgument;
use super::{Mistyped, print};
use crate::domain::admin::Act;
use crate::domain::jose::Algorithm;

#[derive(Subcommand)]
pub enum KeysCommand {
    /// Lists the keys that are published.
    List(Output),
    /// Makes new keys, which are published at once and sign a minute and a half later; the old ones stay published until their last token is
    /// dead.
    Rotate {
        #[command(flatten)]
        output: Output,
        /// Only this algorithm: RS256, ES256 or EdDSA.
        #[arg(long)]
        algorithm: Option<String>,
    },
    /// Withdraws a key that no longer signs, at once: every token that it signed is dead. For a key that has leaked:
    /// rotate first.
    Retire {
        #[command(flatten)]
        output: Output,
        kid: String,
    },
}

#[derive(Args)]
pub struct Output {
    #[command(flatten)]
    config: ConfigArgument,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

pub async fn run(command: KeysCommand, access: &ServerArguments) -> anyhow::Result<()> {
    let (KeysCommand::List(output) | KeysCommand::Rotate { output, .. } | KeysCommand::Retire { output, .. }) =
        &command;
    let door = Door::open(access, &output.config).await?;
    match &command {
        KeysCommand::List(_) => {}
        KeysCommand::Rotate { algorithm, .. } => rotate(&door, algorithm.as_deref()).await?,
        KeysCommand::Retire { kid, .. } => {
            let path = format!("/keys/{}/retire", segment(kid));
            door.ask(Question::post(Act::RotateKeys, path, json!({})).about(format!("key {kid:?}"))).await?;
        }
    }
    let keys = published(&door).await?;
    door.close().await;
    list(&keys, output.json)
}

async fn published(door: &Door) -> anyhow::Result<Vec<Value>> {
    door.all(Question::get(Act::ReadKeys, "/keys")).await
}

/// One algorithm, or each that signs now.
async fn rotate(door: &Door, algorithm: Option<&str>) -> anyhow::Result<()> {
    let wanted: BTreeSet<String> = match algorithm {
        Some(text) => {
            let known = Algorithm::parse(text).ok_or_else(|| Mistyped(format!("{text:?} is no algorithm of keys")))?;
            [known.as_str().to_owned()].into()
        }
        None => {
            let keys = published(door).await?;
            keys.iter().filter(|key| key["retired_at"].is_null()).map(|key| print::text(&key["algorithm"])).collect()
        }
    };
    for algorithm in wanted {
        door.ask(Question::post(Act::RotateKeys, "/keys/rotate", json!({ "algorithm": algorithm }))).await?;
    }
    Ok(())
}

fn list(keys: &[Value], json: bool) -> anyhow::Result<()> {
    if json {
        return print::json(&keys.iter().cloned().collect());
    }
    let row = |key: &Value| {
        let (state, until) = match key["retired_at"].is_null() {
            true => ("signs", String::new()),
            false => ("published", print::at(&key["published_until"])),
        };
        let [kid, algorithm] = [&key["kid"], &key["algorithm"]].map(print::text);
        [kid, algorithm, state.to_owned(), print::at(&key["created_at"]), until]
    };
    let rows: Vec<_> = keys.iter().map(row).collect();
    print::table(["KID", "ALGORITHM", "STATE", "MADE", "PUBLISHED UNTIL"], &rows);
    Ok(())
}
