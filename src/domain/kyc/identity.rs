//! What was verified about a person: the only source of `verified_claims`. Kept sealed under the person's own key.

use serde::{Deserialize, Serialize};

use super::case::Provider;
use super::tier::Tier;
use crate::domain::ids::CaseId;
use crate::domain::phone::Country;
use crate::domain::profile::PostalAddress;
use crate::domain::time::Timestamp;

/// One entry a level: verifying a level again replaces its entry, and leaves the others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub verifications: Vec<Verification>,
}

/// The level, the attributes that were verified for it, and on what evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    pub tier: Tier,
    pub case: CaseId,
    pub provider: Provider,
    pub at: Timestamp,
    pub attributes: Attributes,
    #[serde(default)]
    pub evidence: Vec<Evidence>,
}

/// As verified, not as told by the profile. Absent is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Attributes {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub middle_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_name: Option<String>,
    /// `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birthdate: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub nationalities: Vec<Country>,
    /// Where the person lives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub residence: Option<Country>,
    /// Of the residence; proved from level 3 on, told by the person before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<PostalAddress>,
}

/// What was looked at, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    pub kind: EvidenceKind,
    pub checks: Vec<Check>,
    /// ISO 3166-1 of the issuer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued_by: Option<Country>,
    /// `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued_on: Option<String>,
    /// `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<String>,
}

/// Document types of the OpenID identity assurance vocabulary; the last one is no document but the person's own word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    Idcard,
    Passport,
    DrivingPermit,
    ResidencePermit,
    UtilityStatement,
    BankStatement,
    SelfDeclared,
}

impl EvidenceKind {
    /// Those that an identity is proved with.
    pub const IDENTITY: [EvidenceKind; 4] = [Self::Passport, Self::Idcard, Self::DrivingPermit, Self::ResidencePermit];
    /// Those that an address is proved with.
    pub const ADDRESS: [EvidenceKind; 2] = [Self::UtilityStatement, Self::BankStatement];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Idcard => "idcard",
            Self::Passport => "passport",
            Self::DrivingPermit => "driving_permit",
            Self::ResidencePermit => "residence_permit",
            Self::UtilityStatement => "utility_statement",
            Self::BankStatement => "bank_statement",
            Self::SelfDeclared => "self_declared",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::SelfDeclared].into_iter().chain(Self::IDENTITY).chain(Self::ADDRESS).find(|kind| kind.as_str() == text)
    }
}

/// One check of one piece of evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    pub method: CheckMethod,
    /// Who checked: the operator's issuer host, or the provider's domain.
    pub organization: String,
    /// The checker's own id of the check.
    pub check_id: String,
    pub at: Timestamp,
}

/// Check methods of the OpenID identity assurance vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckMethod {
    /// A picture of the document was inspected.
    Vri,
    /// A person compared the face with the document, remotely.
    Pvr,
    /// A machine did.
    Bvr,
}

impl CheckMethod {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Vri => "vri",
            Self::Pvr => "pvr",
            Self::Bvr => "bvr",
        }
    }
}

impl Identity {
    /// Takes in a verification in place of the earlier one of its level.
    pub fn with(mut self, verification: Verification) -> Self {
        self.verifications.retain(|earlier| earlier.tier != verification.tier);
        self.verifications.push(verification);
        self.verifications.sort_by_key(|verification| verification.tier);
        self
    }
}
