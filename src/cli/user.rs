//! `karat user`.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::care::{self, CareCommand};
use super::door::{Door, DoorError, Question, ServerArguments};
use super::import::{self, ImportArguments};
use super::open::ConfigArgument;
use super::role::{self, RoleCommand};
use super::{Mistyped, print};
use crate::app::App;
use crate::crypto::token::{OpaqueToken, Secret};
use crate::domain::admin::Act;
use crate::domain::email::EmailAddress;
use crate::domain::ids::UserId;
use crate::flow::admin::people::ExportAsked;
use crate::flow::admin::{Authority, Refusal};
use crate::flow::condition::{NewAccount, NotMade};
use crate::flow::export::Reader;
use crate::http::admin::api::people_views::PersonRow;
use crate::pages::Locale;

/// What `show` lists of a person's past.
const EVENTS_SHOWN: usize = 10;
/// The reason in the audit log when none is given.
pub(super) const BY_COMMAND_LINE: &str = "by the command line";

#[derive(Subcommand)]
pub enum UserCommand {
    /// Makes an account; you answer for its address, which counts as verified.
    Add(AddArguments),
    /// Shows an account.
    Show(PersonArguments),
    /// Locks an account: nobody gets in, sessions end, tokens die, and the person gets a mail.
    Lock {
        #[command(flatten)]
        person: PersonArguments,
        /// Kept with the account for whoever looks after it; the person does not see it.
        #[arg(long, default_value = "locked by an operator")]
        reason: String,
    },
    /// Lets the person in again.
    Unlock {
        #[command(flatten)]
        person: PersonArguments,
        /// Kept in the audit log.
        #[arg(long, default_value = BY_COMMAND_LINE)]
        reason: String,
    },
    /// Prints everything that is held about a person as JSON, to hand over. Of who has left, with the id, what is still locked.
    Export(ExportArguments),
    /// Brings people of another product, with their password hashes, from a file of JSON lines.
    Import(ImportArguments),
    /// Gives and takes roles.
    #[command(subcommand)]
    Role(RoleCommand),
    #[command(flatten)]
    Care(CareCommand),
}

#[derive(Args)]
pub struct AddArguments {
    #[command(flatten)]
    config: ConfigArgument,
    #[arg(long)]
    email: String,
    /// Reads the password from the first line of standard input; otherwise one is made and printed once.
    #[arg(long)]
    password_stdin: bool,
    /// The language of mails: "en" or "es".
    #[arg(long)]
    locale: Option<String>,
    #[arg(long)]
    name: Option<String>,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub struct PersonArguments {
    #[command(flatten)]
    pub(super) config: ConfigArgument,
    /// E-mail address, or the id that apps see as `sub`.
    pub(super) person: String,
    /// Prints JSON.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Args)]
pub struct ExportArguments {
    #[command(flatten)]
    config: ConfigArgument,
    /// E-mail address, or the id that apps see as `sub`.
    person: String,
    /// With what the person may not be told: true reasons, who decided, and reviewers' notes.
    #[arg(long)]
    complete: bool,
    /// Kept in the audit log.
    #[arg(long)]
    reason: Option<String>,
    /// Over a server, where a second person has to agree: asks for it.
    #[arg(long, requires = "reason")]
    propose: bool,
}

pub async fn run(command: UserCommand, access: &ServerArguments) -> anyhow::Result<()> {
    match command {
        UserCommand::Add(arguments) => add(arguments, access).await,
        UserCommand::Show(person) => {
            let door = Door::open(access, &person.config).await?;
            let shown = shown(&door, &person).await?;
            door.close().await;
            show(&shown, person.json)
        }
        UserCommand::Lock { person, reason } => {
            switch((Act::FreezePerson, "freeze", "locked"), &person, &reason, access).await
        }
        UserCommand::Unlock { person, reason } => {
            switch((Act::UnfreezePerson, "unfreeze", "unlocked"), &person, &reason, access).await
        }
        UserCommand::Export(arguments) => export(arguments, access).await,
        UserCommand::Import(arguments) => {
            access.database_only("karat user import", "password hashes do not travel by the API")?;
            import::people(arguments).await
        }
        UserCommand::Role(command) => role::run(command, access).await,
        UserCommand::Care(command) => care::run(command, access).await,
    }
}

async fn add(arguments: AddArguments, access: &ServerArguments) -> anyhow::Result<()> {
    let email: EmailAddress =
        arguments.email.parse().map_err(|_| Mistyped(format!("{:?} is not an e-mail address", arguments.email)))?;
    let door = Door::open(access, &arguments.config).await?;
    let mut body = json!({ "email": email.as_str() });
    for (key, value) in [("name", &arguments.name), ("locale", &arguments.locale)] {
        if let Some(value) = value {
            body[key] = json!(value);
        }
    }
    let (made, password) = match &door {
        Door::Server(_) => {
            if arguments.password_stdin {
                door.database("--password-stdin", "people choose their password by the link for a forgotten one")?;
            }
            (door.ask(Question::post(Act::AddPerson, "/people", body)).await?.body, None)
        }
        Door::Database(inside) => made_here(&inside.app, email, &arguments).await?,
    };
    door.close().await;
    if arguments.json {
        let mut shown = made;
        if let Some(password) = password {
            shown["password"] = json!(password.expose());
        }
        return print::json(&shown);
    }
    println!("made {} ({})", print::text(&made["email"]), print::text(&made["id"]));
    match password {
        Some(password) => {
            println!("password: {}", password.expose());
            println!("It is shown this once. The person can change it on their account page.");
        }
        None if access.is_server() => println!("The person chooses a password by the link for a forgotten one."),
        None => {}
    }
    Ok(())
}

/// With the password that was given, or one that is shown once.
async fn made_here(
    app: &App,
    email: EmailAddress,
    arguments: &AddArguments,
) -> anyhow::Result<(Value, Option<OpaqueToken>)> {
    let tag = arguments.locale.as_deref().unwrap_or(&app.config.brand.default_locale);
    let locale = Locale::for_tag(tag).ok_or_else(|| Mistyped(format!("{tag:?} is not a language of the catalogue")))?;
    let made = (!arguments.password_stdin).then(OpaqueToken::mint);
    let password = match &made {
        Some(made) => Secret::new(made.expose()),
        None => Secret::new(super::client::first_line_of_input()?),
    };
    let wanted = NewAccount { email, password, locale, name: arguments.name.clone() };
    let user = app.karat.make_account(&Authority::operator(), wanted).await.map_err(|refused| match refused {
        NotMade::Weak(_) | NotMade::Name => anyhow::Error::new(Mistyped(refused.to_string())),
        other => other.into(),
    })?;
    Ok((serde_json::to_value(PersonRow::of(&app.karat, &user))?, made))
}

async fn export(arguments: ExportArguments, access: &ServerArguments) -> anyhow::Result<()> {
    let door = Door::open(access, &arguments.config).await?;
    let id = id_of(&door, &arguments.person).await?;
    let path = format!("/people/{id}/export");
    if arguments.propose {
        let body = json!({ "reason": arguments.reason });
        door.ask_grave(Question::post(Act::ExportPerson, format!("{path}/propose"), body)).await?;
        door.close().await;
        println!("Nobody else has to agree: it can be taken.");
        return Ok(());
    }
    let nothing = || format!("account {} and nothing is held about it", arguments.person);
    match &door {
        Door::Server(_) => {
            let question = Question::get(Act::ExportPerson, path).about(nothing());
            print::json(&door.ask(question).await?.body)?;
        }
        // Whole, with documents, piece by piece.
        Door::Database(inside) => {
            let karat = &inside.app.karat;
            let reader = if arguments.complete { Reader::Operator } else { Reader::Person };
            let asked = ExportAsked { reason: arguments.reason.as_deref(), reader };
            let id: UserId = id.parse().map_err(|_| anyhow::anyhow!("{id} is no id"))?;
            let mut export = match karat.export_person(&Authority::operator(), id, asked).await {
                Err(Refusal::NotFound) => anyhow::bail!("there is no {}", nothing()),
                other => other?,
            };
            while let Some(piece) = export.next(karat).await? {
                print!("{piece}");
            }
        }
    }
    door.close().await;
    Ok(())
}

/// The id of whom the command line means.
pub(super) async fn id_of(door: &Door, asked: &str) -> anyhow::Result<String> {
    if let Ok(id) = asked.parse::<UserId>() {
        return Ok(id.to_string());
    }
    let Ok(email) = asked.parse::<EmailAddress>() else {
        return Err(Mistyped(format!("{asked:?} is neither an e-mail address nor an id")).into());
    };
    // Whole addresses come before the longer ones that begin so.
    let question = Question::get(Act::ReadPeople, "/people").with("find", Some(email.as_str())).with("limit", Some(1));
    let found = door.ask(question).await?.body["items"][0].clone();
    match found["email"] == email.as_str() {
        true => Ok(print::text(&found["id"])),
        false => Err(anyhow::anyhow!("there is no account {asked}")),
    }
}

async fn shown(door: &Door, person: &PersonArguments) -> anyhow::Result<Value> {
    let id = id_of(door, &person.person).await?;
    let question = Question::get(Act::ReadPeople, format!("/people/{id}"));
    Ok(door.ask(question.about(format!("account {}", person.person))).await?.body)
}

async fn switch(
    (act, path, what): (Act, &str, &str),
    person: &PersonArguments,
    reason: &str,
    access: &ServerArguments,
) -> anyhow::Result<()> {
    let door = Door::open(access, &person.config).await?;
    let before = shown(&door, person).await?["account"].clone();
    let path = format!("/people/{}/{path}", print::text(&before["id"]));
    let done = door.ask(Question::post(act, path, json!({ "reason": reason }))).await;
    let now = shown(&door, person).await?["account"].clone();
    let is_so = (now["condition"] == "locked") == (act == Act::FreezePerson);
    let changed = match done {
        Ok(_) => true,
        Err(error) if is_so && error.downcast_ref().is_some_and(DoorError::is_conflict) => false,
        Err(error) => return Err(error),
    };
    door.close().await;
    let email = print::text(&now["email"]);
    match changed {
        _ if person.json => print::json(&now)?,
        true => println!("{what}: {email}"),
        false => println!("{email} was {what} already"),
    }
    Ok(())
}

fn show(shown: &Value, json: bool) -> anyhow::Result<()> {
    if json {
        return print::json(shown);
    }
    let account = &shown["account"];
    println!("{}  {}", print::text(&account["email"]), print::text(&account["id"]));
    println!("name      {}", print::text(&account["name"]));
    println!("verified  {}", print::at(&shown["email_verified_at"]));
    println!("level     {} ({})", print::text(&account["kyc_level"]), print::text(&account["kyc_state"]));
    println!("language  {}", print::text(&shown["locale"]));
    println!("made      {}", print::at(&account["created_at"]));
    println!("password  changed {}", print::at(&shown["password_changed_at"]));
    let since = print::at(&shown["condition_since"]);
    match account["condition"].as_str() {
        Some("locked") => println!("condition locked since {since}: {}", print::text(&shown["locked_because"])),
        Some("frozen") => println!("condition frozen by the person since {since}"),
        _ => println!("condition active"),
    }
    if !account["hold_until"].is_null() {
        println!("hold      until {}", print::at(&account["hold_until"]));
    }
    let list = |key: &str| shown[key].as_array().cloned().unwrap_or_default();
    println!("sessions  {}", list("sessions").len());
    for role in list("roles") {
        println!("role      {}", print::text(&role));
    }
    for consent in list("consents") {
        println!("app       {}: {}", print::text(&consent["client_id"]), print::text(&consent["scope"]));
    }
    for terms in list("terms") {
        println!("terms     {} accepted {}", print::text(&terms["version"]), print::at(&terms["accepted_at"]));
    }
    for event in list("events").iter().take(EVENTS_SHOWN) {
        let app = event["client_id"].as_str().map(print::safe).unwrap_or_default();
        println!("event     {} {} {app}", print::at(&event["at"]), print::text(&event["kind"]));
    }
    Ok(())
}
