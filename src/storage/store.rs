//! The store: the database with the seals that protect what is in it. The nouns beside this file add their queries.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::audit::AuditEntry;
use super::webhooks::{Subscription, Subscriptions};
use super::{Db, Error, Statement, Tx};
use crate::crypto::seal::{Place, Sealer};
use crate::domain::scope::Scope;

/// Reads, and writes that are one statement.
#[derive(Clone)]
pub struct Store {
    pub(super) db: Db,
    sealer: Arc<Sealer>,
    pub(super) subscriptions: Arc<Subscriptions>,
}

/// Several writes that happen together or not at all. Dropped without [`Change::commit`], nothing has happened.
pub struct Change {
    tx: Tx,
    sealer: Arc<Sealer>,
    /// Written last, by the commit: whoever writes to the end of the chain keeps the others waiting.
    pub(super) audited: Vec<AuditEntry>,
    /// Who hears of what is recorded.
    pub(super) subscriptions: Arc<Vec<Subscription>>,
}

impl Store {
    pub fn new(db: Db, sealer: Arc<Sealer>) -> Self {
        Self { db, sealer, subscriptions: Arc::default() }
    }

    pub fn db(&self) -> &Db {
        &self.db
    }

    pub async fn begin(&self) -> Result<Change, Error> {
        let subscriptions = self.subscriptions().await?;
        let tx = self.db.begin().await?;
        Ok(Change { tx, sealer: self.sealer.clone(), audited: Vec::new(), subscriptions })
    }

    pub(super) fn read(&self, text: &'static str) -> Statement<'_> {
        self.db.read(text)
    }

    pub(super) fn write(&self, text: &'static str) -> Statement<'_> {
        self.db.write(text)
    }

    pub(super) fn seal<T: Serialize>(&self, place: Place<'_>, value: &T) -> Result<Vec<u8>, Error> {
        seal(&self.sealer, place, value)
    }

    pub(super) fn open<T: DeserializeOwned>(&self, place: Place<'_>, sealed: &[u8]) -> Result<T, Error> {
        open(&self.sealer, place, sealed)
    }
}

impl Change {
    pub async fn commit(mut self) -> Result<(), Error> {
        self.write_audit().await?;
        self.tx.commit().await
    }

    pub(super) fn sql(&mut self, text: &'static str) -> Statement<'_> {
        self.tx.sql(text)
    }

    pub(super) fn seal<T: Serialize>(&self, place: Place<'_>, value: &T) -> Result<Vec<u8>, Error> {
        seal(&self.sealer, place, value)
    }

    pub(super) fn open<T: DeserializeOwned>(&self, place: Place<'_>, sealed: &[u8]) -> Result<T, Error> {
        open(&self.sealer, place, sealed)
    }
}

fn open<T: DeserializeOwned>(sealer: &Sealer, place: Place<'_>, sealed: &[u8]) -> Result<T, Error> {
    let plain = sealer.open(place, sealed).map_err(|error| Error::Corrupt(error.to_string()))?;
    serde_json::from_slice(&plain).map_err(|_| Error::Corrupt(format!("{} of {}", place.column, place.table)))
}

fn seal<T: Serialize>(sealer: &Sealer, place: Place<'_>, value: &T) -> Result<Vec<u8>, Error> {
    Ok(sealer.seal(place, to_json(value)?.as_bytes()))
}

pub(super) fn to_json<T: Serialize>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::Corrupt(error.to_string()))
}

pub(super) fn from_json<T: DeserializeOwned>(text: &str, what: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|_| Error::Corrupt(what.to_owned()))
}

pub(super) fn parsed<T: std::str::FromStr>(text: &str, what: &str) -> Result<T, Error> {
    text.parse().map_err(|_| Error::Corrupt(what.to_owned()))
}

/// A stored scope may have grown beyond what one request may ask for.
pub(super) fn stored_scope(text: &str, what: &str) -> Result<Scope, Error> {
    Scope::from_stored(text).map_err(|_| Error::Corrupt(what.to_owned()))
}
