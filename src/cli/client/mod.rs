//! `karat client`.

mod metadata;

use std::io::BufRead;

use anyhow::Context;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::Value;

use self::metadata::{Key, Metadata};
use super::import::{self, ClientsArguments};
use super::open::ConfigArgument;
use super::{Mistyped, print};
use crate::app::App;
use crate::config::ClientSection;
use crate::domain::redirect_uri::ApplicationType;
use crate::flow::admin::Authority;
use crate::flow::clients::metadata as registration;
use crate::flow::clients::registrar::Registered;
use crate::storage::clients::Origin;

/// A longer line of input is no secret.
const LONGEST_LINE: u64 = 4096;

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
    Show(Target),
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

pub async fn run(command: ClientCommand) -> anyhow::Result<()> {
    let by = Authority::operator();
    match command {
        ClientCommand::Add { target, kind, metadata } => {
            let wanted = metadata.applied(ClientSection {
                client_id: target.client_id.clone(),
                kind: kind.into(),
                ..ClientSection::default()
            })?;
            let app = target.config.open().await?;
            let registered = app.karat.registrar(&by).add(wanted).await?;
            show_registered(&registered, target.json)?;
            close(app).await
        }
        ClientCommand::List { config, json } => {
            let app = config.open().await?;
            list(&app, json).await?;
            close(app).await
        }
        ClientCommand::Show(target) => {
            let app = target.config.open().await?;
            let (client, origin) = app.karat.registrar(&by).show(&target.client_id).await?;
            show(&registration::json(&client, origin), target.json)?;
            close(app).await
        }
        ClientCommand::Update { target, metadata, unset, disabled } => {
            let app = target.config.open().await?;
            let mut wrong = Ok(());
            let edit = |section: &mut ClientSection| {
                unset.iter().for_each(|key| key.clear(section));
                match metadata.applied(std::mem::take(section)) {
                    Ok(edited) => *section = edited,
                    Err(error) => wrong = Err(error),
                }
            };
            let updated = app.karat.registrar(&by).update(&target.client_id, edit, disabled).await;
            wrong?;
            show_registered(&updated?, target.json)?;
            close(app).await
        }
        ClientCommand::Import(arguments) => import::clients(arguments).await,
        ClientCommand::Remove(target) => {
            let app = target.config.open().await?;
            app.karat.registrar(&by).remove(&target.client_id).await?;
            println!("removed {}", target.client_id);
            close(app).await
        }
        ClientCommand::RotateSecret { target, only, secret_stdin } => {
            let given = if secret_stdin { Some(first_line_of_input()?) } else { None };
            let app = target.config.open().await?;
            let rotated = app.karat.registrar(&by).rotate_secret(&target.client_id, given.as_deref(), only).await?;
            show_registered(&rotated, target.json)?;
            close(app).await
        }
    }
}

async fn close(app: App) -> anyhow::Result<()> {
    app.karat.store.db().close().await;
    Ok(())
}

/// For secrets: not on the command line, where every process of the machine can read them.
pub fn first_line_of_input() -> anyhow::Result<String> {
    let mut line = String::new();
    let input = std::io::stdin().lock();
    std::io::Read::take(input, LONGEST_LINE).read_line(&mut line).context("standard input")?;
    let line = line.trim_end_matches(['\n', '\r']).to_owned();
    if line.is_empty() { Err(Mistyped("nothing came from standard input".to_owned()).into()) } else { Ok(line) }
}

fn show_registered(registered: &Registered, json: bool) -> anyhow::Result<()> {
    let mut shown = registration::json(&registered.client, Origin::Registered);
    if let Some(secret) = &registered.secret {
        shown["client_secret"] = secret.expose().into();
    }
    show(&shown, json)?;
    if registered.secret.is_some() && !json {
        println!("\nThe secret is shown this once: only its hash is kept.");
    }
    Ok(())
}

fn show(shown: &Value, json: bool) -> anyhow::Result<()> {
    if json {
        return print::json(shown);
    }
    for (key, value) in shown.as_object().into_iter().flatten() {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), print::safe);
        match value.as_array() {
            Some(values) => values.iter().for_each(|value| println!("{key:<30} {}", text(value))),
            None => println!("{key:<30} {}", text(value)),
        }
    }
    Ok(())
}

async fn list(app: &App, json: bool) -> anyhow::Result<()> {
    let clients = app.karat.store.clients().await?;
    if json {
        return print::json(&clients.iter().map(|(client, origin)| registration::json(client, *origin)).collect());
    }
    let rows: Vec<_> = clients
        .iter()
        .map(|(client, origin)| {
            let kind = match client.kind {
                ApplicationType::Web => "web",
                ApplicationType::Native => "native",
                ApplicationType::Service => "service",
            };
            let state = if client.disabled { "disabled" } else { "" };
            [client.id.to_string(), kind.into(), origin.as_str().into(), print::safe(&client.name), state.into()]
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
