//! An interaction: one authorization request on its way through the hosted pages, in one browser.
//!
//! ```text
//! opened --first visit--> bound to a browser --log-in, choice, consent--> ... --answered--> gone
//! ```

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::crypto::token::{OpaqueToken, TokenHash};
use crate::domain::authorization_request::AuthorizationRequest;
use crate::domain::ids::UserId;
use crate::domain::next_step::{ConsentAnswer, Progress, Without};
use crate::domain::scope::Scope;
use crate::domain::time::Timestamp;
use crate::flow::Failure;
use crate::flow::karat::Karat;
use crate::flow::throttle::network;
use crate::storage::events::EventKind;

use super::{ConsentQuestion, SignedIn};

#[derive(Clone, Debug)]
pub struct Interaction {
    /// What the URL of its pages carries.
    pub id: String,
    pub request: AuthorizationRequest,
    pub progress: Progress,
    pub started_at: Timestamp,
    /// Exactly as stored: what an update compares with.
    raw: String,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    request: AuthorizationRequest,
    progress: Progress,
    browser: Option<String>,
    started_at: Timestamp,
    /// The network that it is counted against.
    #[serde(default)]
    opened_from: String,
}

#[derive(Debug)]
pub enum InteractionError {
    /// It has been answered, has expired, or never was.
    Gone,
    /// It belongs to another browser.
    Foreign,
    Failed(Failure),
}

impl From<crate::storage::Error> for InteractionError {
    fn from(error: crate::storage::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Failure> for InteractionError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

fn key(id: &OpaqueToken) -> String {
    format!("interaction:{}", id.hash().as_str())
}

fn unfinished(network: &str) -> String {
    format!("interactions:{network}")
}
/// How often something is noted when other tabs are quicker.
const TRIES: usize = 3;

impl Interaction {
    /// One that is not stored, and that nobody can come back to.
    pub(super) fn unopened(request: AuthorizationRequest, now: Timestamp) -> Self {
        Self { id: String::new(), request, progress: Progress::default(), started_at: now, raw: String::new() }
    }
}

impl Karat {
    /// What nobody finishes takes room until it expires: one network gets only so much of it.
    pub(super) async fn open_interaction(
        &self,
        request: AuthorizationRequest,
        from: IpAddr,
    ) -> Result<String, Failure> {
        let opened_from = network(from);
        let (rate, counter) = (self.settings.throttle.interactions_per_address, unfinished(&opened_from));
        if let Err(wait) = self.within(rate, &counter).await? {
            self.give_back(&counter).await?;
            let cause = "too many unfinished interactions from one network".into();
            return Err(Failure::Later { retry_after: wait.retry_after, cause });
        }
        let id = OpaqueToken::mint();
        let started_at = self.now();
        let stored = Stored { request, progress: Progress::default(), browser: None, started_at, opened_from };
        let lifetime = self.settings.interactions.lifetime.as_duration();
        self.ephemeral.put(&key(&id), &serde_json::to_string(&stored)?, lifetime).await?;
        Ok(id.expose().to_owned())
    }

    /// Loads an interaction for the browser it belongs to; the first browser that comes owns it.
    pub async fn interaction(&self, id: &str, browser: &TokenHash) -> Result<Interaction, InteractionError> {
        let token = OpaqueToken::parse(id).ok_or(InteractionError::Gone)?;
        let raw = self.ephemeral.get(&key(&token)).await?.ok_or(InteractionError::Gone)?;
        let mut stored: Stored = serde_json::from_str(&raw).map_err(Failure::from)?;
        if self.now() > stored.started_at.plus(self.settings.interactions.lifetime) {
            return Err(InteractionError::Gone);
        }
        match &stored.browser {
            Some(owner) if owner != browser.as_str() => Err(InteractionError::Foreign),
            Some(_) => Ok(interaction(id, stored, raw)),
            None => {
                stored.browser = Some(browser.as_str().to_owned());
                let bound = serde_json::to_string(&stored).map_err(Failure::from)?;
                if !self.replace(&token, &raw, &bound, stored.started_at).await? {
                    return Err(InteractionError::Foreign);
                }
                Ok(interaction(id, stored, bound))
            }
        }
    }

    /// The person typed a credential inside this interaction.
    pub async fn note_login(&self, interaction: &Interaction, user: UserId) -> Result<(), InteractionError> {
        self.note(interaction, |progress| {
            progress.authenticated = Some(user);
            progress.chosen = Some(user);
        })
        .await
    }

    /// The person chose to go on as who they are logged in as.
    pub async fn note_choice(&self, interaction: &Interaction, user: UserId) -> Result<(), InteractionError> {
        self.note(interaction, |progress| progress.chosen = Some(user)).await
    }

    /// The person allowed what `question` asks. Remembered until withdrawn.
    pub async fn note_consent(
        &self,
        interaction: &Interaction,
        signed_in: &SignedIn,
        question: &ConsentQuestion,
    ) -> Result<(), InteractionError> {
        let user = signed_in.user.id;
        let event = self.event(EventKind::ConsentGiven, user).at_client(&question.client.id);
        let mut change = self.store.begin().await?;
        change.give_consent(user, &question.client.id, &question.items, self.now()).await?;
        change.record(&event.with(serde_json::json!({ "scope": question.items.to_string() }))).await?;
        change.commit().await?;
        let allowed = ConsentAnswer::Allowed { by: user, items: question.items.clone() };
        self.note(interaction, |progress| {
            // Who said no in another tab meant it.
            if progress.consent != Some(ConsentAnswer::Denied) {
                progress.consent = Some(allowed.clone());
            }
        })
        .await
    }

    /// The person would rather not enrol what the app asks for.
    pub async fn note_declined(&self, interaction: &Interaction, user: UserId) -> Result<(), InteractionError> {
        self.note(interaction, |progress| progress.declined = Some(user)).await
    }

    /// The person goes on without `scope`, which is withheld from them.
    pub async fn note_going_without(
        &self,
        interaction: &Interaction,
        user: UserId,
        scope: &Scope,
    ) -> Result<(), InteractionError> {
        self.note(interaction, |progress| {
            let earlier = progress.without.take().filter(|without| without.by == user).map(|without| without.scope);
            progress.without = Some(Without { by: user, scope: earlier.unwrap_or_default().union(scope) });
        })
        .await
    }

    pub async fn note_denial(&self, interaction: &Interaction) -> Result<(), InteractionError> {
        self.note(interaction, |progress| progress.consent = Some(ConsentAnswer::Denied)).await
    }

    /// When another tab was quicker with the same interaction, it is noted upon what that one left. Should that fail
    /// time and again, nothing is noted, and the dispatcher asks anew.
    async fn note(
        &self,
        interaction: &Interaction,
        change: impl Fn(&mut Progress) + Send,
    ) -> Result<(), InteractionError> {
        let token = OpaqueToken::parse(&interaction.id).ok_or(InteractionError::Gone)?;
        let mut raw = interaction.raw.clone();
        let mut stored: Stored = serde_json::from_str(&raw).map_err(Failure::from)?;
        let owner = stored.browser.clone();
        for _ in 0..TRIES {
            change(&mut stored.progress);
            let value = serde_json::to_string(&stored).map_err(Failure::from)?;
            if self.replace(&token, &raw, &value, stored.started_at).await? {
                return Ok(());
            }
            raw = self.ephemeral.get(&key(&token)).await?.ok_or(InteractionError::Gone)?;
            stored = serde_json::from_str(&raw).map_err(Failure::from)?;
            if stored.browser != owner {
                return Err(InteractionError::Foreign);
            }
        }
        Ok(())
    }

    async fn replace(&self, id: &OpaqueToken, old: &str, new: &str, started: Timestamp) -> Result<bool, Failure> {
        let left = started.plus(self.settings.interactions.lifetime).since(self.now());
        Ok(self
            .ephemeral
            .compare_and_put(&key(id), old, new, left.as_duration().max(std::time::Duration::from_secs(1)))
            .await?)
    }

    /// Ends the interaction. Of two browsers' requests that end it at once, one is told that it is gone.
    pub(super) async fn close_interaction(&self, interaction: &Interaction) -> Result<(), super::AuthorizeError> {
        let gone = || {
            let text = "this request has been answered already";
            super::AuthorizeError::Shown(crate::domain::error::OAuthError::invalid_request(text))
        };
        let token = OpaqueToken::parse(&interaction.id).ok_or_else(gone)?;
        match self.ephemeral.take(&key(&token)).await? {
            Some(text) => {
                let stored: Stored = serde_json::from_str(&text).map_err(Failure::from)?;
                Ok(self.give_back(&unfinished(&stored.opened_from)).await?)
            }
            None => Err(gone()),
        }
    }
}

fn interaction(id: &str, stored: Stored, raw: String) -> Interaction {
    Interaction {
        id: id.to_owned(),
        request: stored.request,
        progress: stored.progress,
        started_at: stored.started_at,
        raw,
    }
}
