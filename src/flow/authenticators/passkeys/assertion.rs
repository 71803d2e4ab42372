//! Using a passkey (WebAuthn Level 3 section 7.2).

use serde::{Deserialize, Serialize};
use webauthn_rs::prelude::{Credential, DiscoverableAuthentication, Passkey, PublicKeyCredential, WebauthnError};
use webauthn_rs_proto::AllowCredentials;

use super::authenticator_data::AuthenticatorData;
use super::client_data::{self, Ceremony};
use super::{CredentialId, Objection, Passkeys, StoredKey, longest, transports};
use crate::domain::authentication::PasskeyUse;
use crate::domain::authenticator::PasskeyFacts;
use crate::domain::ids::UserId;

/// What was asked, for when the answer comes. Holds the challenge: never let it out of the server.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub struct Asserting(DiscoverableAuthentication);

/// What the page sent, read but not yet believed.
pub struct Assertion {
    answer: PublicKeyCredential,
    pub id: CredentialId,
    /// Whom the passkey was made for, by its own account: present where the person was not known before.
    pub user: Option<UserId>,
}

/// A passkey was used, by whoever holds and unlocks it.
pub struct Asserted {
    pub proved: PasskeyUse,
    /// The record with the counter and flags of now.
    pub key: StoredKey,
    pub facts: PasskeyFacts,
    pub counter: u32,
    /// Below the last one, which happens to keys that live on several devices.
    pub counter_went_back: bool,
}

impl Passkeys {
    /// The options for the page, as JSON, and what to keep. Without `allowed` any passkey of this place will do, and the
    /// options are the same for everybody.
    pub fn start_assertion(&self, allowed: &[(CredentialId, PasskeyFacts)]) -> Result<(String, Asserting), Objection> {
        let (mut made, state) = self.library.start_discoverable_authentication()?;
        made.public_key.extensions = None;
        made.public_key.allow_credentials = allowed
            .iter()
            .map(|(id, facts)| AllowCredentials {
                type_: "public-key".to_owned(),
                id: id.bytes(),
                transports: transports::known(&facts.transports),
            })
            .collect();
        Ok((serde_json::to_string(&made.public_key)?, Asserting(state)))
    }

    pub fn read_assertion(&self, posted: &str) -> Result<Assertion, Objection> {
        let answer: PublicKeyCredential = serde_json::from_str(longest(posted)?)?;
        let id = CredentialId::of(&answer.id, &answer.raw_id, &answer.type_)?;
        let handle = answer.get_user_unique_id().filter(|handle| !handle.is_empty());
        let user = match handle {
            Some(handle) => Some(UserId::new(uuid::Uuid::from_slice(handle).map_err(|_| Objection::OtherPerson)?)),
            None => None,
        };
        Ok(Assertion { answer, id, user })
    }

    /// Steps 10 to 24 of section 7.2. Whose passkey it is, the caller has looked at (steps 5 to 7). User verification is
    /// required of everyone: who enrolled the key had to show that it can.
    pub fn finish_assertion(
        &self,
        state: Asserting,
        assertion: &Assertion,
        StoredKey(mut key): StoredKey,
        known: &PasskeyFacts,
    ) -> Result<Asserted, Objection> {
        let response = &assertion.answer.response;
        client_data::check(&response.client_data_json, Ceremony::Get, &self.origin)?;
        let data = AuthenticatorData::read(&response.authenticator_data)?;
        let mut counter_went_back = false;
        match self.library.finish_discoverable_authentication_v2(&assertion.answer, state.0, &key) {
            Ok(result) => {
                key.update_credential(&result);
            }
            // The library says so last of all, when everything else has been found right. Step 22 leaves open what to do: a
            // key on several devices has a counter on each.
            Err(WebauthnError::CredentialPossibleCompromise) if data.backup_eligible => {
                counter_went_back = true;
                let credential = Credential { backup_state: data.backed_up, ..Credential::from(key) };
                key = Passkey::from(credential);
            }
            Err(WebauthnError::CredentialPossibleCompromise) => return Err(Objection::CounterWentBack),
            Err(error) => return Err(error.into()),
        }
        let facts = PasskeyFacts { synced: data.backup_eligible, backed_up: data.backed_up, ..known.clone() };
        let proved = PasskeyUse { user_verified: data.user_verified, synced: facts.synced, attested: facts.attested };
        Ok(Asserted { proved, key: StoredKey(key), facts, counter: data.counter, counter_went_back })
    }
}
