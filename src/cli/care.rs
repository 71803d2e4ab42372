//! `karat user list`, `sessions`, `hold`, `authenticators`, ..: looking after people, as the console does.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::door::{Door, Question, ServerArguments, segment};
use super::open::ConfigArgument;
use super::user::{PersonArguments, id_of};
use super::{Mistyped, print};
use crate::config::span;
use crate::domain::admin::Act;
use crate::domain::ids::SessionId;
use crate::storage::directory::Filter;

#[derive(Subcommand)]
pub enum CareCommand {
    /// Lists accounts, the youngest first.
    List(ListArguments),
    /// Lists the sessions of a person, or ends them.
    Sessions {
        #[command(flatten)]
        person: PersonArguments,
        /// Ends this one, by its id.
        #[arg(long, conflicts_with = "end_all")]
        end: Option<String>,
        /// Ends all of them.
        #[arg(long)]
        end_all: bool,
    },
    /// Lists what a person logs in with, or removes one: the person is told and out everywhere, and money waits.
    Authenticators {
        #[command(flatten)]
        person: PersonArguments,
        /// Removes this one, by its id.
        #[arg(long, requires = "reason")]
        remove: Option<String>,
        /// Kept in the audit log.
        #[arg(long)]
        reason: Option<String>,
    },
    /// Makes money wait for a while.
    Hold {
        #[command(flatten)]
        person: PersonArguments,
        /// As "24h" or "7d"; 30 days at most.
        #[arg(long)]
        time: String,
        /// Kept in the audit log.
        #[arg(long)]
        reason: String,
    },
    /// Ends the holds that were begun by hand. Those after a change of security pass by themselves.
    LiftHold {
        #[command(flatten)]
        person: PersonArguments,
        /// Kept in the audit log.
        #[arg(long)]
        reason: String,
    },
}

#[derive(Args)]
pub struct ListArguments {
    #[command(flatten)]
    config: ConfigArgument,
    /// The beginning of an e-mail address.
    #[arg(long, conflicts_with = "filter")]
    find: Option<String>,
    /// "locked", "frozen", "held", "suspended", "level-1", "level-2" or "level-3".
    #[arg(long)]
    filter: Option<String>,
    #[arg(long, default_value_t = 50)]
    most: u16,
    /// Goes on where a list ended, as it said.
    #[arg(long)]
    after: Option<String>,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

pub async fn run(command: CareCommand, access: &ServerArguments) -> anyhow::Result<()> {
    match command {
        CareCommand::List(arguments) => list(arguments, access).await,
        CareCommand::Sessions { person, end, end_all } => sessions(&person, (end, end_all), access).await,
        CareCommand::Authenticators { person, remove, reason } => {
            authenticators(&person, remove, &reason.unwrap_or_default(), access).await
        }
        CareCommand::Hold { person, time, reason } => {
            let time = span(&time).map_err(Mistyped)?;
            let body = json!({ "seconds": time.0, "reason": reason });
            let until = holds((Act::StartHold, "holds", body), &person, access).await?;
            match person.json {
                true => print::json(&until),
                false => {
                    println!("held until {}", print::at(&until["hold_until"]));
                    Ok(())
                }
            }
        }
        CareCommand::LiftHold { person, reason } => {
            let body = json!({ "reason": reason });
            let until = holds((Act::LiftHold, "holds/lift", body), &person, access).await?;
            match &until["hold_until"] {
                _ if person.json => print::json(&until)?,
                Value::Null => println!("lifted"),
                later => println!("lifted; another hold runs until {}", print::at(later)),
            }
            Ok(())
        }
    }
}

async fn list(arguments: ListArguments, access: &ServerArguments) -> anyhow::Result<()> {
    if let Some(filter) = &arguments.filter
        && Filter::parse(filter).is_none()
    {
        return Err(Mistyped(format!("{filter:?} is not a filter")).into());
    }
    let door = Door::open(access, &arguments.config).await?;
    let question = Question::get(Act::ReadPeople, "/people")
        .with("find", arguments.find)
        .with("filter", arguments.filter)
        .with("cursor", arguments.after);
    let (people, next) = door.some(question, usize::from(arguments.most)).await?;
    door.close().await;
    if arguments.json {
        return print::json(&json!({ "people": people, "more": next.is_some(), "after": next }));
    }
    let row = |person: &Value| {
        let [email, id, condition] = [&person["email"], &person["id"], &person["condition"]].map(print::text);
        [email, id, condition, print::at(&person["created_at"])]
    };
    print::table(["E-MAIL", "ID", "CONDITION", "MADE"], &people.iter().map(row).collect::<Vec<_>>());
    if let Some(next) = next {
        println!("There are more: --after {next}");
    }
    Ok(())
}

async fn sessions(
    person: &PersonArguments,
    (end, all): (Option<String>, bool),
    access: &ServerArguments,
) -> anyhow::Result<()> {
    let end = end.map(|text| text.parse::<SessionId>()).transpose();
    let end = end.map_err(|_| Mistyped("--end is not the id of a session".to_owned()))?;
    let door = Door::open(access, &person.config).await?;
    let id = id_of(&door, &person.person).await?;
    if end.is_some() || all {
        let path = match &end {
            Some(session) => format!("/people/{id}/sessions/{session}"),
            None => format!("/people/{id}/sessions"),
        };
        let question = Question::delete(Act::EndSessions, path).about("session of that id, or it has ended");
        let ended = door.ask(question).await?.body["ended"].as_u64().unwrap_or(1);
        door.close().await;
        match person.json {
            true => print::json(&json!({ "ended": ended }))?,
            false => println!("ended: {ended}"),
        }
        return Ok(());
    }
    let running = shown(&door, &id, person).await?["sessions"].clone();
    door.close().await;
    if person.json {
        return print::json(&running);
    }
    let row = |session: &Value| {
        let [id, class, from] = [&session["id"], &session["acr"], &session["address"]].map(print::text);
        [id, class, print::at(&session["last_seen_at"]), from]
    };
    let rows: Vec<[String; 4]> = running.as_array().into_iter().flatten().map(row).collect();
    print::table(["SESSION", "CLASS", "LAST SEEN", "FROM"], &rows);
    Ok(())
}

async fn authenticators(
    person: &PersonArguments,
    remove: Option<String>,
    reason: &str,
    access: &ServerArguments,
) -> anyhow::Result<()> {
    let door = Door::open(access, &person.config).await?;
    let id = id_of(&door, &person.person).await?;
    if let Some(authenticator) = remove {
        let path = format!("/people/{id}/authenticators/{}/remove", segment(&authenticator));
        let question = Question::post(Act::RemoveAuthenticator, path, json!({ "reason": reason }));
        door.ask_grave(question.about("authenticator of that id")).await?;
    }
    let all = shown(&door, &id, person).await?["authenticators"].clone();
    door.close().await;
    if person.json {
        return print::json(&all);
    }
    let row = |one: &Value| {
        let used = if one["last_used_at"].is_null() { "never".to_owned() } else { print::at(&one["last_used_at"]) };
        [print::text(&one["id"]), print::text(&one["kind"]), print::text(&one["name"]), used]
    };
    let rows: Vec<[String; 4]> = all.as_array().into_iter().flatten().map(row).collect();
    print::table(["ID", "KIND", "NAME", "LAST USED"], &rows);
    Ok(())
}

async fn shown(door: &Door, id: &str, person: &PersonArguments) -> anyhow::Result<Value> {
    let question = Question::get(Act::ReadPeople, format!("/people/{id}"));
    Ok(door.ask(question.about(format!("account {}", person.person))).await?.body)
}

async fn holds(
    (act, path, body): (Act, &str, Value),
    person: &PersonArguments,
    access: &ServerArguments,
) -> anyhow::Result<Value> {
    let door = Door::open(access, &person.config).await?;
    let id = id_of(&door, &person.person).await?;
    let question = Question::post(act, format!("/people/{id}/{path}"), body);
    let until = door.ask(question.about(format!("account {}", person.person))).await?.body;
    door.close().await;
    Ok(until)
}
