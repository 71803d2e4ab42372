//! The clients that the configuration keeps, brought into storage at start. Those that were registered otherwise are never
//! touched.

use super::{Rules, logo};
use crate::config::{Config, Mistake};
use crate::domain::client::Client;
use crate::domain::time::Timestamp;
use crate::storage::clients::{Logo, Origin};
use crate::storage::{self, Change, Store};

/// What has changed in storage.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Synchronised {
    pub added: usize,
    pub updated: usize,
    /// They stood in the configuration once; nobody can use them now.
    pub disabled: usize,
}

#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Mistakes(Vec<Mistake>),
    #[error(transparent)]
    Storage(#[from] storage::Error),
}

/// A client of the configuration, judged.
struct Wanted {
    client: Client,
    logo: Option<Logo>,
    /// Its place in the file.
    index: usize,
}

/// Judges every `[[client]]`; asks no database, so `karat config check` can.
pub fn check(config: &Config) -> Result<(), SyncError> {
    judged(config).map(drop)
}

/// Makes storage hold exactly the clients of the configuration, beside those registered otherwise. Safe when several
/// nodes start at once.
pub async fn synchronise(store: &Store, config: &Config, now: Timestamp) -> Result<Synchronised, SyncError> {
    let wanted = judged(config)?;
    match write(store, config, &wanted, now).await {
        // Another node that starts right now was quicker: look again.
        Err(SyncError::Storage(storage::Error::Conflict)) => write(store, config, &wanted, now).await,
        done => done,
    }
}

fn judged(config: &Config) -> Result<Vec<Wanted>, SyncError> {
    let rules = Rules::new(config);
    let mut wanted = Vec::new();
    let mut mistakes = Vec::new();
    for (index, section) in config.clients.iter().enumerate() {
        let mut mistake = |key: &str, message: String| {
            mistakes.push(config.mistake(&format!("client[{index}].{key}"), message));
        };
        let logo = match section.logo.as_deref().map(logo::read).transpose() {
            Ok(logo) => logo,
            Err(why) => {
                mistake("logo", why.to_string());
                None
            }
        };
        match rules.judge(section, &[]) {
            Ok(client) => wanted.push(Wanted { client, logo, index }),
            Err(refusals) => refusals.into_iter().for_each(|refusal| mistake(&refusal.key, refusal.message)),
        }
    }
    if mistakes.is_empty() { Ok(wanted) } else { Err(SyncError::Mistakes(mistakes)) }
}

async fn write(store: &Store, config: &Config, wanted: &[Wanted], now: Timestamp) -> Result<Synchronised, SyncError> {
    let stored = store.clients().await?;
    let mut mistakes = Vec::new();
    for wanted in wanted {
        let id = &wanted.client.id;
        if stored.iter().any(|(client, origin)| client.id == *id && *origin != Origin::Configuration) {
            let message =
                format!("{id} is registered already (`karat client list`): choose another id, or remove that one");
            mistakes.push(config.mistake(&format!("client[{}].client_id", wanted.index), message));
        }
    }
    if !mistakes.is_empty() {
        return Err(SyncError::Mistakes(mistakes));
    }
    let mut done = Synchronised::default();
    let mut change = store.begin().await?;
    for wanted in wanted {
        match stored.iter().find(|(client, _)| client.id == wanted.client.id) {
            None => {
                change.add_client(&wanted.client, Origin::Configuration, now).await?;
                set_logo(&mut change, wanted).await?;
                done.added += 1;
            }
            Some((old, _)) => {
                if *old != wanted.client {
                    change.update_client(&wanted.client, now).await?;
                    done.updated += 1;
                }
                if old.pages.has_logo || wanted.logo.is_some() {
                    set_logo(&mut change, wanted).await?;
                }
            }
        }
    }
    for (old, origin) in &stored {
        let gone = *origin == Origin::Configuration && wanted.iter().all(|wanted| wanted.client.id != old.id);
        if gone && !old.disabled {
            change.update_client(&Client { disabled: true, ..old.clone() }, now).await?;
            done.disabled += 1;
        }
    }
    change.commit().await?;
    Ok(done)
}

async fn set_logo(change: &mut Change, wanted: &Wanted) -> Result<(), storage::Error> {
    let logo = wanted.logo.as_ref();
    let logo = logo.map(|logo| Logo { bytes: logo.bytes.clone(), media_type: logo.media_type.clone() });
    change.set_client_logo(&wanted.client.id, logo).await
}
