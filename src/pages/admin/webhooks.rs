//! `/admin/webhooks`: the operator's own systems that are told what happens, and the log of what was sent there.

use serde::Serialize;

use super::{Meanwhile, Shell};
use crate::domain::time::Timestamp;
use crate::pages::{FieldErrors, Page};

#[derive(Clone, Debug, Serialize)]
pub struct WebhooksPage {
    pub shell: Shell,
    pub endpoints: Vec<EndpointRow>,
    pub may_change: bool,
}

#[derive(Clone, Debug, Serialize)]
pub struct EndpointRow {
    pub id: String,
    pub url: String,
    pub description: String,
    /// Kinds of events, groups of them, or `*`.
    pub events: Vec<String>,
    pub paused: Option<Paused>,
    pub since: Timestamp,
}

/// Why nothing is sent.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Paused {
    pub since: Timestamp,
    /// The endpoint said itself that it wants nothing any more; else somebody switched it off.
    pub was_gone: bool,
}

/// Posts what [`WebhookTyped`] has to `/admin/webhooks/new` or `/admin/webhooks/{id}/edit` (button `webhook-submit`): of `events`, one
/// box `event-<kind or group>` each (`event-all` for `*`).
#[derive(Clone, Debug, Serialize)]
pub struct WebhookFormPage {
    pub shell: Shell,
    /// `None`: a new one.
    pub id: Option<String>,
    pub typed: WebhookTyped,
    pub groups: Vec<EventGroup>,
    pub meanwhile: Option<Meanwhile>,
    pub errors: FieldErrors,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct WebhookTyped {
    pub url: String,
    pub description: String,
    pub events: Vec<String>,
    /// Of the endpoint that was read.
    pub version: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct EventGroup {
    /// What stands after `webhook-group-`.
    pub name: &'static str,
    pub events: Vec<&'static str>,
}

/// `/admin/webhooks/{id}`. Posts below its own address: `version` to `pause`, `resume` and `remove`, `at_once` to `rotate`, nothing to
/// `test`, `message` to `again`.
#[derive(Clone, Debug, Serialize)]
pub struct WebhookPage {
    pub shell: Shell,
    pub now: Timestamp,
    pub endpoint: EndpointRow,
    pub version: String,
    pub deliveries: Vec<DeliveryRow>,
    pub newest: Option<String>,
    pub further: Option<String>,
    pub may_change: bool,
    /// Shown this once.
    pub secret: Option<String>,
    /// The secret before signs as well for so long.
    pub overlap_minutes: Option<i64>,
    pub errors: FieldErrors,
}

/// A message, without what was in it.
#[derive(Clone, Debug, Serialize)]
pub struct DeliveryRow {
    pub id: String,
    pub event: String,
    /// What stands after `webhook-state-`.
    pub state: &'static str,
    pub at: Timestamp,
    pub attempts: Vec<AttemptRow>,
}

#[derive(Clone, Debug, Serialize)]
pub struct AttemptRow {
    pub at: Timestamp,
    pub status: Option<u16>,
    pub millis: i64,
    pub error: Option<String>,
}

impl Page for WebhooksPage {
    const TEMPLATE: &'static str = "admin/webhooks.html";
}

impl Page for WebhookFormPage {
    const TEMPLATE: &'static str = "admin/webhook_form.html";
}

impl Page for WebhookPage {
    const TEMPLATE: &'static str = "admin/webhook.html";

    /// For the button beside the secret.
    fn is_scripted(&self) -> bool {
        self.secret.is_some()
    }
}
