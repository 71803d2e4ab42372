//! What protects an account beside its authenticators, and what its owner sees of it.

mod devices;
mod factors;
mod phrase;
mod settings_lock;

use super::account::Owner;
use super::karat::Karat;
use super::{Failure, Refused};
use crate::domain::authenticator::{Authenticator, AuthenticatorKind, Enrolled, Facts};
use crate::domain::hold::Hold;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::pages::security::{NextStep, Verdict};
use crate::pages::{FieldError, Message, keys};
use crate::storage::events::{Event, EventKind, PastEvent};

/// Events looked at; those that say nothing of security are left out of them.
const EVENTS: i64 = 200;
const HOLDS: i64 = 20;

pub struct SecurityOverview {
    pub authenticators: Vec<Authenticator>,
    pub verdict: Verdict,
    pub next: Option<NextStep>,
    /// `None`: none were ever made.
    pub recovery_codes_left: Option<i64>,
    /// Devices that the account knows.
    pub devices: usize,
    /// When a running recovery will be ripe.
    pub recovery_ripe_at: Option<Timestamp>,
    /// The newest first.
    pub events: Vec<PastEvent>,
}

impl Karat {
    pub async fn security_overview(&self, user: &User) -> Result<SecurityOverview, Failure> {
        let authenticators = self.store.authenticators_of(user.id).await?;
        let codes = self.store.recovery_codes_of(user.id).await?;
        let enrolled = self.enrolled(user.id).await?;
        let able = Able { passkeys: self.passkeys.is_some(), recovery_codes: codes.left > 0 };
        Ok(SecurityOverview {
            verdict: verdict(&enrolled),
            next: next_step(&authenticators, &enrolled, able, user),
            authenticators,
            recovery_codes_left: codes.made_at.map(|_| codes.left),
            devices: self.known_devices(user).await?.len(),
            recovery_ripe_at: self.store.open_recovery(user.id, self.now()).await?.map(|running| running.ripe_at),
            events: self.security_events(user).await?,
        })
    }

    pub async fn security_events(&self, user: &User) -> Result<Vec<PastEvent>, Failure> {
        Ok(self.store.events_of(user.id, EVENTS).await?)
    }

    pub async fn holds_of(&self, user: &User) -> Result<Vec<Hold>, Failure> {
        Ok(self.store.holds_of(user.id, HOLDS).await?)
    }

    /// Asked by whatever changes a setting that protects the account.
    pub fn settings_open(&self, user: &User) -> Result<(), Refused> {
        if !user.protection.settings.is_locked(self.now()) {
            return Ok(());
        }
        Err(Refused::Form(FieldError::whole_form(Message::new(keys::SETTINGS_LOCKED)).into()))
    }

    /// An event of something that the owner did on a page.
    pub(super) fn own_event(&self, kind: EventKind, owner: Owner<'_>, detail: serde_json::Value) -> Event {
        let mut detail = detail;
        if let Some(map) = detail.as_object_mut() {
            map.insert("agent".to_owned(), owner.browser.agent.clone().into());
        }
        let address = owner.browser.address.to_string();
        self.event(kind, owner.signed_in.user.id).from_address(&address).with(detail)
    }
}

fn verdict(enrolled: &Enrolled) -> Verdict {
    match enrolled {
        Enrolled { passkey: Some(_), .. } => Verdict::Strong,
        Enrolled { totp: true, .. } => Verdict::Good,
        Enrolled { sms: true, .. } => Verdict::Fair,
        _ => Verdict::Weak,
    }
}

#[derive(Clone, Copy)]
struct Able {
    /// Whether the deployment takes them.
    passkeys: bool,
    /// Whether the person has any left.
    recovery_codes: bool,
}

/// The one thing that would help most: what phishing cannot reach, then a way back, then a spare.
fn next_step(authenticators: &[Authenticator], enrolled: &Enrolled, able: Able, user: &User) -> Option<NextStep> {
    let passkeys = authenticators.iter().filter(|one| one.kind() == AuthenticatorKind::Passkey);
    let is_synced = |one: &Authenticator| matches!(&one.facts, Facts::Passkey(facts) if facts.synced);
    if able.passkeys && enrolled.passkey.is_none() {
        Some(NextStep::Passkey)
    } else if !able.recovery_codes && !authenticators.is_empty() {
        Some(NextStep::RecoveryCodes)
    } else if able.passkeys && authenticators.len() == 1 && !passkeys.clone().any(is_synced) {
        Some(NextStep::SecondPasskey)
    } else if user.protection.phrase.is_none() {
        Some(NextStep::Phrase)
    } else {
        None
    }
}
