//! Enrolling a passkey: by its owner, on the account's security page, after a fresh proof.

use super::ceremony::{AskedIn, Ceremony, Challenge};
use super::{CredentialId, NewPasskey, Objection, Registering};
use crate::domain::authentication::{Method, PasskeyUse};
use crate::domain::authenticator::{Authenticator, AuthenticatorKind, Facts, PasskeyFacts};
use crate::domain::ids::UserId;
use crate::flow::account::Owner;
use crate::flow::authenticators::{Verified, change};
use crate::flow::karat::Karat;
use crate::flow::{Failure, Refused};
use crate::pages::keys;
use crate::storage;

/// More than anybody has devices. Each stands in the options of every log-in beside a password.
const MOST_PASSKEYS: usize = 20;

/// What stands in the form for it.
const FIELD: &str = "passkey";

impl Karat {
    /// The person's passkeys, by credential.
    pub(super) async fn passkeys_of(&self, user: UserId) -> Result<Vec<(CredentialId, PasskeyFacts)>, Failure> {
        let found = self.store.lookups_of(user, AuthenticatorKind::Passkey).await?;
        let passkey = |(id, facts)| match facts {
            Facts::Passkey(facts) => Some((CredentialId(id), facts)),
            Facts::Totp | Facts::Phone { .. } => None,
        };
        Ok(found.into_iter().filter_map(passkey).collect())
    }

    pub async fn begin_passkey_enrolment(&self, owner: Owner<'_>, asked_in: &AskedIn) -> Result<Challenge, Refused> {
        let passkeys = self.passkeys.as_ref().ok_or(Refused::Gone)?;
        self.may_change_security(owner).await?;
        let user = &owner.signed_in.user;
        let own = self.passkeys_of(user.id).await?;
        let (options, state) = passkeys.start_registration(user, &own).map_err(Failure::fault)?;
        let ticket = self.open_ceremony(asked_in, Ceremony::of(Some(user.id), Vec::new(), state)).await?;
        Ok(Challenge { ticket, options })
    }

    /// `answer` is what the page posted, `name` the person's own for it. Whoever makes a passkey has shown that it is held and
    /// unlocked.
    pub async fn enrol_passkey(
        &self,
        owner: Owner<'_>,
        asked_in: &AskedIn,
        (ticket, answer): (&str, &str),
        name: &str,
    ) -> Result<Verified, Refused> {
        self.may_change_security(owner).await?;
        let user = owner.signed_in.user.id;
        let NewPasskey { id, key, facts } = self.judge_new_passkey(user, asked_in, (ticket, answer)).await?;
        if self.passkeys_of(user).await?.len() >= MOST_PASSKEYS {
            return Err(Refused::on(FIELD, keys::PASSKEY_TOO_MANY));
        }
        let before = self.enrolled(user).await?;
        let shown = PasskeyUse { user_verified: true, synced: facts.synced, attested: facts.attested };
        let made = Authenticator {
            id: self.new_id().to_string(),
            user_id: user,
            name: change::name_of(name, AuthenticatorKind::Passkey, owner.browser),
            facts: Facts::Passkey(facts),
            created_at: self.now(),
            last_used_at: None,
        };
        let mut change = self.store.begin().await?;
        owner.hold(&mut change).await?;
        match change.add_authenticator(&made, Some(id.as_str()), &key).await {
            Ok(()) => {}
            // Section 7.1 step 26: whoever has it, it is not given to a second account.
            Err(storage::Error::Conflict) => return Err(Refused::on(FIELD, keys::PASSKEY_KNOWN)),
            Err(error) => return Err(error.into()),
        }
        let place = change::Place { replaced: false, before };
        self.authenticator_added(&mut change, owner, &made, place).await?;
        change.commit().await?;
        self.outbox_bell.notify_one();
        Ok(Verified::now(self, user, Method::Passkey(shown)))
    }

    async fn judge_new_passkey(
        &self,
        user: UserId,
        asked_in: &AskedIn,
        (ticket, answer): (&str, &str),
    ) -> Result<NewPasskey, Refused> {
        let passkeys = self.passkeys.as_ref().ok_or(Refused::Gone)?;
        let ceremony = self.take_ceremony::<Registering>(asked_in, ticket).await?;
        let Some(ceremony) = ceremony.filter(|ceremony| ceremony.user == Some(user)) else {
            return Err(Refused::on(FIELD, keys::PASSKEY_TOO_LATE));
        };
        passkeys.finish_registration(&ceremony.state, answer).map_err(|objection| {
            tracing::info!(%objection, "a passkey was not enrolled");
            match objection {
                Objection::NotAttested => Refused::on(FIELD, keys::PASSKEY_NOT_ATTESTED),
                _ => Refused::on(FIELD, keys::PASSKEY_NOT_MADE),
            }
        })
    }
}
