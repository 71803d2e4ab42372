//! `karat client`.

mod invitations;
mod metadata;

use std::io::BufRead;
use std::path::Path;

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use self::invitations::InviteArguments;
use self::metadata::{Key, Metadata};
use super::door::{Door, Question, ServerArguments, segment};
use super::import::{self, ClientsArguments};
use super::open::ConfigArgument;
use super::{Mistyped, print};
use crate::config::ClientSection;
use crate::domain::admin::Act;
use crate::domain::redirect_uri::ApplicationType;
use crate::flow::admin::Authority;
use crate::flow::clients::metadata as registration;
use crate::http::admin::api::clients::ClientWithSecret;
use crate::http::admin::api::metadata::ClientMetadata;

/// A longer line of input is no secret.
const LONGEST_LINE: u64 = 4096;

const MADE_THERE: &str = "a server makes secrets itself";

#[derive(Subcommand)]
pub enum ClientCommand {
    /// Registers an app; what is left out gets the strict choice. Prints the secret this once.
    Add {
        #[command(flatten)]
        target: Target,
        #[arg(long)]
        kind: Kind,
        #[command(flatten)]
        metadata: Box<Metadata>,
    },
    /// Lists every app.
    List {
        #[command(flatten)]
        config: ConfigArgument,
        /// Prints JSON.
        #[arg(long)]
        json: bool,
    },
    /// Shows an app's registration.
    Show {
        #[command(flatten)]
        target: Target,
        /// In the words of the configuration file, with the hash of the secret; on the database only.
        #[arg(long)]
        configuration: bool,
    },
    /// Changes what is named and leaves the rest.
    Update {
        #[command(flatten)]
        target: Target,
        #[command(flatten)]
        metadata: Box<Metadata>,
        /// Takes a key back to its strict choice or to nothing, for example `audience`. May be repeated.
        #[arg(long, value_name = "KEY")]
        unset: Vec<Key>,
        /// Nobody can use the app while it is disabled, and its tokens are worth nothing.
        #[arg(long, value_name = "BOOL")]
        disabled: Option<bool>,
    },
    /// Brings apps from another product's metadata; says what of each could not come along.
    Import(ClientsArguments),
    /// Removes an app with its consents; its tokens are dead.
    Remove(Target),
    /// Makes a token with which an app registers itself (RFC 7591), printed this once.
    Invite(InviteArguments),
    /// Lists the tokens with which apps can register themselves.
    Invitations {
        #[command(flatten)]
        config: ConfigArgument,
        /// Prints JSON.
        #[arg(long)]
        json: bool,
    },
    /// Nobody can register with this token any more.
    Uninvite {
        #[command(flatten)]
        config: ConfigArgument,
        /// As `client invitations` shows it.
        id: String,
    },
    /// Makes a new secret, printed this once; the last one works beside it until the next rotation.
    RotateSecret {
        #[command(flatten)]
        target: Target,
        /// The old secrets are dead at once.
        #[arg(long)]
        only: bool,
        /// Reads the new secret from the first line of standard input instead of making one.
        #[arg(long)]
        secret_stdin: bool,
    },
}

#[derive(Args)]
pub struct Target {
    #[command(flatten)]
    config: ConfigArgument,
    client_id: String,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Kind {
    /// On a server or in a browser page.
    Web,
    /// Installed on a device (RFC 8252).
    Native,
    /// Acts for itself, for no person.
    Service,
}

pub async fn run(command: ClientCommand, access: &ServerArguments) -> anyhow::Result<()> {
    match command {
        ClientCommand::Import(arguments) => {
            access.database_only("karat client import", "apps are added one by one there, by `karat client add`")?;
            import::clients(arguments).await
        }
        ClientCommand::List { config, json } => {
            let door = Door::open(access, &config).await?;
            list(&door.all(Question::get(Act::ReadClients, "/clients")).await?, json)?;
            door.close().await;
            Ok(())
        }
        ClientCommand::Add { target, kind, metadata } => {
            let empty =
                ClientSection { client_id: target.client_id.clone(), kind: kind.into(), ..ClientSection::default() };
            let wanted = metadata.applied(empty)?;
            let door = Door::open(access, &target.config).await?;
            show_registered(&add(&door, wanted).await?, target.json)?;
            door.close().await;
            Ok(())
        }
        ClientCommand::Show { target, configuration } => {
            let door = Door::open(access, &target.config).await?;
            let shown = match configuration {
                true => as_configured(&door, &target).await?,
                false => door.ask(one(Act::ReadClients, &target)).await?.body,
            };
            show(&shown, target.json)?;
            door.close().await;
            Ok(())
        }
        ClientCommand::Update { target, metadata, unset, disabled } => {
            let door = Door::open(access, &target.config).await?;
            show_registered(&update(&door, &target, (metadata, &unset, disabled)).await?, target.json)?;
            door.close().await;
            Ok(())
        }
        ClientCommand::Remove(target) => {
            let door = Door::open(access, &target.config).await?;
            let question = Question::delete(Act::RemoveClient, path(&target)).about(about(&target));
            door.ask(question).await?;
            door.close().await;
            match target.json {
                true => print::json(&json!({ "removed": target.client_id })),
                false => {
                    println!("removed {}", target.client_id);
                    Ok(())
                }
            }
        }
        ClientCommand::Invite(wanted) => invitations::invite(access, wanted).await,
        ClientCommand::Invitations { config, json } => invitations::list((access, &config), json).await,
        ClientCommand::Uninvite { config, id } => invitations::withdraw((access, &config), &id).await,
        ClientCommand::RotateSecret { target, only, secret_stdin } => {
            let door = Door::open(access, &target.config).await?;
            let rotated = match secret_stdin {
                true => {
                    let app = door.database("--secret-stdin", MADE_THERE)?;
                    let (by, given) = (Authority::operator(), first_line_of_input()?);
                    let rotated = app.karat.registrar(&by).rotate_secret(&target.client_id, Some(&given), only).await?;
                    serde_json::to_value(ClientWithSecret::of(&rotated))?
                }
                false => {
                    let body = json!({ "only": only });
                    let question = Question::post(Act::RotateClientSecret, format!("{}/secret", path(&target)), body);
                    door.ask(question.about(about(&target))).await?.body
                }
            };
            show_registered(&rotated, target.json)?;
            door.close().await;
            Ok(())
        }
    }
}

async fn add(door: &Door, mut wanted: ClientSection) -> anyhow::Result<Value> {
    let logo = wanted.logo.take_if(|_| matches!(door, Door::Server(_)));
    if let Some(flag) = kept_here(&wanted) {
        let (app, by) = (door.database(flag, MADE_THERE)?, Authority::operator());
        return Ok(serde_json::to_value(ClientWithSecret::of(&app.karat.registrar(&by).add(wanted).await?))?);
    }
    let id = wanted.client_id.clone();
    let body = json!({ "client_id": id, "metadata": ClientMetadata::of(wanted) });
    let mut added = door.ask(Question::post(Act::AddClient, "/clients", body)).await?.body;
    if let Some(picture) = logo {
        let shown = show_picture(door, &id, &picture).await?["client"].clone();
        if let Some(fields) = added.as_object_mut() {
            fields.insert("client".to_owned(), shown);
        }
    }
    Ok(added)
}

/// Over a server the picture comes by itself.
async fn show_picture(door: &Door, id: &str, picture: &Path) -> anyhow::Result<Value> {
    let bytes = std::fs::read(picture).with_context(|| picture.display().to_string())?;
    let body = json!({ "picture": STANDARD.encode(bytes) });
    let path = format!("/clients/{}/logo", segment(id));
    Ok(door.ask(Question::put(Act::ChangeClient, path, body, "*".to_owned())).await?.body)
}

type Change<'a> = (Box<Metadata>, &'a [Key], Option<bool>);

async fn update(door: &Door, target: &Target, (metadata, unset, disabled): Change<'_>) -> anyhow::Result<Value> {
    let old = door.ask(one(Act::ChangeClient, target)).await?;
    let mut wanted = ClientSection { client_id: target.client_id.clone(), ..ClientSection::default() };
    let stands: ClientMetadata = serde_json::from_value(old.body["metadata"].clone())?;
    stands.put_into(&mut wanted);
    unset.iter().for_each(|key| key.clear(&mut wanted));
    let mut wanted = metadata.applied(wanted)?;
    let logo = wanted.logo.take_if(|_| matches!(door, Door::Server(_)));
    if let Some(flag) = kept_here(&wanted) {
        let (app, by) = (door.database(flag, MADE_THERE)?, Authority::operator());
        let edit = |section: &mut ClientSection| *section = ClientSection { kind: section.kind, ..wanted };
        let updated = app.karat.registrar(&by).update(&target.client_id, edit, disabled).await?;
        return Ok(serde_json::to_value(ClientWithSecret::of(&updated))?);
    }
    let disabled = disabled.or(old.body["disabled"].as_bool()).unwrap_or_default();
    let body = json!({ "disabled": disabled, "metadata": ClientMetadata::of(wanted) });
    let seen = old.etag.unwrap_or_else(|| "*".to_owned());
    let question = Question::put(Act::ChangeClient, path(target), body, seen);
    let changed = door.ask(question.about(about(target))).await?.body;
    match logo {
        Some(picture) => show_picture(door, &target.client_id, &picture).await,
        None => Ok(changed),
    }
}

/// What the admin API does not take: which argument brings it.
fn kept_here(section: &ClientSection) -> Option<&'static str> {
    match section {
        ClientSection { logo: Some(_), .. } => Some("--logo"),
        ClientSection { client_secret: Some(_), .. } => Some("--secret-stdin"),
        ClientSection { client_secret_hash: Some(_), .. } => Some("--secret-hash"),
        _ => None,
    }
}

/// In the words of the configuration file, with the hash of the secret.
async fn as_configured(door: &Door, target: &Target) -> anyhow::Result<Value> {
    let app = door.database("--configuration", "no hash of a secret leaves a server")?;
    let by = Authority::operator();
    let (client, origin) = app.karat.registrar(&by).show(&target.client_id).await?;
    Ok(registration::json(&client, origin))
}

fn path(target: &Target) -> String {
    format!("/clients/{}", segment(&target.client_id))
}

fn about(target: &Target) -> String {
    format!("client {:?}", target.client_id)
}

/// `act`: what it is read for.
fn one(act: Act, target: &Target) -> Question {
    Question::get(act, path(target)).about(about(target))
}

/// For secrets: not on the command line, where every process of the machine can read them.
pub fn first_line_of_input() -> anyhow::Result<String> {
    let mut line = String::new();
    let input = std::io::stdin().lock();
    std::io::Read::take(input, LONGEST_LINE).read_line(&mut line).context("standard input")?;
    let line = line.trim_end_matches(['\n', '\r']).to_owned();
    if line.is_empty() { Err(Mistyped("nothing came from standard input".to_owned()).into()) } else { Ok(line) }
}

fn show_registered(registered: &Value, json: bool) -> anyhow::Result<()> {
    if json {
        return print::json(registered);
    }
    show(&registered["client"], false)?;
    if let Some(secret) = registered["client_secret"].as_str() {
        println!("{:<30} {secret}\n\nThe secret is shown this once: only its hash is kept.", "client_secret");
    }
    Ok(())
}

fn show(shown: &Value, json: bool) -> anyhow::Result<()> {
    if json {
        return print::json(shown);
    }
    for (key, value) in shown.as_object().into_iter().flatten() {
        match value {
            Value::Object(inner) if key == "metadata" => show(&Value::Object(inner.clone()), false)?,
            Value::Array(values) => values.iter().for_each(|value| println!("{key:<30} {}", print::text(value))),
            value => println!("{key:<30} {}", print::text(value)),
        }
    }
    Ok(())
}

fn list(clients: &[Value], json: bool) -> anyhow::Result<()> {
    if json {
        return print::json(&clients.iter().cloned().collect());
    }
    let rows: Vec<_> = clients
        .iter()
        .map(|client| {
            let state = if client["disabled"] == true { "disabled" } else { "" };
            let [id, kind, origin, name] = [
                &client["client_id"],
                &client["metadata"]["kind"],
                &client["origin"],
                &client["metadata"]["client_name"],
            ]
            .map(print::text);
            [id, kind, origin, name, state.to_owned()]
        })
        .collect();
    print::table(["CLIENT ID", "KIND", "KEPT IN", "NAME", ""], &rows);
    Ok(())
}

impl From<Kind> for ApplicationType {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Web => Self::Web,
            Kind::Native => Self::Native,
            Kind::Service => Self::Service,
        }
    }
}
