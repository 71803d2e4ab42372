//! Which makers are believed when they vouch for an authenticator (WebAuthn Level 3 sections 6.5 and 7.1 steps 22 to 24).

use std::path::PathBuf;

use uuid::Uuid;
use webauthn_rs::prelude::{AttestationCaList, AttestationMetadata, AttestedPasskey, Credential, Passkey};
use webauthn_rs_proto::AttestationConveyancePreference;

use crate::config::{AttestationDemand, PasskeysSection};

#[derive(Debug, thiserror::Error)]
pub enum AttestationRootsError {
    #[error("passkeys.attestation_roots: cannot read {path}: {cause}")]
    Unreadable { path: PathBuf, cause: std::io::Error },
    #[error("passkeys.attestation_roots: certificate {number} of {path} is not valid")]
    Invalid { path: PathBuf, number: usize },
    #[error("passkeys.attestation_roots: {0} holds no certificate")]
    Empty(PathBuf),
}

#[derive(Clone, Debug)]
pub struct AttestationPolicy {
    demand: AttestationDemand,
    roots: AttestationCaList,
    /// Empty: every model of the makers.
    models: Vec<Uuid>,
}

const END: &str = "-----END CERTIFICATE-----";

impl AttestationPolicy {
    pub fn load(section: &PasskeysSection) -> Result<Self, AttestationRootsError> {
        let mut roots = AttestationCaList::default();
        if let Some(path) = &section.attestation_roots {
            let text = std::fs::read_to_string(path)
                .map_err(|cause| AttestationRootsError::Unreadable { path: path.clone(), cause })?;
            for (index, one) in text.split_inclusive(END).filter(|one| one.ends_with(END)).enumerate() {
                let invalid = || AttestationRootsError::Invalid { path: path.clone(), number: index + 1 };
                let begin = one.find("-----BEGIN CERTIFICATE-----").ok_or_else(invalid)?;
                roots.union(&AttestationCaList::try_from(&one.as_bytes()[begin..]).map_err(|_| invalid())?);
            }
            if roots.is_empty() {
                return Err(AttestationRootsError::Empty(path.clone()));
            }
        }
        Ok(Self { demand: section.attestation, roots, models: section.attestation_aaguids.clone() })
    }

    pub(super) fn conveyance(&self) -> AttestationConveyancePreference {
        match self.demand {
            AttestationDemand::None => AttestationConveyancePreference::None,
            AttestationDemand::Preferred | AttestationDemand::Required => AttestationConveyancePreference::Direct,
        }
    }

    pub(super) fn is_required(&self) -> bool {
        self.demand == AttestationDemand::Required
    }

    /// Whether a maker vouches for hardware that the key cannot leave. That the statement fits what was signed, the library
    /// has checked before.
    pub(super) fn attests(&self, key: &Passkey) -> bool {
        let credential = Credential::from(key.clone());
        if self.demand == AttestationDemand::None || credential.backup_eligible {
            return false;
        }
        // Only in these two formats does the maker's signature cover the model's number.
        let model = match &credential.attestation.metadata {
            AttestationMetadata::Packed { aaguid } | AttestationMetadata::Tpm { aaguid, .. } => Some(*aaguid),
            _ => None,
        };
        let is_listed = self.models.is_empty() || model.is_some_and(|model| self.models.contains(&model));
        is_listed && AttestedPasskey::from(credential).verify_attestation(&self.roots).is_ok()
    }
}
