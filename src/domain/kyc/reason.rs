//! Why a verification was rejected or a person suspended, in one vocabulary for all providers.

use serde::{Deserialize, Serialize};

macro_rules! reasons {
    ($($variant:ident = $text:literal,)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Reason { $($variant,)* }

        impl Reason {
            pub const ALL: &'static [Reason] = &[$(Self::$variant,)*];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

reasons! {
    DocExpired = "doc_expired",
    DocUnreadable = "doc_unreadable",
    DocTypeUnsupported = "doc_type_unsupported",
    DocTampered = "doc_tampered",
    FaceMismatch = "face_mismatch",
    LivenessFailed = "liveness_failed",
    NameMismatch = "name_mismatch",
    Underage = "underage",
    CountryRestricted = "country_restricted",
    DuplicateIdentity = "duplicate_identity",
    SanctionsReview = "sanctions_review",
    PoaTooOld = "poa_too_old",
    Abandoned = "abandoned",
    ConsentDeclined = "consent_declined",
    ProviderError = "provider_error",
    Other = "other",
}

impl Reason {
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|reason| reason.as_str() == text)
    }

    /// What the person, and any app, is told: suspicions of fraud and sanctions are never hinted at.
    pub const fn told(self) -> Reason {
        match self {
            Self::DocTampered | Self::SanctionsReview | Self::DuplicateIdentity => Self::Other,
            told => told,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_read_back_as_itself_and_none_tips_off() {
        for reason in Reason::ALL.iter().copied() {
            assert_eq!(Reason::parse(reason.as_str()), Some(reason));
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
            assert_eq!(reason.told().told(), reason.told());
        }
        for hidden in [Reason::DocTampered, Reason::SanctionsReview, Reason::DuplicateIdentity] {
            assert_eq!(hidden.told(), Reason::Other);
        }
    }
}
