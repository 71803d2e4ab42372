//! The authorization endpoint's use case: from raw parameters to the answer for the app.
//!
//! ```text
//! start     unfold the request object if there is one, prove the client and its redirect URI (bind), check the request,
//!           open an interaction
//! advance   load the facts, ask the pure next_step, and answer which page comes next, or the app's answer
//! ```

mod bind;
mod checks;
pub mod interaction;
mod request_object;
pub mod respond;

use std::net::IpAddr;
use std::sync::Arc;

pub use bind::BoundClient;
pub use interaction::{Interaction, InteractionError};
pub use respond::AuthorizationResponse;

use super::Failure;
use super::karat::Karat;
use super::login::{Browser, Factor};
use crate::domain::authentication::{Acr, Authentication};
use crate::domain::authorization_request::AuthorizationRequest;
use crate::domain::client::Client;
use crate::domain::error::OAuthError;
use crate::domain::kyc::Tier;
use crate::domain::next_step::{EnrolReason, LoginReason, Person, Standing, Step, next_step};
use crate::domain::parameters::Parameters;
use crate::domain::policy::{Decision, Refusal, decide};
use crate::domain::scope::Scope;
use crate::domain::user::User;
use crate::storage::sessions::Session;

/// Why a request did not become an interaction.
#[derive(Debug)]
pub enum AuthorizeError {
    /// The redirect URI is not proven: a person reads this, nobody is redirected (RFC 6749 section 4.1.2.1).
    Shown(OAuthError),
    /// The app hears of it.
    Returned(AuthorizationResponse),
}

impl From<Failure> for AuthorizeError {
    fn from(failure: Failure) -> Self {
        Self::Shown(failure.into())
    }
}

impl From<crate::storage::Error> for AuthorizeError {
    fn from(error: crate::storage::Error) -> Self {
        Self::Shown(error.into())
    }
}

/// What became of a request.
#[derive(Debug)]
pub enum Started {
    /// The id of its interaction.
    Interaction(String),
    Answer(AuthorizationResponse),
}

/// What the browser does next.
#[derive(Debug)]
pub enum Advance {
    Login(LoginReason),
    SecondFactor,
    Enrol,
    ApproveDevice,
    SelectAccount,
    Verify,
    Unavailable,
    AcceptTerms,
    Consent,
    Answer(AuthorizationResponse),
}

/// A browser's session with the person it belongs to.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub session: Session,
    pub user: User,
}

/// What the consent page shows.
#[derive(Debug)]
pub struct ConsentQuestion {
    pub client: Arc<Client>,
    pub items: Scope,
    pub remembered: Scope,
}

impl Karat {
    /// Checks an authorization request and opens an interaction for it; answers the interaction's id.
    /// `from` is whom unfinished ones are counted against.
    pub async fn start_authorization(&self, parameters: &Parameters, from: IpAddr) -> Result<String, AuthorizeError> {
        let request = self.checked(parameters, from).await?;
        Ok(self.open_interaction(request, from).await?)
    }

    /// As [`Karat::start_authorization`], for a browser that came by itself: when nothing is to be asked, the app is
    /// answered at once, and there never is an interaction.
    pub async fn start_in(
        &self,
        parameters: &Parameters,
        signed_in: Option<&SignedIn>,
        browser: &Browser,
    ) -> Result<Started, AuthorizeError> {
        let request = self.checked(parameters, browser.address).await?;
        let Some(signed_in) = signed_in else {
            return Ok(Started::Interaction(self.open_interaction(request, browser.address).await?));
        };
        let interaction = Interaction::unopened(request, self.now());
        match self.step(&interaction, Some(signed_in), browser).await? {
            (Step::Respond { scope }, _) => {
                Ok(Started::Answer(self.answer_with_code(&interaction.request, signed_in, scope).await?))
            }
            _ => Ok(Started::Interaction(self.open_interaction(interaction.request, browser.address).await?)),
        }
    }

    async fn checked(&self, parameters: &Parameters, from: IpAddr) -> Result<AuthorizationRequest, AuthorizeError> {
        let unfolded = match request_object::unfold(self, parameters, from).await {
            Ok(unfolded) => unfolded,
            Err(error) => return Err(self.object_refused(parameters, error).await),
        };
        let bound = bind::bind(self, &unfolded).await.map_err(AuthorizeError::Shown)?;
        let checked = checks::check(self, &unfolded, &bound).await;
        checked.map_err(|error| AuthorizeError::Returned(self.refusal(bound.reply(), error)))
    }

    /// The app hears of it where the parameters beside the object lead, if that is a place of its own.
    async fn object_refused(&self, sent: &Parameters, error: OAuthError) -> AuthorizeError {
        match bind::bind(self, sent).await {
            Ok(bound) => AuthorizeError::Returned(self.refusal(bound.reply(), error)),
            Err(unbound) if sent.get("redirect_uri").is_some() => AuthorizeError::Shown(unbound),
            Err(_) => AuthorizeError::Shown(error),
        }
    }

    /// Answers what comes next in an interaction. When that is the app's answer, the interaction is over: it is given
    /// exactly once.
    pub async fn advance(
        &self,
        interaction: &Interaction,
        signed_in: Option<&SignedIn>,
        browser: &Browser,
    ) -> Result<Advance, AuthorizeError> {
        let request = &interaction.request;
        let (step, _) = self.step(interaction, signed_in, browser).await?;
        match step {
            Step::Login(reason) => Ok(Advance::Login(reason)),
            Step::SecondFactor { .. } => Ok(Advance::SecondFactor),
            Step::Enrol { .. } => Ok(Advance::Enrol),
            Step::ApproveDevice => Ok(Advance::ApproveDevice),
            Step::SelectAccount => Ok(Advance::SelectAccount),
            Step::Verify { .. } => Ok(Advance::Verify),
            Step::Unavailable { .. } => Ok(Advance::Unavailable),
            Step::AcceptTerms => Ok(Advance::AcceptTerms),
            Step::Consent { .. } => Ok(Advance::Consent),
            Step::Refuse(code, why) => {
                self.close_interaction(interaction).await?;
                Ok(Advance::Answer(self.refusal(&request.reply, OAuthError::new(code, why))))
            }
            Step::Respond { scope } => {
                let Some(signed_in) = signed_in else {
                    return Err(AuthorizeError::Shown(OAuthError::internal("an answer without a person")));
                };
                self.close_interaction(interaction).await?;
                Ok(Advance::Answer(self.answer_with_code(request, signed_in, scope).await?))
            }
        }
    }

    /// Whose log-in lacks a factor in this interaction, and what it has to be worth; `None` when something else comes next.
    pub async fn missing_factor(
        &self,
        interaction: &Interaction,
        signed_in: Option<&SignedIn>,
        browser: &Browser,
    ) -> Result<Option<(Factor, Acr)>, AuthorizeError> {
        let (step, factor) = self.step(interaction, signed_in, browser).await?;
        let Step::SecondFactor { least } = step else { return Ok(None) };
        Ok(factor.map(|factor| (factor, least)))
    }

    /// What the person is to enrol, when that is what comes next.
    pub async fn missing_enrolment(
        &self,
        interaction: &Interaction,
        signed_in: &SignedIn,
        browser: &Browser,
    ) -> Result<Option<(Acr, EnrolReason)>, AuthorizeError> {
        let (step, _) = self.step(interaction, Some(signed_in), browser).await?;
        Ok(match step {
            Step::Enrol { least, why } => Some((least, why)),
            _ => None,
        })
    }

    /// The level that the person is to reach, and the scope that wants it, when that is what comes next.
    pub async fn verification_wanted(
        &self,
        interaction: &Interaction,
        signed_in: &SignedIn,
        browser: &Browser,
    ) -> Result<Option<(Tier, Scope)>, AuthorizeError> {
        let (step, _) = self.step(interaction, Some(signed_in), browser).await?;
        Ok(match step {
            Step::Verify { tier, scope } => Some((tier, scope)),
            _ => None,
        })
    }

    /// What the person cannot have now, with the reasons, when that is what comes next.
    pub async fn unavailable(
        &self,
        interaction: &Interaction,
        signed_in: &SignedIn,
        browser: &Browser,
    ) -> Result<Option<Vec<Refusal>>, AuthorizeError> {
        let (step, _) = self.step(interaction, Some(signed_in), browser).await?;
        let Step::Unavailable { scope } = step else { return Ok(None) };
        let client = self.client_of(interaction).await?;
        let authentication = &signed_in.session.authentication;
        let decision = self.decide(&interaction.request.scope, &client, &signed_in.user, authentication);
        Ok(Some(decision.withheld.into_iter().filter(|refusal| scope.contains(&refusal.scope)).collect()))
    }

    async fn step(
        &self,
        interaction: &Interaction,
        signed_in: Option<&SignedIn>,
        browser: &Browser,
    ) -> Result<(Step, Option<Factor>), AuthorizeError> {
        let client = self.client_of(interaction).await?;
        let factor = self.whose(interaction, signed_in, browser).await?;
        let person = match &factor {
            None => None,
            Some(factor) => self.person(interaction, &client, factor, browser).await?,
        };
        let (request, progress) = (&interaction.request, &interaction.progress);
        let step = next_step(request, &client, progress, person.as_ref(), &self.settings.policy, self.now());
        Ok((step, factor))
    }

    /// A log-in that was begun in this interaction counts before the session that was there.
    async fn whose(
        &self,
        interaction: &Interaction,
        signed_in: Option<&SignedIn>,
        browser: &Browser,
    ) -> Result<Option<Factor>, Failure> {
        let here = |towards: &Option<String>| towards.as_deref() == Some(interaction.id.as_str());
        let pending = self.pending_login(browser).await?.filter(|pending| here(&pending.login.towards.interaction));
        Ok(match pending {
            Some(pending) => Some(Factor::Pending(Box::new(pending))),
            None => signed_in.map(|signed_in| Factor::Session(Box::new(signed_in.clone()))),
        })
    }

    /// What the person is to be asked, when consent is what comes next.
    pub async fn consent_question(
        &self,
        interaction: &Interaction,
        signed_in: &SignedIn,
        browser: &Browser,
    ) -> Result<Option<ConsentQuestion>, AuthorizeError> {
        let (step, _) = self.step(interaction, Some(signed_in), browser).await?;
        let Step::Consent { items } = step else { return Ok(None) };
        let client = self.client_of(interaction).await?;
        let remembered = self.store.consented(signed_in.user.id, &client.id).await?;
        Ok(Some(ConsentQuestion { client, items, remembered }))
    }

    pub async fn client_of(&self, interaction: &Interaction) -> Result<Arc<Client>, AuthorizeError> {
        let found = self.clients.find(interaction.request.client_id.as_str()).await?;
        let gone = || AuthorizeError::Shown(OAuthError::invalid_request("the app is no longer registered"));
        let client = found.ok_or_else(gone)?;
        // The registration may have changed since the request was checked.
        if !client.allows_redirect_to(&interaction.request.reply.redirect_uri) {
            return Err(gone());
        }
        Ok(client)
    }

    async fn person(
        &self,
        interaction: &Interaction,
        client: &Client,
        factor: &Factor,
        browser: &Browser,
    ) -> Result<Option<Person>, AuthorizeError> {
        let Some(authentication) = factor.authentication() else { return Ok(None) };
        let user = factor.user();
        let enrolled = self.enrolled(user.id).await?;
        Ok(Some(Person {
            id: user.id,
            standing: match factor {
                Factor::Pending(_) => Standing::Pending,
                Factor::Session(_) => Standing::Session,
            },
            decision: self.decide(&interaction.request.scope, client, user, &authentication),
            authentication,
            remembered: self.store.consented(user.id, &client.id).await?,
            has_accepted_terms: self.has_accepted_terms(user.id).await?,
            own_least: self.least_of(user, &enrolled, browser).await?,
            enrolled,
        }))
    }

    /// The decision of this deployment's policy.
    pub fn decide(&self, asked: &Scope, client: &Client, user: &User, authentication: &Authentication) -> Decision {
        decide(asked, client, user, authentication, &self.settings.policy, self.now())
    }
}
