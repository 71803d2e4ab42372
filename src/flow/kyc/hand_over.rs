//! Handing a person over to the provider that decides about them.
//!
//! The case is opened at the provider once; who comes again is sent back to the same one. Where the provider tells its address only
//! once, it is kept for as long as it works.

use url::Url;

use crate::config::Rate;
use crate::crypto::token::TokenHash;
use crate::domain::kyc::{Case, CaseState};
use crate::domain::time::Seconds;
use crate::domain::user::User;
use crate::flow::karat::Karat;
use crate::flow::{Failure, Refused};
use crate::gateway::kyc::{Application, ProviderError, Started, Verifier, way_out};

/// Ways to a provider for one account: each is a call of its API, which the operator may pay for.
const WAYS: Rate = Rate { count: 20, window: Seconds::hours(1) };
/// As long as the shortest-lived of such addresses works.
const ADDRESS_LIFETIME: Seconds = Seconds::days(6);

impl Karat {
    /// Where the person goes to be verified for `case`, which is being filled in; `back` is where they come back to. To be followed as a
    /// link: the content security policy lets no form be sent there.
    pub async fn hand_over(&self, user: &User, case: &Case, back: &str) -> Result<Url, Refused> {
        let verifier = self.providers.of(case.provider).ok_or(Refused::Gone)?;
        let name = (user.profile.given_name.as_deref(), user.profile.family_name.as_deref());
        let application = Application { case: case.id, tier: case.tier, back, locale: &user.locale, name };
        // As it is now: another tab may have opened it.
        let Some(case) = self.store.kyc_case(case.id).await?.filter(|case| case.state == CaseState::Collecting) else {
            return Err(Refused::Gone);
        };
        self.within(WAYS, &format!("kyc:ways:{}", user.id)).await??;
        if let Some(url) = self.way_again(verifier, &application, &case).await? {
            return Ok(url);
        }
        let started = verifier.start(self.providers.call(self.now()), &application).await.map_err(not_now)?;
        let url = way_out(&started.url).map_err(not_now)?;
        // First, so that it is there for whoever reads the reference.
        let place = kept_at(&started.reference);
        self.ephemeral.put(&place, &started.url, ADDRESS_LIFETIME.as_duration()).await?;
        if self.keep_reference(&case, &started).await? {
            return Ok(url);
        }
        // Somebody was faster, and the person goes where that one went.
        let case = self.store.kyc_case(case.id).await?.ok_or(Refused::Gone)?;
        self.way_again(verifier, &application, &case).await?.ok_or(Refused::Gone)
    }

    async fn way_again(
        &self,
        verifier: &dyn Verifier,
        application: &Application<'_>,
        case: &Case,
    ) -> Result<Option<Url>, Refused> {
        let Some(reference) = &case.reference else { return Ok(None) };
        let call = self.providers.call(self.now());
        let told = match verifier.again(call, application, reference).await {
            Ok(Some(url)) => Some(url),
            Ok(None) => self.ephemeral.get(&kept_at(reference)).await?,
            Err(ProviderError::Gone) => None,
            Err(error) => return Err(not_now(error)),
        };
        told.map(|url| way_out(&url)).transpose().map_err(not_now)
    }

    /// Writes down what the provider calls the case. `false` when the case has moved on meanwhile.
    async fn keep_reference(&self, case: &Case, started: &Started) -> Result<bool, Failure> {
        let mut change = self.store.begin().await?;
        if !change.hold_account(case.user_id).await? || change.kyc_case(case.id).await?.as_ref() != Some(case) {
            return Ok(false);
        }
        let named = Case { reference: Some(started.reference.clone()), ..case.clone() };
        let set = change.set_kyc_case(&named, case.state).await?;
        change.commit().await?;
        Ok(set)
    }
}

fn kept_at(reference: &str) -> String {
    format!("kyc:address:{}", TokenHash::of_text("kyc address", reference).as_str())
}

/// For the person it is "later", whatever it is; for the operator there is a difference.
fn not_now(error: ProviderError) -> Refused {
    match error {
        ProviderError::NotNow(_) => tracing::warn!(%error, "a provider of verification does not answer"),
        _ => tracing::error!(%error, "a provider of verification does not take our requests"),
    }
    Refused::Failed(Failure::Later { retry_after: Seconds(30), cause: error.into() })
}
