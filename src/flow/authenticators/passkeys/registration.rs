//! Making a passkey (WebAuthn Level 3 section 7.1).

use serde::{Deserialize, Serialize};
use webauthn_rs::prelude::{Credential, PasskeyRegistration, RegisterPublicKeyCredential};
use webauthn_rs_proto::{PublicKeyCredentialDescriptor, ResidentKeyRequirement};

use super::authenticator_data::AuthenticatorData;
use super::client_data::{self, Ceremony};
use super::{CredentialId, Objection, Passkeys, StoredKey, longest, transports};
use crate::domain::authenticator::PasskeyFacts;
use crate::domain::user::User;

/// What was asked, for when the answer comes. Holds the challenge: never let it out of the server.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub struct Registering(PasskeyRegistration);

/// A passkey nobody had before.
pub struct NewPasskey {
    pub id: CredentialId,
    pub key: StoredKey,
    pub facts: PasskeyFacts,
}

impl Passkeys {
    /// The options for the page, as JSON, and what to keep. `own` are the passkeys the person has: the same authenticator
    /// shall not be enrolled twice. The user handle is the person's id, which says nothing about the person (section 14.6.1).
    pub fn start_registration(
        &self,
        user: &User,
        own: &[(CredentialId, PasskeyFacts)],
    ) -> Result<(String, Registering), Objection> {
        let display_name = user.profile.name.as_deref().filter(|name| !name.is_empty()).unwrap_or(user.email.as_str());
        let excluded = own.iter().map(|(id, _)| id.bytes()).collect();
        let (mut made, state) = self.library.start_passkey_registration(
            user.id.uuid(),
            user.email.as_str(),
            display_name,
            Some(excluded),
        )?;
        let options = &mut made.public_key;
        options.attestation = Some(self.attestation.conveyance());
        options.exclude_credentials = Some(
            own.iter()
                .map(|(id, facts)| PublicKeyCredentialDescriptor {
                    type_: "public-key".to_owned(),
                    id: id.bytes(),
                    transports: transports::known(&facts.transports),
                })
                .collect(),
        );
        // Discoverable, so that it can be used without typing an address.
        if let Some(selection) = &mut options.authenticator_selection {
            selection.resident_key = Some(ResidentKeyRequirement::Required);
            selection.require_resident_key = true;
        }
        Ok((serde_json::to_string(options)?, Registering(state)))
    }

    /// The library's steps are 8, 12 to 17 and 19 to 21 of section 7.1; what it leaves out is done here. That nobody else has
    /// the credential (step 26) the store sees to.
    pub fn finish_registration(&self, state: &Registering, posted: &str) -> Result<NewPasskey, Objection> {
        let answer: RegisterPublicKeyCredential = serde_json::from_str(longest(posted)?)?;
        let id = CredentialId::of(&answer.id, &answer.raw_id, &answer.type_)?;
        client_data::check(&answer.response.client_data_json, Ceremony::Create, &self.origin)?;
        let data = AuthenticatorData::within(&answer.response.attestation_object)?;
        let made = data.credential.filter(|made| made.id == answer.raw_id).ok_or(Objection::OtherCredential)?;
        let key = self.library.finish_passkey_registration(&answer, &state.0)?;
        let attested = self.attestation.attests(&key);
        if self.attestation.is_required() && !attested {
            return Err(Objection::NotAttested);
        }
        let credential = Credential::from(key.clone());
        let facts = PasskeyFacts {
            synced: credential.backup_eligible,
            backed_up: credential.backup_state,
            attested,
            aaguid: (!made.aaguid.is_nil()).then(|| made.aaguid.to_string()),
            transports: transports::named(answer.response.transports.as_deref()),
        };
        Ok(NewPasskey { id, key: StoredKey(key), facts })
    }
}
