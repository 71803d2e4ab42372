//! `karat webhook`.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::open::ConfigArgument;
use super::print;
use crate::app::App;
use crate::crypto::webhook_secret::WebhookSecret;
use crate::flow::admin::Authority;
use crate::flow::webhooks::WebhookEntry;
use crate::storage::webhooks::Endpoint;
use crate::storage::webhooks::deliveries::Delivery;

#[derive(Subcommand)]
pub enum WebhookCommand {
    /// Adds an endpoint; prints its secret this once.
    Add {
        #[command(flatten)]
        shared: Shared,
        url: String,
        #[command(flatten)]
        entry: Entry,
    },
    /// Lists every endpoint.
    List(Shared),
    /// Shows an endpoint.
    Show(Target),
    /// Changes what is named and leaves the rest.
    Update {
        #[command(flatten)]
        target: Target,
        #[arg(long)]
        url: Option<String>,
        #[command(flatten)]
        entry: Entry,
        #[arg(long, value_name = "BOOL")]
        enabled: Option<bool>,
    },
    /// Makes a new secret, printed this once; the one before signs as well for a day.
    Rotate {
        #[command(flatten)]
        target: Target,
        /// The old secret signs nothing any more.
        #[arg(long)]
        at_once: bool,
    },
    /// Removes an endpoint with its log.
    Remove(Target),
    /// Lists what was sent, the newest first, with each attempt.
    Deliveries {
        #[command(flatten)]
        target: Target,
        /// Only those older than this message.
        #[arg(long, default_value = "", value_name = "MESSAGE")]
        before: String,
        #[arg(long, default_value_t = 20)]
        most: i64,
    },
    /// Sends a message once more, under the id that it had.
    Redeliver {
        #[command(flatten)]
        target: Target,
        message: String,
    },
    /// Sends a message of the kind webhook.test.
    Test(Target),
}

#[derive(Args)]
pub struct Shared {
    #[command(flatten)]
    config: ConfigArgument,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub struct Target {
    #[command(flatten)]
    shared: Shared,
    /// The endpoint's id.
    endpoint: String,
}

#[derive(Args)]
pub struct Entry {
    /// A kind of event ("kyc.changed"), a group ("user") or "*". May be repeated.
    #[arg(long = "event", value_name = "EVENT")]
    events: Vec<String>,
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

impl Entry {
    fn with(self, url: Option<String>, enabled: Option<bool>) -> WebhookEntry {
        let events = (!self.events.is_empty()).then_some(self.events);
        WebhookEntry { url, events, description: self.description, enabled, seen: None }
    }
}

pub async fn run(command: WebhookCommand) -> anyhow::Result<()> {
    let by = Authority::operator();
    match command {
        WebhookCommand::Add { shared, url, entry } => {
            let app = shared.config.open().await?;
            let (endpoint, secret) = app.karat.add_webhook(&by, &entry.with(Some(url), None)).await?;
            show(&endpoint, Some(&secret), shared.json)?;
            close(app).await
        }
        WebhookCommand::List(shared) => {
            let app = shared.config.open().await?;
            list(&app.karat.webhooks(&by).await?, shared.json)?;
            close(app).await
        }
        WebhookCommand::Show(target) => {
            let app = target.shared.config.open().await?;
            show(&app.karat.webhook(&by, &target.endpoint).await?, None, target.shared.json)?;
            close(app).await
        }
        WebhookCommand::Update { target, url, entry, enabled } => {
            let app = target.shared.config.open().await?;
            let changed = app.karat.change_webhook(&by, &target.endpoint, &entry.with(url, enabled)).await?;
            show(&changed, None, target.shared.json)?;
            close(app).await
        }
        WebhookCommand::Rotate { target, at_once } => {
            let app = target.shared.config.open().await?;
            let secret = app.karat.rotate_webhook_secret(&by, &target.endpoint, at_once).await?;
            show(&app.karat.webhook(&by, &target.endpoint).await?, Some(&secret), target.shared.json)?;
            close(app).await
        }
        WebhookCommand::Remove(target) => {
            let app = target.shared.config.open().await?;
            app.karat.remove_webhook(&by, &target.endpoint, None).await?;
            println!("removed {}", target.endpoint);
            close(app).await
        }
        WebhookCommand::Deliveries { target, before, most } => {
            let app = target.shared.config.open().await?;
            deliveries(&app.karat.webhook_deliveries(&by, &target.endpoint, &before, most).await?, target.shared.json)?;
            close(app).await
        }
        WebhookCommand::Redeliver { target, message } => {
            let app = target.shared.config.open().await?;
            app.karat.redeliver_webhook(&by, &target.endpoint, &message).await?;
            println!("{message} is sent once more");
            close(app).await
        }
        WebhookCommand::Test(target) => {
            let app = target.shared.config.open().await?;
            let message = app.karat.test_webhook(&by, &target.endpoint).await?;
            match target.shared.json {
                true => print::json(&json!({ "message": message }))?,
                false => println!("{message} is on its way"),
            }
            close(app).await
        }
    }
}

fn as_json(endpoint: &Endpoint) -> Value {
    let (since, because) = endpoint.disabled.clone().unzip();
    json!({
        "id": endpoint.id,
        "url": endpoint.url,
        "events": endpoint.wanted.iter().collect::<Vec<_>>(),
        "description": endpoint.description,
        "enabled": since.is_none(),
        "disabled_at": since.map(print::time),
        "disabled_because": because,
        "created_at": print::time(endpoint.created_at),
    })
}

fn show(endpoint: &Endpoint, secret: Option<&WebhookSecret>, json: bool) -> anyhow::Result<()> {
    if json {
        let mut shown = as_json(endpoint);
        if let Some(secret) = secret {
            shown["secret"] = secret.expose().into();
        }
        return print::json(&shown);
    }
    println!("id          {}", endpoint.id);
    println!("url         {}", print::safe(&endpoint.url));
    println!("events      {}", endpoint.wanted);
    println!("description {}", print::safe(&endpoint.description));
    match &endpoint.disabled {
        Some((since, because)) => println!("switched off since {}: {}", print::time(*since), print::safe(because)),
        None => println!("switched on"),
    }
    if let Some(secret) = secret {
        println!("secret      {}\n\nThe secret is shown this once.", secret.expose());
    }
    Ok(())
}

fn list(endpoints: &[Endpoint], json: bool) -> anyhow::Result<()> {
    if json {
        return print::json(&endpoints.iter().map(as_json).collect());
    }
    let rows: Vec<[String; 4]> = endpoints
        .iter()
        .map(|endpoint| {
            let state = if endpoint.disabled.is_some() { "off" } else { "on" };
            [endpoint.id.clone(), endpoint.url.clone(), endpoint.wanted.to_string(), state.to_owned()]
        })
        .collect();
    print::table(["ENDPOINT", "URL", "EVENTS", ""], &rows);
    Ok(())
}

fn deliveries(sent: &[Delivery], json: bool) -> anyhow::Result<()> {
    if json {
        let all = sent.iter().map(|sent| {
            json!({
                "id": sent.id,
                "event": sent.event,
                "state": sent.state.as_str(),
                "created_at": print::time(sent.created_at),
                "finished_at": sent.finished_at.map(print::time),
                "body": sent.body,
                "attempts": sent.attempts,
            })
        });
        return print::json(&all.collect());
    }
    let rows: Vec<[String; 5]> = sent
        .iter()
        .map(|sent| {
            let last = sent.attempts.last();
            let said = last.and_then(|last| last.status.map(|status| status.to_string()).or(last.error.clone()));
            [
                sent.id.clone(),
                sent.event.clone(),
                print::time(sent.created_at),
                format!("{} ({})", sent.state.as_str(), sent.attempts.len()),
                said.unwrap_or_default(),
            ]
        })
        .collect();
    print::table(["MESSAGE", "EVENT", "AT", "STATE (ATTEMPTS)", "LAST ANSWER"], &rows);
    Ok(())
}

async fn close(app: App) -> anyhow::Result<()> {
    app.karat.store.db().close().await;
    Ok(())
}
