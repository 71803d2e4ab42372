//! What the pages of the security area show of what is stored.

use crate::domain::authenticator::{Authenticator, Facts};
use crate::domain::hold::Hold;
use crate::domain::protection::SettingsLock;
use crate::domain::time::{Seconds, Timestamp};
use crate::flow::sessions::device_name;
use crate::pages::security::{EventRow, FactorRow, HoldRow, LockState};
use crate::storage::events::{EventKind, PastEvent};

pub fn factor_row(one: &Authenticator) -> FactorRow {
    let (masked, synced) = match &one.facts {
        Facts::Passkey(facts) => (None, Some(facts.synced)),
        Facts::Totp => (None, None),
        Facts::Phone { masked, .. } => (Some(masked.clone()), None),
    };
    FactorRow {
        id: one.id.clone(),
        kind: one.kind(),
        name: one.name.clone(),
        masked,
        synced,
        created_at: one.created_at,
        last_used_at: one.last_used_at,
    }
}

pub fn lock_state(lock: SettingsLock, now: Timestamp) -> LockState {
    let days = |delay: Seconds| delay.0 / Seconds::days(1).0;
    match lock.at(now) {
        SettingsLock::Open => LockState::Open,
        SettingsLock::Locked { delay } => LockState::Locked { days: days(delay) },
        SettingsLock::Waiting { delay, until } => LockState::Waiting { days: days(delay), until },
    }
}

pub fn hold_row(hold: &Hold) -> HoldRow {
    HoldRow { cause: hold.cause.as_str(), began_at: hold.began_at, ends_at: hold.ends_at }
}

/// Those that say something of security.
pub fn event_rows(events: &[PastEvent]) -> impl Iterator<Item = EventRow> {
    events.iter().filter_map(|event| {
        let text = |name: &str| event.detail.get(name).and_then(|value| value.as_str()).map(str::to_owned);
        Some(EventRow {
            at: event.at,
            what: words_for(&event.kind)?,
            name: text("name"),
            device: text("agent").filter(|agent| !agent.is_empty()).map(|agent| device_name(&agent)),
            place: event.address.clone(),
        })
    })
}

/// What stands after `event-` in the key of its words.
pub fn words_for(kind: &str) -> Option<&'static str> {
    let known = [
        (EventKind::Registered, "registered"),
        (EventKind::LoggedIn, "logged-in"),
        (EventKind::LoggedOut, "logged-out"),
        (EventKind::SteppedUp, "stepped-up"),
        (EventKind::SessionEnded, "session-ended"),
        (EventKind::PasswordChanged, "password-changed"),
        (EventKind::PasswordReset, "password-reset"),
        (EventKind::EmailChanged, "email-changed"),
        (EventKind::AuthenticatorAdded, "authenticator-added"),
        (EventKind::AuthenticatorRemoved, "authenticator-removed"),
        (EventKind::AuthenticatorRenamed, "authenticator-renamed"),
        (EventKind::AuthenticatorRefused, "authenticator-refused"),
        (EventKind::RecoveryCodesMade, "recovery-codes-made"),
        (EventKind::RecoveryCodeUsed, "recovery-code-used"),
        (EventKind::ConsentGiven, "consent-given"),
        (EventKind::ConsentWithdrawn, "consent-withdrawn"),
        (EventKind::Locked, "locked"),
        (EventKind::Unlocked, "unlocked"),
        (EventKind::Frozen, "frozen"),
        (EventKind::Unfrozen, "unfrozen"),
        (EventKind::PhraseChanged, "phrase-changed"),
        (EventKind::DevicesForgotten, "devices-forgotten"),
        (EventKind::DeviceTrusted, "device-trusted"),
        (EventKind::SettingsLocked, "settings-locked"),
        (EventKind::SettingsUnlocking, "settings-unlocking"),
        (EventKind::SettingsKeptLocked, "settings-kept-locked"),
        (EventKind::ApprovalSwitched, "approval-switched"),
        (EventKind::LogInApproved, "log-in-approved"),
        (EventKind::RecoveryBegun, "recovery-begun"),
        (EventKind::RecoveryCancelled, "recovery-cancelled"),
        (EventKind::Recovered, "recovered"),
    ];
    known.into_iter().find(|(known, _)| known.as_str() == kind).map(|(_, words)| words)
}
