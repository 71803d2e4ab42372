//! The command line, one file a command.

mod audit;
mod backup;
mod care;
mod client;
mod config;
pub mod demo;
mod demo_people;
mod doctor;
mod door;
mod import;
mod keys;
mod kyc;
mod logging;
mod migrate;
mod moment;
mod open;
mod policy;
mod print;
mod role;
mod serve;
mod start;
mod traces;
mod user;
mod webhook;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::ConfigError;
use crate::flow::clients::{RegistrarError, SyncError};
use door::{DoorError, Proposed, ServerArguments};
use open::ConfigArgument;

/// Karat: an OAuth 2 / OpenID Connect identity provider for trading and wallet apps.
#[derive(Parser)]
#[command(name = "karat", version, about, max_term_width = 100)]
struct Arguments {
    #[command(flatten)]
    access: ServerArguments,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves people and apps by the configuration.
    Serve(serve::ServeArguments),
    /// Starts the provider, two demo apps and ready-made people on this machine, to click through.
    Demo(demo::DemoArguments),
    /// Brings the database's schema up to this version.
    Migrate {
        #[command(flatten)]
        config: ConfigArgument,
        /// Only says what there is to do.
        #[arg(long)]
        dry_run: bool,
    },
    /// Registers apps and changes their registration.
    #[command(subcommand)]
    Client(client::ClientCommand),
    /// Makes accounts, shows, locks and unlocks them.
    #[command(subcommand)]
    User(user::UserCommand),
    /// Shows and decides applications for a verification level, suspends and reinstates people.
    #[command(subcommand)]
    Kyc(kyc::KycCommand),
    /// Shows what was done for the operator, and proves that nobody changed the record of it.
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Prints a one-time link by which the first owner comes in; only while there is none.
    SetupLink {
        #[command(flatten)]
        config: ConfigArgument,
    },
    /// Tells systems of yours what happens: endpoints, their secrets, and what was sent.
    #[command(subcommand)]
    Webhook(webhook::WebhookCommand),
    /// Explains what the policy decides.
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    /// Shows and replaces the keys that sign tokens.
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Writes a consistent copy of the database while the server runs.
    Backup(backup::BackupArguments),
    /// Looks for what is wrong with this installation.
    Doctor(doctor::DoctorArguments),
    /// Looks at the configuration.
    #[command(subcommand)]
    Config(config::ConfigCommand),
}

/// Exit codes: 0 done; 1 refused or failed; 2 a mistake in the command line or the configuration; 3 no answer, or not now: try again;
/// 4 it waits for a second person.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&anyhow::anyhow!(error)),
    };
    let done = runtime.block_on(async {
        match arguments.command {
            Command::Serve(arguments) => serve::run(arguments).await,
            Command::Demo(arguments) => demo::run(arguments).await,
            Command::Migrate { config, dry_run } => migrate::run(&config, dry_run).await,
            Command::Client(command) => client::run(command, &arguments.access).await,
            Command::User(command) => user::run(command, &arguments.access).await,
            Command::Kyc(command) => kyc::run(command, &arguments.access).await,
            Command::Audit(command) => audit::run(command, &arguments.access).await,
            Command::SetupLink { config } => {
                match arguments.access.database_only("karat setup-link", "it is for whoever runs it") {
                    Ok(()) => setup_link(&config).await,
                    Err(mistyped) => Err(mistyped),
                }
            }
            Command::Webhook(command) => webhook::run(command, &arguments.access).await,
            Command::Policy(command) => policy::run(command, &arguments.access).await,
            Command::Keys(command) => keys::run(command, &arguments.access).await,
            Command::Backup(arguments) => backup::run(arguments).await,
            Command::Doctor(arguments) => return doctor::run(arguments).await,
            Command::Config(command) => config::run(command),
        }
        .map(|()| ExitCode::SUCCESS)
    });
    done.unwrap_or_else(|error| failed(&error))
}

async fn setup_link(config: &ConfigArgument) -> anyhow::Result<()> {
    let app = config.open().await?;
    let link = app.karat.setup_link().await?;
    app.karat.store.db().close().await;
    match link {
        Some(link) => {
            println!("{link}");
            Ok(())
        }
        None => anyhow::bail!("there is an owner already: `karat user role add EMAIL owner` makes another"),
    }
}

fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("karat: {error:#}");
    let passes = |refused: &DoorError| refused.is_passing();
    ExitCode::from(match error {
        error if error.is::<Proposed>() => 4,
        error if error.downcast_ref().is_some_and(passes) => 3,
        error if is_mistake(error) => 2,
        _ => 1,
    })
}

/// Whether the operator's own input is what is wrong.
fn is_mistake(error: &anyhow::Error) -> bool {
    error.is::<ConfigError>()
        || error.is::<Mistyped>()
        || error.downcast_ref().is_some_and(DoorError::is_mistake)
        || matches!(error.downcast_ref::<SyncError>(), Some(SyncError::Mistakes(_)))
        || matches!(error.downcast_ref::<RegistrarError>(), Some(RegistrarError::Refused(_)))
}

/// What was typed cannot be meant.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Mistyped(String);
