//! Persona: an inquiry a case, handed over by one-time links; webhooks signed in `Persona-Signature`, with their time.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::found::{self, Checker, Seen, country, millis, text};
use super::json::strictly;
use super::signature::{Secrets, the_one};
use super::{
    Answering, Application, Call, Found, Notice, Post, ProviderError, Report, Stage, Started, Unverified, Verifier,
    is_id,
};
use crate::config::{PersonaSection, Secret};
use crate::domain::kyc::identity::{Attributes, EvidenceKind};
use crate::domain::kyc::{Provider, Reason, Tier};
use crate::domain::profile::PostalAddress;
use crate::domain::time::Timestamp;

const ORGANIZATION: &str = "withpersona.com";
/// The version of the API that this file speaks.
const VERSION: &str = "2023-01-05";

pub struct Persona {
    section: PersonaSection,
    api: String,
    authorization: Secret,
    webhook: Secrets,
}

#[derive(Deserialize)]
struct Event {
    data: EventData,
}

#[derive(Deserialize)]
struct EventData {
    id: String,
    attributes: EventAttributes,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct EventAttributes {
    name: String,
    payload: Payload,
    created_at: Option<String>,
}

#[derive(Deserialize)]
struct Payload {
    data: Resource,
}

/// An object of the API, of whatever type: a JSON:API resource.
#[derive(Deserialize)]
struct Resource {
    #[serde(rename = "type")]
    kind: String,
    id: String,
    #[serde(default)]
    attributes: BTreeMap<String, Value>,
    #[serde(default)]
    relationships: BTreeMap<String, Relationship>,
}

#[derive(Deserialize)]
struct Relationship {
    #[serde(default)]
    data: Value,
}

#[derive(Deserialize)]
struct Document {
    data: Resource,
    #[serde(default)]
    included: Vec<Resource>,
}

#[derive(Deserialize)]
struct Linked {
    meta: Link,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Link {
    one_time_link: String,
}

impl Persona {
    /// `None` when it is not configured.
    pub fn configured(section: &PersonaSection) -> Option<Box<dyn Verifier>> {
        Some(Box::new(Self {
            api: format!("{}/api/v1", section.api.as_str().trim_end_matches('/')),
            authorization: format!("Bearer {}", section.api_key.as_ref()?.expose()).into(),
            webhook: Secrets::new(&section.webhook_secret, &section.webhook_previous_secret)?,
            section: section.clone(),
        }))
    }

    fn headers(&self) -> [(&str, &str); 3] {
        [("Authorization", self.authorization.expose()), ("Persona-Version", VERSION), ("Key-Inflection", "kebab")]
    }

    fn template(&self, tier: Tier) -> Result<&str, ProviderError> {
        let configured = self.section.template(tier);
        configured.ok_or_else(|| ProviderError::Refused(format!("no template is configured for {tier}")))
    }

    async fn inquiry(&self, call: Call<'_>, reference: &str) -> Result<Document, ProviderError> {
        if !is_id(reference) {
            return Err(ProviderError::Gone);
        }
        let url = format!("{}/inquiries/{reference}?include=verifications", self.api);
        let found: Document = call.get(&url, &self.headers()).await?;
        // Its data was destroyed.
        if found.data.text("redacted-at").is_some() { Err(ProviderError::Gone) } else { Ok(found) }
    }

    async fn link(&self, call: Call<'_>, reference: &str) -> Result<String, ProviderError> {
        let url = format!("{}/inquiries/{reference}/generate-one-time-link", self.api);
        Ok(call.post::<Linked>(&url, &self.headers(), "{}".to_owned()).await?.meta.one_time_link)
    }
}

impl Verifier for Persona {
    fn provider(&self) -> Provider {
        Provider::Persona
    }

    fn judge(&self, post: Post<'_>, now: Timestamp) -> Result<Notice, Unverified> {
        let shown = the_one(post.headers, "persona-signature").ok_or(Unverified::Unsigned)?;
        if !self.webhook.accept_timed(shown, post.body, now) {
            return Err(Unverified::Unsigned);
        }
        let Event { data: event } = strictly(post.body).ok_or(Unverified::Malformed)?;
        let about = event.attributes.payload.data;
        Ok(Notice {
            event_id: event.id,
            reference: Some(about.id).filter(|_| about.kind == "inquiry"),
            at: millis(event.attributes.created_at.as_deref()),
            kind: event.attributes.name,
        })
    }

    fn start<'a>(&'a self, call: Call<'a>, application: &'a Application<'a>) -> Answering<'a, Started> {
        Box::pin(async move {
            let wanted = json!({ "data": { "attributes": {
                "inquiry-template-id": self.template(application.tier)?,
                "reference-id": application.case.to_string(),
                "redirect-uri": application.back,
            } } });
            let made: Document =
                call.post(&format!("{}/inquiries", self.api), &self.headers(), wanted.to_string()).await?;
            let reference = made.data.id;
            if !is_id(&reference) {
                return Err(ProviderError::Nonsense);
            }
            let url = self.link(call, &reference).await?;
            Ok(Started { reference, url })
        })
    }

    fn again<'a>(
        &'a self,
        call: Call<'a>,
        application: &'a Application<'a>,
        reference: &'a str,
    ) -> Answering<'a, Option<String>> {
        Box::pin(async move {
            let inquiry = self.inquiry(call, reference).await?;
            match inquiry.data.text("status").as_deref() {
                Some("created" | "pending") => self.link(call, reference).await.map(Some),
                Some("expired") => Err(ProviderError::Gone),
                // The person has done their part.
                _ => Ok(Some(application.back.to_owned())),
            }
        })
    }

    fn ask<'a>(&'a self, call: Call<'a>, reference: &'a str, tier: Tier) -> Answering<'a, Report> {
        Box::pin(async move {
            let inquiry = self.inquiry(call, reference).await?;
            let template =
                inquiry.data.relationships.get("inquiry-template").and_then(|related| related.data["id"].as_str());
            let is_for_this = template == Some(self.template(tier)?);
            Ok(inquiry.report(is_for_this, call.now))
        })
    }
}

impl Document {
    fn report(self, is_for_this: bool, now: Timestamp) -> Report {
        let inquiry = &self.data;
        let tags: Vec<String> = match inquiry.attributes.get("tags") {
            Some(Value::Array(tags)) => tags.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        let status = inquiry.text("status").unwrap_or_default();
        let stage = match status.as_str() {
            _ if !is_for_this => Stage::Elsewhere,
            "created" | "pending" => Stage::Collecting,
            "approved" => Stage::Approved(Box::new(self.found(now))),
            "declined" => Stage::Rejected { reason: reason(&tags), finally: true },
            "failed" => Stage::Rejected { reason: reason(&tags), finally: false },
            "expired" => Stage::Abandoned(Reason::Abandoned),
            // "completed" says that checks were passed and decides nothing; "needs_review".
            _ => Stage::Submitted,
        };
        let at = match status.as_str() {
            "approved" | "declined" => inquiry.text("decisioned-at"),
            "failed" => inquiry.text("failed-at"),
            "expired" => inquiry.text("expired-at"),
            _ => None,
        };
        Report { case: inquiry.text("reference-id"), at: millis(at.as_deref()), stage, codes: tags }
    }

    fn found(&self, now: Timestamp) -> Found {
        let passed = |kind: &str| {
            let mut all = self.included.iter();
            all.find(|included| included.kind == kind && included.text("status").as_deref() == Some("passed"))
        };
        let (document, face) = (passed("verification/government-id"), passed("verification/selfie").is_some());
        let checker = Checker { organization: ORGANIZATION, reference: &self.data.id, at: now, face };
        // As read from the document; the inquiry's own fields may be what the person typed, and count for the address alone.
        let read = |name: &str| document.and_then(|document| document.text(name));
        let line = |name: &str| self.data.field(name).and_then(|line| text(Some(&line)));
        let lives_in = country(self.data.field("address-country-code").as_deref());
        let address = PostalAddress {
            formatted: None,
            street_address: line("address-street-1"),
            locality: line("address-city"),
            region: line("address-subdivision"),
            postal_code: line("address-postal-code"),
            country: lives_in.map(|country| country.to_string()),
        };
        let evidence = read("id-class").as_deref().and_then(kind).map(|kind| {
            checker.evidence(Seen {
                kind,
                issued_by: read("country-code").as_deref(),
                issued_on: read("issue-date").as_deref(),
                expires_on: read("expiration-date").as_deref(),
            })
        });
        Found {
            attributes: Attributes {
                given_name: text(read("name-first").as_deref()),
                middle_name: text(read("name-middle").as_deref()),
                family_name: text(read("name-last").as_deref()),
                birthdate: found::date(read("birthdate").as_deref()),
                nationalities: country(read("nationality").as_deref()).into_iter().collect(),
                residence: lives_in,
                address: Some(address).filter(|address| !address.is_empty()),
            },
            evidence: evidence.into_iter().collect(),
        }
    }
}

impl Resource {
    fn text(&self, name: &str) -> Option<String> {
        self.attributes.get(name)?.as_str().map(str::to_owned)
    }

    /// One of the fields of the template, or the attribute that older templates have instead.
    fn field(&self, name: &str) -> Option<String> {
        let field = self.attributes.get("fields").and_then(|fields| fields[name]["value"].as_str());
        field.map(str::to_owned).or_else(|| self.text(name))
    }
}

fn kind(class: &str) -> Option<EvidenceKind> {
    match class {
        "pp" | "ppc" => Some(EvidenceKind::Passport),
        "id" | "cid" | "hkid" | "nric" | "myn" | "umid" | "munid" => Some(EvidenceKind::Idcard),
        "dl" => Some(EvidenceKind::DrivingPermit),
        "rp" | "pr" => Some(EvidenceKind::ResidencePermit),
        _ => None,
    }
}

/// Tags are the operator's own words: those of ours are understood.
fn reason(tags: &[String]) -> Reason {
    tags.iter().find_map(|tag| Reason::parse(&tag.to_ascii_lowercase())).unwrap_or(Reason::Other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(status: &str, tags: &[&str]) -> Stage {
        let inquiry =
            json!({ "data": { "type": "inquiry", "id": "inq_1", "attributes": { "status": status, "tags": tags } } });
        serde_json::from_value::<Document>(inquiry).unwrap().report(true, Timestamp::from_unix(0)).stage
    }

    #[test]
    fn every_status_of_an_inquiry_has_its_place_and_completed_decides_nothing() {
        for (status, expected) in [
            ("created", "Collecting"),
            ("pending", "Collecting"),
            ("completed", "Submitted"),
            ("needs_review", "Submitted"),
            ("approved", "Approved"),
            ("declined", "Rejected { reason: Other, finally: true }"),
            ("failed", "Rejected { reason: Other, finally: false }"),
            ("expired", "Abandoned(Abandoned)"),
            ("something_new", "Submitted"),
        ] {
            let found = stage(status, &[]);
            assert!(format!("{found:?}").starts_with(expected), "{status}: {found:?}");
        }
        assert!(matches!(
            stage("declined", &["vip", "Face_Mismatch"]),
            Stage::Rejected { reason: Reason::FaceMismatch, .. }
        ));
    }

    #[test]
    fn names_are_those_read_from_a_document_that_passed() {
        let inquiry = |status: &str| {
            let whole = json!({
                "data": { "type": "inquiry", "id": "inq_1", "attributes": {
                    "status": "approved", "name-first": "Typed", "fields": { "address-city": { "type": "string", "value": "Cologne" } },
                } },
                "included": [{ "type": "verification/government-id", "id": "ver_1", "attributes": {
                    "status": status, "name-first": "Erika", "id-class": "pp", "country-code": "DE",
                } }],
            });
            serde_json::from_value::<Document>(whole).unwrap().found(Timestamp::from_unix(0))
        };
        let passed = inquiry("passed");
        assert_eq!(passed.attributes.given_name.as_deref(), Some("Erika"));
        assert_eq!(passed.attributes.address.and_then(|address| address.locality).as_deref(), Some("Cologne"));
        assert_eq!(passed.evidence.len(), 1);
        let failed = inquiry("failed");
        assert_eq!((failed.attributes.given_name, failed.evidence.len()), (None, 0));
    }
}
