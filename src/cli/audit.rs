//! `karat audit`: what was done for the operator, and the proof that nobody changed the record of it.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::open::ConfigArgument;
use super::{Mistyped, print};
use crate::flow::admin::Authority;
use crate::flow::admin::audit::Verdict;
use crate::storage::audit::{Chained, Head, Wanted};

/// Entries that are read at a time for an export.
const BATCH: i64 = 1_000;

#[derive(Subcommand)]
pub enum AuditCommand {
    /// Lists entries, the newest first.
    List {
        #[command(flatten)]
        wanted: WantedArguments,
        #[arg(long, default_value_t = 50)]
        most: u16,
        /// Prints JSON.
        #[arg(long)]
        json: bool,
    },
    /// Prints every entry as a line of JSON, the oldest first.
    Export {
        #[command(flatten)]
        config: ConfigArgument,
    },
    /// Looks for entries that were changed or removed. Prints the end of the chain: whoever notes it down elsewhere can later prove that
    /// nothing was cut off.
    Verify {
        #[command(flatten)]
        config: ConfigArgument,
        /// An end that was noted down: "SEQ:HASH".
        #[arg(long)]
        expect: Option<String>,
        /// Prints JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Args)]
pub struct WantedArguments {
    #[command(flatten)]
    config: ConfigArgument,
    /// "operator", "person:ID" or "service:CLIENT_ID".
    #[arg(long)]
    actor: Option<String>,
    /// As "clients.change".
    #[arg(long)]
    act: Option<String>,
    /// What it is about: "user:ID" or "client:CLIENT_ID".
    #[arg(long)]
    target: Option<String>,
}

pub async fn run(command: AuditCommand) -> anyhow::Result<()> {
    match command {
        AuditCommand::List { wanted, most, json } => list(wanted, most, json).await,
        AuditCommand::Export { config } => export(&config).await,
        AuditCommand::Verify { config, expect, json } => verify(&config, expect.as_deref(), json).await,
    }
}

async fn list(arguments: WantedArguments, most: u16, json: bool) -> anyhow::Result<()> {
    let target = arguments.target.as_deref().map(|text| {
        let parts = text.split_once(':').ok_or_else(|| Mistyped(format!("{text:?} is not KIND:ID")))?;
        Ok::<_, Mistyped>((parts.0.to_owned(), parts.1.to_owned()))
    });
    let wanted =
        Wanted { actor: arguments.actor, act: arguments.act, target: target.transpose()?, ..Wanted::default() };
    let app = arguments.config.open().await?;
    let found = app.karat.audited(&Authority::operator(), &wanted, None, i64::from(most)).await?;
    if json {
        print::json(&found.iter().map(as_json).collect())?;
    } else {
        let rows: Vec<[String; 5]> = found
            .iter()
            .map(|Chained { seq, entry, .. }| {
                let target = format!("{}:{}", entry.target_kind, entry.target);
                [
                    seq.to_string(),
                    print::time(entry.at),
                    print::safe(&entry.actor),
                    entry.act.clone(),
                    print::safe(&target),
                ]
            })
            .collect();
        print::table(["SEQ", "TIME", "WHO", "WHAT", "ABOUT"], &rows);
    }
    app.karat.store.db().close().await;
    Ok(())
}

async fn export(config: &ConfigArgument) -> anyhow::Result<()> {
    let app = config.open().await?;
    let by = Authority::operator();
    app.karat.note_audit_export(&by, &Wanted::default()).await?;
    let mut last = 0;
    loop {
        let rows = app.karat.store.audit_from(last, BATCH).await?;
        let Some((newest, _)) = rows.last() else { break };
        last = newest.seq;
        for (row, _) in &rows {
            println!("{}", as_json(row));
        }
    }
    app.karat.store.db().close().await;
    Ok(())
}

async fn verify(config: &ConfigArgument, expect: Option<&str>, json: bool) -> anyhow::Result<()> {
    let expected = expect.map(head).transpose()?;
    let app = config.open().await?;
    let verdict = app.karat.verify_audit(&Authority::operator(), expected.as_ref()).await?;
    app.karat.store.db().close().await;
    match verdict {
        Verdict::Whole(head) if json => print::json(&json!({ "whole": true, "seq": head.seq, "hash": head.hash })),
        Verdict::Whole(head) => {
            println!("whole: {} entries, end {}:{}", head.seq, head.seq, head.hash);
            Ok(())
        }
        Verdict::Broken { seq, what } => {
            if json {
                print::json(&json!({ "whole": false, "seq": seq, "what": what }))?;
            }
            anyhow::bail!("the audit log is not whole: entry {seq} {what}")
        }
    }
}

fn head(text: &str) -> Result<Head, Mistyped> {
    let wrong = || Mistyped(format!("{text:?} is not SEQ:HASH"));
    let (seq, hash) = text.split_once(':').ok_or_else(wrong)?;
    Ok(Head { seq: seq.parse().map_err(|_| wrong())?, hash: hash.to_owned() })
}

fn as_json(row: &Chained) -> Value {
    let Chained { seq, entry, hash } = row;
    json!({
        "seq": seq,
        "id": entry.id,
        "at": print::time(entry.at),
        "actor": entry.actor,
        "act": entry.act,
        "target": { "kind": entry.target_kind, "id": entry.target },
        "detail": entry.detail,
        "address": entry.address,
        "request_id": entry.request_id,
        "hash": hash,
    })
}
