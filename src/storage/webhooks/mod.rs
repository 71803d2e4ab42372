//! Endpoints of the operator's systems, and the messages to them.
//!
//! ```text
//! announced  from what a change records to messages in the outbox, within the same change
//! deliveries the log of messages
//! ```

pub mod announced;
pub mod deliveries;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::Error;
use super::store::{Change, Store};
use crate::crypto::seal::Place;
use crate::crypto::webhook_secret::WebhookSecret;
use crate::domain::time::Timestamp;
use crate::domain::webhook::WantedEvents;

const STALENESS: Duration = Duration::from_secs(1);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// A UUID.
    pub id: String,
    pub url: String,
    pub wanted: WantedEvents,
    pub description: String,
    /// Since when nothing is sent, and why.
    pub disabled: Option<(Timestamp, String)>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Those that messages are signed with: the one in force first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Secrets {
    pub current: WebhookSecret,
    /// Signs as well until its time has come.
    pub previous: Option<(WebhookSecret, Timestamp)>,
}

/// Who wants to hear what, as every change needs it.
#[derive(Clone, Debug)]
pub struct Subscription {
    pub endpoint: String,
    pub wanted: WantedEvents,
}

/// The subscriptions, at most a second stale. Looked up before a change begins: a change holds one connection, and must not wait for
/// a second.
#[derive(Default)]
pub(super) struct Subscriptions {
    cached: Mutex<Option<(Instant, Arc<Vec<Subscription>>)>>,
}

record! {
    struct Row {
        id: String,
        url: String,
        wanted: String,
        description: String,
        disabled_at: Option<i64>,
        disabled_because: Option<String>,
        created_at: i64,
        updated_at: i64,
    }
}

const COLUMNS: &str = "SELECT id, url, wanted, description, disabled_at, disabled_because, created_at, updated_at \
                       FROM webhook_endpoints ORDER BY id";
const ONE: &str = "SELECT id, url, wanted, description, disabled_at, disabled_because, created_at, updated_at \
                   FROM webhook_endpoints WHERE id = $1";
const HELD: &str = "UPDATE webhook_endpoints SET updated_at = updated_at WHERE id = $1 \
                    RETURNING id, url, wanted, description, disabled_at, disabled_because, created_at, updated_at";

fn secrets_of(id: &str) -> Place<'_> {
    Place { table: "webhook_endpoints", column: "secrets", row: id }
}

impl Store {
    pub(super) async fn subscriptions(&self) -> Result<Arc<Vec<Subscription>>, Error> {
        if let Some(recent) = self.subscriptions.recent() {
            return Ok(recent);
        }
        let rows: Vec<(String, String)> =
            self.read("SELECT id, wanted FROM webhook_endpoints WHERE disabled_at IS NULL").all().await?;
        let all = rows.into_iter().map(|(endpoint, wanted)| {
            let wanted = WantedEvents::from_stored(&wanted);
            Subscription { endpoint, wanted }
        });
        let all = Arc::new(all.collect::<Vec<_>>());
        *self.subscriptions.lock() = Some((Instant::now(), all.clone()));
        Ok(all)
    }

    /// The next change looks anew: an endpoint has been changed here.
    pub fn forget_subscriptions(&self) {
        *self.subscriptions.lock() = None;
    }

    /// In the order in which they were made.
    pub async fn webhook_endpoints(&self) -> Result<Vec<Endpoint>, Error> {
        let rows: Vec<Row> = self.read(COLUMNS).all().await?;
        Ok(rows.into_iter().map(Endpoint::from).collect())
    }

    pub async fn webhook_endpoint(&self, id: &str) -> Result<Option<Endpoint>, Error> {
        let row: Option<Row> = self.read(ONE).bind(id).optional().await?;
        Ok(row.map(Endpoint::from))
    }

    pub async fn webhook_secrets(&self, id: &str) -> Result<Option<Secrets>, Error> {
        let found: Option<(Vec<u8>,)> =
            self.read("SELECT secrets FROM webhook_endpoints WHERE id = $1").bind(id).optional().await?;
        found.map(|(sealed,)| self.open(secrets_of(id), &sealed)).transpose()
    }
}

impl Change {
    pub async fn add_webhook_endpoint(&mut self, made: &Endpoint, secrets: &Secrets) -> Result<(), Error> {
        let sealed = self.seal(secrets_of(&made.id), secrets)?;
        self.sql(
            "INSERT INTO webhook_endpoints (id, url, wanted, description, secrets, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(&made.id)
        .bind(&made.url)
        .bind(made.wanted.to_string())
        .bind(&made.description)
        .bind(sealed)
        .bind(made.created_at)
        .bind(made.updated_at)
        .run()
        .await?;
        Ok(())
    }

    /// Nobody else changes it until this change is committed. Answers it as it stands.
    pub async fn hold_webhook_endpoint(&mut self, id: &str) -> Result<Option<Endpoint>, Error> {
        let row: Option<Row> = self.sql(HELD).bind(id).optional().await?;
        Ok(row.map(Endpoint::from))
    }

    /// Everything but the secrets. `false` when there is none of this id.
    pub async fn set_webhook_endpoint(&mut self, endpoint: &Endpoint) -> Result<bool, Error> {
        let (at, because) = endpoint.disabled.clone().unzip();
        let set = self
            .sql(
                "UPDATE webhook_endpoints SET url = $1, wanted = $2, description = $3, disabled_at = $4, \
                 disabled_because = $5, updated_at = $6 WHERE id = $7",
            )
            .bind(&endpoint.url)
            .bind(endpoint.wanted.to_string())
            .bind(&endpoint.description)
            .bind(at)
            .bind(because)
            .bind(endpoint.updated_at)
            .bind(&endpoint.id)
            .run()
            .await?;
        Ok(set == 1)
    }

    /// `false` when there is none of this id.
    pub async fn set_webhook_secrets(&mut self, id: &str, secrets: &Secrets, now: Timestamp) -> Result<bool, Error> {
        let sealed = self.seal(secrets_of(id), secrets)?;
        let set = self
            .sql("UPDATE webhook_endpoints SET secrets = $1, updated_at = $2 WHERE id = $3")
            .bind(sealed)
            .bind(now)
            .bind(id)
            .run()
            .await?;
        Ok(set == 1)
    }

    /// With its messages; those that are on their way are not sent any more. `false` when there is none of this id.
    pub async fn remove_webhook_endpoint(&mut self, id: &str) -> Result<bool, Error> {
        self.sql("DELETE FROM webhook_deliveries WHERE endpoint_id = $1").bind(id).run().await?;
        Ok(self.sql("DELETE FROM webhook_endpoints WHERE id = $1").bind(id).run().await? == 1)
    }
}

impl Subscriptions {
    fn recent(&self) -> Option<Arc<Vec<Subscription>>> {
        self.lock().as_ref().filter(|(at, _)| at.elapsed() < STALENESS).map(|(_, all)| all.clone())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<(Instant, Arc<Vec<Subscription>>)>> {
        self.cached.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<Row> for Endpoint {
    fn from(row: Row) -> Self {
        let because = row.disabled_because.unwrap_or_default();
        Self {
            id: row.id,
            url: row.url,
            wanted: WantedEvents::from_stored(&row.wanted),
            description: row.description,
            disabled: row.disabled_at.map(|at| (Timestamp::from_unix(at), because)),
            created_at: Timestamp::from_unix(row.created_at),
            updated_at: Timestamp::from_unix(row.updated_at),
        }
    }
}
