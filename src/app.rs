//! Composition root: builds every part once from the configuration; the only wiring.

use std::sync::Arc;

use anyhow::Context;
use tokio::sync::Notify;

use crate::config::Config;
use crate::crypto::clock::Clock;
use crate::crypto::password::{PasswordHasher, PasswordParameters};
use crate::crypto::seal::Sealer;
use crate::crypto::sealing_keys::SealingKeys;
use crate::domain::time::Seconds;
use crate::flow::authenticators::passkeys::Passkeys;
use crate::flow::client_failures::Blameless;
use crate::flow::clients::{self, Clients};
use crate::flow::export::Exports;
use crate::flow::karat::Macs;
use crate::flow::keys::Keys;
use crate::flow::kyc::pictures::Pictures;
use crate::flow::kyc::uploads::Uploads;
use crate::flow::login::StandIns;
use crate::flow::{Karat, Settings};
use crate::gateway::documents::Documents;
use crate::gateway::fetch::Fetcher;
use crate::gateway::kyc::Providers;
use crate::pages::{Renderer, RendererSettings, Support};
use crate::storage::ephemeral::Ephemeral;
use crate::storage::{Db, History, OpenSettings, Store};

/// How long a retired key stays published: no token lives longer than an hour (the configuration's limit), and caches
/// may be minutes old.
const KEY_OVERLAP: Seconds = Seconds::minutes(70);

/// The parts of a running Karat, before it listens.
pub struct App {
    pub karat: Arc<Karat>,
    pub config: Config,
}

impl App {
    /// Opens the stores, brings the schema up to date and makes what is missing: sealing key, signing keys, the clients of
    /// the configuration.
    pub async fn build(config: Config, clock: Clock) -> anyhow::Result<Self> {
        let db = open_database(&config).await?;
        db.migrate().await?;
        let store = open_store(&config, db)?;
        clients::synchronise(&store, &config, clock.now()).await?;
        let ephemeral = Ephemeral::open(config.ephemeral.url.expose(), &config.ephemeral.prefix).await?;
        Self::assemble(config, clock, store, ephemeral).await
    }

    /// For commands beside a server that may be running: they need no short-lived state, and leave the schema and the
    /// configuration's clients to `serve` unless nothing is there yet.
    pub async fn beside_a_server(config: Config, clock: Clock) -> anyhow::Result<Self> {
        let db = open_database(&config).await?;
        migrate_if_new(&db).await?;
        let store = open_store(&config, db)?;
        Self::assemble(config, clock, store, Ephemeral::memory()).await
    }

    async fn assemble(config: Config, clock: Clock, store: Store, ephemeral: Ephemeral) -> anyhow::Result<Self> {
        let now = clock.now();
        let keys = Keys::open(store.clone(), config.keys.algorithms.clone(), KEY_OVERLAP, now).await?;
        let fetcher = Fetcher::new(&config.outgoing)?;
        let karat = Karat {
            issuer: config.server.issuer.clone(),
            settings: Settings::from(&config),
            ephemeral,
            macs: Macs::load(&store, now).await?,
            clients: Clients::new(store.clone()),
            blameless: Blameless::default(),
            rules: clients::Rules::new(&config),
            passwords: PasswordHasher::new(password_parameters(&config))?,
            stand_ins: StandIns::default(),
            passkeys: Passkeys::at(&config.server.issuer, &config.brand.name, &config.passkeys)?,
            documents: Documents::new(&config.outgoing, fetcher.clone()),
            providers: Providers::new(&config, fetcher),
            pictures: Pictures::default(),
            exports: Exports::default(),
            uploads: Uploads::new(config.kyc.uploads_at_once),
            renderer: Arc::new(renderer(&config)?),
            terms_text: terms_text(&config)?,
            outbox_bell: Arc::new(Notify::new()),
            clock,
            keys,
            store,
        };
        Ok(Self { karat: Arc::new(karat), config })
    }
}

/// A schema that is behind is the operator's to move on: a server of the older version may be running on it.
async fn migrate_if_new(db: &Db) -> anyhow::Result<()> {
    let pending = db.pending_migrations().await?;
    if pending.is_empty() {
        return Ok(());
    }
    if pending.len() == History::embedded()?.len() {
        db.migrate().await?;
        return Ok(());
    }
    anyhow::bail!("the database is behind this version ({} migrations): run `karat migrate` first", pending.len())
}

pub fn open_store(config: &Config, db: Db) -> Result<Store, crate::crypto::sealing_keys::SealingKeysError> {
    Ok(Store::new(db, Arc::new(Sealer::new(&sealing_keys(config)?))))
}

pub async fn open_database(config: &Config) -> Result<Db, crate::storage::Error> {
    let section = &config.storage;
    let mut settings = OpenSettings::new(section.url.expose());
    settings.max_connections = section.max_connections;
    settings.acquire_timeout = section.acquire_timeout.as_duration();
    settings.statement_timeout = section.statement_timeout.as_duration();
    Db::open(&settings).await
}

pub fn sealing_keys(config: &Config) -> Result<SealingKeys, crate::crypto::sealing_keys::SealingKeysError> {
    match &config.keys.sealing_key {
        Some(text) => SealingKeys::from_text(text.expose()),
        None => SealingKeys::load_or_create(&config.keys.sealing_key_file),
    }
}

fn password_parameters(config: &Config) -> PasswordParameters {
    let section = &config.passwords;
    let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let workers = usize::try_from(section.workers).ok().filter(|workers| *workers > 0);
    PasswordParameters {
        memory_kib: section.argon2_memory_kib,
        iterations: section.argon2_iterations,
        parallelism: section.argon2_parallelism,
        workers: workers.unwrap_or_else(cores),
        queue: usize::try_from(section.queue).unwrap_or(64),
    }
}

fn terms_text(config: &Config) -> anyhow::Result<Option<String>> {
    let Some(path) = &config.terms.file else { return Ok(None) };
    let text = std::fs::read_to_string(path).with_context(|| format!("terms.file: cannot read {}", path.display()))?;
    Ok(Some(text))
}

pub fn renderer(config: &Config) -> Result<Renderer, crate::pages::RenderError> {
    Renderer::new(RendererSettings {
        templates_dir: config.pages.templates_dir.clone(),
        brand_name: config.brand.name.clone(),
        registration: config.registration.enabled,
        verification: config.kyc.enabled,
        support: Support {
            url: config.brand.support_url.as_ref().map(ToString::to_string),
            email: config.brand.support_email.as_ref().map(|mailbox| mailbox.email.to_string()),
        },
    })
}
