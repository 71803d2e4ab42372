//! What providers told by their webhooks: each event once.

use crate::domain::kyc::Provider;
use crate::domain::time::Timestamp;
use crate::storage::Error;
use crate::storage::store::{Change, Store};

/// One event, as evidence: not what it said, but that it came and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderEvent {
    pub provider: Provider,
    /// The same at every delivery of it.
    pub event_id: String,
    /// SHA-256 of the body, in hexadecimal.
    pub body_hash: String,
    pub received_at: Timestamp,
}

impl Store {
    /// Whether the event was dealt with before.
    pub async fn kyc_event_is_known(&self, provider: Provider, event_id: &str) -> Result<bool, Error> {
        let found: Option<(String,)> = self
            .read("SELECT outcome FROM kyc_webhooks WHERE provider = $1 AND event_id = $2")
            .bind(provider.as_str())
            .bind(event_id)
            .optional()
            .await?;
        Ok(found.is_some())
    }
}

impl Change {
    /// `false` when somebody else has dealt with the event meanwhile.
    pub async fn add_kyc_event(&mut self, event: &ProviderEvent, outcome: &str) -> Result<bool, Error> {
        let added = self
            .sql(
                "INSERT INTO kyc_webhooks (provider, event_id, body_hash, received_at, outcome) \
                 VALUES ($1, $2, $3, $4, $5) ON CONFLICT (provider, event_id) DO NOTHING",
            )
            .bind(event.provider.as_str())
            .bind(event.event_id.as_str())
            .bind(event.body_hash.as_str())
            .bind(event.received_at)
            .bind(outcome)
            .run()
            .await?;
        Ok(added == 1)
    }
}
