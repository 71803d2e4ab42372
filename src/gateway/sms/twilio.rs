//! Twilio's Messages API, and the signature of its receipts (`X-Twilio-Signature`).

use aws_lc_rs::{digest, hmac};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use subtle::ConstantTimeEq;

use super::{OutgoingSms, SmsError};
use crate::config::{Secret, SmsSection};
use crate::gateway::fetch::Fetcher;

pub const NAME: &str = "twilio";
/// The parameter in the URL by which a body that is no form is signed.
pub const BODY_HASH: &str = "bodySHA256";
/// Ten hours, Twilio's own limit.
const LONGEST_VALIDITY: i64 = 36_000;

pub struct Twilio {
    /// Where messages are posted to.
    url: String,
    user: String,
    password: Secret,
    sender: (&'static str, String),
    /// Where receipts are to be posted to, without its query.
    callback: String,
}

#[derive(Deserialize)]
struct Created {
    sid: String,
}

#[derive(Deserialize)]
struct Problem {
    code: Option<i64>,
}

impl Twilio {
    /// `None` when the section lacks something; the configuration's check has told it.
    pub fn new(section: &SmsSection, issuer: &str) -> Option<Self> {
        let account = section.twilio_account.clone()?;
        let (user, password) = match (&section.twilio_api_key, &section.twilio_api_secret) {
            (Some(key), Some(secret)) => (key.clone(), secret.clone()),
            _ => (account.clone(), section.twilio_auth_token.clone()?),
        };
        let sender = match (&section.twilio_messaging_service, &section.twilio_from) {
            (Some(service), _) => ("MessagingServiceSid", service.clone()),
            (None, Some(from)) => ("From", from.clone()),
            (None, None) => return None,
        };
        let api = section.twilio_api.as_str().trim_end_matches('/');
        Some(Self {
            url: format!("{api}/2010-04-01/Accounts/{account}/Messages.json"),
            user,
            password,
            sender,
            callback: format!("{issuer}/hooks/sms/twilio"),
        })
    }

    pub async fn send(&self, fetcher: &Fetcher, message: &OutgoingSms<'_>) -> Result<Option<String>, SmsError> {
        let validity = message.expires_at.since(message.now).0.clamp(1, LONGEST_VALIDITY).to_string();
        let callback = format!("{}?message={}", self.callback, message.id);
        let (sender, from) = (self.sender.0, self.sender.1.as_str());
        let fields = [
            ("To", message.to),
            (sender, from),
            ("Body", message.text),
            ("StatusCallback", callback.as_str()),
            ("ValidityPeriod", validity.as_str()),
        ];
        let answer = fetcher.post_form_as(&self.url, (&self.user, self.password.expose()), &fields).await?;
        if answer.status == 201 {
            return Ok(serde_json::from_slice::<Created>(&answer.body).ok().map(|created| created.sid));
        }
        // Its text quotes the number; its code does not.
        let code = serde_json::from_slice::<Problem>(&answer.body).ok().and_then(|problem| problem.code);
        let told = match code {
            Some(code) => format!("answered {} with code {code}", answer.status),
            None => format!("answered {}", answer.status),
        };
        match answer.status {
            // About the message: it will be refused tomorrow, too. 401, 403 and 404 are about our account: the operator
            // can mend that.
            400 => Err(SmsError::for_good(told)),
            _ => Err(SmsError::for_now(told)),
        }
    }
}

/// What a receipt's form says, each name once.
pub type Form<'a> = &'a [(String, String)];

/// Judges who sent a receipt.
pub struct TwilioReceipts {
    key: hmac::Key,
}

impl TwilioReceipts {
    pub fn new(auth_token: &str) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, auth_token.as_bytes()) }
    }

    /// Whether `signature` is the base64 of the HMAC-SHA1 over the URL and, in the order of their names, names and values
    /// of the form. `url` is the public one, with its query as it came. Takes the same time wherever it differs.
    pub fn accepts(&self, url: &str, form: Form<'_>, signature: &str) -> bool {
        let Ok(shown) = STANDARD.decode(signature) else { return false };
        let mut sorted: Vec<&(String, String)> = form.iter().collect();
        sorted.sort();
        let rest: String = sorted.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]).collect();
        spellings(url).iter().any(|url| {
            let mut context = hmac::Context::with_key(&self.key);
            context.update(url.as_bytes());
            context.update(rest.as_bytes());
            context.sign().as_ref().ct_eq(shown.as_slice()).into()
        })
    }

    /// For a body that is no form: the URL, which is signed, carries the hash of the body (SHA-256, hexadecimal).
    pub fn accepts_body(&self, url: &str, body_hash: &str, body: &[u8], signature: &str) -> bool {
        let found: String =
            digest::digest(&digest::SHA256, body).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        let same: bool = found.as_bytes().ct_eq(body_hash.as_bytes()).into();
        same & self.accepts(url, &[], signature)
    }
}

/// Twilio signs the URL that it was given, but some of its parts write the default port into it first and some take it out.
fn spellings(url: &str) -> Vec<String> {
    let mut all = vec![url.to_owned()];
    let default = [("https://", ":443"), ("http://", ":80")].into_iter().find(|(scheme, _)| url.starts_with(scheme));
    let Some((scheme, port)) = default else { return all };
    let authority = &url[scheme.len()..];
    let (host, rest) = authority.split_at(authority.find(['/', '?']).unwrap_or(authority.len()));
    match host.strip_suffix(port) {
        Some(bare) => all.push(format!("{scheme}{bare}{rest}")),
        None if !host.contains(':') => all.push(format!("{scheme}{host}{port}{rest}")),
        None => {}
    }
    all
}
