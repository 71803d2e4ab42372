//! Where a person stands, in one word, and the ways from one word to another.

use serde::{Deserialize, Serialize};

/// In one word. Suspension and region weigh more than what was attained, that more than what is under way, that more than a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    None,
    Pending,
    Verified,
    /// The highest level held ends soon.
    Expiring,
    /// A level was held and has ended, and none of its height counts.
    Expired,
    RejectedRetry,
    RejectedFinal,
    Suspended,
    RestrictedRegion,
}

impl State {
    pub const ALL: [State; 9] = [
        Self::None,
        Self::Pending,
        Self::Verified,
        Self::Expiring,
        Self::Expired,
        Self::RejectedRetry,
        Self::RejectedFinal,
        Self::Suspended,
        Self::RestrictedRegion,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Pending => "pending",
            Self::Verified => "verified",
            Self::Expiring => "expiring",
            Self::Expired => "expired",
            Self::RejectedRetry => "rejected_retry",
            Self::RejectedFinal => "rejected_final",
            Self::Suspended => "suspended",
            Self::RestrictedRegion => "restricted_region",
        }
    }

    /// Whether one finding, or the passing of time, may lead from one word to another.
    pub const fn may_become(self, next: State) -> bool {
        match (self, next) {
            // Where nobody is served is the operator's to say, and to take back.
            (Self::RestrictedRegion, _) | (_, Self::RestrictedRegion) => true,
            // What expires was held before.
            (Self::None, Self::Expired) => false,
            // A failure is forgotten when another application begins, or when its own is approved after all.
            (Self::RejectedRetry | Self::RejectedFinal, Self::None | Self::Expired) => false,
            // Whoever is reinstated may try again.
            (Self::Suspended, Self::RejectedFinal) => false,
            _ => true,
        }
    }
}
