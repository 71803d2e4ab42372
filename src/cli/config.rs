//! `karat config`.

use clap::Subcommand;

use super::open::ConfigArgument;
use crate::config::DEFAULTS;
use crate::flow::clients::configured;

#[derive(Subcommand)]
pub enum ConfigCommand {
    /// Reads the configuration as `serve` does and says what is wrong with it.
    Check {
        #[command(flatten)]
        config: ConfigArgument,
    },
    /// Prints the commented defaults: every key there is.
    Defaults,
}

pub fn run(command: ConfigCommand) -> anyhow::Result<()> {
    match command {
        ConfigCommand::Check { config } => {
            let config = config.load()?;
            config.ready_for_people()?;
            configured::check(&config)?;
            for warning in config.warnings() {
                println!("warning: {warning}");
            }
            println!("the configuration is right");
        }
        ConfigCommand::Defaults => print!("{DEFAULTS}"),
    }
    Ok(())
}
