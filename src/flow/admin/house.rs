//! The house itself: signing keys, what is on its way out, health.

use serde_json::json;

use super::audit::Target;
use super::{Authority, Refusal};
use crate::domain::admin::Act;
use crate::domain::jose::Algorithm;
use crate::domain::time::Timestamp;
use crate::flow::karat::Karat;
use crate::storage::audit::Head;
use crate::storage::events::EventKind;
use crate::storage::outbox::{Backlog, OutboxEntry, Wanted};

/// A key that is published, without its secret half.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedKey {
    pub kid: String,
    pub alg: Algorithm,
    pub created_at: Timestamp,
    /// Since when it signs no more, and until when it is published.
    pub retired: Option<(Timestamp, Timestamp)>,
}

#[derive(Clone, Debug)]
pub struct System {
    pub version: &'static str,
    /// `sqlite` or `postgresql`.
    pub database: &'static str,
    pub database_answers: bool,
    pub ephemeral_answers: bool,
    pub outbox: Backlog,
    pub audit: Head,
    pub open_proposals: usize,
}

impl Karat {
    pub async fn signing_keys(&self, by: &Authority) -> Result<Vec<PublishedKey>, Refusal> {
        by.permit(Act::ReadKeys)?;
        let keys = self.store.signing_keys(self.now()).await?;
        Ok(keys
            .into_iter()
            .map(|key| PublishedKey {
                kid: key.kid,
                alg: key.alg,
                created_at: key.created_at,
                retired: key.retired.map(|retired| (retired.at, retired.published_until)),
            })
            .collect())
    }

    /// A new key is published from now on, and signs soon. Answers its `kid`.
    pub async fn rotate_signing_key(&self, by: &Authority, alg: Algorithm) -> Result<String, Refusal> {
        by.permit(Act::RotateKeys)?;
        if !self.keys.ring().algorithms().contains(&alg) {
            return Err(Refusal::invalid("algorithm", "is none of keys.algorithms"));
        }
        let kid = self
            .keys
            .rotate(alg, self.now(), |change, kid| {
                let told = json!({ "made": kid, "algorithm": alg.as_str() });
                change.audit(by.entry(self, Act::RotateKeys, Target("key", kid.to_owned()), told));
            })
            .await?;
        let told = json!({ "made": kid, "algorithm": alg.as_str() });
        self.store.record(&self.event_of_the_house(EventKind::KeysRotated).with(told)).await?;
        Ok(kid)
    }

    /// Withdraws a key that has stopped signing, before its time.
    pub async fn retire_signing_key(&self, by: &Authority, kid: &str) -> Result<(), Refusal> {
        by.permit(Act::RotateKeys)?;
        let entry = by.entry(self, Act::RotateKeys, Target("key", kid.to_owned()), json!({ "withdrawn": kid }));
        if !self.keys.retire(kid, self.now(), entry).await? {
            return Err(Refusal::conflict("this is not a key that has stopped signing: rotate first"));
        }
        let told = json!({ "withdrawn": kid });
        Ok(self.store.record(&self.event_of_the_house(EventKind::KeysRotated).with(told)).await?)
    }

    /// Without payloads: those hold codes and links.
    pub async fn outbox(
        &self,
        by: &Authority,
        wanted: Wanted,
        before: Option<&str>,
        most: i64,
    ) -> Result<Vec<OutboxEntry>, Refusal> {
        by.permit(Act::ReadOutbox)?;
        Ok(self.store.outbox_entries(wanted, before, most).await?)
    }

    /// Tries what waits at once.
    pub async fn retry_outgoing(&self, by: &Authority, id: &str) -> Result<(), Refusal> {
        by.permit(Act::RetryOutbox)?;
        let mut change = self.store.begin().await?;
        if !change.hurry_outgoing(id, self.now()).await? {
            return Err(Refusal::conflict("it does not wait (any more)"));
        }
        change.audit(by.entry(self, Act::RetryOutbox, Target("outbox", id.to_owned()), json!({})));
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(())
    }

    pub async fn system(&self, by: &Authority) -> Result<System, Refusal> {
        by.permit(Act::ReadSystem)?;
        let database_answers = self.store.db().ping().await.is_ok();
        Ok(System {
            version: env!("CARGO_PKG_VERSION"),
            database: self.store.db().kind().as_str(),
            database_answers,
            ephemeral_answers: self.ephemeral.ping().await.is_ok(),
            outbox: self.store.outbox_backlog().await?,
            audit: self.store.audit_head().await?,
            open_proposals: self.proposals(by).await?.len(),
        })
    }
}
