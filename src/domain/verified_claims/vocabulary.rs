//! Which elements are known, where they stand, and what can be asked of them: OpenID Identity Assurance Schema Definition 1.0, as far as
//! there is data for it here.

use crate::domain::kyc::Tier;
use crate::domain::kyc::identity::{CheckMethod, EvidenceKind};

/// Below it everything is the person's own word, and nothing of it is told as verified.
pub const LEAST_TIER: Tier = Tier::STANDARD;

/// `claims_in_verified_claims_supported`. The names are those of OpenID Connect Core section 5.1 and of OpenID Connect for Identity
/// Assurance Claims Registration 1.0.
pub const CLAIMS: [&str; 6] = ["given_name", "middle_name", "family_name", "birthdate", "nationalities", "address"];

/// `evidence_supported`.
pub const EVIDENCE: [&str; 1] = [DOCUMENT];
pub(super) const DOCUMENT: &str = "document";

/// `documents_check_methods_supported`.
pub const CHECK_METHODS: [CheckMethod; 3] = [CheckMethod::Vri, CheckMethod::Pvr, CheckMethod::Bvr];

/// `documents_supported`.
pub fn documents() -> impl Iterator<Item = EvidenceKind> {
    EvidenceKind::IDENTITY.into_iter().chain(EvidenceKind::ADDRESS)
}

/// The level in the words of the trust framework.
pub fn assurance_level(tier: Tier) -> String {
    format!("tier{tier}")
}

/// What an element is, and so what a request can say of it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// A text, a number, a date: asked for by `null` or an object of constraints.
    Plain,
    /// As [`Shape::Plain`], told with all that is in it.
    Whole,
    /// Asked for by its members only: whoever wants evidence says which part of it.
    Object(Members),
    /// As [`Shape::Object`]; each entry asked for is a filter and a template of the entries that are there.
    List(Members),
    /// Asked for as a whole, or by its members.
    Either(Members),
}

pub(super) type Members = &'static [(&'static str, Shape)];

pub(super) fn shape_of(name: &str, members: Members) -> Option<Shape> {
    members.iter().find(|(known, _)| *known == name).map(|(_, shape)| *shape)
}

pub(super) const VERIFICATION: Members = &[
    ("trust_framework", Shape::Plain),
    ("assurance_level", Shape::Plain),
    ("assurance_process", Shape::Object(ASSURANCE_PROCESS)),
    ("time", Shape::Plain),
    ("verification_process", Shape::Plain),
    ("evidence", Shape::List(EVIDENCE_ENTRY)),
];

const ASSURANCE_PROCESS: Members =
    &[("policy", Shape::Plain), ("procedure", Shape::Plain), ("assurance_details", Shape::Whole)];

const EVIDENCE_ENTRY: Members = &[
    ("type", Shape::Plain),
    ("check_details", Shape::List(CHECK)),
    ("document_details", Shape::Object(DOCUMENT_DETAILS)),
];

const CHECK: Members = &[
    ("check_method", Shape::Plain),
    ("organization", Shape::Plain),
    ("check_id", Shape::Plain),
    ("time", Shape::Plain),
];

const DOCUMENT_DETAILS: Members = &[
    ("type", Shape::Plain),
    ("date_of_issuance", Shape::Plain),
    ("date_of_expiry", Shape::Plain),
    ("issuer", Shape::Object(&[("country_code", Shape::Plain)])),
];

pub(super) const CLAIM_SHAPES: Members = &[
    ("given_name", Shape::Plain),
    ("middle_name", Shape::Plain),
    ("family_name", Shape::Plain),
    ("birthdate", Shape::Plain),
    ("nationalities", Shape::Whole),
    ("address", Shape::Either(ADDRESS)),
];

const ADDRESS: Members = &[
    ("formatted", Shape::Plain),
    ("street_address", Shape::Plain),
    ("locality", Shape::Plain),
    ("region", Shape::Plain),
    ("postal_code", Shape::Plain),
    ("country", Shape::Plain),
    ("country_code", Shape::Plain),
];

/// What an answer is not valid without, once anything beside it is in it.
pub(super) fn mandatory(element: &str) -> Option<&'static str> {
    match element {
        "check_details" => Some("check_method"),
        "document_details" => Some("type"),
        _ => None,
    }
}
