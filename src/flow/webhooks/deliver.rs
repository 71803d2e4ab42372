//! How one message is sent: signed at each attempt under the id that stays, and noted down with what came of it.

use serde_json::json;

use crate::domain::admin::Act;
use crate::flow::Failure;
use crate::flow::admin::audit::Target;
use crate::flow::karat::Karat;
use crate::storage::outbox::WebhookCall;
use crate::storage::webhooks::deliveries::{Delivery, DeliveryAttempt, DeliveryState};

pub const GONE: &str = "the endpoint answered 410 Gone";

/// A message, ready to be posted.
pub struct SignedMessage {
    pub url: String,
    pub delivery: Delivery,
    /// Seconds since 1970, of this attempt.
    pub timestamp: String,
    /// One signature for each secret that lives, separated by spaces.
    pub signatures: String,
}

impl Karat {
    /// `None`: nobody waits for it any more.
    pub async fn signed_webhook(&self, call: &WebhookCall) -> Result<Option<SignedMessage>, Failure> {
        let Some(delivery) = self.store.webhook_delivery(&call.delivery).await? else { return Ok(None) };
        let endpoint = self.store.webhook_endpoint(&call.endpoint).await?.filter(|found| found.disabled.is_none());
        let (Some(endpoint), Some(secrets)) = (endpoint, self.store.webhook_secrets(&call.endpoint).await?) else {
            self.store.note_webhook(&delivery, None, DeliveryState::NotSent, self.now()).await?;
            return Ok(None);
        };
        let now = self.now();
        let timestamp = now.unix().to_string();
        let previous = secrets.previous.filter(|(_, until)| *until > now).map(|(secret, _)| secret);
        let signed = [Some(secrets.current), previous].into_iter().flatten();
        let signatures: Option<Vec<String>> =
            signed.map(|secret| secret.sign(&delivery.id, &timestamp, delivery.body.as_bytes())).collect();
        let signatures = signatures.ok_or_else(|| Failure::fault("a webhook's secret is not one"))?.join(" ");
        Ok(Some(SignedMessage { url: endpoint.url, delivery, timestamp, signatures }))
    }

    pub async fn note_webhook(
        &self,
        delivery: &Delivery,
        attempt: DeliveryAttempt,
        state: DeliveryState,
    ) -> Result<(), Failure> {
        Ok(self.store.note_webhook(delivery, Some(attempt), state, self.now()).await?)
    }

    /// Standard Webhooks: who answers 410 wants nothing any more. Nobody asked for it here, so the audit log says who did.
    pub async fn switch_off_webhook(&self, id: &str) -> Result<(), Failure> {
        let Some(mut endpoint) = self.store.webhook_endpoint(id).await?.filter(|found| found.disabled.is_none()) else {
            return Ok(());
        };
        endpoint.disabled = Some((self.now(), GONE.to_owned()));
        endpoint.updated_at = self.now();
        let mut change = self.store.begin().await?;
        change.set_webhook_endpoint(&endpoint).await?;
        let told = json!({ "enabled": false, "because": GONE });
        change.audit(self.house_entry(
            "endpoint",
            Act::ChangeWebhooks.as_str(),
            Target("webhook", id.to_owned()),
            told,
        ));
        change.commit().await?;
        self.store.forget_subscriptions();
        Ok(())
    }
}
