//! What a person has enrolled to prove who they are, beside the password.

use serde::{Deserialize, Serialize};

use super::authentication::{Acr, PasskeyUse};
use super::ids::UserId;
use super::time::Timestamp;

/// One enrolled authenticator, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authenticator {
    /// A UUID as text.
    pub id: String,
    pub user_id: UserId,
    /// What the person calls it.
    pub name: String,
    pub facts: Facts,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthenticatorKind {
    Passkey,
    Totp,
    Phone,
}

/// What is known of it and may be shown to its owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Facts {
    Passkey(PasskeyFacts),
    Totp,
    Phone {
        /// "+49 ••• ••67".
        masked: String,
        /// ISO 3166-1 alpha-2.
        country: String,
    },
}

/// WebAuthn Level 3 sections 6.1.3 and 6.5.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeyFacts {
    /// May be copied to other devices (BE).
    pub synced: bool,
    /// Is copied at present (BS).
    pub backed_up: bool,
    /// A manufacturer whom the operator trusts vouches for the hardware.
    pub attested: bool,
    /// The model, when it says so: a UUID as text.
    pub aaguid: Option<String>,
    pub transports: Vec<String>,
}

impl Authenticator {
    pub fn kind(&self) -> AuthenticatorKind {
        match self.facts {
            Facts::Passkey(_) => AuthenticatorKind::Passkey,
            Facts::Totp => AuthenticatorKind::Totp,
            Facts::Phone { .. } => AuthenticatorKind::Phone,
        }
    }
}

impl AuthenticatorKind {
    pub const ALL: [Self; 3] = [Self::Passkey, Self::Totp, Self::Phone];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passkey => "passkey",
            Self::Totp => "totp",
            Self::Phone => "phone",
        }
    }
}

/// An authenticator app on its way: its secret as text, and as what a QR code says.
#[derive(Clone, Debug)]
pub struct NewApp {
    /// Base32, in groups of four.
    pub typed: String,
    /// `otpauth://totp/...`.
    pub uri: String,
}

/// A way of proving oneself that a page can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    Password,
    RecoveryCode,
    Sms,
    Totp,
    Passkey,
}

impl Way {
    /// In the order in which a person is offered them: the strongest first.
    pub const BEST_FIRST: [Self; 5] = [Self::Passkey, Self::Totp, Self::Sms, Self::RecoveryCode, Self::Password];

    /// The last segment of its page below `/mfa`.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::RecoveryCode => "recovery",
            Self::Sms => "sms",
            Self::Totp => "totp",
            Self::Passkey => "passkey",
        }
    }
}

/// What a person could show, as far as a decision needs to know. SMS counts only where the deployment sends any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Enrolled {
    /// The strongest of the passkeys, taken as verified.
    pub passkey: Option<PasskeyUse>,
    pub totp: bool,
    pub sms: bool,
    pub recovery_codes: bool,
}

impl Enrolled {
    pub fn of(authenticators: &[Authenticator], recovery_codes: bool, sms_is_sent: bool) -> Self {
        let passkeys = authenticators.iter().filter_map(|one| match &one.facts {
            Facts::Passkey(facts) => {
                Some(PasskeyUse { user_verified: true, synced: facts.synced, attested: facts.attested })
            }
            _ => None,
        });
        let has = |kind| authenticators.iter().any(|one| one.kind() == kind);
        Self {
            passkey: passkeys.max_by_key(|passkey| passkey.attested && !passkey.synced),
            totp: has(AuthenticatorKind::Totp),
            sms: has(AuthenticatorKind::Phone) && sms_is_sent,
            recovery_codes,
        }
    }

    /// Whether there is a second factor. Recovery codes alone are none: they stand in for one that was lost.
    pub fn has_second_factor(&self) -> bool {
        self.passkey.is_some() || self.totp || self.sms
    }

    /// The strongest class that the person can reach again and again: recovery codes are for the day one is lost.
    pub fn reach(&self) -> Acr {
        match self {
            Self { passkey: Some(PasskeyUse { synced: false, attested: true, .. }), .. } => Acr::Phrh,
            Self { passkey: Some(_), .. } => Acr::Phr,
            Self { totp: true, .. } => Acr::Mfa,
            Self { sms: true, .. } => Acr::MfaSms,
            _ => Acr::Password,
        }
    }

    /// What a way can lift a log-in to, together with the password.
    pub fn reach_of(&self, way: Way) -> Option<Acr> {
        match way {
            Way::Password => Some(Acr::Password),
            Way::Passkey => self.passkey.map(|passkey| match passkey {
                PasskeyUse { synced: false, attested: true, .. } => Acr::Phrh,
                _ => Acr::Phr,
            }),
            Way::Totp => self.totp.then_some(Acr::Mfa),
            Way::Sms => self.sms.then_some(Acr::MfaSms),
            Way::RecoveryCode => (self.recovery_codes && self.has_second_factor()).then_some(Acr::Mfa),
        }
    }
}
