//! What could be told about a person: one dataset for each level that counts now, made of what was verified for it and of nothing else.

use std::collections::BTreeSet;

use isocountry::CountryCode;
use serde_json::{Map, Value, json};

use super::vocabulary::{DOCUMENT, LEAST_TIER, assurance_level};
use crate::domain::kyc::identity::{Attributes, Check, CheckMethod, Evidence, EvidenceKind, Identity, Verification};
use crate::domain::kyc::{Attained, Standing};
use crate::domain::phone::Country;
use crate::domain::time::Timestamp;

/// `verification` and `claims`, whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    pub(super) verification: Map<String, Value>,
    pub(super) claims: Map<String, Value>,
}

/// The highest level first. Nothing of a level that has expired, was taken back, or rests on another case than what is kept, and nothing
/// at all of a person who is suspended. Where somebody lives is the caller's to judge.
pub fn datasets(identity: &Identity, standing: &Standing, trust_framework: &str, now: Timestamp) -> Vec<Dataset> {
    if standing.suspended().is_some() {
        return Vec::new();
    }
    let counts = |attained: &&Attained| attained.tier >= LEAST_TIER && attained.counts(now);
    let verified = |attained: &Attained| {
        let same = |it: &&Verification| it.tier == attained.tier && it.case == attained.case;
        identity.verifications.iter().find(same)
    };
    let counting = standing.attained().iter().rev().filter(counts);
    counting.filter_map(verified).map(|verification| dataset(verification, trust_framework)).collect()
}

fn dataset(verified: &Verification, trust_framework: &str) -> Dataset {
    let documents: Vec<&Evidence> =
        verified.evidence.iter().filter(|evidence| evidence.kind != EvidenceKind::SelfDeclared).collect();
    let level = assurance_level(verified.tier);
    let mut process = object([("policy", json!(trust_framework)), ("procedure", json!(level))]);
    let details = assurance_details(&documents);
    if !details.is_empty() {
        process.insert("assurance_details".into(), details.into());
    }
    let mut verification = object([
        ("trust_framework", json!(trust_framework)),
        ("assurance_level", json!(level)),
        ("assurance_process", process.into()),
        ("time", json!(utc(verified.at))),
        ("verification_process", json!(verified.case.to_string())),
    ]);
    if !documents.is_empty() {
        let entries: Vec<Value> = documents.iter().map(|evidence| entry(evidence)).collect();
        verification.insert("evidence".into(), entries.into());
    }
    Dataset { verification, claims: claims(&verified.attributes, &documents) }
}

/// What the evidence shows: a driving permit knows no nationality, and an address is proved by a paper about it. Without any evidence
/// the operator answers for all of it.
fn claims(attributes: &Attributes, documents: &[&Evidence]) -> Map<String, Value> {
    let shown_by = |kinds: &[EvidenceKind]| documents.is_empty() || documents.iter().any(|it| kinds.contains(&it.kind));
    let mut claims = Map::new();
    let texts = [
        ("given_name", &attributes.given_name),
        ("middle_name", &attributes.middle_name),
        ("family_name", &attributes.family_name),
        ("birthdate", &attributes.birthdate),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            claims.insert(name.into(), json!(text));
        }
    }
    let tells_nationality = [EvidenceKind::Passport, EvidenceKind::Idcard, EvidenceKind::ResidencePermit];
    let nationalities: Vec<&str> = attributes.nationalities.iter().copied().filter_map(alpha_3).collect();
    if !nationalities.is_empty() && shown_by(&tells_nationality) {
        claims.insert("nationalities".into(), json!(nationalities));
    }
    if let Some(address) = attributes.address.as_ref().filter(|address| !address.is_empty())
        && shown_by(&EvidenceKind::ADDRESS)
        && let Ok(Value::Object(mut address)) = serde_json::to_value(address)
    {
        if let Some(code) = attributes.residence.and_then(alpha_3) {
            address.insert("country_code".into(), json!(code));
        }
        claims.insert("address".into(), address.into());
    }
    claims
}

fn entry(evidence: &Evidence) -> Value {
    let mut details = object([("type", json!(evidence.kind.as_str()))]);
    let dates = [("date_of_issuance", &evidence.issued_on), ("date_of_expiry", &evidence.expires_on)];
    for (name, date) in dates {
        if let Some(date) = date {
            details.insert(name.into(), json!(date));
        }
    }
    if let Some(code) = evidence.issued_by.and_then(alpha_3) {
        details.insert("issuer".into(), json!({ "country_code": code }));
    }
    let mut entry = object([("type", json!(DOCUMENT)), ("document_details", details.into())]);
    if !evidence.checks.is_empty() {
        entry.insert("check_details".into(), evidence.checks.iter().map(check).collect());
    }
    entry.into()
}

fn check(check: &Check) -> Value {
    json!({
        "check_method": check.method.as_str(),
        "organization": check.organization,
        "check_id": check.check_id,
        "time": utc(check.at),
    })
}

/// Which checks bear out that the document is genuine, and which that it is this person's.
fn assurance_details(documents: &[&Evidence]) -> Vec<Value> {
    let checks = || documents.iter().flat_map(|evidence| &evidence.checks);
    let of = |kind: &str, methods: &[CheckMethod]| {
        let ids: BTreeSet<&str> =
            checks().filter(|check| methods.contains(&check.method)).map(|check| check.check_id.as_str()).collect();
        let references: Vec<Value> = ids.into_iter().map(|id| json!({ "check_id": id })).collect();
        (!references.is_empty()).then(|| json!({ "assurance_type": kind, "evidence_ref": references }))
    };
    let validation = of("evidence_validation", &[CheckMethod::Vri]);
    let verification = of("verification", &[CheckMethod::Pvr, CheckMethod::Bvr]);
    validation.into_iter().chain(verification).collect()
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Map<String, Value> {
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// `None` for codes that the standard does not know.
fn alpha_3(country: Country) -> Option<&'static str> {
    CountryCode::for_alpha2(country.as_str()).ok().map(|code| code.alpha3())
}

/// ISO 8601 with its time zone, which is always UTC.
fn utc(at: Timestamp) -> String {
    let time = chrono::DateTime::from_timestamp(at.unix(), 0).unwrap_or_default();
    time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}
