//! Providers of verification: one file each, behind one trait. A new provider is a file here, a section of the configuration and a
//! line in [`Providers::new`].
//!
//! A provider is told the id of the case and the level applied for, and nothing else about the person that it does not insist on.
//! What its webhooks say is believed only as far as "look again": the outcome is always fetched.

mod found;
mod json;
mod onfido;
mod persona;
mod signature;
mod stripe;
mod sumsub;
mod veriff;

use std::future::Future;
use std::pin::Pin;

use aws_lc_rs::digest;
use reqwest::header::HeaderMap;
use serde::de::DeserializeOwned;
use url::Url;

use super::fetch::{Answer, FetchError, Fetcher};
use crate::config::Config;
use crate::domain::ids::CaseId;
use crate::domain::kyc::identity::{Attributes, Evidence};
use crate::domain::kyc::{Provider, Reason, Tier};
use crate::domain::time::Timestamp;

/// A post to a webhook, as it came: signatures are over the very bytes.
#[derive(Clone, Copy)]
pub struct Post<'a> {
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
}

/// What a webhook that its provider signed is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The same at every delivery of the same event.
    pub event_id: String,
    /// The provider's id of the case; `None`: about something that no case hangs on.
    pub reference: Option<String>,
    /// Milliseconds since the epoch, by the provider's clock; `None` when it does not say.
    pub at: Option<i64>,
    /// The provider's own word for the event.
    pub kind: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unverified {
    /// Not signed by the provider, or not of now.
    Unsigned,
    /// Signed, and not to be understood.
    Malformed,
}

/// What a person applies for.
#[derive(Clone, Copy)]
pub struct Application<'a> {
    pub case: CaseId,
    pub tier: Tier,
    /// Where the person comes back to.
    pub back: &'a str,
    /// The language of the person's pages.
    pub locale: &'a str,
    /// As the profile has it, for providers that insist on a name.
    pub name: (Option<&'a str>, Option<&'a str>),
}

/// A case that the provider has opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Started {
    /// The provider's id of it.
    pub reference: String,
    /// Where the person goes.
    pub url: String,
}

/// How a case stands at its provider, as asked for just now.
#[derive(Clone, Debug)]
pub struct Report {
    /// Our id of the case, as the provider was given it.
    pub case: Option<String>,
    /// When it came to stand so, in milliseconds since the epoch by the provider's clock, where the provider tells.
    pub at: Option<i64>,
    pub stage: Stage,
    /// The provider's own codes for why: no identity data.
    pub codes: Vec<String>,
}

#[derive(Clone, Debug)]
pub enum Stage {
    /// The person is at it, or has to begin again.
    Collecting,
    /// The person has done their part.
    Submitted,
    Approved(Box<Found>),
    Rejected {
        reason: Reason,
        finally: bool,
    },
    /// Given up, timed out, or broken: nothing was found out. With the reason when the person may begin again at once.
    Abandoned(Reason),
    /// Not an application for this level: it says nothing about the case.
    Elsewhere,
}

/// What the provider found to be true.
#[derive(Clone, Debug, Default)]
pub struct Found {
    pub attributes: Attributes,
    pub evidence: Vec<Evidence>,
}

/// Why the provider's API gave no answer to go by. The text says a status or a cause, never what was sent or came back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// It is down, slow or too busy.
    #[error("{0}")]
    NotNow(String),
    /// It does not take our word: a wrong key, level or address in the configuration.
    #[error("{0}")]
    Refused(String),
    /// There is no such case at the provider (any more).
    #[error("there is no such case")]
    Gone,
    #[error("the answer is not what its API documents")]
    Nonsense,
}

pub type Answering<'a, T> = Pin<Box<dyn Future<Output = Result<T, ProviderError>> + Send + 'a>>;

/// One provider.
pub trait Verifier: Send + Sync {
    fn provider(&self) -> Provider;

    /// Judges who sent a webhook, by the bytes as they came and before anything in them is read.
    fn judge(&self, post: Post<'_>, now: Timestamp) -> Result<Notice, Unverified>;

    /// Opens a case.
    fn start<'a>(&'a self, call: Call<'a>, application: &'a Application<'a>) -> Answering<'a, Started>;

    /// Where a person goes who comes again to a case that was opened before; `None` when the provider does not tell twice.
    fn again<'a>(
        &'a self,
        call: Call<'a>,
        application: &'a Application<'a>,
        reference: &'a str,
    ) -> Answering<'a, Option<String>>;

    /// How the case stands. `tier`: what it has to be about.
    fn ask<'a>(&'a self, call: Call<'a>, reference: &'a str, tier: Tier) -> Answering<'a, Report>;
}

/// The providers that are configured.
pub struct Providers {
    all: Vec<Box<dyn Verifier>>,
    fetcher: Fetcher,
}

impl Providers {
    pub fn new(config: &Config, fetcher: Fetcher) -> Self {
        let all = [
            sumsub::Sumsub::configured(&config.sumsub),
            onfido::Onfido::configured(&config.onfido),
            persona::Persona::configured(&config.persona),
            veriff::Veriff::configured(&config.veriff),
            stripe::Stripe::configured(&config.stripe_identity),
        ];
        Self { all: all.into_iter().flatten().collect(), fetcher }
    }

    pub fn of(&self, provider: Provider) -> Option<&dyn Verifier> {
        self.all.iter().find(|verifier| verifier.provider() == provider).map(AsRef::as_ref)
    }

    pub fn call(&self, now: Timestamp) -> Call<'_> {
        Call { fetcher: &self.fetcher, now }
    }
}

/// A way to the provider's API.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    fetcher: &'a Fetcher,
    pub now: Timestamp,
}

type Headers<'a> = &'a [(&'a str, &'a str)];

impl Call<'_> {
    async fn get<T: DeserializeOwned>(self, url: &str, headers: Headers<'_>) -> Result<T, ProviderError> {
        read(self.fetcher.get_with(url, headers).await?)
    }

    async fn post<T: DeserializeOwned>(
        self,
        url: &str,
        headers: Headers<'_>,
        body: String,
    ) -> Result<T, ProviderError> {
        read(self.fetcher.post_json(url, headers, body).await?)
    }

    async fn post_form<T: DeserializeOwned>(
        self,
        url: &str,
        headers: Headers<'_>,
        fields: &[(&str, &str)],
    ) -> Result<T, ProviderError> {
        read(self.fetcher.post_form_with(url, headers, fields).await?)
    }
}

fn read<T: DeserializeOwned>(answer: Answer) -> Result<T, ProviderError> {
    let told = || format!("answered {}", answer.status);
    match answer.status {
        200..300 => serde_json::from_slice(&answer.body).map_err(|_| ProviderError::Nonsense),
        404 | 410 => Err(ProviderError::Gone),
        408 | 409 | 425 | 429 | 500.. => Err(ProviderError::NotNow(told())),
        _ => Err(ProviderError::Refused(told())),
    }
}

impl From<FetchError> for ProviderError {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::Refused(_) => Self::Refused(error.to_string()),
            _ => Self::NotNow(error.to_string()),
        }
    }
}

/// An address that a person may be sent to: https, or http on this machine.
pub fn way_out(url: &str) -> Result<Url, ProviderError> {
    let url = Url::parse(url).map_err(|_| ProviderError::Nonsense)?;
    let is_local = matches!(url.host_str(), Some("localhost" | "127.0.0.1"));
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_local => Ok(url),
        _ => Err(ProviderError::Nonsense),
    }
}

/// For providers that do not say whether a rejection is final: what the person can do better next time.
const fn can_be_mended(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::DocExpired
            | Reason::DocUnreadable
            | Reason::DocTypeUnsupported
            | Reason::LivenessFailed
            | Reason::PoaTooOld
            | Reason::ConsentDeclined
            | Reason::Abandoned
            | Reason::ProviderError
    )
}

/// Something that goes into the path of a request: an id of the provider's own, which is never more than this.
fn is_id(text: &str) -> bool {
    (1..=100).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// SHA-256 in lower-case hexadecimal: evidence of what came, and the name of an event that its provider gives none.
pub fn hash(body: &[u8]) -> String {
    signature::hex(digest::digest(&digest::SHA256, body).as_ref())
}
