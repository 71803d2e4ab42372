//! The command line, one file a command.

mod demo;
mod serve;
mod start;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Karat: an OAuth 2 / OpenID Connect identity provider for trading and wallet apps.
#[derive(Parser)]
#[command(name = "karat", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves people and apps by the configuration.
    Serve {
        /// The configuration file; without one the built-in defaults count.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Starts the provider, two demo apps and ready-made people on this machine, to click through.
    Demo(demo::DemoArguments),
}

/// Exit codes: 0 done, 1 failed, 2 a mistake in the command line or the configuration.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&anyhow::anyhow!(error)),
    };
    let done = runtime.block_on(async {
        match arguments.command {
            Command::Serve { config } => serve::run(config.as_deref()).await,
            Command::Demo(arguments) => demo::run(arguments).await,
        }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("karat: {error:#}");
    let is_mistake = error.downcast_ref::<crate::config::ConfigError>().is_some();
    ExitCode::from(if is_mistake { 2 } else { 1 })
}
