//! `karat user`.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::care::{self, CareCommand};
use super::import::{self, ImportArguments};
use super::open::ConfigArgument;
use super::role::{self, RoleCommand};
use super::{Mistyped, print};
use crate::app::App;
use crate::crypto::token::{OpaqueToken, Secret};
use crate::domain::ids::UserId;
use crate::domain::user::{Condition, User};
use crate::flow::admin::Authority;
use crate::flow::condition::{Changed, NewAccount, NotMade};
use crate::flow::export::Reader;
use crate::pages::Locale;

/// What `show` lists of a person's past.
const EVENTS_SHOWN: i64 = 10;

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
    Unlock(PersonArguments),
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
    config: ConfigArgument,
    /// E-mail address, or the id that apps see as `sub`.
    person: String,
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
}

pub async fn run(command: UserCommand) -> anyhow::Result<()> {
    match command {
        UserCommand::Add(arguments) => add(arguments).await,
        UserCommand::Show(person) => {
            let (app, user) = find(&person).await?;
            show(&app, &user, person.json).await?;
            close(app).await
        }
        UserCommand::Lock { person, reason } => {
            let (app, user) = find(&person).await?;
            let changed = app.karat.lock_account(&Authority::operator(), &user, &reason).await?;
            tell(&app, (&user, person.json), changed, "locked").await?;
            close(app).await
        }
        UserCommand::Unlock(person) => {
            let (app, user) = find(&person).await?;
            let changed = app.karat.unlock_account(&Authority::operator(), &user, "").await?;
            tell(&app, (&user, person.json), changed, "unlocked").await?;
            close(app).await
        }
        UserCommand::Export(arguments) => export(arguments).await,
        UserCommand::Import(arguments) => import::people(arguments).await,
        UserCommand::Role(command) => role::run(command).await,
        UserCommand::Care(command) => care::run(command).await,
    }
}

async fn add(arguments: AddArguments) -> anyhow::Result<()> {
    let email =
        arguments.email.parse().map_err(|_| Mistyped(format!("{:?} is not an e-mail address", arguments.email)))?;
    let app = arguments.config.open().await?;
    let tag = arguments.locale.as_deref().unwrap_or(&app.config.brand.default_locale);
    let locale = Locale::for_tag(tag).ok_or_else(|| Mistyped(format!("{tag:?} is not a language of the catalogue")))?;
    let made = (!arguments.password_stdin).then(OpaqueToken::mint);
    let password = match &made {
        Some(made) => Secret::new(made.expose()),
        None => Secret::new(super::client::first_line_of_input()?),
    };
    let wanted = NewAccount { email, password, locale, name: arguments.name };
    let user = app.karat.make_account(&Authority::operator(), wanted).await.map_err(|refused| match refused {
        NotMade::Weak(_) | NotMade::Name => anyhow::Error::new(Mistyped(refused.to_string())),
        other => other.into(),
    })?;
    if arguments.json {
        let mut shown = as_json(&user);
        if let Some(made) = &made {
            shown["password"] = json!(made.expose());
        }
        print::json(&shown)?;
    } else {
        println!("made {} ({})", user.email, user.id);
        if let Some(made) = &made {
            println!("password: {}", made.expose());
            println!("It is shown this once. The person can change it on their account page.");
        }
    }
    close(app).await
}

async fn export(arguments: ExportArguments) -> anyhow::Result<()> {
    let app = arguments.config.open().await?;
    let id = match arguments.person.parse::<UserId>() {
        Ok(id) => id,
        Err(_) => of(&app, &arguments.person).await?.id,
    };
    let reader = if arguments.complete { Reader::Operator } else { Reader::Person };
    let export = app.karat.export_for_operator(id, reader).await?;
    let mut export = export.ok_or_else(|| anyhow::anyhow!("nothing is held about {}", arguments.person))?;
    while let Some(piece) = export.next(&app.karat).await? {
        print!("{piece}");
    }
    close(app).await
}

pub(super) async fn find(arguments: &PersonArguments) -> anyhow::Result<(App, User)> {
    let app = arguments.config.open().await?;
    let user = of(&app, &arguments.person).await?;
    Ok((app, user))
}

/// Whom the command line means.
pub(super) async fn of(app: &App, asked: &str) -> anyhow::Result<User> {
    let found = match (asked.parse::<UserId>(), asked.parse()) {
        (Ok(id), _) => app.karat.store.user(id).await?,
        (_, Ok(email)) => app.karat.store.user_by_email(&email).await?.map(|found| found.user),
        _ => return Err(Mistyped(format!("{asked:?} is neither an e-mail address nor an id")).into()),
    };
    found.ok_or_else(|| anyhow::anyhow!("there is no account {asked}"))
}

async fn tell(app: &App, (user, json): (&User, bool), changed: Changed, what: &str) -> anyhow::Result<()> {
    if json {
        let now = app.karat.store.user(user.id).await?;
        return print::json(&now.as_ref().map(as_json).unwrap_or(Value::Null));
    }
    match changed {
        Changed::Done => println!("{what}: {}", user.email),
        Changed::Already => println!("{} was {what} already", user.email),
    }
    Ok(())
}

async fn show(app: &App, user: &User, json: bool) -> anyhow::Result<()> {
    let karat = &app.karat;
    let sessions = karat.sessions_of(user.id).await?;
    let consents = karat.store.consents_of(user.id).await?;
    let terms = karat.store.accepted_terms(user.id).await?;
    let events = karat.store.events_of(user.id, EVENTS_SHOWN).await?;
    if json {
        let mut shown = as_json(user);
        shown["sessions"] = sessions
            .iter()
            .map(|session| {
                json!({
                    "sid": session.id.to_string(),
                    "created_at": print::time(session.created_at),
                    "last_seen_at": print::time(session.last_seen_at),
                    "address": session.device.address,
                })
            })
            .collect();
        shown["apps"] = consents
            .iter()
            .map(|consent| json!({ "client_id": consent.client_id, "scope": consent.scope.to_string() }))
            .collect();
        shown["terms"] =
            terms.iter().map(|(version, at)| json!({ "version": version, "accepted_at": print::time(*at) })).collect();
        shown["events"] = events
            .iter()
            .map(|event| json!({ "at": print::time(event.at), "kind": event.kind, "client_id": event.client_id }))
            .collect();
        return print::json(&shown);
    }
    println!("{}  {}", user.email, user.id);
    println!("name      {}", print::safe(user.profile.name.as_deref().unwrap_or("-")));
    println!("verified  {}", user.email_verified_at.map_or_else(|| "no".to_owned(), print::time));
    println!("language  {}", user.locale);
    println!("made      {}", print::time(user.created_at));
    println!("password  changed {}", print::time(user.password_changed_at));
    match &user.condition {
        Condition::Active => println!("condition active"),
        Condition::Locked { since, because } => {
            println!("condition locked since {}: {}", print::time(*since), print::safe(because));
        }
        Condition::Frozen { since } => println!("condition frozen by the person since {}", print::time(*since)),
    }
    if let Some(until) = user.hold_until {
        println!("hold      until {}", print::time(until));
    }
    println!("sessions  {}", sessions.len());
    for consent in &consents {
        println!("app       {}: {}", consent.client_id, consent.scope);
    }
    for (version, at) in &terms {
        println!("terms     {} accepted {}", print::safe(version), print::time(*at));
    }
    for event in &events {
        println!("event     {} {} {}", print::time(event.at), event.kind, event.client_id.as_deref().unwrap_or(""));
    }
    Ok(())
}

pub(super) fn as_json(user: &User) -> Value {
    let (condition, since, because) = match &user.condition {
        Condition::Active => ("active", None, None),
        Condition::Locked { since, because } => ("locked", Some(print::time(*since)), Some(because)),
        Condition::Frozen { .. } => ("frozen", None, None),
    };
    json!({
        "sub": user.id.to_string(),
        "email": user.email.as_str(),
        "email_verified_at": user.email_verified_at.map(print::time),
        "name": user.profile.name,
        "locale": user.locale,
        "condition": condition,
        "locked_at": since,
        "locked_because": because,
        "created_at": print::time(user.created_at),
        "password_changed_at": print::time(user.password_changed_at),
        "hold_until": user.hold_until.map(print::time),
    })
}

pub(super) async fn close(app: App) -> anyhow::Result<()> {
    app.karat.store.db().close().await;
    Ok(())
}
