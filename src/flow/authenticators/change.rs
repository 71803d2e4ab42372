//! What a change of the account's protection asks for, and who hears of it.

use super::super::account::Owner;
use super::super::karat::Karat;
use super::super::login::Browser;
use super::super::logout::Ending;
use super::super::sessions::device_name;
use super::super::{Failure, Refused};
use crate::domain::authentication::Acr;
use crate::domain::authenticator::{Authenticator, AuthenticatorKind, Enrolled};
use crate::domain::grant::RevocationReason;
use crate::domain::hold::HoldCause;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::pages::mail::SecurityChanged;
use crate::pages::{Message, keys};
use crate::storage::Change;
use crate::storage::events::EventKind;

const LONGEST_NAME: usize = 40;

/// What happened to the account's protection, as its owner is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecurityChange {
    Added {
        kind: AuthenticatorKind,
        name: String,
    },
    /// Another took the place of the one there was.
    Replaced {
        kind: AuthenticatorKind,
        name: String,
    },
    Removed {
        kind: AuthenticatorKind,
        name: String,
    },
    PhraseChosen,
    PhraseRemoved,
    SettingsLocked,
    SettingsKeptLocked,
    ApprovalSwitched {
        on: bool,
    },
    RecoveryCancelled,
    /// Everything that was said to be lost is gone.
    Recovered,
    RecoveryCodesMade,
    RecoveryCodeUsed {
        left: i64,
    },
}

/// What an authenticator is to those there were.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place {
    /// It takes another's place.
    pub replaced: bool,
    /// What there was before.
    pub before: Enrolled,
}

impl SecurityChange {
    fn message(&self) -> Message {
        let named = |key, name: &str| Message::new(key).with("name", name.to_owned());
        match self {
            Self::Added { kind, name } => named(
                match kind {
                    AuthenticatorKind::Passkey => keys::MAIL_PASSKEY_ADDED,
                    AuthenticatorKind::Totp => keys::MAIL_TOTP_ADDED,
                    AuthenticatorKind::Phone => keys::MAIL_PHONE_ADDED,
                },
                name,
            ),
            Self::Replaced { name, .. } => named(keys::MAIL_AUTHENTICATOR_REPLACED, name),
            Self::Removed { name, .. } => named(keys::MAIL_AUTHENTICATOR_REMOVED, name),
            Self::PhraseChosen => Message::new(keys::MAIL_PHRASE_CHOSEN),
            Self::PhraseRemoved => Message::new(keys::MAIL_PHRASE_REMOVED),
            Self::SettingsLocked => Message::new(keys::MAIL_SETTINGS_LOCKED),
            Self::SettingsKeptLocked => Message::new(keys::MAIL_SETTINGS_KEPT_LOCKED),
            Self::ApprovalSwitched { on: true } => Message::new(keys::MAIL_APPROVAL_ON),
            Self::ApprovalSwitched { on: false } => Message::new(keys::MAIL_APPROVAL_OFF),
            Self::RecoveryCancelled => Message::new(keys::MAIL_RECOVERY_CANCELLED),
            Self::Recovered => Message::new(keys::MAIL_RECOVERED),
            Self::RecoveryCodesMade => Message::new(keys::MAIL_RECOVERY_CODES_MADE),
            Self::RecoveryCodeUsed { left } => Message::new(keys::MAIL_RECOVERY_CODE_USED).with("left", *left),
        }
    }
}

impl Karat {
    /// Whether the strongest factor the person has was shown just now, or the code that stands in for a lost one.
    pub async fn has_proven_lately(&self, owner: Owner<'_>) -> Result<bool, Failure> {
        let enrolled = self.enrolled(owner.signed_in.user.id).await?;
        let (within, now) = (self.settings.authentication.fresh_for, self.now());
        let authentication = &owner.signed_in.session.authentication;
        Ok(authentication.shown_lately(enrolled.reach(), within, now) || authentication.recovered_lately(within, now))
    }

    /// Whether a form that asks for the password has to be preceded by the second factor of who has one.
    pub async fn must_prove_first(&self, owner: Owner<'_>) -> Result<bool, Failure> {
        let enrolled = self.enrolled(owner.signed_in.user.id).await?;
        Ok(enrolled.has_second_factor() && !self.has_proven_lately(owner).await?)
    }

    /// Asked before anything that protects the account changes.
    pub async fn may_change_security(&self, owner: Owner<'_>) -> Result<(), Refused> {
        self.settings_open(&owner.signed_in.user)?;
        match self.has_proven_lately(owner).await? {
            true => Ok(()),
            false => Err(Refused::ProveFirst),
        }
    }

    /// What every enrolment does within its change: it is noted and the person is told. The caller commits and rings the
    /// outbox bell.
    pub(in crate::flow) async fn authenticator_added(
        &self,
        change: &mut Change,
        owner: Owner<'_>,
        made: &Authenticator,
        Place { replaced, before }: Place,
    ) -> Result<(), Failure> {
        let user = &owner.signed_in.user;
        let event = self.event(EventKind::AuthenticatorAdded, user.id).from_address(&owner.browser.address.to_string());
        let detail = serde_json::json!({ "kind": made.kind(), "name": made.name, "agent": owner.browser.agent });
        change.record(&event.with(detail)).await?;
        let (kind, name) = (made.kind(), made.name.clone());
        let cause = match (replaced, made.kind()) {
            (true, AuthenticatorKind::Phone) => HoldCause::PhoneChanged,
            (true, _) => HoldCause::FactorRemoved,
            (false, _) => HoldCause::FirstFactor,
        };
        // Who had a password, or a number that may have been taken over, may be somebody else who gains a stronger factor.
        let gains = before.reach() <= Acr::MfaSms && before.reach() < reach_of(made.kind());
        let hold = match replaced || gains {
            true => self.start_hold(change, user, cause).await?,
            false => None,
        };
        if replaced {
            // As when one is removed: what was trusted upon the old one is asked again, and who was logged in by it is not.
            change.distrust_devices(user.id).await?;
            let others = Ending::AllBut(owner.signed_in.session.id);
            self.end_sessions(change, user.id, others, RevocationReason::SecurityChanged).await?;
        }
        let told = match replaced {
            true => SecurityChange::Replaced { kind, name },
            false => SecurityChange::Added { kind, name },
        };
        self.tell_of_change(change, user, &told, owner.browser, hold).await
    }

    /// Mails the person what changed, when, and from where. The caller rings the outbox bell.
    pub(in crate::flow) async fn tell_of_change(
        &self,
        change: &mut Change,
        user: &User,
        what: &SecurityChange,
        browser: &Browser,
        hold_until: Option<Timestamp>,
    ) -> Result<(), Failure> {
        let from = (Some(device_name(&browser.agent)), Some(browser.address.to_string()));
        self.mail_change(change, user, what, from, hold_until).await
    }

    /// As [`Karat::tell_of_change`], of what nobody did in a browser of the person's.
    pub(in crate::flow) async fn tell_of_change_elsewhere(
        &self,
        change: &mut Change,
        user: &User,
        what: &SecurityChange,
        hold_until: Option<Timestamp>,
    ) -> Result<(), Failure> {
        self.mail_change(change, user, what, (None, None), hold_until).await
    }

    async fn mail_change(
        &self,
        change: &mut Change,
        user: &User,
        what: &SecurityChange,
        (device, place): (Option<String>, Option<String>),
        hold_until: Option<Timestamp>,
    ) -> Result<(), Failure> {
        let mail = SecurityChanged {
            what: what.message(),
            at: self.now(),
            device,
            place,
            security_link: self.issuer.join("/account/security"),
            forgotten_link: self.issuer.join("/password/forgotten"),
        };
        self.put_warning(change, user, &mail, hold_until).await
    }
}

const fn reach_of(kind: AuthenticatorKind) -> Acr {
    match kind {
        AuthenticatorKind::Passkey => Acr::Phr,
        AuthenticatorKind::Totp => Acr::Mfa,
        AuthenticatorKind::Phone => Acr::MfaSms,
    }
}

/// What the person calls it, or else what it is and where it was added.
pub(in crate::flow) fn name_of(wanted: &str, kind: AuthenticatorKind, browser: &Browser) -> String {
    let plain: String = wanted.trim().chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
    if !plain.is_empty() {
        return plain;
    }
    match kind {
        AuthenticatorKind::Passkey => device_name(&browser.agent),
        AuthenticatorKind::Totp => "Authenticator app".to_owned(),
        AuthenticatorKind::Phone => "Phone".to_owned(),
    }
}
