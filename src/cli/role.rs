//! `karat user role`: the operator's people.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::door::{Door, DoorError, Question, ServerArguments};
use super::open::ConfigArgument;
use super::{print, user};
use crate::domain::admin::Act;
use crate::domain::role::Role;

#[derive(Subcommand)]
pub enum RoleCommand {
    /// Gives a person a role: "owner", "client_admin", "support", "compliance" (also opens /review) or "auditor". The person needs a second factor.
    Add(RoleArguments),
    /// Takes a role from a person, from the next request on.
    Remove(RoleArguments),
    /// Lists who has which role.
    List {
        #[command(flatten)]
        config: ConfigArgument,
        /// Prints JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Args)]
pub struct RoleArguments {
    #[command(flatten)]
    config: ConfigArgument,
    /// E-mail address, or the id that apps see as `sub`.
    person: String,
    /// "owner", "client_admin", "support", "compliance" or "auditor".
    role: Role,
    /// Kept in the audit log.
    #[arg(long, default_value = user::BY_COMMAND_LINE)]
    reason: String,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

pub async fn run(command: RoleCommand, access: &ServerArguments) -> anyhow::Result<()> {
    match command {
        RoleCommand::Add(arguments) => switch(arguments, true, access).await,
        RoleCommand::Remove(arguments) => switch(arguments, false, access).await,
        RoleCommand::List { config, json } => list(&config, json, access).await,
    }
}

async fn switch(arguments: RoleArguments, on: bool, access: &ServerArguments) -> anyhow::Result<()> {
    let door = Door::open(access, &arguments.config).await?;
    let (id, role) = (user::id_of(&door, &arguments.person).await?, arguments.role);
    let path = if on { "/roles/give" } else { "/roles/withdraw" };
    let body = json!({ "user": id, "role": role.as_str(), "reason": arguments.reason });
    let question = Question::post(Act::ChangeRoles, path, body).about(format!("account {}", arguments.person));
    let switched = door.ask_grave(question).await;
    if let Err(error) = &switched
        && !error.downcast_ref().is_some_and(DoorError::is_conflict)
    {
        return switched.map(drop);
    }
    let person = door.ask(Question::get(Act::ReadPeople, format!("/people/{id}"))).await?.body;
    door.close().await;
    let has = |role: Role| person["roles"].as_array().is_some_and(|all| all.contains(&role.as_str().into()));
    let changed = match switched {
        Ok(_) => true,
        // It was so already, or there is another reason why not.
        Err(_) if has(role) == on => false,
        Err(error) => return Err(error),
    };
    let factors = person["authenticators"].as_array().is_some_and(|all| !all.is_empty());
    if arguments.json {
        return print::json(&json!({
            "user": id, "email": person["account"]["email"], "role": role.as_str(), "has_role": on,
            "changed": changed, "needs_second_factor": on && !factors,
        }));
    }
    let email = print::text(&person["account"]["email"]);
    match (changed, on) {
        (true, true) => println!("{email} has the role {role} now"),
        (true, false) => println!("{email} has lost the role {role}"),
        (false, true) => println!("{email} had the role {role} already"),
        (false, false) => println!("{email} did not have the role {role}"),
    }
    if on && !factors {
        println!("Before the pages of the role open, {email} has to add a second factor.");
    }
    Ok(())
}

async fn list(config: &ConfigArgument, json: bool, access: &ServerArguments) -> anyhow::Result<()> {
    let door = Door::open(access, config).await?;
    // All of them come at once.
    let roles = door.ask(Question::get(Act::ReadRoles, "/roles")).await?.body["items"].clone();
    door.close().await;
    if json {
        return print::json(&roles);
    }
    let rows: Vec<[String; 4]> = roles
        .as_array()
        .into_iter()
        .flatten()
        .map(|held: &Value| {
            let since = print::at(&held["since"]);
            [print::text(&held["email"]), print::text(&held["role"]), since, print::text(&held["granted_by"])]
        })
        .collect();
    print::table(["PERSON", "ROLE", "SINCE", "BY"], &rows);
    Ok(())
}
