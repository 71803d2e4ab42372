//! Onfido: a run of a Studio workflow a case; webhooks signed in `X-SHA2-Signature`.
//!
//! What was read from the documents is taken from the output of the workflow, under the names of the document report; what the
//! applicant was made with is not: nobody verified that.

use aws_lc_rs::hmac;
use serde::Deserialize;
use serde_json::json;

use super::found::{self, Checker, Seen, country, millis, text};
use super::json::strictly;
use super::signature::{Secrets, the_one};
use super::{
    Answering, Application, Call, Found, Notice, Post, ProviderError, Report, Stage, Started, Unverified, Verifier,
    can_be_mended, hash, is_id,
};
use crate::config::{OnfidoSection, Secret};
use crate::domain::kyc::identity::{Attributes, EvidenceKind};
use crate::domain::kyc::{Provider, Reason, Tier};
use crate::domain::profile::PostalAddress;
use crate::domain::time::Timestamp;

const ORGANIZATION: &str = "onfido.com";
/// What an applicant without a name is called: the API insists on one.
const NAMELESS: &str = "Unknown";

pub struct Onfido {
    section: OnfidoSection,
    api: String,
    authorization: Secret,
    webhook: Secrets,
}

#[derive(Deserialize)]
struct Event {
    payload: Payload,
}

#[derive(Deserialize)]
struct Payload {
    resource_type: String,
    action: String,
    object: Object,
}

#[derive(Deserialize)]
struct Object {
    id: String,
    completed_at_iso8601: Option<String>,
}

#[derive(Deserialize)]
struct Applicant {
    id: String,
}

#[derive(Deserialize)]
struct Run {
    id: String,
    workflow_id: Option<String>,
    customer_user_id: Option<String>,
    status: String,
    updated_at: Option<String>,
    link: Option<Link>,
    #[serde(default)]
    reasons: Option<Vec<String>>,
    #[serde(default)]
    output: Option<Output>,
}

#[derive(Deserialize)]
struct Link {
    url: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Output {
    first_name: Option<String>,
    middle_name: Option<String>,
    last_name: Option<String>,
    date_of_birth: Option<String>,
    nationality: Option<String>,
    country_of_residence: Option<String>,
    address: Option<Address>,
    document_type: Option<String>,
    issuing_country: Option<String>,
    issuing_date: Option<String>,
    date_of_expiry: Option<String>,
    /// Whether the face was compared with the document: "clear".
    facial_similarity: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Address {
    street: Option<String>,
    town: Option<String>,
    state: Option<String>,
    postcode: Option<String>,
    country: Option<String>,
}

impl Onfido {
    /// `None` when it is not configured.
    pub fn configured(section: &OnfidoSection) -> Option<Box<dyn Verifier>> {
        Some(Box::new(Self {
            api: format!("{}/v3.6", section.api.as_str().trim_end_matches('/')),
            authorization: format!("Token token={}", section.api_token.as_ref()?.expose()).into(),
            webhook: Secrets::new(&section.webhook_secret, &section.webhook_previous_secret)?,
            section: section.clone(),
        }))
    }

    fn headers(&self) -> [(&str, &str); 1] {
        [("Authorization", self.authorization.expose())]
    }

    fn workflow(&self, tier: Tier) -> Result<&str, ProviderError> {
        let configured = self.section.workflow(tier);
        configured.ok_or_else(|| ProviderError::Refused(format!("no workflow is configured for {tier}")))
    }

    async fn run(&self, call: Call<'_>, reference: &str) -> Result<Run, ProviderError> {
        if !is_id(reference) {
            return Err(ProviderError::Gone);
        }
        call.get(&format!("{}/workflow_runs/{reference}", self.api), &self.headers()).await
    }
}

impl Verifier for Onfido {
    fn provider(&self) -> Provider {
        Provider::Onfido
    }

    /// Events have no name of their own: the same bytes are the same event.
    fn judge(&self, post: Post<'_>, _now: Timestamp) -> Result<Notice, Unverified> {
        let shown = the_one(post.headers, "x-sha2-signature").ok_or(Unverified::Unsigned)?;
        if !self.webhook.accept(hmac::HMAC_SHA256, &[post.body], &[shown]) {
            return Err(Unverified::Unsigned);
        }
        let Event { payload } = strictly(post.body).ok_or(Unverified::Malformed)?;
        let is_run = payload.resource_type == "workflow_run";
        Ok(Notice {
            event_id: hash(post.body),
            at: millis(payload.object.completed_at_iso8601.as_deref()),
            reference: is_run.then_some(payload.object.id),
            kind: payload.action,
        })
    }

    fn start<'a>(&'a self, call: Call<'a>, application: &'a Application<'a>) -> Answering<'a, Started> {
        Box::pin(async move {
            let (given, family) = application.name;
            let named = json!({ "first_name": given.unwrap_or(NAMELESS), "last_name": family.unwrap_or(NAMELESS) });
            let applicant: Applicant =
                call.post(&format!("{}/applicants", self.api), &self.headers(), named.to_string()).await?;
            let wanted = json!({
                "workflow_id": self.workflow(application.tier)?,
                "applicant_id": applicant.id,
                "customer_user_id": application.case.to_string(),
                "link": { "completed_redirect_url": application.back, "expired_redirect_url": application.back },
            });
            let run: Run =
                call.post(&format!("{}/workflow_runs", self.api), &self.headers(), wanted.to_string()).await?;
            let url = run.link.and_then(|link| link.url).ok_or(ProviderError::Nonsense)?;
            Ok(Started { reference: run.id, url })
        })
    }

    fn again<'a>(
        &'a self,
        call: Call<'a>,
        application: &'a Application<'a>,
        reference: &'a str,
    ) -> Answering<'a, Option<String>> {
        Box::pin(async move {
            let run = self.run(call, reference).await?;
            match (run.status.as_str(), run.link.and_then(|link| link.url)) {
                ("abandoned" | "error", _) => Err(ProviderError::Gone),
                ("awaiting_input", Some(url)) => Ok(Some(url)),
                // The person has done their part.
                _ => Ok(Some(application.back.to_owned())),
            }
        })
    }

    fn ask<'a>(&'a self, call: Call<'a>, reference: &'a str, tier: Tier) -> Answering<'a, Report> {
        Box::pin(async move {
            let run = self.run(call, reference).await?;
            let is_for_this = run.workflow_id.as_deref() == Some(self.workflow(tier)?);
            Ok(run.report(is_for_this, call.now))
        })
    }
}

impl Run {
    fn report(self, is_for_this: bool, now: Timestamp) -> Report {
        let reasons = self.reasons.clone().unwrap_or_default();
        let stage = match self.status.as_str() {
            _ if !is_for_this => Stage::Elsewhere,
            "awaiting_input" | "awaiting_client_input" => Stage::Collecting,
            "approved" => Stage::Approved(Box::new(self.found(now))),
            "declined" => {
                let reason = reason(&reasons);
                Stage::Rejected { reason, finally: !can_be_mended(reason) }
            }
            "abandoned" => Stage::Abandoned(Reason::Abandoned),
            "error" => Stage::Abandoned(Reason::ProviderError),
            // "processing", "review".
            _ => Stage::Submitted,
        };
        Report { case: self.customer_user_id, at: millis(self.updated_at.as_deref()), stage, codes: reasons }
    }

    fn found(&self, now: Timestamp) -> Found {
        let Some(output) = &self.output else { return Found::default() };
        let face = output.facial_similarity.as_deref() == Some("clear");
        let checker = Checker { organization: ORGANIZATION, reference: &self.id, at: now, face };
        let home = output.address.as_ref();
        let residence = home.and_then(|home| home.country.as_deref()).or(output.country_of_residence.as_deref());
        let evidence = output.document_type.as_deref().and_then(kind).map(|kind| {
            checker.evidence(Seen {
                kind,
                issued_by: output.issuing_country.as_deref(),
                issued_on: output.issuing_date.as_deref(),
                expires_on: output.date_of_expiry.as_deref(),
            })
        });
        Found {
            attributes: Attributes {
                given_name: text(output.first_name.as_deref()),
                middle_name: text(output.middle_name.as_deref()),
                family_name: text(output.last_name.as_deref()),
                birthdate: found::date(output.date_of_birth.as_deref()),
                nationalities: country(output.nationality.as_deref()).into_iter().collect(),
                residence: country(residence),
                address: home.map(Address::told).filter(|address| !address.is_empty()),
            },
            evidence: evidence.into_iter().collect(),
        }
    }
}

impl Address {
    fn told(&self) -> PostalAddress {
        PostalAddress {
            formatted: None,
            street_address: text(self.street.as_deref()),
            locality: text(self.town.as_deref()),
            region: text(self.state.as_deref()),
            postal_code: text(self.postcode.as_deref()),
            country: country(self.country.as_deref()).map(|country| country.to_string()),
        }
    }
}

fn kind(word: &str) -> Option<EvidenceKind> {
    match word {
        "passport" => Some(EvidenceKind::Passport),
        "national_identity_card" => Some(EvidenceKind::Idcard),
        "driving_licence" => Some(EvidenceKind::DrivingPermit),
        "residence_permit" => Some(EvidenceKind::ResidencePermit),
        _ => None,
    }
}

/// The reasons of a workflow are the operator's own words: those of ours are understood.
fn reason(words: &[String]) -> Reason {
    words.iter().find_map(|word| Reason::parse(&word.to_ascii_lowercase())).unwrap_or(Reason::Other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(status: &str, reasons: &[&str]) -> Stage {
        let run = json!({ "id": "run", "status": status, "reasons": reasons, "output": {}, "updated_at": "2026-01-15T10:20:30Z" });
        serde_json::from_value::<Run>(run).unwrap().report(true, Timestamp::from_unix(0)).stage
    }

    #[test]
    fn every_status_of_a_run_has_its_place() {
        for (status, expected) in [
            ("awaiting_input", "Collecting"),
            ("awaiting_client_input", "Collecting"),
            ("processing", "Submitted"),
            ("review", "Submitted"),
            ("approved", "Approved"),
            ("declined", "Rejected"),
            ("abandoned", "Abandoned(Abandoned)"),
            ("error", "Abandoned(ProviderError)"),
            ("something_new", "Submitted"),
        ] {
            let found = stage(status, &[]);
            assert!(format!("{found:?}").starts_with(expected), "{status}: {found:?}");
        }
    }

    #[test]
    fn declined_is_final_unless_its_reason_can_be_mended() {
        for (reasons, expected) in [
            (vec!["doc_expired"], (Reason::DocExpired, false)),
            (vec!["our own word", "DOC_TAMPERED"], (Reason::DocTampered, true)),
            (vec![], (Reason::Other, true)),
        ] {
            let Stage::Rejected { reason, finally } = stage("declined", &reasons) else { panic!("not rejected") };
            assert_eq!((reason, finally), expected);
        }
    }
}
