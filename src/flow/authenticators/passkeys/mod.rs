//! Passkeys (WebAuthn Level 3): made on the account's security page, used to log in alone or beside a password.
//!
//! This file and its neighbours `registration`, `assertion` and `attestation` are the adapter over `webauthn-rs`, whose types
//! stay in here; `ceremony` keeps what was asked, `enrol` and `verify` are the use cases. The server judges all that comes
//! back anew, whatever its page asked the browser for.

mod assertion;
mod attestation;
mod authenticator_data;
mod cbor;
mod ceremony;
mod client_data;
mod enrol;
mod registration;
mod transports;
mod verify;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use webauthn_rs::prelude::{Passkey, Webauthn, WebauthnBuilder, WebauthnError};

pub use assertion::{Asserted, Asserting, Assertion};
pub use attestation::{AttestationPolicy, AttestationRootsError};
pub use cbor::Malformed;
pub use ceremony::{AskedIn, Challenge};
pub use client_data::ClientDataError;
pub use registration::{NewPasskey, Registering};
pub use verify::NotTaken;

use crate::config::{Issuer, PasskeysSection};
use crate::domain::time::Seconds;

/// How long a challenge can be answered (WebAuthn Level 3 section 15.1 recommends 5 to 10 minutes where a person is verified).
pub const CHALLENGE_LIFETIME: Seconds = Seconds::minutes(5);

/// Attestation with its certificates is a few KiB.
const LONGEST_ANSWER: usize = 32 * 1024;

/// The relying party: judges answers for the one host and origin that the issuer has.
#[derive(Clone, Debug)]
pub struct Passkeys {
    library: Webauthn,
    origin: String,
    attestation: AttestationPolicy,
}

#[derive(Debug, thiserror::Error)]
pub enum PasskeysError {
    #[error(transparent)]
    Attestation(#[from] AttestationRootsError),
    #[error("passkeys cannot be offered for this issuer: {0}")]
    Issuer(WebauthnError),
}

/// Why an answer is not taken. For logs and events; people are told less.
#[derive(Debug, thiserror::Error)]
pub enum Objection {
    #[error("the answer is too long")]
    TooLong,
    #[error("the answer is no JSON of that kind: {0}")]
    Unreadable(#[from] serde_json::Error),
    #[error("the credential's id and raw id differ, or it is no public key")]
    Shape,
    #[error(transparent)]
    ClientData(#[from] ClientDataError),
    #[error("authenticator data {0}")]
    AuthenticatorData(#[from] Malformed),
    #[error("the credential is not the one that was made")]
    OtherCredential,
    #[error("no maker that is believed vouches for the authenticator")]
    NotAttested,
    #[error("the user handle is not of the passkey's owner")]
    OtherPerson,
    #[error("no such passkey, or none that was asked for")]
    Unknown,
    #[error("the counter of a key that cannot be copied went back")]
    CounterWentBack,
    #[error("{0:?}")]
    Library(WebauthnError),
}

impl From<WebauthnError> for Objection {
    fn from(error: WebauthnError) -> Self {
        Self::Library(error)
    }
}

/// The public half of a passkey with its counter and flags, as it is stored (WebAuthn Level 3 section 4, "credential
/// record").
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StoredKey(Passkey);

/// As base64url without padding, the one spelling there is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CredentialId(String);

impl CredentialId {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn of(id: &str, raw: &[u8], kind: &str) -> Result<Self, Objection> {
        let text = URL_SAFE_NO_PAD.encode(raw);
        if raw.is_empty() || id != text || kind != "public-key" {
            return Err(Objection::Shape);
        }
        Ok(Self(text))
    }

    fn bytes(&self) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(&self.0).unwrap_or_default()
    }
}

impl StoredKey {
    pub fn credential_id(&self) -> CredentialId {
        CredentialId(URL_SAFE_NO_PAD.encode(self.0.cred_id()))
    }
}

impl Passkeys {
    /// `None` when they are switched off, or the issuer is an address and not a name: passkeys are bound to names.
    pub fn at(issuer: &Issuer, name: &str, section: &PasskeysSection) -> Result<Option<Self>, PasskeysError> {
        let name_of_place = issuer.url().domain().filter(|_| section.are_offered_at(issuer));
        let Some(host) = name_of_place else { return Ok(None) };
        let lifetime = CHALLENGE_LIFETIME.as_duration();
        let builder = WebauthnBuilder::new(host, issuer.url()).map_err(PasskeysError::Issuer)?;
        let library = builder.rp_name(name).timeout(lifetime).build().map_err(PasskeysError::Issuer)?;
        Ok(Some(Self { library, origin: issuer.origin(), attestation: AttestationPolicy::load(section)? }))
    }
}

impl Passkeys {
    /// Whether only the hardware of makers that are believed is enrolled.
    pub fn require_attestation(&self) -> bool {
        self.attestation.is_required()
    }
}

fn longest(posted: &str) -> Result<&str, Objection> {
    if posted.len() > LONGEST_ANSWER { Err(Objection::TooLong) } else { Ok(posted) }
}
