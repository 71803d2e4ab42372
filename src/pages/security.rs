//! `/account/security`: what protects the account, and changing it.

use serde::Serialize;

use super::{FieldErrors, Page};
use crate::domain::authenticator::AuthenticatorKind;
use crate::domain::time::Timestamp;

/// `/account/security`. Each authenticator has a link to its own page (`factor-<n>`, from 1). Buttons: `approval-submit` posts
/// `approval` (`on` or `off`) to `/account/security/approval`.
#[derive(Clone, Debug, Serialize)]
pub struct SecurityPage {
    pub now: Timestamp,
    pub verdict: Verdict,
    /// What would protect the account better still.
    pub next: Option<NextStep>,
    pub password_changed_at: Timestamp,
    pub factors: Vec<FactorRow>,
    /// `None`: none were ever made.
    pub recovery_codes_left: Option<i64>,
    pub passkeys_are_offered: bool,
    pub sms_is_offered: bool,
    pub has_phrase: bool,
    pub lock: LockState,
    pub approval: Approval,
    /// When what protects the account can be removed by who says that it is lost; `None`: nobody does. Button
    /// `recovery-cancel-submit`.
    pub recovery_ripe_at: Option<Timestamp>,
    pub devices: i64,
    pub events: Vec<EventRow>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The password alone.
    Weak,
    /// SMS.
    Fair,
    /// An authenticator app.
    Good,
    /// A passkey.
    Strong,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NextStep {
    Passkey,
    RecoveryCodes,
    SecondPasskey,
    Phrase,
}

#[derive(Clone, Debug, Serialize)]
pub struct FactorRow {
    pub id: String,
    pub kind: AuthenticatorKind,
    pub name: String,
    /// The masked number of a phone.
    pub masked: Option<String>,
    /// Of a passkey: whether it may be copied to other devices.
    pub synced: Option<bool>,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum LockState {
    Open,
    Locked { days: i64 },
    Waiting { days: i64, until: Timestamp },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Approval {
    Off,
    On,
    /// By the operator, for everybody.
    Always,
}

#[derive(Clone, Debug, Serialize)]
pub struct EventRow {
    pub at: Timestamp,
    /// What stands after `event-` in the key of its words.
    pub what: &'static str,
    /// What it was about: the name of an authenticator.
    pub name: Option<String>,
    pub device: Option<String>,
    pub place: Option<String>,
}

/// `/account/security/events`: the same list, longer, and the holds there were.
#[derive(Clone, Debug, Serialize)]
pub struct EventsPage {
    pub events: Vec<EventRow>,
    pub holds: Vec<HoldRow>,
}

#[derive(Clone, Debug, Serialize)]
pub struct HoldRow {
    /// What stands after `hold-cause-` in the key of its words.
    pub cause: &'static str,
    pub began_at: Timestamp,
    pub ends_at: Timestamp,
}

/// `/account/security/factor?id=`. Posts `id` and `name` to `/account/security/factor/rename` (button `rename-submit`), and `id` to
/// `/account/security/factor/remove` (button `remove-submit`).
#[derive(Clone, Debug, Serialize)]
pub struct FactorPage {
    pub now: Timestamp,
    pub factor: FactorRow,
    /// Nothing stronger than the password is left when it goes.
    pub is_last: bool,
    pub errors: FieldErrors,
}

/// `/account/security/phrase`. Posts `phrase`, button `phrase-submit`; `/account/security/phrase/remove` has the button `phrase-remove`.
#[derive(Clone, Serialize)]
pub struct PhrasePage {
    /// The one in force.
    pub phrase: Option<String>,
    /// What stands in the field.
    pub typed: String,
    pub errors: FieldErrors,
}

/// `/account/security/lock`. Posts `days` (button `lock-submit`) while open, to `/account/security/lock/unlock` (button `unlock-submit`) while
/// locked, and to `/account/security/lock/keep` (button `keep-submit`) while the delay runs.
#[derive(Clone, Debug, Serialize)]
pub struct SettingsLockPage {
    pub now: Timestamp,
    pub lock: LockState,
    pub days: String,
    pub errors: FieldErrors,
}

/// `/keep-locked`: where the link of the mail lands. Posts `token`; button `keep-submit`.
#[derive(Clone, Debug, Serialize)]
pub struct KeepLockedPage {
    pub token: String,
}

/// The settings stay locked.
#[derive(Clone, Debug, Serialize)]
pub struct KeptLockedPage {}

/// `/account/security/devices`. Each has a form to `/account/security/devices/forget` with `device` (button `device-forget-<n>`, from 1);
/// `/account/security/devices/forget-all` has the button `devices-forget-all`.
#[derive(Clone, Debug, Serialize)]
pub struct DevicesPage {
    pub now: Timestamp,
    pub devices: Vec<DeviceRow>,
}

#[derive(Clone, Debug, Serialize)]
pub struct DeviceRow {
    /// What the form sends back; nothing that a browser could show.
    pub id: String,
    pub device: Option<String>,
    pub place: Option<String>,
    pub first_seen_at: Timestamp,
    pub last_seen_at: Timestamp,
    /// Until when it stands for a second factor.
    pub trusted_until: Option<Timestamp>,
    pub current: bool,
}

macro_rules! pages {
    ($($page:ty => $template:literal,)+) => {
        $(impl Page for $page {
            const TEMPLATE: &'static str = $template;
        })+
    };
}

pages! {
    SecurityPage => "pages/security.html",
    EventsPage => "pages/security_events.html",
    FactorPage => "pages/security_factor.html",
    PhrasePage => "pages/security_phrase.html",
    SettingsLockPage => "pages/security_lock.html",
    KeepLockedPage => "pages/keep_locked.html",
    KeptLockedPage => "pages/kept_locked.html",
    DevicesPage => "pages/security_devices.html",
}
