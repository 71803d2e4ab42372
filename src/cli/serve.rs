//! `karat serve`.

use std::path::Path;

use super::start;
use crate::app::App;
use crate::config::Config;
use crate::crypto::clock::Clock;

pub async fn run(config: Option<&Path>) -> anyhow::Result<()> {
    let config = Config::load(config, Config::environment())?;
    config.ready_for_people()?;
    let listener = start::listen(config.server.listen)?;
    let app = App::build(config, Clock::system()).await?;
    println!("Karat serves {} on {}", app.karat.issuer(), app.config.server.listen);
    start::until_stopped(&app, listener).await
}
