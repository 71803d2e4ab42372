//! Reading the configuration and opening what a command needs.

use std::path::PathBuf;

use clap::Args;

use crate::app::{self, App};
use crate::cli::logging;
use crate::config::{Config, ConfigError, LogFormat, LogSection};
use crate::crypto::clock::Clock;

#[derive(Args, Debug, Clone)]
pub struct ConfigArgument {
    /// The configuration file; without one the built-in defaults count.
    #[arg(long, value_name = "FILE", env = "KARAT_CONFIG")]
    pub config: Option<PathBuf>,
}

impl ConfigArgument {
    pub fn load(&self) -> Result<Config, ConfigError> {
        Config::load(self.config.as_deref(), Config::environment())
    }

    /// The database, the keys and the use cases, for a command beside a server that may be running.
    pub async fn open(&self) -> anyhow::Result<App> {
        let config = self.load()?;
        quiet();
        App::beside_a_server(config, Clock::system()).await
    }

    pub async fn open_database(&self) -> anyhow::Result<(Config, crate::storage::Db)> {
        let config = self.load()?;
        quiet();
        let db = app::open_database(&config).await?;
        Ok((config, db))
    }
}

/// Commands print their result; the log is for what goes wrong.
pub fn quiet() {
    logging::start(&LogSection { format: LogFormat::Text, level: "warn".to_owned() });
}
