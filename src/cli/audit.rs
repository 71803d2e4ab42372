//! `karat audit`: what was done for the operator, and the proof that nobody changed the record of it.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::door::{Door, Question, ServerArguments};
use super::moment::moment;
use super::open::ConfigArgument;
use super::{Mistyped, print};
use crate::domain::admin::Act;
use crate::domain::time::Timestamp;

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
    /// Prints every entry as a line of JSON, the oldest first. That it was taken becomes an entry of its own.
    Export {
        #[command(flatten)]
        config: ConfigArgument,
        #[command(flatten)]
        span: SpanArguments,
        /// Where a second person has to agree: asks for it, with this reason, and takes nothing yet.
        #[arg(long, value_name = "REASON")]
        propose: Option<String>,
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
    #[command(flatten)]
    span: SpanArguments,
}

#[derive(Args, Clone, Copy)]
pub struct SpanArguments {
    /// From this time on, as "2026-11-23" or "2026-11-23T14:30:00Z".
    #[arg(long, value_name = "TIME", value_parser = moment)]
    since: Option<Timestamp>,
    /// Before this time.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    until: Option<Timestamp>,
}

pub async fn run(command: AuditCommand, access: &ServerArguments) -> anyhow::Result<()> {
    match command {
        AuditCommand::List { wanted, most, json } => list(wanted, most, json, access).await,
        AuditCommand::Export { config, span, propose } => {
            let door = Door::open(access, &config).await?;
            match propose {
                Some(reason) => self::propose(&door, &reason).await?,
                None => {
                    let question = span.put_into(Question::get(Act::ExportAudit, "/audit/export"));
                    door.copy(question, &mut std::io::stdout()).await?;
                }
            }
            door.close().await;
            Ok(())
        }
        AuditCommand::Verify { config, expect, json } => verify(&config, expect.as_deref(), json, access).await,
    }
}

async fn propose(door: &Door, reason: &str) -> anyhow::Result<()> {
    door.ask_grave(Question::post(Act::ExportAudit, "/audit/export/propose", json!({ "reason": reason }))).await?;
    println!("Nobody else has to agree: it can be taken.");
    Ok(())
}

async fn list(arguments: WantedArguments, most: u16, json: bool, access: &ServerArguments) -> anyhow::Result<()> {
    if let Some(target) = arguments.target.as_deref().filter(|target| !target.contains(':')) {
        return Err(Mistyped(format!("{target:?} is not KIND:ID")).into());
    }
    let door = Door::open(access, &arguments.config).await?;
    let question = Question::get(Act::ReadAudit, "/audit")
        .with("actor", arguments.actor)
        .with("act", arguments.act)
        .with("target", arguments.target);
    let (found, _) = door.some(arguments.span.put_into(question), usize::from(most)).await?;
    door.close().await;
    if json {
        return print::json(&found.into_iter().collect());
    }
    let row = |entry: &Value| {
        let [seq, actor, act, kind, target] =
            [&entry["seq"], &entry["actor"], &entry["act"], &entry["target_kind"], &entry["target"]].map(print::text);
        [seq, print::at(&entry["at"]), actor, act, format!("{kind}:{target}")]
    };
    print::table(["SEQ", "TIME", "WHO", "WHAT", "ABOUT"], &found.iter().map(row).collect::<Vec<_>>());
    Ok(())
}

async fn verify(
    config: &ConfigArgument,
    expect: Option<&str>,
    json: bool,
    access: &ServerArguments,
) -> anyhow::Result<()> {
    let (seq, hash) = expect.map(head).transpose()?.unzip();
    let door = Door::open(access, config).await?;
    let question = Question::get(Act::ReadAudit, "/audit/verify").with("seq", seq).with("hash", hash);
    let verdict = door.ask(question).await?.body;
    door.close().await;
    let [seq, hash, what] = [&verdict["seq"], &verdict["hash"], &verdict["what"]].map(print::text);
    if json {
        print::json(&verdict)?;
    }
    match verdict["whole"] == true {
        true if json => Ok(()),
        true => {
            println!("whole: {seq} entries, end {seq}:{hash}");
            Ok(())
        }
        false => anyhow::bail!("the audit log is not whole: entry {seq} {what}"),
    }
}

fn head(text: &str) -> Result<(i64, String), Mistyped> {
    let wrong = || Mistyped(format!("{text:?} is not SEQ:HASH"));
    let (seq, hash) = text.split_once(':').ok_or_else(wrong)?;
    Ok((seq.parse().map_err(|_| wrong())?, hash.to_owned()))
}

impl SpanArguments {
    fn put_into(self, question: Question) -> Question {
        question.with("since", self.since.map(Timestamp::unix)).with("until", self.until.map(Timestamp::unix))
    }
}
