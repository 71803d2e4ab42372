//! `karat client invite`, `invitations`, `uninvite`: the tokens with which apps register themselves.

use clap::Args;
use serde_json::json;

use crate::cli::door::{Door, Question, ServerArguments, segment};
use crate::cli::open::ConfigArgument;
use crate::cli::print;
use crate::config::{RegistrationMode, span};
use crate::domain::admin::Act;
use crate::domain::time::{Seconds, Timestamp};

const PATH: &str = "/client-invitations";

#[derive(Args)]
pub struct InviteArguments {
    #[command(flatten)]
    config: ConfigArgument,
    /// Whom it is for, in your words.
    #[arg(long, default_value = "", value_name = "TEXT")]
    note: String,
    /// How many apps may be registered with it.
    #[arg(long, default_value_t = 1, value_name = "NUMBER")]
    uses: i64,
    /// How long it can be used, as 7d.
    #[arg(long, default_value = "7d", value_name = "TIME", value_parser = span)]
    expires: Seconds,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

pub async fn invite(access: &ServerArguments, wanted: InviteArguments) -> anyhow::Result<()> {
    let door = Door::open(access, &wanted.config).await?;
    let body = json!({ "note": wanted.note, "uses": wanted.uses, "lifetime": wanted.expires.0 });
    let made = door.ask(Question::post(Act::InviteClients, PATH, body)).await?.body;
    if wanted.json {
        print::json(&made)?;
    } else {
        let [token, id] = [&made["initial_access_token"], &made["invitation"]["id"]].map(print::text);
        println!("{token}\n\nThe token is shown this once: only its hash is kept. Its id is {id}.");
        let is_off = |app: &crate::app::App| app.config.client_registration.mode == RegistrationMode::Off;
        if matches!(&door, Door::Database(inside) if is_off(&inside.app)) {
            println!("It is of no use before `[client_registration] mode` is \"token\" or \"open\".");
        }
    }
    door.close().await;
    Ok(())
}

pub async fn list((access, config): (&ServerArguments, &ConfigArgument), json: bool) -> anyhow::Result<()> {
    let door = Door::open(access, config).await?;
    let all = door.ask(Question::get(Act::ReadClients, PATH)).await?.body["items"].take();
    door.close().await;
    if json {
        return print::json(&all);
    }
    let rows: Vec<_> = all
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| {
            let until = print::time(Timestamp::from_unix(one["expires_at"].as_i64().unwrap_or_default()));
            [print::text(&one["id"]), print::text(&one["uses_left"]), until, print::text(&one["note"])]
        })
        .collect();
    print::table(["ID", "USES LEFT", "UNTIL", "NOTE"], &rows);
    Ok(())
}

pub async fn withdraw((access, config): (&ServerArguments, &ConfigArgument), id: &str) -> anyhow::Result<()> {
    let door = Door::open(access, config).await?;
    let question = Question::delete(Act::InviteClients, format!("{PATH}/{}", segment(id)));
    door.ask(question.about(format!("invitation {id:?}"))).await?;
    door.close().await;
    println!("withdrawn {}", print::safe(id));
    Ok(())
}
