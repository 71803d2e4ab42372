//! Sumsub: an applicant a case, handed over by a link of the WebSDK; webhooks signed in `X-Payload-Digest`.

mod applicant;

use applicant::Applicant;
use aws_lc_rs::hmac;
use serde::Deserialize;
use serde_json::json;
use url::form_urlencoded::byte_serialize;

use super::found::millis;
use super::json::strictly;
use super::signature::{Secrets, sign, the_one};
use super::{Answering, Application, Call, Notice, Post, ProviderError, Report, Started, Unverified, Verifier, is_id};
use crate::config::{Secret, SumsubSection};
use crate::domain::kyc::{Provider, Tier};
use crate::domain::time::Timestamp;

/// How long a link works; a person who comes later gets a new one.
const LINK_SECONDS: u32 = 3600;

pub struct Sumsub {
    section: SumsubSection,
    api: String,
    app_token: Secret,
    secret_key: Secret,
    webhook: Secrets,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    applicant_id: Option<String>,
    correlation_id: Option<String>,
    created_at_ms: Option<String>,
}

#[derive(Deserialize)]
struct Created {
    id: String,
}

#[derive(Deserialize)]
struct Link {
    url: String,
}

impl Sumsub {
    /// `None` when it is not configured.
    pub fn configured(section: &SumsubSection) -> Option<Box<dyn Verifier>> {
        Some(Box::new(Self {
            api: section.api.as_str().trim_end_matches('/').to_owned(),
            app_token: section.app_token.clone()?,
            secret_key: section.secret_key.clone()?,
            webhook: Secrets::new(&section.webhook_secret, &section.webhook_previous_secret)?,
            section: section.clone(),
        }))
    }

    /// The signature of a request: over time, method, path with query, and body.
    fn signature(&self, time: &str, method: &str, path: &str, body: &str) -> String {
        let parts = [time.as_bytes(), method.as_bytes(), path.as_bytes(), body.as_bytes()];
        sign(hmac::HMAC_SHA256, &self.secret_key, &parts)
    }

    async fn get<T: serde::de::DeserializeOwned>(&self, call: Call<'_>, path: &str) -> Result<T, ProviderError> {
        let time = call.now.unix().to_string();
        let signature = self.signature(&time, "GET", path, "");
        let headers = [
            ("X-App-Token", self.app_token.expose()),
            ("X-App-Access-Ts", time.as_str()),
            ("X-App-Access-Sig", signature.as_str()),
        ];
        call.get(&format!("{}{path}", self.api), &headers).await
    }

    async fn post<T: serde::de::DeserializeOwned>(
        &self,
        call: Call<'_>,
        path: &str,
        body: String,
    ) -> Result<T, ProviderError> {
        let time = call.now.unix().to_string();
        let signature = self.signature(&time, "POST", path, &body);
        let headers = [
            ("X-App-Token", self.app_token.expose()),
            ("X-App-Access-Ts", time.as_str()),
            ("X-App-Access-Sig", signature.as_str()),
        ];
        call.post(&format!("{}{path}", self.api), &headers, body).await
    }

    fn level(&self, tier: Tier) -> Result<&str, ProviderError> {
        self.section.level(tier).ok_or_else(|| ProviderError::Refused(format!("no level is configured for {tier}")))
    }

    /// Makes the applicant of the case, or finds the one that was made by a request whose answer was lost.
    async fn applicant(&self, call: Call<'_>, application: &Application<'_>) -> Result<String, ProviderError> {
        let level: String = byte_serialize(self.level(application.tier)?.as_bytes()).collect();
        let body = json!({ "externalUserId": application.case.to_string() }).to_string();
        let made: Result<Created, _> = self.post(call, &format!("/resources/applicants?levelName={level}"), body).await;
        let id = match made {
            Ok(created) => created.id,
            Err(ProviderError::NotNow(_)) => {
                let path = format!("/resources/applicants/-;externalUserId={}/one", application.case);
                match self.get::<Applicant>(call, &path).await {
                    Err(ProviderError::Gone) => return Err(ProviderError::NotNow("made no applicant".to_owned())),
                    found => found?.id,
                }
            }
            Err(other) => return Err(other),
        };
        if is_id(&id) { Ok(id) } else { Err(ProviderError::Nonsense) }
    }

    async fn link(&self, call: Call<'_>, application: &Application<'_>) -> Result<String, ProviderError> {
        let body = json!({
            "levelName": self.level(application.tier)?,
            "userId": application.case.to_string(),
            "ttlInSecs": LINK_SECONDS,
            "redirect": { "successUrl": application.back, "rejectUrl": application.back },
        });
        let lang: String = byte_serialize(application.locale.as_bytes()).collect();
        let path = format!("/resources/sdkIntegrations/levels/-/websdkLink?lang={lang}");
        Ok(self.post::<Link>(call, &path, body.to_string()).await?.url)
    }
}

impl Verifier for Sumsub {
    fn provider(&self) -> Provider {
        Provider::Sumsub
    }

    /// The header that names the algorithm is believed only as far as it names one that is good: SHA-1 and none are refused.
    fn judge(&self, post: Post<'_>, _now: Timestamp) -> Result<Notice, Unverified> {
        let algorithm = match the_one(post.headers, "x-payload-digest-alg") {
            Some("HMAC_SHA256_HEX") => hmac::HMAC_SHA256,
            Some("HMAC_SHA512_HEX") => hmac::HMAC_SHA512,
            _ => return Err(Unverified::Unsigned),
        };
        let shown = the_one(post.headers, "x-payload-digest").ok_or(Unverified::Unsigned)?;
        if !self.webhook.accept(algorithm, &[post.body], &[shown]) {
            return Err(Unverified::Unsigned);
        }
        let event: Event = strictly(post.body).ok_or(Unverified::Malformed)?;
        // Events of other things than applicants carry ids of their own.
        let reference = event.applicant_id.filter(|_| event.kind.starts_with("applicant"));
        let at = event.created_at_ms.as_deref();
        let event_id = match &event.correlation_id {
            Some(id) => format!("{id} {} {}", event.kind, at.unwrap_or_default()),
            None => return Err(Unverified::Malformed),
        };
        Ok(Notice { event_id, reference, at: millis(at), kind: event.kind })
    }

    fn start<'a>(&'a self, call: Call<'a>, application: &'a Application<'a>) -> Answering<'a, Started> {
        Box::pin(async move {
            let reference = self.applicant(call, application).await?;
            Ok(Started { reference, url: self.link(call, application).await? })
        })
    }

    fn again<'a>(
        &'a self,
        call: Call<'a>,
        application: &'a Application<'a>,
        _reference: &'a str,
    ) -> Answering<'a, Option<String>> {
        Box::pin(async move { self.link(call, application).await.map(Some) })
    }

    fn ask<'a>(&'a self, call: Call<'a>, reference: &'a str, tier: Tier) -> Answering<'a, Report> {
        Box::pin(async move {
            if !is_id(reference) {
                return Err(ProviderError::Gone);
            }
            let applicant: Applicant = self.get(call, &format!("/resources/applicants/{reference}/one")).await?;
            if applicant.deleted {
                return Err(ProviderError::Gone);
            }
            let level = self.level(tier)?;
            Ok(applicant.report(level, call.now))
        })
    }
}
