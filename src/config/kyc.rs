//! Verification (KYC): what each level asks for, who decides, how long it lasts.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::mistake::Report;
use super::sms::SmsSection;
use super::value::{self, ByteSize, Rate};
use crate::domain::kyc::{Provider, Tier};
use crate::domain::phone::Country;
use crate::domain::time::Seconds;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KycSection {
    pub enabled: bool,
    /// Where nobody is served: who lives there has level 0.
    pub restricted_countries: BTreeSet<Country>,
    pub minimum_age: u32,
    /// How long before its end a level is said to be expiring.
    #[serde(deserialize_with = "value::seconds")]
    pub expiry_notice: Seconds,
    /// Levels whose decisions need a second reviewer.
    pub four_eyes: BTreeSet<Tier>,
    pub applications_per_account: Rate,
    pub document_size_limit: ByteSize,
    /// Forms with pictures that one node reads at once.
    pub uploads_at_once: u32,
    /// A proof of address may not be older.
    #[serde(deserialize_with = "value::seconds")]
    pub address_proof_age: Seconds,
    /// What nobody finishes is given up after that.
    #[serde(deserialize_with = "value::seconds")]
    pub case_lifetime: Seconds,
    /// Pictures and papers are deleted that long after the decision.
    #[serde(deserialize_with = "value::seconds")]
    pub keep_documents: Seconds,
    /// The record of who was verified as whom stays locked that long after the account has ended.
    #[serde(deserialize_with = "value::seconds")]
    pub keep_records: Seconds,
}

/// What one level takes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierSection {
    pub provider: Provider,
    pub proofs: BTreeSet<Proof>,
    /// Zero: it does not expire by itself. A document that expires earlier ends it earlier.
    #[serde(deserialize_with = "value::seconds")]
    pub valid_for: Seconds,
    /// What people are told of how long a review takes.
    #[serde(deserialize_with = "value::seconds")]
    pub review_time: Seconds,
}

/// What a person shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// Name, birthdate, nationality, residence, as the person says.
    Details,
    /// A phone number, confirmed by a code.
    Phone,
    /// An identity document.
    Document,
    /// A picture of the face with the document.
    Selfie,
    /// Proof of address.
    Address,
    /// Where the money comes from.
    Funds,
}

impl Proof {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Details => "details",
            Self::Phone => "phone",
            Self::Document => "document",
            Self::Selfie => "selfie",
            Self::Address => "address",
            Self::Funds => "funds",
        }
    }
}

impl KycSection {
    pub(super) fn check(&self, report: &mut Report<'_>) {
        let (day, year) = (Seconds::days(1), Seconds::days(366));
        report.number("kyc.minimum_age", self.minimum_age, 0, 120);
        report.span("kyc.expiry_notice", self.expiry_notice, day, Seconds::days(180));
        report.span("kyc.address_proof_age", self.address_proof_age, day, year);
        report.span("kyc.case_lifetime", self.case_lifetime, day, year);
        report.span("kyc.keep_documents", self.keep_documents, Seconds(0), Seconds::days(3650));
        report.span("kyc.keep_records", self.keep_records, Seconds(0), Seconds::days(3660));
        report.number("kyc.document_size_limit", self.document_size_limit.0 as u64, 64 * 1024, 16 * 1024 * 1024);
        report.number("kyc.uploads_at_once", self.uploads_at_once, 1, 1_000);
        if self.four_eyes.contains(&Tier::REGISTERED) {
            report.mistake("kyc.four_eyes", "level 0 is nobody's decision");
        }
    }
}

impl TierSection {
    /// Decided by rules alone: there is nothing to look at.
    pub fn is_automatic(&self) -> bool {
        self.provider == Provider::Review
            && self.proofs.iter().all(|proof| matches!(proof, Proof::Details | Proof::Phone))
    }

    pub(super) fn check(&self, tier: Tier, sms: &SmsSection, report: &mut Report<'_>) {
        let path = |key: &str| format!("tier_{tier}.{key}");
        report.span(&path("valid_for"), self.valid_for, Seconds(0), Seconds::days(3650));
        report.span(&path("review_time"), self.review_time, Seconds(0), Seconds::days(60));
        if self.provider == Provider::Review && !self.proofs.contains(&Proof::Details) {
            report.mistake(&path("proofs"), "\"details\" is needed: who is it that is verified?");
        }
        if self.proofs.contains(&Proof::Phone) && !sms.enabled {
            report.mistake(&path("proofs"), "\"phone\" needs sms.enabled = true");
        }
    }
}
