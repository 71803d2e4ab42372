//! A gateway of the operator's own: messages are posted as JSON and signed as Standard Webhooks says (HMAC-SHA256 over id,
//! time and body); receipts come back signed the same way.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use subtle::ConstantTimeEq;

use super::{OutgoingSms, SmsError};
use crate::config::{SmsSection, webhook_key};
use crate::domain::time::{Seconds, Timestamp};
use crate::gateway::fetch::Fetcher;

pub const NAME: &str = "webhook";
/// How far the clocks of both sides may differ.
pub const TOLERANCE: Seconds = Seconds::minutes(5);
/// A header lists one signature a secret; more than a few is somebody trying.
const MOST_SIGNATURES: usize = 8;

pub struct Webhook {
    url: String,
    key: hmac::Key,
}

impl Webhook {
    /// `None` when the section lacks something; the configuration's check has told it.
    pub fn new(section: &SmsSection) -> Option<Self> {
        let url = section.webhook_url.as_ref()?.to_string();
        Some(Self { url, key: key(section.webhook_secret.as_ref()?.expose())? })
    }

    pub async fn send(&self, fetcher: &Fetcher, message: &OutgoingSms<'_>) -> Result<Option<String>, SmsError> {
        let body = json!({
            "to": message.to,
            "text": message.text,
            "purpose": message.purpose,
            "message_id": message.id,
            "expires_at": message.expires_at.unix(),
            "locale": message.locale,
        })
        .to_string();
        let time = message.now.unix().to_string();
        let signature = format!("v1,{}", STANDARD.encode(sign(&self.key, message.id, &time, body.as_bytes())));
        let headers =
            [("webhook-id", message.id), ("webhook-timestamp", time.as_str()), ("webhook-signature", &signature)];
        let answer = fetcher.post_json(&self.url, &headers, body).await?;
        match answer.status {
            200..300 => Ok(None),
            // Standard Webhooks: 410 says that nobody is there any more.
            400 | 410 | 413 | 422 => Err(SmsError::for_good(format!("answered {}", answer.status))),
            status => Err(SmsError::for_now(format!("answered {status}"))),
        }
    }
}

/// The three headers of a signed post, as they came.
#[derive(Clone, Copy, Debug)]
pub struct SignedHead<'a> {
    pub id: &'a str,
    pub timestamp: &'a str,
    pub signature: &'a str,
}

/// Judges who sent a receipt, and when.
pub struct WebhookReceipts {
    keys: Vec<hmac::Key>,
}

impl WebhookReceipts {
    /// The secret in force, and the previous one while it is being changed.
    pub fn new(section: &SmsSection) -> Self {
        let secrets = [&section.webhook_secret, &section.webhook_previous_secret];
        Self { keys: secrets.into_iter().flatten().filter_map(|secret| key(secret.expose())).collect() }
    }

    /// Whether one of the signatures is ours and the post is of now. Takes the same time wherever a signature differs.
    pub fn accepts(&self, head: SignedHead<'_>, body: &[u8], now: Timestamp) -> bool {
        let plain = !head.timestamp.is_empty() && head.timestamp.bytes().all(|byte| byte.is_ascii_digit());
        let Some(at) = head.timestamp.parse::<i64>().ok().filter(|_| plain) else { return false };
        if (now.unix() - at).abs() > TOLERANCE.0 || head.id.is_empty() {
            return false;
        }
        let shown: Vec<Vec<u8>> = head
            .signature
            .split(' ')
            .take(MOST_SIGNATURES)
            .filter_map(|signature| STANDARD.decode(signature.strip_prefix("v1,")?).ok())
            .collect();
        self.keys.iter().any(|key| {
            let ours = sign(key, head.id, head.timestamp, body);
            shown.iter().any(|shown| shown.as_slice().ct_eq(ours.as_ref()).into())
        })
    }
}

fn key(secret: &str) -> Option<hmac::Key> {
    webhook_key(secret).map(|key| hmac::Key::new(hmac::HMAC_SHA256, &key))
}

fn sign(key: &hmac::Key, id: &str, time: &str, body: &[u8]) -> hmac::Tag {
    let mut context = hmac::Context::with_key(key);
    for part in [id.as_bytes(), b".", time.as_bytes(), b".", body] {
        context.update(part);
    }
    context.sign()
}
