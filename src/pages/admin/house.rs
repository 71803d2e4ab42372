//! The pages about the house itself: signing keys, the outbox, health, policy.

use serde::Serialize;

use super::Shell;
use crate::domain::time::Timestamp;
use crate::pages::{FieldErrors, Page};

/// `/admin/keys`. Posts `algorithm` to `/admin/keys/rotate` (buttons `rotate-<algorithm>`), `kid` to `/admin/keys/retire` (`retire-<n>`).
#[derive(Clone, Debug, Serialize)]
pub struct KeysPage {
    pub shell: Shell,
    pub now: Timestamp,
    pub keys: Vec<KeyRow>,
    pub algorithms: Vec<&'static str>,
    pub may_rotate: bool,
}

#[derive(Clone, Debug, Serialize)]
pub struct KeyRow {
    pub kid: String,
    pub algorithm: &'static str,
    pub made_at: Timestamp,
    /// Since when it signs no more.
    pub retired_at: Option<Timestamp>,
    pub published_until: Option<Timestamp>,
}

/// `/admin/outbox`. Posts `id` to `/admin/outbox/retry` (buttons `retry-<n>`).
#[derive(Clone, Debug, Serialize)]
pub struct OutboxPage {
    pub shell: Shell,
    pub now: Timestamp,
    /// What stands after `admin-outbox-`.
    pub shown: &'static str,
    pub entries: Vec<OutboxRow>,
    pub newest: Option<String>,
    pub further: Option<String>,
    pub may_retry: bool,
    pub errors: FieldErrors,
}

#[derive(Clone, Debug, Serialize)]
pub struct OutboxRow {
    pub id: String,
    pub kind: String,
    pub target: String,
    pub at: Timestamp,
    pub next_at: Option<Timestamp>,
    pub attempts: i64,
    pub outcome: Option<String>,
    pub error: Option<String>,
}

/// `/admin/system`.
#[derive(Clone, Debug, Serialize)]
pub struct SystemPage {
    pub shell: Shell,
    pub now: Timestamp,
    pub health: Health,
    pub issuer: String,
    /// The end of the audit log, to be noted down elsewhere; only for those who may read it.
    pub audit_head: Option<String>,
    pub second_person: Vec<&'static str>,
    pub fresh_minutes: i64,
}

/// How the house is.
#[derive(Clone, Debug, Serialize)]
pub struct Health {
    pub version: &'static str,
    pub database: &'static str,
    pub database_answers: bool,
    pub ephemeral_answers: bool,
    pub outbox_waiting: i64,
    pub outbox_oldest: Option<Timestamp>,
    /// The oldest entry waits for longer than retries explain.
    pub outbox_is_late: bool,
}

/// `/admin/policy`. Posts `person`, `client`, `scope`, `acr`, `minutes` to `/admin/policy/explain` (button `explain-submit`).
#[derive(Clone, Debug, Serialize)]
pub struct PolicyPage {
    pub shell: Shell,
    pub now: Timestamp,
    pub demands: Vec<DemandRow>,
    pub acrs: Vec<&'static str>,
    pub may_explain: bool,
    pub asked: Asked,
    pub told: Option<Told>,
    pub errors: FieldErrors,
}

#[derive(Clone, Debug, Serialize)]
pub struct DemandRow {
    pub scope: String,
    pub level: u8,
    pub acr: &'static str,
    /// `None`: any.
    pub max_minutes: Option<i64>,
    pub waits_for_holds: bool,
    pub waits_for_settings_lock: bool,
    pub survives_expiry: bool,
    pub only_in: Vec<String>,
    pub not_in: Vec<String>,
}

/// As typed.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Asked {
    pub person: String,
    pub client: String,
    pub scope: String,
    pub acr: String,
    pub minutes: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct Told {
    pub level: i64,
    pub state: String,
    pub acr: String,
    pub granted: Vec<String>,
    pub withheld: Vec<WithheldRow>,
}

#[derive(Clone, Debug, Serialize)]
pub struct WithheldRow {
    pub scope: String,
    pub reasons: Vec<ReasonRow>,
}

#[derive(Clone, Debug, Serialize)]
pub struct ReasonRow {
    /// What stands after `admin-withheld-`.
    pub reason: String,
    pub needed: Option<String>,
    pub until: Option<i64>,
    /// In the words of the rule, as the command line has them.
    pub remedy: String,
}

macro_rules! pages {
    ($($page:ty => $template:literal,)+) => {
        $(impl Page for $page {
            const TEMPLATE: &'static str = $template;
        })+
    };
}

pages! {
    KeysPage => "admin/keys.html",
    OutboxPage => "admin/outbox.html",
    SystemPage => "admin/system.html",
    PolicyPage => "admin/policy.html",
}
