//! `/account/security`: what protects the account.

pub mod devices;
pub mod factors;
pub mod phrase;
pub mod rows;
pub mod settings_lock;

use axum::response::Response;

use super::notice::Notice;
use super::owner::{OwnerForm, OwnerVisit};
use crate::flow::Refused;
use crate::http::error::PageError;
use crate::pages::FieldErrors;
use crate::pages::security::{Approval, EventsPage, SecurityPage};
use rows::{event_rows, factor_row, hold_row, lock_state};

pub const PATH: &str = "/account/security";
/// Events on the page itself; its own page has more.
const LATEST: usize = 5;

pub async fn get(at: OwnerVisit) -> Result<Response, PageError> {
    let karat = at.visit.web.karat.clone();
    let (user, now) = (&at.signed_in.user, karat.now());
    let overview = karat.security_overview(user).await?;
    let approval = match (karat.settings.authentication.approve_new_devices, user.protection.approves_log_ins) {
        (true, _) => Approval::Always,
        (false, true) => Approval::On,
        (false, false) => Approval::Off,
    };
    let page = SecurityPage {
        now,
        verdict: overview.verdict,
        next: overview.next,
        password_changed_at: user.password_changed_at,
        factors: overview.authenticators.iter().map(factor_row).collect(),
        recovery_codes_left: overview.recovery_codes_left,
        passkeys_are_offered: karat.passkeys.is_some(),
        sms_is_offered: karat.settings.policy.sms,
        has_phrase: user.protection.phrase.is_some(),
        lock: lock_state(user.protection.settings, now),
        approval,
        recovery_ripe_at: overview.recovery_ripe_at,
        devices: i64::try_from(overview.devices).unwrap_or(i64::MAX),
        events: event_rows(&overview.events).take(LATEST).collect(),
    };
    at.page(PATH, &page)
}

pub async fn get_events(at: OwnerVisit) -> Result<Response, PageError> {
    let karat = at.visit.web.karat.clone();
    let events = karat.security_events(&at.signed_in.user).await?;
    let holds = karat.holds_of(&at.signed_in.user).await?;
    let page = EventsPage { events: event_rows(&events).collect(), holds: holds.iter().map(hold_row).collect() };
    at.page("/account/security/events", &page)
}

/// Switches whether log-ins from unknown browsers wait for an approval.
pub async fn post_approval(form: OwnerForm) -> Result<Response, PageError> {
    let on = form.text("approval") == "on";
    let at = form.at;
    let karat = at.visit.web.karat.clone();
    match karat.switch_approval(at.owner(), on).await {
        Ok(()) => Ok(at.go(PATH, if on { Notice::ApprovalOn } else { Notice::ApprovalOff })),
        Err(refused) => refused_here(at, refused),
    }
}

/// What a page without fields answers to a refusal.
fn refused_here(at: OwnerVisit, refused: Refused) -> Result<Response, PageError> {
    match refused {
        Refused::ProveFirst => Ok(at.visit.see_other("/mfa?next=security")),
        Refused::Form(_) => Ok(at.go(PATH, Notice::SettingsLocked)),
        // It is as the person wants it already, or as somebody else has made it: the page shows how things are.
        Refused::Gone => Ok(at.visit.see_other(PATH)),
        other => super::errors_of(other).map(|_: FieldErrors| at.visit.see_other(PATH)),
    }
}
