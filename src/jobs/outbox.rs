//! Delivers the outbox: mails by SMTP, text messages by their gateways, logout tokens to the apps (OpenID Connect Back-Channel Logout section 2.5).
//!
//! ```text
//! waiting --lease--> in flight --arrived--> finished (payload erased)
//!    ^                   |  \--refused for good, or tried too often--> finished
//!    +---tried, failed---+
//! ```
//! A lease that its holder does not end (the process was killed) runs out, and the entry is sent again: an arrival is
//! certain to have been told at least once, and mails and logout tokens carry an id by which a second one is known.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::Stop;
use super::backoff::{self, Backoff};
use crate::config::{Config, MailTransport, SmsGateway};
use crate::crypto::random::random_below;
use crate::domain::sms::SmsStatus;
use crate::domain::time::Seconds;
use crate::flow::Karat;
use crate::gateway::fetch::{FetchError, Fetcher};
use crate::gateway::mail::{Mailer, OutgoingMail};
use crate::gateway::sms::{OutgoingSms, Texter};
use crate::storage::outbox::{
    Lane, Lease, Leased, LogoutNotice, Mail, Outgoing, SecurityEvent, Share, Sms, WebhookCall,
};
use crate::storage::sms::SmsReport;
use crate::storage::webhooks::deliveries::{DeliveryAttempt, DeliveryState};

/// Looked for new entries this often when no bell rings: those of other nodes, and retries.
const TICK: Duration = Duration::from_secs(2);
/// Entries in flight on one node, in each lane.
const MOST_IN_FLIGHT: usize = 32;
/// On all nodes together, for one target: who hangs holds up nobody else.
const SHARE: Share = Share { mails: 4, of_one_target: 2 };
/// What a lease lasts beyond the longest attempt.
const MARGIN: Seconds = Seconds(15);
const LONGEST_REASON: usize = 200;

/// What the configuration says about sending.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    transport: MailTransport,
    /// Text messages stay in the outbox.
    keeps_sms: bool,
    lease: Seconds,
}

impl Terms {
    pub fn of(config: &Config) -> Self {
        let by_sms = Texter::longest(&config.sms, config.outgoing.timeout).0;
        let longest = config.mail.timeout.0.max(by_sms);
        Self {
            transport: config.mail.transport,
            keeps_sms: config.sms.uses(SmsGateway::Outbox),
            lease: Seconds(longest + MARGIN.0),
        }
    }
}

/// What became of one attempt.
enum Attempt {
    Arrived,
    /// Nobody waits for it any more, or it stays here for the demo to read.
    Done(&'static str),
    /// Trying again will not help.
    Refused(String),
    Failed(String),
}

/// Takes entries from the outbox to where they belong.
pub struct Carrier {
    karat: Arc<Karat>,
    mailer: Option<Mailer>,
    texter: Option<Texter>,
    fetcher: Fetcher,
    terms: Terms,
    webhook_bell: Arc<Notify>,
}

/// Each lane has places of its own: the operator's systems, however slow, keep no mail and no app waiting.
pub async fn run(carrier: Arc<Carrier>, lane: Lane, mut stop: Stop) {
    let bell = match lane {
        Lane::PeopleAndApps => carrier.karat.outbox_bell.clone(),
        Lane::Webhooks => carrier.webhook_bell.clone(),
    };
    let mut in_flight: JoinSet<()> = JoinSet::new();
    loop {
        while let Some(ended) = in_flight.try_join_next() {
            note_panic(ended);
        }
        let free = MOST_IN_FLIGHT - in_flight.len();
        let rest = match carrier.lease(lane, free).await {
            Ok(lease) => {
                for leased in lease.due {
                    let carrier = carrier.clone();
                    in_flight.spawn(async move { carrier.carry(leased).await });
                }
                TICK
            }
            Err(error) => {
                tracing::warn!(%error, "the outbox cannot be read; it is looked at again soon");
                2 * TICK
            }
        };
        tokio::select! {
            biased;
            () = stop.asked() => break,
            Some(ended) = in_flight.join_next() => note_panic(ended),
            // The bell wakes one: who hears it first wakes the other.
            () = bell.notified() => if lane == Lane::PeopleAndApps { carrier.webhook_bell.notify_one() },
            () = tokio::time::sleep(rest) => {}
        }
    }
    while let Some(ended) = in_flight.join_next().await {
        note_panic(ended);
    }
}

fn note_panic(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a delivery broke off; it is tried again when its lease has run out");
    }
}

impl Carrier {
    pub fn new(karat: Arc<Karat>, mailer: Option<Mailer>, fetcher: Fetcher, config: &Config) -> Self {
        let texter = Texter::new(&config.sms, karat.issuer(), fetcher.clone());
        Self { karat, mailer, texter, fetcher, terms: Terms::of(config), webhook_bell: Arc::default() }
    }

    async fn lease(&self, lane: Lane, free: usize) -> Result<Lease, crate::storage::Error> {
        let most = i64::try_from(free).unwrap_or(0);
        if most == 0 {
            return Ok(Lease::default());
        }
        let now = self.karat.now();
        let lease = self.karat.store.lease_of(lane, (now, now.plus(self.terms.lease)), most, SHARE).await?;
        for id in &lease.unreadable {
            tracing::error!(id, "an entry of the outbox cannot be opened (another sealing key?); it is given up");
            self.karat.store.finish_outgoing(id, "unreadable", false, now).await?;
        }
        Ok(lease)
    }

    async fn carry(&self, leased: Leased) {
        let (attempt, backoff) = match &leased.payload {
            Outgoing::Mail(mail) => (self.send_mail(&leased.id, mail).await, backoff::MAIL),
            Outgoing::Sms(sms) => (self.send_sms(&leased.id, sms).await, backoff::SMS),
            Outgoing::LogoutToken(notice) => (self.send_logout_token(notice).await, backoff::LOGOUT_TOKEN),
            Outgoing::SecurityEvent(event) => (self.send_security_event(event).await, backoff::LOGOUT_TOKEN),
            Outgoing::Webhook(call) => (self.send_webhook(call, leased.attempts).await, backoff::WEBHOOK),
        };
        if let Err(error) = self.note(&leased, attempt, backoff).await {
            tracing::warn!(id = leased.id, %error, "the outcome of a delivery could not be noted; it may happen twice");
        }
    }

    async fn note(&self, leased: &Leased, attempt: Attempt, backoff: Backoff) -> Result<(), crate::storage::Error> {
        let Leased { id, target, attempts, .. } = leased;
        let store = &self.karat.store;
        let now = self.karat.now();
        match attempt {
            Attempt::Arrived => {
                tracing::debug!(id, target, "delivered");
                store.finish_outgoing(id, "arrived", false, now).await
            }
            Attempt::Done(outcome) => store.finish_outgoing(id, outcome, outcome == KEPT, now).await,
            Attempt::Refused(why) => {
                let why = shortened(&why);
                tracing::error!(id, target, why, "delivery refused for good");
                store.finish_outgoing(id, &format!("refused: {why}"), false, now).await
            }
            Attempt::Failed(why) => {
                let why = shortened(&why);
                match backoff.wait(*attempts, random_below(1001)) {
                    Some(wait) => {
                        tracing::warn!(id, target, why, again_in_seconds = wait.0, "delivery failed");
                        store.retry_outgoing(id, now.plus(wait), &why).await
                    }
                    None => {
                        tracing::error!(id, target, why, attempts = attempts + 1, "delivery given up");
                        store.finish_outgoing(id, &format!("given up: {why}"), false, now).await
                    }
                }
            }
        }
    }

    async fn send_mail(&self, id: &str, mail: &Mail) -> Attempt {
        let Some(mailer) = &self.mailer else {
            return Attempt::Done(match self.terms.transport {
                MailTransport::Outbox => KEPT,
                MailTransport::None | MailTransport::Smtp => "not sent: there is no mail transport",
            });
        };
        let Ok(to) = mail.to.parse() else { return Attempt::Refused("not a mail address".to_owned()) };
        let outgoing = OutgoingMail {
            to,
            subject: mail.subject.clone(),
            text: mail.text.clone(),
            html: mail.html.clone(),
            message_id: id.to_owned(),
        };
        match mailer.send(&outgoing).await {
            Ok(()) => Attempt::Arrived,
            Err(error) if error.permanent => Attempt::Refused(error.message),
            Err(error) => Attempt::Failed(error.message),
        }
    }

    /// A code that comes late only confuses, and costs as much.
    async fn send_sms(&self, id: &str, sms: &Sms) -> Attempt {
        let now = self.karat.now();
        if sms.expires_at <= now {
            return Attempt::Done("not sent: too late");
        }
        let Some(texter) = &self.texter else {
            return Attempt::Done(if self.terms.keeps_sms { KEPT } else { "not sent: there is no gateway" });
        };
        let message = OutgoingSms {
            to: &sms.to,
            text: &sms.text,
            purpose: sms.purpose.as_str(),
            id,
            locale: &sms.locale,
            expires_at: sms.expires_at,
            now,
        };
        let accepted = match texter.send(&message).await {
            Ok(accepted) => accepted,
            Err(error) if error.permanent => return Attempt::Refused(error.message),
            Err(error) => return Attempt::Failed(error.message),
        };
        let reference = accepted.reference.as_deref();
        let report = SmsReport { id, gateway: accepted.gateway, reference, status: SmsStatus::Accepted, error: None };
        if let Err(error) = self.karat.store.note_sms(&report, now).await {
            tracing::warn!(id, %error, "that a gateway took a message could not be noted");
        }
        Attempt::Arrived
    }

    /// The token is made for each attempt: it lives two minutes.
    async fn send_logout_token(&self, notice: &LogoutNotice) -> Attempt {
        let (uri, token) = match self.karat.logout_token(notice).await {
            Ok(Some(made)) => made,
            Ok(None) => return Attempt::Done("not sent: the app wants no logout tokens any more"),
            Err(failure) => return Attempt::Failed(failure.to_string()),
        };
        match self.fetcher.post_form(&uri, &[("logout_token", &token)]).await {
            // Section 2.8 asks for 200; frameworks answer 204 when there is no body.
            Ok(answer) if (200..300).contains(&answer.status) => Attempt::Arrived,
            Ok(answer) => Attempt::Failed(format!("the app answered {}", answer.status)),
            Err(error @ FetchError::Refused(_)) => Attempt::Refused(error.to_string()),
            Err(error) => Attempt::Failed(error.to_string()),
        }
    }

    /// RFC 8935 section 2: pushed as it is, and answered by 202.
    async fn send_security_event(&self, event: &SecurityEvent) -> Attempt {
        let (uri, token) = match self.karat.security_event_token(event).await {
            Ok(Some(made)) => made,
            Ok(None) => return Attempt::Done("not sent: the app wants no security events any more"),
            Err(failure) => return Attempt::Failed(failure.to_string()),
        };
        match self.fetcher.post_body(&uri, "application/secevent+jwt", token).await {
            Ok(answer) if (200..300).contains(&answer.status) => Attempt::Arrived,
            // Section 2.4: the token was read and refused; it would be the next time.
            Ok(answer) if answer.status == 400 => {
                Attempt::Refused(format!("the app answered 400{}", error_code(&answer.body)))
            }
            Ok(answer) => Attempt::Failed(format!("the app answered {}", answer.status)),
            Err(error @ FetchError::Refused(_)) => Attempt::Refused(error.to_string()),
            Err(error) => Attempt::Failed(error.to_string()),
        }
    }

    /// Standard Webhooks. What came of it stands in the log before the outbox forgets it: whoever dies in between sends it again.
    async fn send_webhook(&self, call: &WebhookCall, before: i64) -> Attempt {
        let message = match self.karat.signed_webhook(call).await {
            Ok(Some(message)) => message,
            Ok(None) => return Attempt::Done("not sent: the endpoint is switched off or gone"),
            Err(failure) => return Attempt::Failed(failure.to_string()),
        };
        let headers = [
            ("webhook-id", message.delivery.id.as_str()),
            ("webhook-timestamp", message.timestamp.as_str()),
            ("webhook-signature", message.signatures.as_str()),
        ];
        let (at, began) = (self.karat.now(), Instant::now());
        let answer = self.fetcher.post_json(&message.url, &headers, message.delivery.body.clone()).await;
        let millis = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
        let status = answer.as_ref().ok().map(|answer| answer.status);
        let (attempt, mut state) = match answer {
            Ok(answer) if (200..300).contains(&answer.status) => (Attempt::Arrived, DeliveryState::Arrived),
            Ok(answer) if answer.status == GONE => {
                if let Err(failure) = self.karat.switch_off_webhook(&call.endpoint).await {
                    return Attempt::Failed(failure.to_string());
                }
                (Attempt::Refused("the endpoint answered 410 and is switched off".to_owned()), DeliveryState::GivenUp)
            }
            Ok(answer) => (Attempt::Failed(format!("the endpoint answered {}", answer.status)), DeliveryState::Waiting),
            Err(error @ FetchError::Refused(_)) => (Attempt::Refused(error.to_string()), DeliveryState::GivenUp),
            Err(error) => (Attempt::Failed(error.to_string()), DeliveryState::Waiting),
        };
        let error = match &attempt {
            Attempt::Failed(why) | Attempt::Refused(why) if status.is_none() => Some(shortened(why)),
            _ => None,
        };
        if state == DeliveryState::Waiting && backoff::WEBHOOK.wait(before, 0).is_none() {
            state = DeliveryState::GivenUp;
        }
        let made = DeliveryAttempt { at, status, millis, error };
        match self.karat.note_webhook(&message.delivery, made, state).await {
            Ok(()) => attempt,
            Err(failure) => Attempt::Failed(failure.to_string()),
        }
    }
}

/// The reason that a receiver of security events gives (RFC 8935 section 2.3).
fn error_code(body: &[u8]) -> String {
    let told: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    let code = told.and_then(|told| told.get("err")?.as_str().map(str::to_owned));
    code.map(|code| format!(": {code}")).unwrap_or_default()
}

/// Nobody is there any more (RFC 9110 section 15.5.11).
const GONE: u16 = 410;

/// The payload stays readable: the demo's outbox page.
const KEPT: &str = "kept";

/// What a server said, made fit for a log line.
fn shortened(why: &str) -> String {
    why.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST_REASON).collect()
}
