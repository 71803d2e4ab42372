//! Delivery receipts: who sent one is judged by the bytes as they came, before anything in them is believed. They tell how
//! far a message has come and change nothing else.

use serde::Deserialize;
use url::form_urlencoded;

use crate::config::SmsGateway;
use crate::crypto::token::TokenHash;
use crate::domain::parameters::Parameters;
use crate::domain::sms::SmsStatus;
use crate::domain::time::Seconds;
use crate::flow::Failure;
use crate::flow::karat::Karat;
use crate::gateway::sms::{BODY_HASH, SignedHead, TOLERANCE, TwilioReceipts, WebhookReceipts};
use crate::storage::sms::SmsReport;

/// A post to the address for receipts.
#[derive(Clone, Copy, Debug)]
pub struct SignedReceipt<'a> {
    /// The query of the URL as it came.
    pub query: Option<&'a str>,
    pub is_form: bool,
    pub body: &'a [u8],
}

#[derive(Debug)]
pub enum ReceiptRefused {
    /// The gateway is not configured.
    NoSuchGateway,
    /// Not signed by the gateway, or not of now.
    Unsigned,
    /// Signed, and here before.
    Replayed,
    /// Signed, and not to be understood.
    Malformed,
    Failed(Failure),
}

impl<E: Into<Failure>> From<E> for ReceiptRefused {
    fn from(cause: E) -> Self {
        Self::Failed(cause.into())
    }
}

#[derive(Deserialize)]
struct TwilioBody {
    #[serde(rename = "MessageSid")]
    sid: String,
    #[serde(rename = "MessageStatus")]
    status: String,
    #[serde(rename = "ErrorCode")]
    error: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct WebhookBody {
    message_id: String,
    status: String,
}

impl Karat {
    /// Twilio signs no time: a receipt that comes again says what is known already.
    pub async fn take_twilio_receipt(&self, post: SignedReceipt<'_>, signature: &str) -> Result<(), ReceiptRefused> {
        let sms = &self.settings.sms;
        let token = sms.twilio_auth_token.as_ref().filter(|_| sms.uses(SmsGateway::Twilio));
        let receipts = TwilioReceipts::new(token.ok_or(ReceiptRefused::NoSuchGateway)?.expose());
        let query = post.query.unwrap_or_default();
        // The public URL, whatever a proxy in front made of it.
        let url = self.issuer.join(&match post.query {
            Some(query) => format!("/hooks/sms/twilio?{query}"),
            None => "/hooks/sms/twilio".to_owned(),
        });
        let asked = Parameters::parse(query.as_bytes()).map_err(|_| ReceiptRefused::Unsigned)?;
        let body = if post.is_form {
            let form: Vec<(String, String)> = form_urlencoded::parse(post.body).into_owned().collect();
            if !receipts.accepts(&url, &form, signature) {
                return Err(ReceiptRefused::Unsigned);
            }
            twilio_form(post.body)?
        } else {
            let hash = asked.get(BODY_HASH).ok_or(ReceiptRefused::Unsigned)?;
            if !receipts.accepts_body(&url, hash, post.body, signature) {
                return Err(ReceiptRefused::Unsigned);
            }
            serde_json::from_slice(post.body).map_err(|_| ReceiptRefused::Malformed)?
        };
        let id = asked.get("message").ok_or(ReceiptRefused::Malformed)?;
        let error =
            body.error.as_ref().map(|code| code.to_string().trim_matches('"').chars().take(16).collect::<String>());
        let Some(status) = SmsStatus::of_receipt(&body.status) else { return Ok(()) };
        let (reference, error) = (Some(body.sid.as_str()), error.as_deref());
        self.note_receipt(&SmsReport { id, gateway: "twilio", reference, status, error }).await
    }

    /// A receipt of the operator's own gateway (Standard Webhooks): of now, and once.
    pub async fn take_webhook_receipt(&self, head: SignedHead<'_>, body: &[u8]) -> Result<(), ReceiptRefused> {
        let sms = &self.settings.sms;
        if !sms.uses(SmsGateway::Webhook) {
            return Err(ReceiptRefused::NoSuchGateway);
        }
        if !WebhookReceipts::new(sms).accepts(head, body, self.now()) {
            return Err(ReceiptRefused::Unsigned);
        }
        let told: WebhookBody = serde_json::from_slice(body).map_err(|_| ReceiptRefused::Malformed)?;
        let status = SmsStatus::of_receipt(&told.status).ok_or(ReceiptRefused::Malformed)?;
        let seen = format!("sms:receipt:{}", TokenHash::of_text("sms receipt", head.id).as_str());
        // Twice the tolerance: as long as a copy would count as of now.
        if !self.ephemeral.insert_if_absent(&seen, "1", Seconds(2 * TOLERANCE.0 + 1).as_duration()).await? {
            return Err(ReceiptRefused::Replayed);
        }
        let report = SmsReport { id: &told.message_id, gateway: "webhook", reference: None, status, error: None };
        let noted = self.note_receipt(&report).await;
        if noted.is_err() {
            // The sender tries again.
            self.ephemeral.delete(&seen).await?;
        }
        noted
    }

    async fn note_receipt(&self, report: &SmsReport<'_>) -> Result<(), ReceiptRefused> {
        if self.store.note_sms(report, self.now()).await? {
            let (status, error) = (report.status.as_str(), report.error.unwrap_or_default());
            match report.status {
                SmsStatus::Undelivered | SmsStatus::Failed => {
                    tracing::warn!(id = report.id, gateway = report.gateway, status, error, "a message did not arrive");
                }
                _ => tracing::debug!(id = report.id, gateway = report.gateway, status, "a receipt"),
            }
        }
        Ok(())
    }
}

fn twilio_form(body: &[u8]) -> Result<TwilioBody, ReceiptRefused> {
    let form = Parameters::parse(body).map_err(|_| ReceiptRefused::Malformed)?;
    let text = |name: &str| form.get(name).map(str::to_owned);
    let (Some(sid), Some(status)) = (text("MessageSid"), text("MessageStatus")) else {
        return Err(ReceiptRefused::Malformed);
    };
    Ok(TwilioBody { sid, status, error: text("ErrorCode").map(Into::into) })
}
