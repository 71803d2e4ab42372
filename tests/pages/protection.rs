//! Samples of the security page and of what protects an account beside its authenticators.

use karat::domain::authenticator::AuthenticatorKind;
use karat::domain::time::Timestamp;
use karat::pages::approval::{ApprovePage, ApprovedPage, AwaitingPage};
use karat::pages::freeze::{FreezePage, FrozenPage, StillFrozenPage, UnfreezePage};
use karat::pages::recovery::*;
use karat::pages::security::*;
use karat::pages::{FieldErrors, Frame, HoldNotice, Message, keys};

use crate::samples::{Collector, NOW, frame, in_account};

fn ago(seconds: i64) -> Timestamp {
    Timestamp::from_unix(NOW.unix() - seconds)
}

fn factor(kind: AuthenticatorKind, name: &str) -> FactorRow {
    FactorRow {
        id: "01939f2e-7f3a-7c11-9c0e-3f2b8a1d4e5f".into(),
        kind,
        name: name.into(),
        masked: (kind == AuthenticatorKind::Phone).then(|| "+34 ••• ••67".into()),
        synced: (kind == AuthenticatorKind::Passkey).then_some(true),
        created_at: ago(86_400 * 90),
        last_used_at: (kind != AuthenticatorKind::Phone).then(|| ago(7_200)),
    }
}

fn event(what: &'static str, seconds: i64) -> EventRow {
    EventRow {
        at: ago(seconds),
        what,
        name: what.starts_with("authenticator").then(|| "My <phone>".into()),
        device: Some("Firefox on Linux".into()),
        place: Some("203.0.113.7".into()),
    }
}

pub fn pages(put: &mut Collector<'_>) {
    let locale = put.locale;
    let at = |path: &str| in_account(locale, path);
    let events = vec![event("logged-in", 20), event("authenticator-added", 3_600), event("frozen", 86_400 * 5)];
    let home = SecurityPage {
        now: NOW,
        verdict: Verdict::Strong,
        next: None,
        password_changed_at: ago(86_400 * 30),
        factors: vec![
            factor(AuthenticatorKind::Passkey, "Ada’s phone"),
            factor(AuthenticatorKind::Totp, "Authenticator app"),
            factor(AuthenticatorKind::Phone, "Phone"),
        ],
        recovery_codes_left: Some(7),
        passkeys_are_offered: true,
        sms_is_offered: true,
        has_phrase: true,
        lock: LockState::Open,
        approval: Approval::On,
        recovery_ripe_at: None,
        devices: 3,
        events: events.clone(),
    };
    put.page("security", &home, at("/account/security"));
    let bare = SecurityPage {
        verdict: Verdict::Weak,
        next: Some(NextStep::Passkey),
        factors: Vec::new(),
        recovery_codes_left: None,
        passkeys_are_offered: true,
        sms_is_offered: false,
        has_phrase: false,
        approval: Approval::Off,
        ..home.clone()
    };
    put.page("security-bare", &bare, at("/account/security"));
    for (next, verdict) in [
        (NextStep::RecoveryCodes, Verdict::Fair),
        (NextStep::SecondPasskey, Verdict::Good),
        (NextStep::Phrase, Verdict::Strong),
    ] {
        let page = SecurityPage { next: Some(next), verdict, approval: Approval::Off, ..home.clone() };
        put.page(&format!("security-next-{next:?}").to_lowercase(), &page, at("/account/security"));
    }
    let until = Timestamp::from_unix(NOW.unix() + 86_400 * 3);
    let hold = Some(HoldNotice { until: Timestamp::from_unix(NOW.unix() + 86_400), now: NOW });
    let plain = SecurityPage { next: Some(NextStep::Phrase), passkeys_are_offered: false, ..bare.clone() };
    put.page("security-without-passkeys", &plain, at("/account/security"));
    let locked = SecurityPage {
        lock: LockState::Waiting { days: 3, until },
        approval: Approval::Always,
        recovery_ripe_at: Some(until),
        recovery_codes_left: Some(0),
        ..home.clone()
    };
    let removed = at("/account/security").with_notice(Message::new(keys::NOTICE_FACTOR_REMOVED));
    put.page("security-held", &locked, Frame { hold, ..removed });
    put.page("security-locked", &SecurityPage { lock: LockState::Locked { days: 3 }, ..home }, at("/account/security"));
    let hold = HoldRow { cause: "password_reset_elsewhere", began_at: ago(86_400), ends_at: ago(-86_400) };
    put.page("security-events", &EventsPage { events, holds: vec![hold] }, at("/account/security/events"));

    let none = FieldErrors::none;
    let mut refused = none();
    refused.push("form", Message::new(keys::SETTINGS_LOCKED));
    let one = |is_last, errors| FactorPage {
        now: NOW,
        factor: factor(AuthenticatorKind::Passkey, "Ada’s phone"),
        is_last,
        errors,
    };
    put.page("security-factor", &one(false, none()), at("/account/security/factor"));
    put.page("security-factor-last", &one(true, refused), at("/account/security/factor"));
    let mut empty = none();
    empty.push("phrase", Message::new(keys::PHRASE_REQUIRED));
    let phrase =
        |phrase: Option<&str>, errors| PhrasePage { phrase: phrase.map(str::to_owned), typed: String::new(), errors };
    put.page("security-phrase", &phrase(None, empty), at("/account/security/phrase"));
    put.page("security-phrase-set", &phrase(Some("blue <b>heron</b>"), none()), at("/account/security/phrase"));
    let mut many = none();
    many.push("days", Message::new(keys::LOCK_DAYS_INVALID));
    let lock = |lock, days: &str, errors| SettingsLockPage { now: NOW, lock, days: days.into(), errors };
    put.page("security-lock", &lock(LockState::Open, "99", many), at("/account/security/lock"));
    put.page("security-lock-on", &lock(LockState::Locked { days: 1 }, "", none()), at("/account/security/lock"));
    let waiting = LockState::Waiting { days: 3, until };
    put.page("security-lock-waiting", &lock(waiting, "", none()), at("/account/security/lock"));
    let token = || "mail-token".to_owned();
    put.page("keep-locked", &KeepLockedPage { token: token() }, frame(locale, "/keep-locked"));
    put.page("kept-locked", &KeptLockedPage {}, frame(locale, "/keep-locked"));
    let device = |id: &str, name: Option<&str>| DeviceRow {
        id: id.into(),
        device: name.map(str::to_owned),
        place: name.map(|_| "203.0.113.7".into()),
        first_seen_at: ago(86_400 * 200),
        last_seen_at: ago(300),
        trusted_until: name.map(|_| until),
        current: name.is_some(),
    };
    let devices = vec![device("d1", Some("Firefox on Linux")), device("d2", None)];
    put.page("security-devices", &DevicesPage { now: NOW, devices }, at("/account/security/devices"));
    put.page("security-devices-none", &DevicesPage { now: NOW, devices: vec![] }, at("/account/security/devices"));

    put.page("log-in-waits", &AwaitingPage {}, frame(locale, "/login/approval"));
    let mut elsewhere = none();
    elsewhere.push("form", Message::new(keys::APPROVAL_ELSEWHERE));
    let asked = ApprovePage {
        token: token(),
        device: "Firefox on <Linux>".into(),
        place: "203.0.113.7".into(),
        at: ago(60),
        errors: elsewhere,
    };
    put.page("approve", &asked, frame(locale, "/approve"));
    put.page("approved", &ApprovedPage {}, frame(locale, "/approve"));
    put.page("mfa-lost", &LostPage { hours: 72, errors: none() }, frame(locale, "/mfa/lost"));
    put.page("mfa-lost-sent", &LostSentPage {}, frame(locale, "/mfa/lost"));
    put.page("recovery-start", &StartRecoveryPage { token: token(), hours: 72 }, frame(locale, "/recovery/start"));
    put.page("recovery-begun", &RecoveryBegunPage { ripe_at: until }, frame(locale, "/recovery/start"));
    put.page("recovery-cancel", &CancelRecoveryPage { token: token() }, frame(locale, "/recovery/cancel"));
    put.page("recovery-cancelled", &RecoveryCancelledPage {}, frame(locale, "/recovery/cancel"));
    let mut wrong = none();
    wrong.push("password", Message::new(keys::CURRENT_PASSWORD_WRONG));
    let finish = FinishRecoveryPage { token: token(), errors: wrong };
    put.page("recovery-finish", &finish, frame(locale, "/recovery/finish"));

    put.page("freeze", &FreezePage { token: Some(token()) }, frame(locale, "/freeze"));
    put.page("freeze-own", &FreezePage { token: None }, at("/account/security/freeze"));
    put.page("frozen", &FrozenPage {}, frame(locale, "/frozen"));
    put.page("still-frozen", &StillFrozenPage { since: ago(86_400) }, frame(locale, "/login"));
    put.page("unfreeze", &UnfreezePage { token: token() }, frame(locale, "/unfreeze"));
}
