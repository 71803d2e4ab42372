//! What becomes known about a person's verification: the only things that change a standing.

use super::reason::Reason;
use super::tier::Tier;
use crate::domain::ids::CaseId;
use crate::domain::phone::Country;
use crate::domain::time::Timestamp;

/// What became known about a person's verification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// An application was opened, or opened again.
    Begun {
        case: CaseId,
        tier: Tier,
    },
    /// The person has done their part.
    Submitted {
        case: CaseId,
    },
    Approved {
        case: CaseId,
        tier: Tier,
        until: Option<Timestamp>,
        residence: Option<Country>,
    },
    /// Also of a case that was approved before: what it had given is taken back, and finally means suspended.
    Rejected {
        case: CaseId,
        tier: Tier,
        reason: Reason,
        finally: bool,
    },
    /// Given up, or not finished in time.
    Abandoned {
        case: CaseId,
    },
    /// A screening hit, or a reviewer's doubt.
    Suspended {
        reason: Reason,
    },
    /// The suspension was a mistake, or is settled.
    Reinstated,
    /// Somebody with the right to do so took a level back.
    Revoked {
        tier: Tier,
    },
    /// The end of a level comes near; `last`: so near that it is told for the last time.
    Expiring {
        tier: Tier,
        last: bool,
    },
    /// The end of a level has come. It counted for nothing from that moment on, whenever this is found.
    Expired {
        tier: Tier,
    },
}

impl Finding {
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Begun { .. } => "begun",
            Self::Submitted { .. } => "submitted",
            Self::Approved { .. } => "approved",
            Self::Rejected { .. } => "rejected",
            Self::Abandoned { .. } => "abandoned",
            Self::Suspended { .. } => "suspended",
            Self::Reinstated => "reinstated",
            Self::Revoked { .. } => "revoked",
            Self::Expiring { .. } => "expiring",
            Self::Expired { .. } => "expired",
        }
    }

    pub fn case(&self) -> Option<CaseId> {
        match self {
            Self::Begun { case, .. }
            | Self::Submitted { case }
            | Self::Approved { case, .. }
            | Self::Rejected { case, .. }
            | Self::Abandoned { case } => Some(*case),
            Self::Suspended { .. }
            | Self::Reinstated
            | Self::Revoked { .. }
            | Self::Expiring { .. }
            | Self::Expired { .. } => None,
        }
    }
}
