//! Passkeys: whether there are any, and which makers of authenticators are believed.

use std::path::PathBuf;

use serde::Deserialize;
use uuid::Uuid;

use super::mistake::Report;
use super::value::Issuer;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasskeysSection {
    pub enabled: bool,
    pub attestation: AttestationDemand,
    /// PEM file of the makers' root certificates.
    pub attestation_roots: Option<PathBuf>,
    /// The models that may be attested; empty: all of those makers.
    pub attestation_aaguids: Vec<Uuid>,
}

/// Whether a maker has to vouch for an authenticator (WebAuthn Level 3 section 6.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttestationDemand {
    /// Nobody is asked.
    None,
    /// Asked for; who has none may enrol nevertheless.
    Preferred,
    /// Without it there is no enrolment; that keeps synced passkeys out.
    Required,
}

impl PasskeysSection {
    /// Passkeys are bound to a name: a bare address has none.
    pub fn are_offered_at(&self, issuer: &Issuer) -> bool {
        self.enabled && issuer.url().domain().is_some()
    }

    pub(super) fn check(&self, report: &mut Report<'_>) {
        match (self.attestation, &self.attestation_roots) {
            (AttestationDemand::None, Some(_)) => {
                report.mistake("passkeys.attestation_roots", "is of no use while `attestation` is \"none\"");
            }
            (AttestationDemand::None, None) if !self.attestation_aaguids.is_empty() => {
                report.mistake("passkeys.attestation_aaguids", "is of no use while `attestation` is \"none\"");
            }
            (AttestationDemand::Preferred | AttestationDemand::Required, None) => {
                report.mistake("passkeys.attestation", "needs `attestation_roots`, the makers that are believed");
            }
            _ => {}
        }
    }
}
