//! What was asked of a browser, until it answers: single use, five minutes, and only in the browser, session and step it was
//! asked in (WebAuthn Level 3 section 13.4.3).

use std::net::IpAddr;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{CHALLENGE_LIFETIME, CredentialId};
use crate::crypto::token::{OpaqueToken, TokenHash};
use crate::domain::ids::UserId;
use crate::domain::time::Timestamp;
use crate::flow::Failure;
use crate::flow::karat::Karat;
use crate::flow::throttle::network;
use crate::pages::passkeys::PasskeyQuestion;

/// What a page gets: options for the browser, and the ticket by which the answer finds what was asked.
#[derive(Clone)]
pub struct Challenge {
    pub ticket: OpaqueToken,
    /// JSON.
    pub options: String,
}

impl From<Challenge> for PasskeyQuestion {
    fn from(challenge: Challenge) -> Self {
        Self { ticket: challenge.ticket.expose().to_owned(), options: challenge.options }
    }
}

/// The browser and the step that a challenge is asked in: nothing else may answer it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedIn {
    /// Has room for one challenge: the newer one takes the place of the older.
    place: TokenHash,
    step: TokenHash,
}

impl AskedIn {
    /// `place` names the purpose and what the server itself has given out and counted: a session, a log-in begun, a browser.
    /// Whatever else a browser may choose at will only stands in `step`, so that it makes no more room.
    pub fn new(browser: &TokenHash, place: &[&str], step: &[&str]) -> Self {
        let (place, step) = (place.join("\n"), step.join("\n"));
        Self {
            step: TokenHash::of_text("passkey ceremony", &format!("{}\n{place}\n{step}", browser.as_str())),
            place: TokenHash::of_text("place of a passkey ceremony", &place),
        }
    }
}

/// Serialized with the library's state, the challenge in it.
#[derive(Serialize, Deserialize)]
pub(super) struct Ceremony<S> {
    asked_in: String,
    ticket: String,
    started_at: Timestamp,
    /// Whose passkey it has to be; `None` where anybody may log in.
    pub user: Option<UserId>,
    /// The passkeys that were asked for; empty where any will do.
    pub allowed: Vec<CredentialId>,
    pub state: S,
    /// The network that it is counted against, where nobody is logged in.
    counted: Option<String>,
}

impl<S> Ceremony<S> {
    pub(super) fn of(user: Option<UserId>, allowed: Vec<CredentialId>, state: S) -> Self {
        let (asked_in, ticket, started_at) = (String::new(), String::new(), Timestamp::from_unix(0));
        Self { asked_in, ticket, started_at, user, allowed, state, counted: None }
    }
}

/// What is looked at before it is known which state of the library it is.
#[derive(Deserialize)]
struct Labels {
    ticket: String,
    counted: Option<String>,
}

fn key(asked_in: &AskedIn) -> String {
    format!("ceremony:{}", asked_in.place.as_str())
}

fn unanswered(network: &str) -> String {
    format!("ceremonies:{network}")
}

impl Karat {
    pub(super) async fn open_ceremony<S: Serialize>(
        &self,
        asked_in: &AskedIn,
        ceremony: Ceremony<S>,
    ) -> Result<OpaqueToken, Failure> {
        let ticket = OpaqueToken::mint();
        let (step, hash) = (asked_in.step.as_str().to_owned(), ticket.hash().into_string());
        let ceremony = Ceremony { asked_in: step, ticket: hash, started_at: self.now(), ..ceremony };
        let text = serde_json::to_string(&ceremony)?;
        self.ephemeral.put(&key(asked_in), &text, CHALLENGE_LIFETIME.as_duration()).await?;
        Ok(ticket)
    }

    /// As [`Karat::open_ceremony`], for whoever asks: what nobody answers takes room until it expires, and one network gets
    /// only so much of it. `None` beyond that.
    pub(super) async fn open_ceremony_for_anyone<S: Serialize>(
        &self,
        asked_in: &AskedIn,
        ceremony: Ceremony<S>,
        from: IpAddr,
    ) -> Result<Option<OpaqueToken>, Failure> {
        let network = network(from);
        let before = self.ephemeral.get(&key(asked_in)).await?;
        let before = before.as_deref().map(serde_json::from_str::<Labels>).transpose()?;
        let has_room = before.is_some_and(|before| before.counted.as_ref() == Some(&network));
        let (rate, counter) = (self.settings.throttle.interactions_per_address, unanswered(&network));
        if !has_room && self.within(rate, &counter).await?.is_err() {
            self.give_back(&counter).await?;
            return Ok(None);
        }
        let ceremony = Ceremony { counted: Some(network), ..ceremony };
        self.open_ceremony(asked_in, ceremony).await.map(Some)
    }

    /// To one caller, once, whether the answer turns out right or wrong.
    pub(super) async fn take_ceremony<S: DeserializeOwned>(
        &self,
        asked_in: &AskedIn,
        ticket: &str,
    ) -> Result<Option<Ceremony<S>>, Failure> {
        let Some(ticket) = OpaqueToken::parse(ticket) else { return Ok(None) };
        let (key, answers) = (key(asked_in), |text: &str| {
            serde_json::from_str::<Labels>(text).is_ok_and(|labels| labels.ticket == ticket.hash().as_str())
        });
        // What answers an older challenge leaves the newer one.
        if !self.ephemeral.get(&key).await?.is_some_and(|text| answers(&text)) {
            return Ok(None);
        }
        let Some(text) = self.ephemeral.take(&key).await?.filter(|text| answers(text)) else { return Ok(None) };
        // Of another kind: asked to make a passkey, answered by using one.
        let Ok(ceremony) = serde_json::from_str::<Ceremony<S>>(&text) else { return Ok(None) };
        if let Some(network) = &ceremony.counted {
            self.give_back(&unanswered(network)).await?;
        }
        let is_in_time = self.now() <= ceremony.started_at.plus(CHALLENGE_LIFETIME);
        Ok(Some(ceremony).filter(|ceremony| is_in_time && ceremony.asked_in == asked_in.step.as_str()))
    }
}
