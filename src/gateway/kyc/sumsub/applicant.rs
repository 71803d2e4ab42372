//! An applicant as Sumsub's API tells it, in our words.

use serde::Deserialize;

use crate::domain::kyc::Reason;
use crate::domain::kyc::identity::{Attributes, EvidenceKind};
use crate::domain::profile::PostalAddress;
use crate::domain::time::Timestamp;
use crate::gateway::kyc::found::{self, Checker, Seen, country, millis, text};
use crate::gateway::kyc::{Found, Report, Stage};

const ORGANIZATION: &str = "sumsub.com";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Applicant {
    pub id: String,
    external_user_id: Option<String>,
    #[serde(default)]
    info: Info,
    #[serde(default)]
    review: Review,
    #[serde(default)]
    required_id_docs: RequiredDocuments,
    #[serde(default)]
    pub deleted: bool,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Info {
    first_name: Option<String>,
    middle_name: Option<String>,
    last_name: Option<String>,
    dob: Option<String>,
    country: Option<String>,
    nationality: Option<String>,
    addresses: Vec<Address>,
    id_docs: Vec<Document>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Address {
    street: Option<String>,
    town: Option<String>,
    state: Option<String>,
    post_code: Option<String>,
    country: Option<String>,
    formatted_address: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Document {
    id_doc_type: String,
    country: Option<String>,
    issued_date: Option<String>,
    valid_until: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Review {
    level_name: Option<String>,
    review_status: String,
    review_date: Option<String>,
    review_result: ReviewResult,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ReviewResult {
    review_answer: Option<String>,
    review_reject_type: Option<String>,
    reject_labels: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RequiredDocuments {
    doc_sets: Vec<DocumentSet>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct DocumentSet {
    id_doc_set_type: String,
}

impl Applicant {
    pub fn report(self, level: &str, now: Timestamp) -> Report {
        let result = &self.review.review_result;
        let stage = if self.review.level_name.as_deref() != Some(level) {
            Stage::Elsewhere
        } else {
            match (self.review.review_status.as_str(), result.review_answer.as_deref()) {
                ("init", _) => Stage::Collecting,
                ("completed", Some("GREEN")) => Stage::Approved(Box::new(self.found(now))),
                ("completed", Some("RED")) => Stage::Rejected {
                    reason: reason(&result.reject_labels),
                    finally: result.review_reject_type.as_deref() == Some("FINAL"),
                },
                // "pending", "prechecked", "queued", "onHold": they are looking at it.
                _ => Stage::Submitted,
            }
        };
        Report {
            at: millis(self.review.review_date.as_deref()),
            codes: self.review.review_result.reject_labels,
            case: self.external_user_id,
            stage,
        }
    }

    fn found(&self, now: Timestamp) -> Found {
        let info = &self.info;
        let home = info.addresses.first();
        let face = self.required_id_docs.doc_sets.iter().any(|set| set.id_doc_set_type.starts_with("SELFIE"));
        let checker = Checker { organization: ORGANIZATION, reference: &self.id, at: now, face };
        let seen = info.id_docs.iter().filter_map(|document| {
            Some(Seen {
                kind: kind(&document.id_doc_type)?,
                issued_by: document.country.as_deref(),
                issued_on: document.issued_date.as_deref(),
                expires_on: document.valid_until.as_deref(),
            })
        });
        let residence = home.and_then(|home| home.country.as_deref()).or(info.country.as_deref());
        Found {
            attributes: Attributes {
                given_name: text(info.first_name.as_deref()),
                middle_name: text(info.middle_name.as_deref()),
                family_name: text(info.last_name.as_deref()),
                birthdate: found::date(info.dob.as_deref()),
                nationalities: country(info.nationality.as_deref()).into_iter().collect(),
                residence: country(residence),
                address: home.map(Address::told).filter(|address| !address.is_empty()),
            },
            evidence: seen.map(|seen| checker.evidence(seen)).collect(),
        }
    }
}

impl Address {
    fn told(&self) -> PostalAddress {
        PostalAddress {
            formatted: text(self.formatted_address.as_deref()),
            street_address: text(self.street.as_deref()),
            locality: text(self.town.as_deref()),
            region: text(self.state.as_deref()),
            postal_code: text(self.post_code.as_deref()),
            country: country(self.country.as_deref()).map(|country| country.to_string()),
        }
    }
}

fn kind(word: &str) -> Option<EvidenceKind> {
    match word {
        "ID_CARD" => Some(EvidenceKind::Idcard),
        "PASSPORT" | "INTERNAL_PASSPORT" => Some(EvidenceKind::Passport),
        "DRIVERS" => Some(EvidenceKind::DrivingPermit),
        "RESIDENCE_PERMIT" => Some(EvidenceKind::ResidencePermit),
        "UTILITY_BILL" => Some(EvidenceKind::UtilityStatement),
        "BANK_STATEMENT" => Some(EvidenceKind::BankStatement),
        _ => None,
    }
}

/// What weighs most comes first: of several labels the first that is listed counts.
const LABELS: [(&[&str], Reason); 11] = [
    (
        &["SANCTIONS", "CRIMINAL", "PEP", "ADVERSE_MEDIA", "COMPROMISED_PERSONS", "BLACKLIST", "BLOCKLIST"],
        Reason::SanctionsReview,
    ),
    (&["FORGERY", "GRAPHIC_EDITOR", "FRAUDULENT_PATTERNS", "DOCUMENT_TEMPLATE"], Reason::DocTampered),
    (&["DUPLICATE"], Reason::DuplicateIdentity),
    (&["AGE_REQUIREMENT_MISMATCH"], Reason::Underage),
    (&["WRONG_USER_REGION", "REGULATIONS_VIOLATIONS"], Reason::CountryRestricted),
    (&["BAD_FACE_MATCHING", "SELFIE_MISMATCH"], Reason::FaceMismatch),
    (&["BAD_SELFIE", "BAD_VIDEO_SELFIE", "FRAUDULENT_LIVENESS"], Reason::LivenessFailed),
    (&["EXPIRATION_DATE"], Reason::DocExpired),
    (&["UNSUITABLE_DOC", "NOT_DOCUMENT", "UNSUPPORTED_LANGUAGE", "DIGITAL_DOCUMENT"], Reason::DocTypeUnsupported),
    (&["PROBLEMATIC_APPLICANT_DATA", "DB_DATA_MISMATCH", "DB_DATA_NOT_FOUND"], Reason::NameMismatch),
    (
        &[
            "UNSATISFACTORY_PHOTOS",
            "DOCUMENT_DAMAGED",
            "LOW_QUALITY",
            "INCOMPLETE_DOCUMENT",
            "DOCUMENT_PAGE_MISSING",
            "FRONT_SIDE_MISSING",
            "BACK_SIDE_MISSING",
            "BLACK_AND_WHITE",
            "SCREENSHOTS",
            "BAD_PROOF_OF_IDENTITY",
        ],
        Reason::DocUnreadable,
    ),
];

fn reason(labels: &[String]) -> Reason {
    let found = LABELS.iter().find(|(known, _)| labels.iter().any(|label| known.contains(&label.as_str())));
    found.map_or(Reason::Other, |(_, reason)| *reason)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const LEVEL: &str = "id-and-liveness";

    fn applicant(review: serde_json::Value) -> Applicant {
        let whole = json!({
            "id": "5cb744200a975a67ed1798a4", "externalUserId": "case",
            "info": {
                "firstName": "Erika", "lastName": "Mustermann", "dob": "1984-01-26", "country": "DEU", "nationality": "DEU",
                "idDocs": [
                    { "idDocType": "PASSPORT", "country": "DEU", "number": "C01X00T47", "validUntil": "2030-01-01" },
                    { "idDocType": "SELFIE", "country": "DEU" },
                ],
            },
            "requiredIdDocs": { "docSets": [{ "idDocSetType": "IDENTITY" }, { "idDocSetType": "SELFIE" }] },
            "review": review,
        });
        serde_json::from_value(whole).unwrap()
    }

    fn stage(review: serde_json::Value) -> Stage {
        applicant(review).report(LEVEL, Timestamp::from_unix(0)).stage
    }

    #[test]
    fn every_status_of_a_review_has_its_place() {
        for (status, expected) in
            [("init", "Collecting"), ("pending", "Submitted"), ("queued", "Submitted"), ("onHold", "Submitted")]
        {
            let found = stage(json!({ "levelName": LEVEL, "reviewStatus": status }));
            assert!(format!("{found:?}").starts_with(expected), "{status}: {found:?}");
        }
        let green =
            json!({ "levelName": LEVEL, "reviewStatus": "completed", "reviewResult": { "reviewAnswer": "GREEN" } });
        let Stage::Approved(found) = stage(green.clone()) else { panic!("not approved") };
        assert_eq!(found.attributes.family_name.as_deref(), Some("Mustermann"));
        assert_eq!(found.attributes.birthdate.as_deref(), Some("1984-01-26"));
        assert_eq!(found.evidence.len(), 1);
        assert_eq!(found.evidence[0].checks.len(), 2, "document and face");
        assert_eq!(found.evidence[0].expires_on.as_deref(), Some("2030-01-01"));
        assert!(!format!("{found:?}").contains("C01X00T47"), "numbers are not kept");

        let mut lower = green;
        lower["levelName"] = "basic".into();
        assert!(matches!(stage(lower), Stage::Elsewhere), "another level's approval is worth nothing here");
        assert!(matches!(stage(json!({})), Stage::Elsewhere));
        let strange =
            json!({ "levelName": LEVEL, "reviewStatus": "completed", "reviewResult": { "reviewAnswer": "BLUE" } });
        assert!(matches!(stage(strange), Stage::Submitted), "what is not understood approves nobody");
    }

    #[test]
    fn a_rejection_is_final_only_when_it_says_so_and_its_gravest_label_counts() {
        for (labels, kind, expected) in [
            (vec!["BAD_FACE_MATCHING"], "RETRY", (Reason::FaceMismatch, false)),
            (vec!["UNSATISFACTORY_PHOTOS", "FORGERY"], "FINAL", (Reason::DocTampered, true)),
            (vec!["SANCTIONS", "FORGERY"], "FINAL", (Reason::SanctionsReview, true)),
            (vec!["NEVER_HEARD_OF"], "RETRY", (Reason::Other, false)),
            (vec![], "", (Reason::Other, false)),
        ] {
            let review = json!({
                "levelName": LEVEL, "reviewStatus": "completed",
                "reviewResult": { "reviewAnswer": "RED", "rejectLabels": labels, "reviewRejectType": kind },
            });
            let Stage::Rejected { reason, finally } = stage(review) else { panic!("not rejected") };
            assert_eq!((reason, finally), expected);
        }
    }
}
