//! Telling the operator's own systems what happens (Standard Webhooks): the endpoints, their secrets, and the log of messages.
//!
//! Messages are made where things are recorded (`storage::webhooks::announced`); [`deliver`] says how one is sent.

pub mod deliver;

use serde_json::json;

use super::admin::audit::Target;
use super::admin::{Authority, Refusal};
use super::karat::Karat;
use crate::crypto::token::TokenHash;
use crate::crypto::webhook_secret::WebhookSecret;
use crate::domain::admin::Act;
use crate::domain::time::Seconds;
use crate::domain::webhook::{WantedEvents, WebhookEvent};
use crate::gateway::targets::Targets;
use crate::storage::webhooks::deliveries::Delivery;
use crate::storage::webhooks::{Endpoint, Secrets};

const MOST_ENDPOINTS: usize = 20;
const LONGEST_URL: usize = 2000;
const LONGEST_DESCRIPTION: usize = 200;
/// How long the secret before signs as well after a rotation.
pub const OVERLAP: Seconds = Seconds::hours(24);
const SWITCHED_OFF: &str = "switched off";

/// An endpoint as somebody wants it; what is `None` stays, or is nothing.
#[derive(Clone, Debug, Default)]
pub struct WebhookEntry {
    pub url: Option<String>,
    /// Kinds of events, groups of them, or "*".
    pub events: Option<Vec<String>>,
    pub description: Option<String>,
    pub enabled: Option<bool>,
    /// What whoever asks has read: an endpoint that is another by now is not changed (RFC 9110 section 13.1.1). `None`: whatever it is.
    pub seen: Option<EndpointVersion>,
}

/// An endpoint as it stands, in short: equal texts are equal endpoints. Secrets count for nothing here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointVersion(String);

impl EndpointVersion {
    pub fn of(endpoint: &Endpoint) -> Self {
        Self(TokenHash::of_text("webhook version", &facts(endpoint).to_string()).into_string())
    }

    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Karat {
    /// The secret is answered this once.
    pub async fn add_webhook(
        &self,
        by: &Authority,
        entry: &WebhookEntry,
    ) -> Result<(Endpoint, WebhookSecret), Refusal> {
        by.permit(Act::ChangeWebhooks)?;
        if self.store.webhook_endpoints().await?.len() >= MOST_ENDPOINTS {
            return Err(Refusal::conflict(format!("there are {MOST_ENDPOINTS} endpoints already")));
        }
        let now = self.now();
        let blank = Endpoint {
            id: self.new_id().to_string(),
            url: String::new(),
            wanted: WantedEvents::default(),
            description: String::new(),
            disabled: None,
            created_at: now,
            updated_at: now,
        };
        let endpoint = self.applied(entry, blank)?;
        let secret = WebhookSecret::generate();
        let mut change = self.store.begin().await?;
        let secrets = Secrets { current: secret.clone(), previous: None };
        change.add_webhook_endpoint(&endpoint, &secrets).await?;
        if endpoint.disabled.is_some() {
            change.set_webhook_endpoint(&endpoint).await?;
        }
        change.audit(by.entry(self, Act::ChangeWebhooks, target(&endpoint.id), json!({ "after": facts(&endpoint) })));
        change.commit().await?;
        self.store.forget_subscriptions();
        Ok((endpoint, secret))
    }

    pub async fn webhooks(&self, by: &Authority) -> Result<Vec<Endpoint>, Refusal> {
        by.permit(Act::ReadWebhooks)?;
        Ok(self.store.webhook_endpoints().await?)
    }

    pub async fn webhook(&self, by: &Authority, id: &str) -> Result<Endpoint, Refusal> {
        by.permit(Act::ReadWebhooks)?;
        self.store.webhook_endpoint(id).await?.ok_or(Refusal::NotFound)
    }

    pub async fn change_webhook(&self, by: &Authority, id: &str, entry: &WebhookEntry) -> Result<Endpoint, Refusal> {
        by.permit(Act::ChangeWebhooks)?;
        let mut change = self.store.begin().await?;
        let before = change.hold_webhook_endpoint(id).await?.ok_or(Refusal::NotFound)?;
        if entry.seen.as_ref().is_some_and(|seen| *seen != EndpointVersion::of(&before)) {
            return Err(Refusal::Stale);
        }
        let after = Endpoint { updated_at: self.now(), ..self.applied(entry, before.clone())? };
        change.set_webhook_endpoint(&after).await?;
        let told = json!({ "before": facts(&before), "after": facts(&after) });
        change.audit(by.entry(self, Act::ChangeWebhooks, target(id), told));
        change.commit().await?;
        self.store.forget_subscriptions();
        Ok(after)
    }

    /// A new secret, answered this once. The one before signs as well for [`OVERLAP`], unless `at_once`.
    pub async fn rotate_webhook_secret(
        &self,
        by: &Authority,
        id: &str,
        at_once: bool,
    ) -> Result<WebhookSecret, Refusal> {
        by.permit(Act::ChangeWebhooks)?;
        let (now, fresh) = (self.now(), WebhookSecret::generate());
        let old = self.store.webhook_secrets(id).await?.ok_or(Refusal::NotFound)?;
        let previous = (!at_once).then(|| (old.current, now.plus(OVERLAP)));
        let mut change = self.store.begin().await?;
        if !change.set_webhook_secrets(id, &Secrets { current: fresh.clone(), previous }, now).await? {
            return Err(Refusal::NotFound);
        }
        let told = json!({ "secret": "rotated", "at_once": at_once });
        change.audit(by.entry(self, Act::ChangeWebhooks, target(id), told));
        change.commit().await?;
        Ok(fresh)
    }

    /// What is on its way to it is not sent any more. `seen`: as in [`WebhookEntry`].
    pub async fn remove_webhook(
        &self,
        by: &Authority,
        id: &str,
        seen: Option<&EndpointVersion>,
    ) -> Result<(), Refusal> {
        by.permit(Act::ChangeWebhooks)?;
        let mut change = self.store.begin().await?;
        let before = change.hold_webhook_endpoint(id).await?.ok_or(Refusal::NotFound)?;
        if seen.is_some_and(|seen| *seen != EndpointVersion::of(&before)) {
            return Err(Refusal::Stale);
        }
        change.remove_webhook_endpoint(id).await?;
        change.audit(by.entry(self, Act::ChangeWebhooks, target(id), json!({ "before": facts(&before) })));
        change.commit().await?;
        self.store.forget_subscriptions();
        Ok(())
    }

    /// Sends `webhook.test`, whatever the endpoint wants. Answers the message's id.
    pub async fn test_webhook(&self, by: &Authority, id: &str) -> Result<String, Refusal> {
        by.permit(Act::ChangeWebhooks)?;
        let endpoint = self.working(id).await?;
        let mut change = self.store.begin().await?;
        let told = json!({ "endpoint_id": endpoint.id });
        let sent = change.put_webhook(id, WebhookEvent::Test, self.now(), &told).await?;
        change.audit(by.entry(self, Act::ChangeWebhooks, target(id), json!({ "test": sent })));
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(sent)
    }

    /// The newest first, older than the message `before` (empty at first).
    pub async fn webhook_deliveries(
        &self,
        by: &Authority,
        id: &str,
        before: &str,
        most: i64,
    ) -> Result<Vec<Delivery>, Refusal> {
        by.permit(Act::ReadWebhooks)?;
        self.store.webhook_endpoint(id).await?.ok_or(Refusal::NotFound)?;
        Ok(self.store.webhook_deliveries(id, before, most.clamp(1, 500)).await?)
    }

    /// Sends a message once more, under the id that it had.
    pub async fn redeliver_webhook(&self, by: &Authority, id: &str, delivery: &str) -> Result<(), Refusal> {
        by.permit(Act::ChangeWebhooks)?;
        self.working(id).await?;
        let found = self.store.webhook_delivery(delivery).await?.filter(|found| found.endpoint == id);
        found.ok_or(Refusal::NotFound)?;
        let mut change = self.store.begin().await?;
        change.call_webhook(id, delivery, self.now()).await?;
        change.audit(by.entry(self, Act::ChangeWebhooks, target(id), json!({ "redelivered": delivery })));
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(())
    }

    async fn working(&self, id: &str) -> Result<Endpoint, Refusal> {
        let endpoint = self.store.webhook_endpoint(id).await?.ok_or(Refusal::NotFound)?;
        match endpoint.disabled {
            Some(_) => Err(Refusal::conflict("the endpoint is switched off")),
            None => Ok(endpoint),
        }
    }

    fn applied(&self, entry: &WebhookEntry, mut endpoint: Endpoint) -> Result<Endpoint, Refusal> {
        if let Some(url) = &entry.url {
            endpoint.url.clone_from(url);
        }
        if let Some(events) = &entry.events {
            let read = WantedEvents::read(events);
            endpoint.wanted = read.map_err(|unknown| Refusal::invalid("events", unknown.to_string()))?;
        }
        if let Some(description) = &entry.description {
            endpoint.description = crate::flow::account::profile::tidied(description);
        }
        endpoint.disabled = match (entry.enabled, endpoint.disabled) {
            (Some(true), _) => None,
            (Some(false), None) => Some((self.now(), SWITCHED_OFF.to_owned())),
            (_, as_it_was) => as_it_was,
        };
        check_url(&self.settings.targets, &endpoint.url)?;
        if endpoint.wanted.is_empty() {
            return Err(Refusal::invalid("events", "name at least one kind or group of events, or \"*\""));
        }
        if endpoint.description.chars().count() > LONGEST_DESCRIPTION {
            return Err(Refusal::invalid("description", "must have at most 200 characters"));
        }
        Ok(endpoint)
    }
}

/// Judged again before each attempt, by the addresses behind the name.
fn check_url(targets: &Targets, url: &str) -> Result<(), Refusal> {
    if url.len() > LONGEST_URL || url.contains('#') {
        return Err(Refusal::invalid("url", "must have at most 2000 characters and no fragment"));
    }
    targets.judge(url).map(drop).map_err(|refused| {
        let message = format!("{refused}; a private target must be listed in `[outgoing] allow` as HOST:PORT");
        Refusal::invalid("url", message)
    })
}

fn target(id: &str) -> Target {
    Target("webhook", id.to_owned())
}

/// What the audit log keeps of an endpoint.
fn facts(endpoint: &Endpoint) -> serde_json::Value {
    json!({
        "url": endpoint.url,
        "events": endpoint.wanted.iter().collect::<Vec<_>>(),
        "description": endpoint.description,
        "enabled": endpoint.disabled.is_none(),
    })
}
