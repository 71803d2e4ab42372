//! Proving oneself with a passkey: alone, or as one's second factor.

use std::net::IpAddr;

use super::ceremony::{AskedIn, Ceremony, Challenge};
use super::{Asserted, Asserting, Assertion, CredentialId, Objection, StoredKey};
use crate::domain::authentication::Method;
use crate::domain::authenticator::{Authenticator, AuthenticatorKind, Facts, PasskeyFacts};
use crate::domain::ids::UserId;
use crate::flow::Failure;
use crate::flow::authenticators::Verified;
use crate::flow::karat::Karat;
use crate::flow::login::Browser;
use crate::storage::events::EventKind;

/// What the person is told of an answer that was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// The challenge was answered already, has expired, or was asked elsewhere: a new one will do.
    TooLate,
    /// Which of many reasons stays open.
    NotRecognised,
    /// The counter of a key that cannot be copied went back: there may be a copy.
    Copied,
}

impl Karat {
    /// For whoever comes: the options name nobody and no passkey, so that they are the same for every address there is and
    /// is not. `None` when passkeys are switched off or one network asks too much.
    pub async fn begin_passkey_login(&self, asked_in: &AskedIn, from: IpAddr) -> Result<Option<Challenge>, Failure> {
        let Some(passkeys) = &self.passkeys else { return Ok(None) };
        let (options, state) = passkeys.start_assertion(&[]).map_err(Failure::fault)?;
        match self.open_ceremony_for_anyone(asked_in, Ceremony::of(None, Vec::new(), state), from).await {
            Ok(opened) => Ok(opened.map(|ticket| Challenge { ticket, options })),
            // No room: the page goes without, and whoever has a password still gets in.
            Err(Failure::Later { .. }) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// For somebody known already, by password or session. `None` when the person has no passkey.
    pub async fn begin_passkey_proof(&self, user: UserId, asked_in: &AskedIn) -> Result<Option<Challenge>, Failure> {
        let Some(passkeys) = &self.passkeys else { return Ok(None) };
        let own = self.passkeys_of(user).await?;
        if own.is_empty() {
            return Ok(None);
        }
        let (options, state) = passkeys.start_assertion(&own).map_err(Failure::fault)?;
        let allowed = own.into_iter().map(|(id, _)| id).collect();
        let ticket = self.open_ceremony(asked_in, Ceremony::of(Some(user), allowed, state)).await?;
        Ok(Some(Challenge { ticket, options }))
    }

    /// Judges the answer to either. Whose passkey it is stands in the outcome; whom it was asked of, in the ceremony.
    pub async fn verify_passkey(
        &self,
        asked_in: &AskedIn,
        (ticket, answer): (&str, &str),
        browser: &Browser,
    ) -> Result<Result<Verified, NotTaken>, Failure> {
        let Some(passkeys) = &self.passkeys else { return Ok(Err(NotTaken::NotRecognised)) };
        let Some(ceremony) = self.take_ceremony::<Asserting>(asked_in, ticket).await? else {
            return Ok(Err(NotTaken::TooLate));
        };
        let assertion = match passkeys.read_assertion(answer) {
            Ok(assertion) => assertion,
            Err(objection) => return Ok(Err(not_taken(&objection))),
        };
        let Some((authenticator, facts, key)) = self.passkey_by_credential(&assertion.id).await? else {
            return Ok(Err(not_taken(&Objection::Unknown)));
        };
        let owner = authenticator.user_id;
        let (asked, allowed) = (ceremony.user, ceremony.allowed);
        let judged = owned_as_asked(asked, &allowed, &assertion, owner)
            .and_then(|()| passkeys.finish_assertion(ceremony.state, &assertion, key, &facts));
        match judged {
            Ok(asserted) => self.note_use(&authenticator, asserted, browser).await,
            Err(objection) => {
                // In whose history it stands; somebody else's passkey is not named there.
                let whose = asked.unwrap_or(owner);
                let name = (whose == owner).then_some(&authenticator.name);
                let detail = serde_json::json!({ "passkey": name, "reason": objection.to_string() });
                let event = self.event(EventKind::PasskeyRefused, whose).from_address(&browser.address.to_string());
                self.store.record(&event.with(detail)).await?;
                Ok(Err(not_taken(&objection)))
            }
        }
    }

    async fn passkey_by_credential(
        &self,
        id: &CredentialId,
    ) -> Result<Option<(Authenticator, PasskeyFacts, StoredKey)>, Failure> {
        let found = self.store.authenticator_by_lookup(AuthenticatorKind::Passkey, id.as_str()).await?;
        let Some(authenticator) = found else { return Ok(None) };
        let Facts::Passkey(facts) = authenticator.facts.clone() else { return Ok(None) };
        let key = self.store.authenticator_secret(&authenticator.id).await?;
        Ok(key.map(|key| (authenticator, facts, key)))
    }

    /// Keeps counter, flags and the time of use (section 7.2 step 25).
    async fn note_use(
        &self,
        authenticator: &Authenticator,
        asserted: Asserted,
        browser: &Browser,
    ) -> Result<Result<Verified, NotTaken>, Failure> {
        let now = self.now();
        let mut change = self.store.begin().await?;
        let facts = Facts::Passkey(asserted.facts);
        if !change.replace_authenticator(&authenticator.id, &asserted.key, &facts, now).await? {
            return Ok(Err(NotTaken::NotRecognised));
        }
        // Of two answers with one counter, judged at the same time, one is a copy's.
        let counts = asserted.counter > 0 && !asserted.proved.synced;
        if counts && !change.use_authenticator(&authenticator.id, now, i64::from(asserted.counter)).await? {
            return Ok(Err(NotTaken::Copied));
        }
        if asserted.counter_went_back {
            let detail = serde_json::json!({ "passkey": authenticator.name, "counter": asserted.counter });
            let event = self.event(EventKind::PasskeyCounterWentBack, authenticator.user_id);
            change.record(&event.from_address(&browser.address.to_string()).with(detail)).await?;
        }
        change.commit().await?;
        Ok(Ok(Verified::now(self, authenticator.user_id, Method::Passkey(asserted.proved))))
    }
}

/// Section 7.2 steps 5 to 7. Where nobody was known before, the user handle has to be there.
fn owned_as_asked(
    asked: Option<UserId>,
    allowed: &[CredentialId],
    assertion: &Assertion,
    owner: UserId,
) -> Result<(), Objection> {
    match (asked, assertion.user) {
        (Some(asked), _) if asked != owner => return Err(Objection::Unknown),
        (_, Some(said)) if said != owner => return Err(Objection::OtherPerson),
        (None, None) => return Err(Objection::OtherPerson),
        _ => {}
    }
    if asked.is_some() && !allowed.contains(&assertion.id) {
        return Err(Objection::Unknown);
    }
    Ok(())
}

fn not_taken(objection: &Objection) -> NotTaken {
    tracing::info!(%objection, "a passkey was not taken");
    match objection {
        Objection::CounterWentBack => NotTaken::Copied,
        _ => NotTaken::NotRecognised,
    }
}
