//! The authorization endpoint's use case: from raw parameters to the answer for the app.
//!
//! ```text
//! start     prove the client and its redirect URI (bind), check the request, open an interaction
//! advance   load the facts, ask the pure next_step, and answer which page comes next, or the app's answer
//! ```

mod bind;
mod checks;
pub mod interaction;
pub mod respond;

use std::net::IpAddr;
use std::sync::Arc;

pub use bind::BoundClient;
pub use interaction::{Interaction, InteractionError};
pub use respond::AuthorizationResponse;

use super::Failure;
use super::karat::Karat;
use crate::domain::client::Client;
use crate::domain::error::OAuthError;
use crate::domain::next_step::{LoginReason, Person, Step, next_step};
use crate::domain::parameters::Parameters;
use crate::domain::policy::decide;
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

/// What the browser does next.
#[derive(Debug)]
pub enum Advance {
    Login(LoginReason),
    SelectAccount,
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
        let bound = bind::bind(self, parameters).await.map_err(AuthorizeError::Shown)?;
        match checks::check(self, parameters, &bound).await {
            Ok(request) => Ok(self.open_interaction(request, from).await?),
            Err(error) => Err(AuthorizeError::Returned(self.refusal(bound.reply(), error))),
        }
    }

    /// Answers what comes next in an interaction. When that is the app's answer, the interaction is over: it is given
    /// exactly once.
    pub async fn advance(
        &self,
        interaction: &Interaction,
        signed_in: Option<&SignedIn>,
    ) -> Result<Advance, AuthorizeError> {
        let client = self.client_of(interaction).await?;
        let person = match signed_in {
            None => None,
            Some(signed_in) => Some(self.person(interaction, &client, signed_in).await?),
        };
        let request = &interaction.request;
        match next_step(request, &client, &interaction.progress, person.as_ref(), self.now()) {
            Step::Login(reason) => Ok(Advance::Login(reason)),
            Step::SelectAccount => Ok(Advance::SelectAccount),
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

    /// What the person is to be asked, when consent is what comes next.
    pub async fn consent_question(
        &self,
        interaction: &Interaction,
        signed_in: &SignedIn,
    ) -> Result<Option<ConsentQuestion>, AuthorizeError> {
        let client = self.client_of(interaction).await?;
        let person = self.person(interaction, &client, signed_in).await?;
        let step = next_step(&interaction.request, &client, &interaction.progress, Some(&person), self.now());
        let Step::Consent { items } = step else { return Ok(None) };
        Ok(Some(ConsentQuestion { client, items, remembered: person.remembered }))
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
        signed_in: &SignedIn,
    ) -> Result<Person, AuthorizeError> {
        let user = &signed_in.user;
        Ok(Person {
            id: user.id,
            authentication: signed_in.session.authentication.clone(),
            decision: decide(&interaction.request.scope, client, user),
            remembered: self.store.consented(user.id, &client.id).await?,
            has_accepted_terms: self.has_accepted_terms(user.id).await?,
        })
    }
}
