//! `karat serve`.

use clap::Args;

use super::open::ConfigArgument;
use super::{demo, logging, start};
use crate::app::{self, App};
use crate::crypto::clock::Clock;

#[derive(Args)]
pub struct ServeArguments {
    #[command(flatten)]
    config: ConfigArgument,
    /// Refuses to start on a database whose schema is behind, instead of bringing it up to date.
    #[arg(long)]
    no_migrate: bool,
}

pub async fn run(arguments: ServeArguments) -> anyhow::Result<()> {
    let config = arguments.config.load()?;
    config.ready_for_people()?;
    let traces = logging::start_traced(&config.log, &config.traces)?;
    for warning in config.warnings() {
        tracing::warn!("{warning}");
    }
    let listener = start::listen(config.server.listen)?;
    let figures = config.metrics.listen.map(start::Figures::at).transpose()?;
    if arguments.no_migrate {
        refuse_if_behind(&config).await?;
    }
    let app = App::build(config, Clock::system()).await?;
    if app.karat.store.has_secret(demo::DEMO_MARK).await? {
        anyhow::bail!(
            "this database was made by `karat demo`: everybody knows its passwords. Set storage.url to another one"
        );
    }
    let karat = &app.karat;
    if karat.store.is_empty().await?
        && let Some(link) = karat.setup_link().await?
    {
        println!("Nobody looks after this installation yet. Who opens this link becomes its owner (once):\n  {link}");
    }
    println!("Karat serves {} on {}", app.karat.issuer(), listener.local_addr()?);
    let served = start::until_stopped(&app, listener, figures).await;
    traces.end().await;
    served
}

async fn refuse_if_behind(config: &crate::config::Config) -> anyhow::Result<()> {
    let db = app::open_database(config).await?;
    let pending = db.pending_migrations().await?;
    db.close().await;
    if pending.is_empty() {
        return Ok(());
    }
    anyhow::bail!("migrations are pending ({}): run `karat migrate`, or start without --no-migrate", pending.join(", "))
}
