//! `karat keys`.

use clap::{Args, Subcommand};
use serde_json::json;

use super::open::ConfigArgument;
use super::{Mistyped, print};
use crate::app::App;
use crate::domain::jose::Algorithm;
use crate::flow::admin::{Authority, Refusal};
use crate::storage::keys::StoredKey;

#[derive(Subcommand)]
pub enum KeysCommand {
    /// Lists the keys that are published.
    List(Output),
    /// Makes new keys that sign from now on; the old ones stay published until their last token is dead.
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

pub async fn run(command: KeysCommand) -> anyhow::Result<()> {
    match command {
        KeysCommand::List(output) => {
            let app = output.config.open().await?;
            list(&app, &output).await?;
            close(app).await;
        }
        KeysCommand::Rotate { output, algorithm } => {
            let app = output.config.open().await?;
            rotate(&app, algorithm.as_deref()).await?;
            list(&app, &output).await?;
            close(app).await;
        }
        KeysCommand::Retire { output, kid } => {
            let app = output.config.open().await?;
            match app.karat.retire_signing_key(&Authority::operator(), &kid).await {
                Err(Refusal::Conflict(_)) => anyhow::bail!(
                    "{kid:?} is not a key that has stopped signing: see `karat keys list`, and rotate first"
                ),
                other => other?,
            }
            list(&app, &output).await?;
            close(app).await;
        }
    }
    Ok(())
}

async fn rotate(app: &App, algorithm: Option<&str>) -> anyhow::Result<()> {
    let kept = &app.config.keys.algorithms;
    let wanted: Vec<Algorithm> = match algorithm {
        None => kept.clone(),
        Some(text) => {
            let alg = Algorithm::parse(text).filter(|alg| kept.contains(alg));
            vec![alg.ok_or_else(|| Mistyped(format!("{text:?} is not one of keys.algorithms")))?]
        }
    };
    for alg in wanted {
        app.karat.rotate_signing_key(&Authority::operator(), alg).await?;
    }
    Ok(())
}

async fn list(app: &App, output: &Output) -> anyhow::Result<()> {
    let keys = app.karat.store.signing_keys(app.karat.now()).await?;
    if output.json {
        return print::json(&keys.iter().map(as_json).collect());
    }
    let rows: Vec<_> = keys
        .iter()
        .map(|key| {
            let (state, until) = match key.retired {
                None => ("signs", String::new()),
                Some(retired) => ("published", print::time(retired.published_until)),
            };
            [key.kid.clone(), key.alg.as_str().to_owned(), state.to_owned(), print::time(key.created_at), until]
        })
        .collect();
    print::table(["KID", "ALGORITHM", "STATE", "MADE", "PUBLISHED UNTIL"], &rows);
    Ok(())
}

fn as_json(key: &StoredKey) -> serde_json::Value {
    json!({
        "kid": key.kid,
        "alg": key.alg.as_str(),
        "signs": key.retired.is_none(),
        "created_at": print::time(key.created_at),
        "retired_at": key.retired.map(|retired| print::time(retired.at)),
        "published_until": key.retired.map(|retired| print::time(retired.published_until)),
    })
}

async fn close(app: App) {
    app.karat.store.db().close().await;
}
