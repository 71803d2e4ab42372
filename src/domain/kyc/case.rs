//! A case: one application of a person for one level, decided by one provider or by the operator's own reviewers.
//!
//! ```text
//! collecting --submit--> submitted --first of two eyes--> proposed
//!     |                      |  ^------disagreement--------'  |
//!     |                      +--approve / reject--------------+--> approved | rejected_retry | rejected_final
//!     +--nothing for long, or the person gives up--> abandoned
//! approved --the provider changes its mind--> rejected_retry | rejected_final
//! ```

use std::fmt;

use serde::{Deserialize, Serialize};

use super::reason::Reason;
use super::tier::Tier;
use crate::domain::ids::{CaseId, UserId};
use crate::domain::time::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    pub id: CaseId,
    pub user_id: UserId,
    /// What the person applies for.
    pub tier: Tier,
    pub provider: Provider,
    /// The provider's own id of it (applicant, workflow run, inquiry, session).
    pub reference: Option<String>,
    pub state: CaseState,
    pub reason: Option<Reason>,
    /// By the provider's clock, in milliseconds since the epoch: what the last thing applied happened at.
    pub provider_time: Option<i64>,
    pub created_at: Timestamp,
    pub submitted_at: Option<Timestamp>,
    pub decided_at: Option<Timestamp>,
    /// Who: a reviewer's account, `operator`, or a provider's name.
    pub decided_by: Option<String>,
    /// What the first of two reviewers wants.
    pub proposal: Option<Proposal>,
}

/// Who decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// The operator's own people, on Karat's own pages.
    Review,
    Sumsub,
    Onfido,
    Persona,
    Veriff,
    Stripe,
}

impl Provider {
    pub const ALL: [Provider; 6] =
        [Self::Review, Self::Sumsub, Self::Onfido, Self::Persona, Self::Veriff, Self::Stripe];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Review => "review",
            Self::Sumsub => "sumsub",
            Self::Onfido => "onfido",
            Self::Persona => "persona",
            Self::Veriff => "veriff",
            Self::Stripe => "stripe",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|provider| provider.as_str() == text)
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseState {
    /// The person fills it in, here or at the provider.
    Collecting,
    /// With the reviewers, or the provider.
    Submitted,
    /// One of two reviewers has decided.
    Proposed,
    Approved,
    RejectedRetry,
    RejectedFinal,
    Abandoned,
}

impl CaseState {
    pub const ALL: [CaseState; 7] = [
        Self::Collecting,
        Self::Submitted,
        Self::Proposed,
        Self::Approved,
        Self::RejectedRetry,
        Self::RejectedFinal,
        Self::Abandoned,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Collecting => "collecting",
            Self::Submitted => "submitted",
            Self::Proposed => "proposed",
            Self::Approved => "approved",
            Self::RejectedRetry => "rejected_retry",
            Self::RejectedFinal => "rejected_final",
            Self::Abandoned => "abandoned",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Nothing is decided yet: the person has at most one such case.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Collecting | Self::Submitted | Self::Proposed)
    }
}

/// What one reviewer proposed, for another to agree with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    pub by: UserId,
    pub at: Timestamp,
    /// `None` to approve.
    pub reason: Option<Reason>,
    #[serde(rename = "final", default)]
    pub finally: bool,
    #[serde(default)]
    pub note: String,
}
