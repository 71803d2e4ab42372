//! `karat kyc`: verification from the command line, by the same rules as on the pages of reviewers.

use clap::{Args, Subcommand};
use serde_json::Value;

use super::door::{Door, DoorError, Question, ServerArguments};
use super::open::ConfigArgument;
use super::{Mistyped, print, user};
use crate::domain::admin::Act;
use crate::domain::ids::{CaseId, UserId};
use crate::domain::kyc::{CaseState, Reason, Tier};
use crate::flow::kyc::review::Judgement;
use crate::flow::kyc::staff::{Judge, NotJudged};

#[derive(Subcommand)]
pub enum KycCommand {
    /// Lists applications: those that wait for a decision, who has waited longest first.
    List(ListArguments),
    /// Shows an application, or where a person stands. What was filled in is shown on /review only, where every look is recorded.
    Show(CaseOrPerson),
    /// Approves an application: what the person filled in counts as verified.
    Approve {
        #[command(flatten)]
        case: CaseArguments,
    },
    /// Rejects an application.
    Reject {
        #[command(flatten)]
        case: CaseArguments,
        /// doc_expired, doc_unreadable, doc_type_unsupported, doc_tampered, face_mismatch, liveness_failed, name_mismatch, underage,
        /// country_restricted, duplicate_identity, sanctions_review, poa_too_old, or other. Suspicions of fraud and sanctions are told as "other".
        #[arg(long)]
        reason: String,
        /// The person may not try again.
        #[arg(long = "final")]
        finally: bool,
    },
    /// Suspends a person: every level counts for nothing until it is lifted.
    Suspend {
        #[command(flatten)]
        person: PersonArguments,
        /// As for `reject`.
        #[arg(long)]
        reason: String,
    },
    /// Lifts a suspension.
    Reinstate(PersonArguments),
    /// Takes a level back, and those above it.
    Revoke {
        #[command(flatten)]
        person: PersonArguments,
        /// 1, 2 or 3.
        #[arg(long)]
        level: Tier,
    },
    /// Shows every transition of a person: when, what, who.
    History(CaseOrPerson),
}

#[derive(Args)]
pub struct ListArguments {
    #[command(flatten)]
    config: ConfigArgument,
    /// collecting, submitted, proposed, approved, rejected_retry, rejected_final or abandoned.
    #[arg(long)]
    state: Option<String>,
    /// 1, 2 or 3.
    #[arg(long)]
    level: Option<Tier>,
    #[arg(long, default_value_t = 50)]
    limit: u16,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub struct CaseArguments {
    #[command(flatten)]
    config: ConfigArgument,
    /// The application's id, as `karat kyc list` shows it.
    case: CaseId,
    /// Kept with the application, sealed; the person does not see it.
    #[arg(long, default_value = "")]
    note: String,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub struct PersonArguments {
    #[command(flatten)]
    config: ConfigArgument,
    /// E-mail address, or the id that apps see as `sub`.
    person: String,
    /// Why: kept sealed; the person does not see it.
    #[arg(long, default_value = "")]
    note: String,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub struct CaseOrPerson {
    #[command(flatten)]
    config: ConfigArgument,
    /// The id of an application, or a person: e-mail address, or the id that apps see as `sub`.
    which: String,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

/// Where decisions are made, if not here.
const ON_REVIEW: &str = "over a server people decide, on /review, where every look is recorded";

pub async fn run(command: KycCommand, access: &ServerArguments) -> anyhow::Result<()> {
    match command {
        KycCommand::List(arguments) => list(arguments, access).await,
        KycCommand::Show(arguments) => show(arguments, access).await,
        KycCommand::Approve { case } => judge(case, Judgement::Approve, access).await,
        KycCommand::Reject { case, reason, finally } => {
            let reason = reason_of(&reason)?;
            judge(case, Judgement::Reject { reason, finally }, access).await
        }
        KycCommand::Suspend { person, reason } => {
            let reason = reason_of(&reason)?;
            let (door, user) = open(&person, access).await?;
            let karat = &door.database("karat kyc suspend", ON_REVIEW)?.karat;
            let done = karat.suspend_person(Judge::Operator, user, reason, &person.note).await;
            tell(door, user, done, person.json).await
        }
        KycCommand::Reinstate(person) => {
            let (door, user) = open(&person, access).await?;
            let karat = &door.database("karat kyc reinstate", ON_REVIEW)?.karat;
            let done = karat.reinstate_person(Judge::Operator, user, &person.note).await;
            tell(door, user, done, person.json).await
        }
        KycCommand::Revoke { person, level } => {
            let (door, user) = open(&person, access).await?;
            let karat = &door.database("karat kyc revoke", ON_REVIEW)?.karat;
            let done = karat.revoke_level(Judge::Operator, user, level, &person.note).await;
            tell(door, user, done, person.json).await
        }
        KycCommand::History(arguments) => history(arguments, access).await,
    }
}

async fn list(arguments: ListArguments, access: &ServerArguments) -> anyhow::Result<()> {
    let state = match &arguments.state {
        Some(text) => Some(CaseState::parse(text).ok_or_else(|| Mistyped(format!("{text:?} is no state of a case")))?),
        None => None,
    };
    let door = Door::open(access, &arguments.config).await?;
    let question = Question::get(Act::ReadCases, "/kyc/cases")
        .with("state", state.map(CaseState::as_str))
        .with("level", arguments.level);
    let (found, _) = door.some(question, usize::from(arguments.limit)).await?;
    door.close().await;
    if arguments.json {
        return print::json(&found.into_iter().collect());
    }
    let row = |case: &Value| {
        let [id, email, level, state, provider] =
            [&case["id"], &case["email"], &case["level"], &case["state"], &case["provider"]].map(print::text);
        [id, email, level, state, provider, print::at(&case["submitted_at"])]
    };
    let rows: Vec<[String; 6]> = found.iter().map(row).collect();
    print::table(["CASE", "PERSON", "LEVEL", "STATE", "DECIDES", "SUBMITTED"], &rows);
    Ok(())
}

async fn show(arguments: CaseOrPerson, access: &ServerArguments) -> anyhow::Result<()> {
    let door = Door::open(access, &arguments.config).await?;
    let shown = found(&door, &arguments.which).await?;
    door.close().await;
    match arguments.json {
        true => print::json(&shown)?,
        false => facts(&shown, ""),
    }
    Ok(())
}

/// An application, or else where a person stands: their ids look alike.
async fn found(door: &Door, which: &str) -> anyhow::Result<Value> {
    if let Ok(id) = which.parse::<CaseId>() {
        match door.ask(Question::get(Act::ReadCases, format!("/kyc/cases/{id}"))).await {
            Err(error) if error.downcast_ref().is_some_and(DoorError::is_missing) => {}
            other => return Ok(other?.body),
        }
    }
    standing(door, &user::id_of(door, which).await?, which).await
}

async fn standing(door: &Door, user: &str, which: &str) -> anyhow::Result<Value> {
    let question = Question::get(Act::ReadCases, format!("/kyc/people/{user}"));
    Ok(door.ask(question.about(format!("account {which}"))).await?.body)
}

async fn judge(arguments: CaseArguments, judgement: Judgement, access: &ServerArguments) -> anyhow::Result<()> {
    access.database_only("a decision about a case", ON_REVIEW)?;
    let door = Door::open(access, &arguments.config).await?;
    let karat = &door.database("a decision about a case", ON_REVIEW)?.karat;
    karat.judge_case(Judge::Operator, arguments.case, judgement, &arguments.note).await?;
    let shown = found(&door, &arguments.case.to_string()).await?;
    door.close().await;
    match arguments.json {
        true => print::json(&shown)?,
        false => println!("{}: {}", print::text(&shown["state"]), arguments.case),
    }
    Ok(())
}

async fn history(arguments: CaseOrPerson, access: &ServerArguments) -> anyhow::Result<()> {
    let door = Door::open(access, &arguments.config).await?;
    let shown = found(&door, &arguments.which).await?;
    door.close().await;
    // Of a case, the person's history is told as well: only what is about it is meant.
    let only = shown.get("level").and(shown["id"].as_str());
    let made = shown["history"].as_array().into_iter().flatten();
    let made: Vec<&Value> = made.filter(|made| only.is_none() || made["case"].as_str() == only).collect();
    if arguments.json {
        return print::json(&made.into_iter().cloned().collect());
    }
    let row = |made: &&Value| {
        let word = |key: &str| print::text(&made[key]);
        let change =
            format!("{} {} -> {} {}", word("from_level"), word("from_state"), word("to_level"), word("to_state"));
        [print::at(&made["at"]), word("finding"), change, word("reason"), word("actor")]
    };
    let rows: Vec<[String; 5]> = made.iter().map(row).collect();
    print::table(["WHEN", "WHAT", "LEVEL AND STATE", "REASON", "WHO"], &rows);
    Ok(())
}

async fn open(arguments: &PersonArguments, access: &ServerArguments) -> anyhow::Result<(Door, UserId)> {
    access.database_only("a decision about a person", ON_REVIEW)?;
    let door = Door::open(access, &arguments.config).await?;
    let id = user::id_of(&door, &arguments.person).await?;
    let id = id.parse().map_err(|_| anyhow::anyhow!("{id} is no id"))?;
    Ok((door, id))
}

async fn tell(door: Door, user: UserId, done: Result<(), NotJudged>, json: bool) -> anyhow::Result<()> {
    if let Err(refused) = done {
        return match refused {
            NotJudged::NoteMissing => Err(Mistyped("--note: a few words are needed on why".to_owned()).into()),
            NotJudged::Unknown => Err(anyhow::anyhow!("there is no account {user}")),
            other => Err(other.into()),
        };
    }
    let shown = standing(&door, &user.to_string(), &user.to_string()).await?;
    door.close().await;
    match json {
        true => print::json(&shown)?,
        false => facts(&shown, ""),
    }
    Ok(())
}

fn reason_of(text: &str) -> anyhow::Result<Reason> {
    Ok(Reason::parse(text).ok_or_else(|| Mistyped(format!("--reason: {text:?} is none of the reasons")))?)
}

/// Prints an object as lines of names and values.
fn facts(shown: &Value, before: &str) {
    let Some(fields) = shown.as_object() else { return };
    for (name, value) in fields {
        match value {
            Value::Null => {}
            Value::Object(_) => facts(value, &format!("{before}{name}.")),
            Value::Array(all) => {
                for one in all {
                    match one {
                        Value::Object(fields) => {
                            let words: Vec<String> = fields
                                .iter()
                                .filter(|(_, value)| !value.is_null())
                                .map(|(name, value)| format!("{name} {}", plain(name, value)))
                                .collect();
                            println!("{before}{name}: {}", print::safe(&words.join(", ")));
                        }
                        other => println!("{before}{name}: {}", print::safe(&plain(name, other))),
                    }
                }
            }
            other => println!("{before}{name}: {}", print::safe(&plain(name, other))),
        }
    }
}

/// A moment is told as a time, by the name of its key.
fn plain(name: &str, value: &Value) -> String {
    match name == "at" || name == "until" || name.ends_with("_at") {
        true => print::at(value),
        false => value.as_str().map_or_else(|| value.to_string(), str::to_owned),
    }
}
