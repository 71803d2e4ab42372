//! `karat webhook`.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::door::{Door, Question, ServerArguments, segment};
use super::open::ConfigArgument;
use super::print;
use crate::domain::admin::Act;

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
        #[arg(long, default_value_t = 20)]
        most: u16,
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
    fn put_into(self, mut body: Value) -> Value {
        if !self.events.is_empty() {
            body["events"] = json!(self.events);
        }
        if let Some(description) = self.description {
            body["description"] = json!(description);
        }
        body
    }
}

impl Target {
    fn path(&self, rest: &str) -> String {
        format!("/webhooks/{}{rest}", segment(&self.endpoint))
    }

    /// A change of the endpoint, by a POST to a path below it.
    fn post(&self, rest: &str, body: Value) -> Question {
        Question::post(Act::ChangeWebhooks, self.path(rest), body).about(self.about())
    }

    fn about(&self) -> String {
        format!("webhook endpoint {:?}", self.endpoint)
    }
}

pub async fn run(command: WebhookCommand, access: &ServerArguments) -> anyhow::Result<()> {
    match command {
        WebhookCommand::Add { shared, url, entry } => {
            let mut body = entry.put_into(json!({ "url": url }));
            if body.get("events").is_none() {
                body["events"] = json!([]);
            }
            let added = once(access, &shared, Question::post(Act::ChangeWebhooks, "/webhooks", body)).await?;
            show_with_secret(&added, shared.json)
        }
        WebhookCommand::List(shared) => {
            let found = once(access, &shared, Question::get(Act::ReadWebhooks, "/webhooks")).await?;
            list(&found["items"], shared.json)
        }
        WebhookCommand::Show(target) => {
            let question = Question::get(Act::ReadWebhooks, target.path("")).about(target.about());
            show(&once(access, &target.shared, question).await?, target.shared.json)
        }
        WebhookCommand::Update { target, url, entry, enabled } => {
            let mut body = entry.put_into(json!({}));
            for (key, value) in [("url", url.map(Value::from)), ("enabled", enabled.map(Value::from))] {
                if let Some(value) = value {
                    body[key] = value;
                }
            }
            let question = Question::patch(Act::ChangeWebhooks, target.path(""), body).about(target.about());
            show(&once(access, &target.shared, question).await?, target.shared.json)
        }
        WebhookCommand::Rotate { target, at_once } => {
            let door = Door::open(access, &target.shared.config).await?;
            let made = door.ask(target.post("/secret", json!({ "at_once": at_once }))).await?.body;
            let webhook = door.ask(Question::get(Act::ReadWebhooks, target.path("")).about(target.about())).await?.body;
            door.close().await;
            show_with_secret(&json!({ "webhook": webhook, "secret": made["secret"] }), target.shared.json)
        }
        WebhookCommand::Remove(target) => {
            let question = Question::delete(Act::ChangeWebhooks, target.path("")).about(target.about());
            once(access, &target.shared, question).await?;
            done(&target, &json!({ "removed": target.endpoint }), &format!("removed {}", target.endpoint))
        }
        WebhookCommand::Deliveries { target, most } => {
            let door = Door::open(access, &target.shared.config).await?;
            let question = Question::get(Act::ReadWebhooks, target.path("/deliveries")).about(target.about());
            let (sent, _) = door.some(question, usize::from(most)).await?;
            door.close().await;
            deliveries(&sent, target.shared.json)
        }
        WebhookCommand::Redeliver { target, message } => {
            let question = target.post(&format!("/deliveries/{}/again", segment(&message)), json!({}));
            once(access, &target.shared, question.about("such message, or no such endpoint")).await?;
            done(&target, &json!({ "message": message }), &format!("{message} is sent once more"))
        }
        WebhookCommand::Test(target) => {
            let sent = once(access, &target.shared, target.post("/test", json!({}))).await?;
            done(&target, &sent, &format!("{} is on its way", print::text(&sent["message"])))
        }
    }
}

async fn once(access: &ServerArguments, shared: &Shared, question: Question) -> anyhow::Result<Value> {
    let door = Door::open(access, &shared.config).await?;
    let answer = door.ask(question).await?;
    door.close().await;
    Ok(answer.body)
}

fn done(target: &Target, told: &Value, text: &str) -> anyhow::Result<()> {
    match target.shared.json {
        true => print::json(told)?,
        false => println!("{text}"),
    }
    Ok(())
}

fn show_with_secret(made: &Value, json: bool) -> anyhow::Result<()> {
    if json {
        return print::json(made);
    }
    show(&made["webhook"], false)?;
    println!("secret      {}\n\nThe secret is shown this once.", print::text(&made["secret"]));
    Ok(())
}

fn show(endpoint: &Value, json: bool) -> anyhow::Result<()> {
    if json {
        return print::json(endpoint);
    }
    println!("id          {}", print::text(&endpoint["id"]));
    println!("url         {}", print::text(&endpoint["url"]));
    println!("events      {}", events(endpoint));
    println!("description {}", print::text(&endpoint["description"]));
    match endpoint["enabled"] == true {
        true => println!("switched on"),
        false => println!("switched off: {}", print::text(&endpoint["disabled_because"])),
    }
    Ok(())
}

fn events(endpoint: &Value) -> String {
    let all: Vec<String> = endpoint["events"].as_array().into_iter().flatten().map(print::text).collect();
    all.join(" ")
}

fn list(endpoints: &Value, json: bool) -> anyhow::Result<()> {
    if json {
        return print::json(endpoints);
    }
    let row = |endpoint: &Value| {
        let state = if endpoint["enabled"] == true { "on" } else { "off" };
        [print::text(&endpoint["id"]), print::text(&endpoint["url"]), events(endpoint), state.to_owned()]
    };
    let rows: Vec<[String; 4]> = endpoints.as_array().into_iter().flatten().map(row).collect();
    print::table(["ENDPOINT", "URL", "EVENTS", ""], &rows);
    Ok(())
}

fn deliveries(sent: &[Value], json: bool) -> anyhow::Result<()> {
    if json {
        return print::json(&sent.iter().cloned().collect());
    }
    let row = |sent: &Value| {
        let attempts = sent["attempts"].as_array().cloned().unwrap_or_default();
        let said = attempts.last().map(|last| match last["status"].is_null() {
            true => print::text(&last["error"]),
            false => print::text(&last["status"]),
        });
        let state = format!("{} ({})", print::text(&sent["state"]), attempts.len());
        let [id, event] = [&sent["id"], &sent["event"]].map(print::text);
        [id, event, print::at(&sent["created_at"]), state, said.unwrap_or_default()]
    };
    let rows: Vec<[String; 5]> = sent.iter().map(row).collect();
    print::table(["MESSAGE", "EVENT", "AT", "STATE (ATTEMPTS)", "LAST ANSWER"], &rows);
    Ok(())
}
