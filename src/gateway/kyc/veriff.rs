//! Veriff: a session a case; webhooks signed in `X-HMAC-Signature`. The older `X-Signature`, which is no MAC, does not count.
//!
//! An integration of Veriff asks for the same whatever the level: levels that ask for different things need different providers.

use aws_lc_rs::hmac;
use serde::Deserialize;
use serde_json::json;
use subtle::ConstantTimeEq;

use super::found::{self, Checker, Seen, country, millis, text};
use super::json::strictly;
use super::signature::{Secrets, sign, the_one};
use super::{
    Answering, Application, Call, Found, Notice, Post, ProviderError, Report, Stage, Started, Unverified, Verifier,
    hash, is_id,
};
use crate::config::{Secret, VeriffSection};
use crate::domain::kyc::identity::{Attributes, EvidenceKind};
use crate::domain::kyc::{Provider, Reason, Tier};
use crate::domain::profile::PostalAddress;
use crate::domain::time::Timestamp;

const ORGANIZATION: &str = "veriff.com";

pub struct Veriff {
    api: String,
    api_key: Secret,
    shared_secret: Secret,
    webhook: Secrets,
}

/// A decision (`verification`), or that the person started or submitted (`id`, `action`).
#[derive(Deserialize)]
struct Event {
    id: Option<String>,
    action: Option<String>,
    verification: Option<EventDecision>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EventDecision {
    id: String,
    status: Option<String>,
    decision_time: Option<String>,
}

#[derive(Deserialize)]
struct Made {
    verification: Session,
}

#[derive(Deserialize)]
struct Session {
    id: String,
    url: String,
}

#[derive(Deserialize)]
struct Decided {
    verification: Option<Decision>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Decision {
    id: String,
    status: String,
    reason_code: Option<u32>,
    vendor_data: Option<String>,
    decision_time: Option<String>,
    #[serde(default)]
    person: Option<Person>,
    #[serde(default)]
    document: Option<Document>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Person {
    first_name: Option<String>,
    last_name: Option<String>,
    date_of_birth: Option<String>,
    nationality: Option<String>,
    addresses: Option<Vec<Address>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Address {
    full_address: Option<String>,
    parsed_address: Option<ParsedAddress>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ParsedAddress {
    street: Option<String>,
    house_number: Option<String>,
    city: Option<String>,
    state: Option<String>,
    postcode: Option<String>,
    country: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Document {
    #[serde(rename = "type")]
    kind: Option<String>,
    country: Option<String>,
    valid_from: Option<String>,
    valid_until: Option<String>,
}

#[derive(Deserialize)]
struct Attempts {
    #[serde(default)]
    verifications: Vec<Attempt>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attempt {
    status: String,
    created_time: Option<String>,
}

impl Veriff {
    /// `None` when it is not configured.
    pub fn configured(section: &VeriffSection) -> Option<Box<dyn Verifier>> {
        Some(Box::new(Self {
            api: format!("{}/v1", section.api.as_str().trim_end_matches('/')),
            api_key: section.api_key.clone()?,
            shared_secret: section.shared_secret.clone()?,
            webhook: Secrets::new(&section.shared_secret, &section.previous_shared_secret)?,
        }))
    }

    /// Of a request that sends something, over that; of one that asks, over the id of what it asks about.
    fn signature(&self, text: &str) -> String {
        sign(hmac::HMAC_SHA256, &self.shared_secret, &[text.as_bytes()])
    }

    async fn about<T: serde::de::DeserializeOwned>(
        &self,
        call: Call<'_>,
        reference: &str,
        what: &str,
    ) -> Result<T, ProviderError> {
        let signature = self.signature(reference);
        let headers = [("X-AUTH-CLIENT", self.api_key.expose()), ("X-HMAC-SIGNATURE", signature.as_str())];
        call.get(&format!("{}/sessions/{reference}/{what}", self.api), &headers).await
    }

    /// Without a decision yet: whether the person has done their part.
    async fn undecided(&self, call: Call<'_>, reference: &str) -> Result<Report, ProviderError> {
        let Attempts { verifications } = self.about(call, reference, "attempts").await?;
        let newest = verifications.iter().max_by_key(|attempt| millis(attempt.created_time.as_deref()));
        let stage = match newest.map(|attempt| attempt.status.as_str()) {
            None | Some("created" | "started") => Stage::Collecting,
            Some(_) => Stage::Submitted,
        };
        Ok(Report { case: None, at: None, stage, codes: Vec::new() })
    }
}

impl Verifier for Veriff {
    fn provider(&self) -> Provider {
        Provider::Veriff
    }

    /// Events have no name of their own: the same bytes are the same event.
    fn judge(&self, post: Post<'_>, _now: Timestamp) -> Result<Notice, Unverified> {
        let shown = the_one(post.headers, "x-hmac-signature").ok_or(Unverified::Unsigned)?;
        let is_ours = match post.headers.contains_key("x-auth-client") {
            true => the_one(post.headers, "x-auth-client")
                .is_some_and(|key| key.as_bytes().ct_eq(self.api_key.expose().as_bytes()).into()),
            false => true,
        };
        if !self.webhook.accept(hmac::HMAC_SHA256, &[post.body], &[shown]) || !is_ours {
            return Err(Unverified::Unsigned);
        }
        let event: Event = strictly(post.body).ok_or(Unverified::Malformed)?;
        let (event_id, unnamed) = (hash(post.body), "decision".to_owned());
        match (event.verification, event.id, event.action) {
            (Some(decision), ..) => Ok(Notice {
                event_id,
                reference: Some(decision.id),
                at: millis(decision.decision_time.as_deref()),
                kind: decision.status.unwrap_or(unnamed),
            }),
            (None, Some(id), Some(action)) => Ok(Notice { event_id, reference: Some(id), at: None, kind: action }),
            _ => Err(Unverified::Malformed),
        }
    }

    fn start<'a>(&'a self, call: Call<'a>, application: &'a Application<'a>) -> Answering<'a, Started> {
        Box::pin(async move {
            let wanted = json!({ "verification": {
                "callback": application.back, "vendorData": application.case.to_string(),
            } })
            .to_string();
            let signature = self.signature(&wanted);
            let headers = [("X-AUTH-CLIENT", self.api_key.expose()), ("X-HMAC-SIGNATURE", signature.as_str())];
            let made: Made = call.post(&format!("{}/sessions", self.api), &headers, wanted).await?;
            Ok(Started { reference: made.verification.id, url: made.verification.url })
        })
    }

    /// The address of a session is told once, and works until the session is over.
    fn again<'a>(
        &'a self,
        _call: Call<'a>,
        _application: &'a Application<'a>,
        _reference: &'a str,
    ) -> Answering<'a, Option<String>> {
        Box::pin(async move { Ok(None) })
    }

    fn ask<'a>(&'a self, call: Call<'a>, reference: &'a str, _tier: Tier) -> Answering<'a, Report> {
        Box::pin(async move {
            if !is_id(reference) {
                return Err(ProviderError::Gone);
            }
            let decided: Decided = self.about(call, reference, "decision").await?;
            match decided.verification {
                Some(decision) => Ok(decision.report(call.now)),
                None => self.undecided(call, reference).await,
            }
        })
    }
}

impl Decision {
    fn report(self, now: Timestamp) -> Report {
        let reason = self.reason_code.map_or(Reason::Other, reason);
        let stage = match self.status.as_str() {
            "approved" => Stage::Approved(Box::new(self.found(now))),
            "declined" => Stage::Rejected { reason, finally: true },
            "resubmission_requested" => Stage::Rejected { reason, finally: false },
            "expired" | "abandoned" => Stage::Abandoned(Reason::Abandoned),
            // "review".
            _ => Stage::Submitted,
        };
        let codes = self.reason_code.map(|code| code.to_string()).into_iter().collect();
        Report { case: self.vendor_data, at: millis(self.decision_time.as_deref()), stage, codes }
    }

    fn found(&self, now: Timestamp) -> Found {
        let checker = Checker { organization: ORGANIZATION, reference: &self.id, at: now, face: true };
        let evidence = self.document.as_ref().and_then(|document| {
            Some(checker.evidence(Seen {
                kind: kind(document.kind.as_deref()?)?,
                issued_by: document.country.as_deref(),
                issued_on: document.valid_from.as_deref(),
                expires_on: document.valid_until.as_deref(),
            }))
        });
        let unknown = Person::default();
        let person = self.person.as_ref().unwrap_or(&unknown);
        let address = person.addresses.iter().flatten().next().map(Address::told);
        let residence = address.as_ref().and_then(|address| country(address.country.as_deref()));
        Found {
            attributes: Attributes {
                given_name: text(person.first_name.as_deref()),
                family_name: text(person.last_name.as_deref()),
                birthdate: found::date(person.date_of_birth.as_deref()),
                nationalities: country(person.nationality.as_deref()).into_iter().collect(),
                residence,
                address: address.filter(|address| !address.is_empty()),
                ..Attributes::default()
            },
            evidence: evidence.into_iter().collect(),
        }
    }
}

impl Address {
    fn told(&self) -> PostalAddress {
        let none = ParsedAddress::default();
        let parsed = self.parsed_address.as_ref().unwrap_or(&none);
        let street: Vec<&str> =
            [&parsed.street, &parsed.house_number].into_iter().flatten().map(String::as_str).collect();
        PostalAddress {
            formatted: text(self.full_address.as_deref()),
            street_address: text(Some(&street.join(" "))),
            locality: text(parsed.city.as_deref()),
            region: text(parsed.state.as_deref()),
            postal_code: text(parsed.postcode.as_deref()),
            country: country(parsed.country.as_deref()).map(|country| country.to_string()),
        }
    }
}

fn kind(word: &str) -> Option<EvidenceKind> {
    match word {
        "PASSPORT" => Some(EvidenceKind::Passport),
        "ID_CARD" => Some(EvidenceKind::Idcard),
        "DRIVERS_LICENSE" => Some(EvidenceKind::DrivingPermit),
        "RESIDENCE_PERMIT" => Some(EvidenceKind::ResidencePermit),
        _ => None,
    }
}

fn reason(code: u32) -> Reason {
    match code {
        101 | 206 => Reason::DocTypeUnsupported,
        102 => Reason::DocTampered,
        103 => Reason::FaceMismatch,
        104 => Reason::NameMismatch,
        108..=110 => Reason::DuplicateIdentity,
        112 => Reason::CountryRestricted,
        201..=205 => Reason::DocUnreadable,
        207 => Reason::DocExpired,
        _ => Reason::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(status: &str, reason_code: Option<u32>) -> Report {
        let decision = json!({
            "id": "12df6045", "status": status, "reasonCode": reason_code, "vendorData": "case", "decisionTime": "2026-01-15T10:20:30.123Z",
            "person": { "firstName": "Erika", "addresses": null }, "document": { "type": "ID_CARD", "country": "DE" },
        });
        serde_json::from_value::<Decision>(decision).unwrap().report(Timestamp::from_unix(0))
    }

    #[test]
    fn every_status_of_a_decision_has_its_place() {
        for (status, code, expected) in [
            ("approved", None, "Approved"),
            ("declined", Some(102), "Rejected { reason: DocTampered, finally: true }"),
            ("declined", Some(106), "Rejected { reason: Other, finally: true }"),
            ("resubmission_requested", Some(204), "Rejected { reason: DocUnreadable, finally: false }"),
            ("expired", None, "Abandoned(Abandoned)"),
            ("abandoned", None, "Abandoned(Abandoned)"),
            ("review", None, "Submitted"),
            ("something_new", None, "Submitted"),
        ] {
            let found = report(status, code);
            assert!(format!("{:?}", found.stage).starts_with(expected), "{status}: {found:?}");
            assert_eq!(found.at, Some(1_768_472_430_123));
        }
    }
}
