//! `karat policy`: what the decision says, and why.

mod measure;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::cli::door::{Door, Question, ServerArguments};
use crate::cli::open::ConfigArgument;
use crate::cli::{Mistyped, print};
use crate::config::span;
use crate::domain::admin::Act;
use crate::domain::authentication::Acr;
use crate::domain::scope::Scope;
use crate::domain::time::Seconds;

#[derive(Subcommand)]
pub enum PolicyCommand {
    /// Prints what of a scope a person would be granted at an app, what would be withheld, why, and what they can do about it.
    Explain(ExplainArguments),
    /// Measures what one decision about 20 scope values costs by this policy, and fails when that is too much.
    Measure {
        #[command(flatten)]
        config: ConfigArgument,
        /// The most that the median may be, in nanoseconds.
        #[arg(long, default_value_t = 10_000)]
        limit: u32,
    },
}

#[derive(Args)]
pub struct ExplainArguments {
    #[command(flatten)]
    config: ConfigArgument,
    /// E-mail address, or the id that apps see as `sub`.
    #[arg(long)]
    user: String,
    /// The app's client id.
    #[arg(long)]
    client: String,
    /// Scope values, separated by spaces; the app's whole registered scope when left out.
    #[arg(long)]
    scope: Option<String>,
    /// The class of the log-in, as urn:karat:acr:mfa; the strongest that the person has enrolled when left out.
    #[arg(long)]
    acr: Option<String>,
    /// How long ago the log-in was, as 10m.
    #[arg(long, value_name = "TIME", value_parser = span, default_value = "0s")]
    age: Seconds,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

pub async fn run(command: PolicyCommand, access: &ServerArguments) -> anyhow::Result<()> {
    match command {
        PolicyCommand::Explain(arguments) => explain(arguments, access).await,
        PolicyCommand::Measure { config, limit } => {
            access.database_only("karat policy measure", "it measures this machine")?;
            measure::run(&config.load()?, u128::from(limit))
        }
    }
}

async fn explain(arguments: ExplainArguments, access: &ServerArguments) -> anyhow::Result<()> {
    let mut asked = json!({ "user": arguments.user, "client": arguments.client, "age": arguments.age.0 });
    if let Some(text) = &arguments.acr {
        let acr = Acr::parse(text).ok_or_else(|| Mistyped(format!("{text:?} is no class of log-in")))?;
        asked["acr"] = json!(acr.as_str());
    }
    if let Some(text) = &arguments.scope {
        let scope: Scope = text.parse().map_err(|error| Mistyped(format!("--scope: {error}")))?;
        asked["scope"] = json!(scope.to_string());
    }
    let door = Door::open(access, &arguments.config).await?;
    let about = format!("account {}, or no app {} that is switched on", arguments.user, arguments.client);
    let told = door.ask(Question::post(Act::ExplainPolicy, "/policy/explain", asked).about(about)).await?.body;
    door.close().await;
    match arguments.json {
        true => print::json(&told)?,
        false => show(&told),
    }
    Ok(())
}

fn show(told: &Value) {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    println!("level     {} ({})", told["kyc_level"], text(&told["kyc_state"]));
    println!("log-in    {}, {} s ago", text(&told["log_in"]["acr"]), told["log_in"]["age"]);
    println!("granted   {}", text(&told["granted"]));
    for withheld in told["withheld"].as_array().into_iter().flatten() {
        println!("withheld  {}", print::safe(&text(&withheld["scope"])));
        for reason in withheld["reasons"].as_array().into_iter().flatten() {
            let detail = ["needed", "until", "max_age"].iter().find_map(|key| reason.get(*key));
            let detail = detail.map_or_else(String::new, |detail| format!(" {}", text(detail)));
            println!("          {}{detail}: {}", text(&reason["reason"]), text(&reason["remedy"]));
        }
    }
}
