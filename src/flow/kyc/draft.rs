//! What a person has filled in for a case, kept sealed under the person's key at every step. Nothing of it is verified.

use serde::{Deserialize, Serialize};

use crate::domain::kyc::identity::{Attributes, EvidenceKind};
use crate::domain::phone::Country;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    pub attributes: Attributes,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentDraft>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_proof: Option<AddressProofDraft>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub funds: Option<FundsDraft>,
}

/// The identity document, as its holder copied it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentDraft {
    /// One of [`EvidenceKind::IDENTITY`].
    pub kind: EvidenceKind,
    /// Capitals and digits, as it is compared: without spaces and hyphens.
    pub number: String,
    pub issued_by: Country,
    /// `YYYY-MM-DD`. `None`: it has no end.
    pub expires_on: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressProofDraft {
    /// One of [`EvidenceKind::ADDRESS`].
    pub kind: EvidenceKind,
    /// `YYYY-MM-DD`.
    pub issued_on: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FundsDraft {
    pub source: FundsSource,
    /// In the person's own words.
    pub note: String,
}

/// Where the money mostly comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FundsSource {
    Salary,
    Business,
    Savings,
    Investments,
    Property,
    Inheritance,
    Pension,
    Other,
}

impl FundsSource {
    pub const ALL: [FundsSource; 8] = [
        Self::Salary,
        Self::Business,
        Self::Savings,
        Self::Investments,
        Self::Property,
        Self::Inheritance,
        Self::Pension,
        Self::Other,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Salary => "salary",
            Self::Business => "business",
            Self::Savings => "savings",
            Self::Investments => "investments",
            Self::Property => "property",
            Self::Inheritance => "inheritance",
            Self::Pension => "pension",
            Self::Other => "other",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == text)
    }
}
