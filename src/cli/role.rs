//! `karat user role`: the operator's people.

use clap::{Args, Subcommand};
use serde_json::json;

use super::open::ConfigArgument;
use super::{print, user};
use crate::domain::role::Role;
use crate::flow::admin::{Authority, Refusal};
use crate::flow::condition::Changed;

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
}

pub async fn run(command: RoleCommand) -> anyhow::Result<()> {
    match command {
        RoleCommand::Add(arguments) => switch(arguments, true).await,
        RoleCommand::Remove(arguments) => switch(arguments, false).await,
        RoleCommand::List { config, json } => list(&config, json).await,
    }
}

async fn switch(arguments: RoleArguments, on: bool) -> anyhow::Result<()> {
    let app = arguments.config.open().await?;
    let (user, role) = (user::of(&app, &arguments.person).await?, arguments.role);
    let by = Authority::operator();
    let switched = match on {
        true => app.karat.grant_role(&by, user.id, role, "").await,
        false => app.karat.withdraw_role(&by, user.id, role, "").await,
    };
    let changed = match switched {
        Ok(_) => Changed::Done,
        Err(Refusal::Conflict(_)) if app.karat.has_role(&user, role).await? == on => Changed::Already,
        Err(refusal) => return Err(refusal.into()),
    };
    match (changed, on) {
        (Changed::Done, true) => println!("{} has the role {role} now", user.email),
        (Changed::Done, false) => println!("{} has lost the role {role}", user.email),
        (Changed::Already, true) => println!("{} had the role {role} already", user.email),
        (Changed::Already, false) => println!("{} did not have the role {role}", user.email),
    }
    if on && !app.karat.enrolled(user.id).await?.has_second_factor() {
        println!("Before the pages of the role open, {} has to add a second factor.", user.email);
    }
    app.karat.store.db().close().await;
    Ok(())
}

async fn list(config: &ConfigArgument, json: bool) -> anyhow::Result<()> {
    let app = config.open().await?;
    let roles = app.karat.roles_held(&Authority::operator()).await?;
    if json {
        let all = roles.iter().map(|held| {
            json!({
                "sub": held.user_id.to_string(),
                "email": held.email.as_str(),
                "role": held.role.as_str(),
                "since": print::time(held.since),
                "granted_by": held.granted_by,
            })
        });
        print::json(&all.collect())?;
    } else {
        let rows: Vec<[String; 4]> = roles
            .iter()
            .map(|held| {
                [held.email.to_string(), held.role.to_string(), print::time(held.since), held.granted_by.clone()]
            })
            .collect();
        print::table(["PERSON", "ROLE", "SINCE", "BY"], &rows);
    }
    app.karat.store.db().close().await;
    Ok(())
}
