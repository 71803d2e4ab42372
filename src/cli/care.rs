//! `karat user list`, `sessions`, `hold`, `authenticators`, ..: looking after people, as the console does.

use clap::{Args, Subcommand};
use serde_json::json;

use super::open::ConfigArgument;
use super::user::{PersonArguments, as_json, close, find};
use super::{Mistyped, print};
use crate::config::span;
use crate::domain::ids::{SessionId, UserId};
use crate::domain::user::{Condition, User};
use crate::flow::admin::directory::PeopleWanted;
use crate::flow::admin::{Authority, Grave};
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
    most: u8,
    /// Goes on after this one: an id.
    #[arg(long)]
    after: Option<String>,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

pub async fn run(command: CareCommand) -> anyhow::Result<()> {
    match command {
        CareCommand::List(arguments) => list(arguments).await,
        CareCommand::Sessions { person, end, end_all } => sessions(&person, end.as_deref(), end_all).await,
        CareCommand::Authenticators { person, remove, reason } => {
            authenticators(&person, remove, &reason.unwrap_or_default()).await
        }
        CareCommand::Hold { person, time, reason } => hold(&person, &time, &reason).await,
        CareCommand::LiftHold { person, reason } => lift(&person, &reason).await,
    }
}

async fn list(arguments: ListArguments) -> anyhow::Result<()> {
    let filter = match arguments.filter.as_deref() {
        None => Filter::All,
        Some(text) => Filter::parse(text).ok_or_else(|| Mistyped(format!("{text:?} is not a filter")))?,
    };
    let after = arguments.after.as_deref().map(str::parse::<UserId>).transpose();
    let after = after.map_err(|_| Mistyped("--after is not an id".to_owned()))?;
    let wanted = PeopleWanted { find: arguments.find, filter, after };
    let app = arguments.config.open().await?;
    let (found, more) = app.karat.people(&Authority::operator(), &wanted, i64::from(arguments.most)).await?;
    if arguments.json {
        print::json(&json!({ "people": found.iter().map(as_json).collect::<Vec<_>>(), "more": more }))?;
    } else {
        let rows: Vec<[String; 4]> = found.iter().map(row).collect();
        print::table(["E-MAIL", "ID", "CONDITION", "MADE"], &rows);
        if let Some(last) = found.last().filter(|_| more) {
            println!("There are more: --after {}", last.id);
        }
    }
    close(app).await
}

fn row(user: &User) -> [String; 4] {
    let condition = match &user.condition {
        Condition::Active => "active",
        Condition::Locked { .. } => "locked",
        Condition::Frozen { .. } => "frozen",
    };
    [user.email.to_string(), user.id.to_string(), condition.to_owned(), print::time(user.created_at)]
}

async fn sessions(person: &PersonArguments, end: Option<&str>, all: bool) -> anyhow::Result<()> {
    let only = end.map(str::parse::<SessionId>).transpose();
    let only = only.map_err(|_| Mistyped("--end is not the id of a session".to_owned()))?;
    let (app, user) = find(person).await?;
    if only.is_some() || all {
        let ended = app.karat.end_sessions_of(&Authority::operator(), user.id, only).await?;
        match person.json {
            true => print::json(&json!({ "ended": ended }))?,
            false => println!("ended: {ended}"),
        }
        return close(app).await;
    }
    let running = app.karat.sessions_of(user.id).await?;
    if person.json {
        let all = running.iter().map(|session| {
            json!({
                "sid": session.id.to_string(),
                "acr": session.authentication.acr.as_str(),
                "created_at": print::time(session.created_at),
                "last_seen_at": print::time(session.last_seen_at),
                "address": session.device.address,
                "agent": session.device.agent,
            })
        });
        print::json(&all.collect())?;
    } else {
        let rows: Vec<[String; 4]> = running
            .iter()
            .map(|session| {
                let (seen, address) = (print::time(session.last_seen_at), print::safe(&session.device.address));
                [session.id.to_string(), session.authentication.acr.as_str().to_owned(), seen, address]
            })
            .collect();
        print::table(["SESSION", "CLASS", "LAST SEEN", "FROM"], &rows);
    }
    close(app).await
}

async fn authenticators(person: &PersonArguments, remove: Option<String>, reason: &str) -> anyhow::Result<()> {
    let (app, user) = find(person).await?;
    if let Some(authenticator) = remove {
        let wanted = Grave::RemoveAuthenticator { user: user.id, authenticator };
        app.karat.grave(&Authority::operator(), wanted, reason).await?;
    }
    let all = app.karat.store.authenticators_of(user.id).await?;
    if person.json {
        let told = all.iter().map(|one| {
            json!({
                "id": one.id,
                "kind": one.kind().as_str(),
                "name": one.name,
                "created_at": print::time(one.created_at),
                "last_used_at": one.last_used_at.map(print::time),
            })
        });
        print::json(&told.collect())?;
    } else {
        let rows: Vec<[String; 4]> = all
            .iter()
            .map(|one| {
                let used = one.last_used_at.map_or_else(|| "never".to_owned(), print::time);
                [one.id.clone(), one.kind().as_str().to_owned(), print::safe(&one.name), used]
            })
            .collect();
        print::table(["ID", "KIND", "NAME", "LAST USED"], &rows);
    }
    close(app).await
}

async fn hold(person: &PersonArguments, time: &str, reason: &str) -> anyhow::Result<()> {
    let time = span(time).map_err(Mistyped)?;
    let (app, user) = find(person).await?;
    let until = app.karat.hold_person(&Authority::operator(), user.id, time, reason).await?;
    match person.json {
        true => print::json(&json!({ "hold_until": print::time(until) }))?,
        false => println!("held until {}", print::time(until)),
    }
    close(app).await
}

async fn lift(person: &PersonArguments, reason: &str) -> anyhow::Result<()> {
    let (app, user) = find(person).await?;
    let until = app.karat.lift_holds(&Authority::operator(), user.id, reason).await?;
    match (person.json, until) {
        (true, until) => print::json(&json!({ "hold_until": until.map(print::time) }))?,
        (false, Some(until)) => println!("lifted; another hold runs until {}", print::time(until)),
        (false, None) => println!("lifted"),
    }
    close(app).await
}
