//! Sends text messages: one file a gateway. Whoever calls keeps the message until it is accepted; this side tries each
//! gateway once, in the configured order, and says whether trying again makes sense.
//!
//! Neither numbers nor texts reach a log: what a gateway says about a message is reduced to its status and its own code.

mod twilio;
mod webhook;

pub use twilio::{BODY_HASH, Form as TwilioForm, TwilioReceipts};
pub use webhook::{SignedHead, TOLERANCE, WebhookReceipts};

use super::fetch::{FetchError, Fetcher};
use crate::config::{SmsGateway, SmsSection};
use crate::domain::time::{Seconds, Timestamp};

/// A message that is ready to go.
#[derive(Clone, Copy)]
pub struct OutgoingSms<'a> {
    /// E.164.
    pub to: &'a str,
    pub text: &'a str,
    /// What it is for, in the words of the generic webhook: "log_in", "confirm", "add_number", "notice".
    pub purpose: &'a str,
    /// The same at every attempt.
    pub id: &'a str,
    pub locale: &'a str,
    /// After this nobody wants it any more; it lies ahead.
    pub expires_at: Timestamp,
    pub now: Timestamp,
}

/// Who took responsibility for a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    pub gateway: &'static str,
    /// The gateway's own name for the message.
    pub reference: Option<String>,
}

/// No gateway took the message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SmsError {
    /// Trying again will not help.
    pub permanent: bool,
    /// For the log: a status, a gateway's code, never what was sent.
    pub message: String,
}

enum Gateway {
    Twilio(Box<twilio::Twilio>),
    Webhook(Box<webhook::Webhook>),
}

/// The gateways of the `[sms]` section.
pub struct Texter {
    gateways: Vec<Gateway>,
    fetcher: Fetcher,
}

impl Texter {
    /// `None` when messages stay in the outbox or there are none.
    pub fn new(section: &SmsSection, issuer: &str, fetcher: Fetcher) -> Option<Self> {
        if !section.enabled {
            return None;
        }
        let gateways: Vec<Gateway> = section
            .gateways
            .iter()
            .filter_map(|gateway| match gateway {
                SmsGateway::Twilio => twilio::Twilio::new(section, issuer).map(Box::new).map(Gateway::Twilio),
                SmsGateway::Webhook => webhook::Webhook::new(section).map(Box::new).map(Gateway::Webhook),
                SmsGateway::Outbox => None,
            })
            .collect();
        (!gateways.is_empty()).then_some(Self { gateways, fetcher })
    }

    /// Asks one gateway after the other until one takes the message.
    pub async fn send(&self, message: &OutgoingSms<'_>) -> Result<Accepted, SmsError> {
        let mut refusals = Vec::new();
        for gateway in &self.gateways {
            let (name, sent) = match gateway {
                Gateway::Twilio(twilio) => (twilio::NAME, twilio.send(&self.fetcher, message).await),
                Gateway::Webhook(webhook) => (webhook::NAME, webhook.send(&self.fetcher, message).await),
            };
            match sent {
                Ok(reference) => return Ok(Accepted { gateway: name, reference }),
                Err(error) => {
                    tracing::warn!(id = message.id, gateway = name, %error, "a gateway did not take a message");
                    refusals.push((name, error));
                }
            }
        }
        let told: Vec<String> = refusals.iter().map(|(name, error)| format!("{name}: {error}")).collect();
        Err(SmsError { permanent: refusals.iter().all(|(_, error)| error.permanent), message: told.join("; ") })
    }

    /// How long one attempt may take with all its gateways.
    pub fn longest(section: &SmsSection, timeout: Seconds) -> Seconds {
        Seconds(timeout.0.saturating_mul(i64::try_from(section.gateways.len()).unwrap_or(1).max(1)))
    }
}

impl SmsError {
    fn for_now(message: impl Into<String>) -> Self {
        Self { permanent: false, message: message.into() }
    }

    fn for_good(message: impl Into<String>) -> Self {
        Self { permanent: true, message: message.into() }
    }
}

impl From<FetchError> for SmsError {
    fn from(error: FetchError) -> Self {
        Self { permanent: matches!(error, FetchError::Refused(_)), message: error.to_string() }
    }
}
