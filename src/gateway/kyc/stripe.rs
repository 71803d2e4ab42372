//! Stripe Identity: a verification session a case; webhooks signed in `Stripe-Signature`, with their time.

use serde::Deserialize;

use super::found::{self, Checker, Seen, country, text};
use super::json::strictly;
use super::signature::{Secrets, the_one};
use super::{
    Answering, Application, Call, Found, Notice, Post, ProviderError, Report, Stage, Started, Unverified, Verifier,
    is_id,
};
use crate::config::{Secret, StripeIdentitySection};
use crate::domain::kyc::identity::{Attributes, EvidenceKind};
use crate::domain::kyc::{Provider, Reason, Tier};
use crate::domain::profile::PostalAddress;
use crate::domain::time::Timestamp;

const ORGANIZATION: &str = "stripe.com";
/// The version of the API that this file speaks.
const VERSION: &str = "2024-06-20";
/// What is left out of answers unless asked for.
const EXPANDED: &str = "expand[]=verified_outputs&expand[]=verified_outputs.dob&expand[]=last_verification_report\
                        &expand[]=last_verification_report.document.expiration_date";

pub struct Stripe {
    section: StripeIdentitySection,
    api: String,
    authorization: Secret,
    webhook: Secrets,
}

#[derive(Deserialize)]
struct Event {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    created: i64,
    data: EventData,
}

#[derive(Deserialize)]
struct EventData {
    object: EventObject,
}

#[derive(Deserialize)]
struct EventObject {
    id: Option<String>,
}

#[derive(Deserialize)]
struct Session {
    id: String,
    status: String,
    url: Option<String>,
    client_reference_id: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    options: Options,
    verification_flow: Option<String>,
    last_error: Option<LastError>,
    verified_outputs: Option<Outputs>,
    last_verification_report: Option<Verification>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Options {
    document: Option<DocumentOptions>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct DocumentOptions {
    require_matching_selfie: bool,
}

#[derive(Deserialize)]
struct LastError {
    code: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Outputs {
    first_name: Option<String>,
    last_name: Option<String>,
    dob: Option<Day>,
    address: Option<Address>,
}

#[derive(Deserialize)]
struct Day {
    day: Option<u32>,
    month: Option<u32>,
    year: Option<i32>,
}

#[derive(Deserialize)]
struct Address {
    line1: Option<String>,
    line2: Option<String>,
    city: Option<String>,
    state: Option<String>,
    postal_code: Option<String>,
    country: Option<String>,
}

#[derive(Deserialize)]
struct Verification {
    created: Option<i64>,
    document: Option<Document>,
    selfie: Option<Selfie>,
}

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "type")]
    kind: Option<String>,
    issuing_country: Option<String>,
    issued_date: Option<Day>,
    expiration_date: Option<Day>,
}

#[derive(Deserialize)]
struct Selfie {
    status: Option<String>,
}

impl Stripe {
    /// `None` when it is not configured.
    pub fn configured(section: &StripeIdentitySection) -> Option<Box<dyn Verifier>> {
        Some(Box::new(Self {
            api: section.api.as_str().trim_end_matches('/').to_owned(),
            authorization: format!("Bearer {}", section.secret_key.as_ref()?.expose()).into(),
            webhook: Secrets::new(&section.webhook_secret, &section.webhook_previous_secret)?,
            section: section.clone(),
        }))
    }

    fn headers(&self) -> [(&str, &str); 2] {
        [("Authorization", self.authorization.expose()), ("Stripe-Version", VERSION)]
    }

    async fn session(&self, call: Call<'_>, reference: &str) -> Result<Session, ProviderError> {
        if !is_id(reference) {
            return Err(ProviderError::Gone);
        }
        let url = format!("{}/v1/identity/verification_sessions/{reference}?{EXPANDED}", self.api);
        call.get(&url, &self.headers()).await
    }
}

impl Verifier for Stripe {
    fn provider(&self) -> Provider {
        Provider::Stripe
    }

    fn judge(&self, post: Post<'_>, now: Timestamp) -> Result<Notice, Unverified> {
        let shown = the_one(post.headers, "stripe-signature").ok_or(Unverified::Unsigned)?;
        if !self.webhook.accept_timed(shown, post.body, now) {
            return Err(Unverified::Unsigned);
        }
        let event: Event = strictly(post.body).ok_or(Unverified::Malformed)?;
        let is_session = event.kind.starts_with("identity.verification_session.");
        Ok(Notice {
            event_id: event.id,
            reference: event.data.object.id.filter(|_| is_session),
            at: event.created.checked_mul(1000),
            kind: event.kind,
        })
    }

    fn start<'a>(&'a self, call: Call<'a>, application: &'a Application<'a>) -> Answering<'a, Started> {
        Box::pin(async move {
            let case = application.case.to_string();
            let mut fields = vec![("client_reference_id", case.as_str()), ("return_url", application.back)];
            match self.section.flow(application.tier) {
                Some(flow) => fields.push(("verification_flow", flow)),
                None => fields.extend([("type", "document"), ("options[document][require_matching_selfie]", "true")]),
            }
            let url = format!("{}/v1/identity/verification_sessions", self.api);
            let session: Session = call.post_form(&url, &self.headers(), &fields).await?;
            let url = session.url.ok_or(ProviderError::Nonsense)?;
            Ok(Started { reference: session.id, url })
        })
    }

    fn again<'a>(
        &'a self,
        call: Call<'a>,
        application: &'a Application<'a>,
        reference: &'a str,
    ) -> Answering<'a, Option<String>> {
        Box::pin(async move {
            let session = self.session(call, reference).await?;
            match (session.status.as_str(), session.url) {
                ("canceled", _) => Err(ProviderError::Gone),
                ("requires_input", Some(url)) => Ok(Some(url)),
                // The person has done their part.
                _ => Ok(Some(application.back.to_owned())),
            }
        })
    }

    fn ask<'a>(&'a self, call: Call<'a>, reference: &'a str, tier: Tier) -> Answering<'a, Report> {
        Box::pin(async move {
            let session = self.session(call, reference).await?;
            let is_for_this = match self.section.flow(tier) {
                Some(flow) => session.verification_flow.as_deref() == Some(flow),
                None => session.is_document_and_face(),
            };
            Ok(session.report(is_for_this, call.now))
        })
    }
}

impl Session {
    fn is_document_and_face(&self) -> bool {
        let selfie = self.options.document.as_ref().is_some_and(|document| document.require_matching_selfie);
        self.kind.as_deref() == Some("document") && selfie
    }

    fn report(self, is_for_this: bool, now: Timestamp) -> Report {
        let error = self.last_error.as_ref().map(|error| error.code.clone().unwrap_or_default());
        let stage = match (self.status.as_str(), error.as_deref()) {
            _ if !is_for_this => Stage::Elsewhere,
            ("verified", _) => Stage::Approved(Box::new(self.found(now))),
            ("requires_input", None) => Stage::Collecting,
            ("requires_input", Some("abandoned")) | ("canceled", _) => Stage::Abandoned(Reason::Abandoned),
            ("requires_input", Some(code)) => Stage::Rejected { reason: reason(code), finally: false },
            _ => Stage::Submitted,
        };
        let at = self.last_verification_report.and_then(|report| report.created?.checked_mul(1000));
        Report { case: self.client_reference_id, at, stage, codes: error.into_iter().collect() }
    }

    fn found(&self, now: Timestamp) -> Found {
        let report = self.last_verification_report.as_ref();
        let face = report
            .and_then(|report| report.selfie.as_ref())
            .is_some_and(|selfie| selfie.status.as_deref() == Some("verified"));
        let checker = Checker { organization: ORGANIZATION, reference: &self.id, at: now, face };
        let evidence = report.and_then(|report| report.document.as_ref()).and_then(|document| {
            let (issued, expires) = (date(document.issued_date.as_ref()), date(document.expiration_date.as_ref()));
            Some(checker.evidence(Seen {
                kind: kind(document.kind.as_deref()?)?,
                issued_by: document.issuing_country.as_deref(),
                issued_on: issued.as_deref(),
                expires_on: expires.as_deref(),
            }))
        });
        let Some(outputs) = &self.verified_outputs else {
            return Found { evidence: evidence.into_iter().collect(), ..Found::default() };
        };
        let home = outputs.address.as_ref();
        Found {
            attributes: Attributes {
                given_name: text(outputs.first_name.as_deref()),
                family_name: text(outputs.last_name.as_deref()),
                birthdate: date(outputs.dob.as_ref()),
                residence: home.and_then(|home| country(home.country.as_deref())),
                address: home.map(Address::told).filter(|address| !address.is_empty()),
                ..Attributes::default()
            },
            evidence: evidence.into_iter().collect(),
        }
    }
}

impl Address {
    fn told(&self) -> PostalAddress {
        let lines: Vec<String> =
            [&self.line1, &self.line2].into_iter().filter_map(|line| text(line.as_deref())).collect();
        PostalAddress {
            formatted: None,
            street_address: text(Some(&lines.join(", "))),
            locality: text(self.city.as_deref()),
            region: text(self.state.as_deref()),
            postal_code: text(self.postal_code.as_deref()),
            country: country(self.country.as_deref()).map(|country| country.to_string()),
        }
    }
}

fn date(day: Option<&Day>) -> Option<String> {
    let Day { day: Some(day), month: Some(month), year: Some(year) } = day? else { return None };
    found::date(Some(&format!("{year:04}-{month:02}-{day:02}")))
}

fn kind(word: &str) -> Option<EvidenceKind> {
    match word {
        "passport" => Some(EvidenceKind::Passport),
        "id_card" => Some(EvidenceKind::Idcard),
        "driving_license" => Some(EvidenceKind::DrivingPermit),
        _ => None,
    }
}

fn reason(code: &str) -> Reason {
    match code {
        "document_expired" => Reason::DocExpired,
        "document_type_not_supported" => Reason::DocTypeUnsupported,
        "document_unverified_other" | "id_number_insufficient_document_data" => Reason::DocUnreadable,
        "selfie_face_mismatch" => Reason::FaceMismatch,
        "selfie_document_missing_photo" | "selfie_unverified_other" => Reason::LivenessFailed,
        "selfie_manipulated" => Reason::DocTampered,
        "id_number_mismatch" => Reason::NameMismatch,
        "under_supported_age" => Reason::Underage,
        "country_not_supported" => Reason::CountryRestricted,
        "abandoned" => Reason::Abandoned,
        code if code.ends_with("_declined") => Reason::ConsentDeclined,
        _ => Reason::Other,
    }
}
