//! Where a person stands: which levels were attained, until when, and what stands against them.
//!
//! ```text
//! none --begin--> pending --approve--> verified --notice--> expiring --its day--> expired --begin--> pending
//!                  |   ^                  |  ^                                       |
//!                  |   '--begin again--.  |  '--approve (again, or higher)-----------'
//!                  +--> rejected_retry -'  |
//!                  +--> rejected_final    +--screening hit, final rejection after approval--> suspended --reinstate--> as before
//! any --residence where nobody is served--> restricted_region --> as before
//! ```
//!
//! What stands is data; what it means at a moment is computed ([`Standing::tier`], [`Standing::state`]), so nothing waits for a job:
//! a document that expires at midnight counts for nothing from then on.

use serde::{Deserialize, Serialize};

use super::reason::Reason;
use super::tier::Tier;
use crate::domain::ids::CaseId;
use crate::domain::phone::Country;
use crate::domain::time::{Seconds, Timestamp};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Standing {
    /// At most one a level, from low to high; never level 0.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attained: Vec<Attained>,
    /// The application under way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pending: Option<Pending>,
    /// How the last application failed; gone when another begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    rejected: Option<Rejected>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suspended: Option<Suspended>,
    /// Where the person lives, as last approved.
    #[serde(skip_serializing_if = "Option::is_none")]
    residence: Option<Country>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attained {
    pub tier: Tier,
    pub at: Timestamp,
    /// From then on it counts for nothing; `None`: it does not expire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    pub case: CaseId,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    pub tier: Tier,
    pub case: CaseId,
    pub since: Timestamp,
    /// The person has done their part.
    #[serde(default)]
    pub submitted: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    pub tier: Tier,
    pub case: CaseId,
    pub at: Timestamp,
    pub reason: Reason,
    #[serde(rename = "final", default)]
    pub finally: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspended {
    pub since: Timestamp,
    pub reason: Reason,
    /// The case that was rejected after its approval: approved once more, it lifts what it caused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<CaseId>,
}

/// In one word. Suspension and region weigh more than what was attained, that more than what is under way, that more than a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
}

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
        }
    }

    pub fn case(&self) -> Option<CaseId> {
        match self {
            Self::Begun { case, .. }
            | Self::Submitted { case }
            | Self::Approved { case, .. }
            | Self::Rejected { case, .. }
            | Self::Abandoned { case } => Some(*case),
            Self::Suspended { .. } | Self::Reinstated | Self::Revoked { .. } => None,
        }
    }
}

impl Standing {
    /// The highest level that counts now. A suspended person has none. Where somebody lives is the policy's to judge.
    pub fn tier(&self, now: Timestamp) -> Tier {
        match self.suspended {
            Some(_) => Tier::REGISTERED,
            None => self.current(now).map_or(Tier::REGISTERED, |attained| attained.tier),
        }
    }

    /// As [`Standing::tier`], counting what has expired: what the person once proved, and nobody took back.
    pub fn tier_before_expiry(&self) -> Tier {
        match self.suspended {
            Some(_) => Tier::REGISTERED,
            None => self.attained.last().map_or(Tier::REGISTERED, |attained| attained.tier),
        }
    }

    /// The entry of the highest level that counts now.
    pub fn current(&self, now: Timestamp) -> Option<&Attained> {
        self.attained.iter().rev().find(|attained| attained.counts(now))
    }

    pub fn attained(&self) -> &[Attained] {
        &self.attained
    }

    pub fn pending(&self) -> Option<&Pending> {
        self.pending.as_ref()
    }

    pub fn rejected(&self) -> Option<&Rejected> {
        self.rejected.as_ref()
    }

    pub fn suspended(&self) -> Option<&Suspended> {
        self.suspended.as_ref()
    }

    pub fn residence(&self) -> Option<Country> {
        self.residence
    }

    /// `notice`: how long before its end a level is said to be expiring.
    pub fn state(&self, now: Timestamp, notice: Seconds, is_restricted: bool) -> State {
        if self.suspended.is_some() {
            return State::Suspended;
        }
        if is_restricted {
            return State::RestrictedRegion;
        }
        if let Some(top) = self.attained.last() {
            return match top.until {
                Some(until) if until <= now && self.pending.is_some() => State::Pending,
                Some(until) if until <= now => State::Expired,
                Some(until) if until.minus(notice) <= now => State::Expiring,
                _ => State::Verified,
            };
        }
        match (&self.pending, &self.rejected) {
            (Some(_), _) => State::Pending,
            (None, Some(rejected)) if rejected.finally => State::RejectedFinal,
            (None, Some(_)) => State::RejectedRetry,
            (None, None) => State::None,
        }
    }

    /// When somebody should look next: a notice is due, or a level ends. Strictly after `after`.
    pub fn due_after(&self, after: Timestamp, notice: Seconds) -> Option<Timestamp> {
        let ends = self.attained.iter().filter_map(|attained| attained.until);
        ends.flat_map(|until| [until.minus(notice), until]).filter(|due| *due > after).min()
    }

    /// Where the person stands once `finding` is known. The same finding twice changes nothing the second time.
    #[must_use]
    pub fn after(&self, finding: &Finding, now: Timestamp) -> Standing {
        let mut next = self.clone();
        match finding {
            Finding::Begun { case, tier } => {
                next.take_back(*case);
                next.rejected = None;
                if next.pending.as_ref().is_none_or(|pending| pending.case != *case) {
                    next.pending = Some(Pending { tier: *tier, case: *case, since: now, submitted: false });
                }
            }
            Finding::Submitted { case } => {
                if let Some(pending) = next.pending.as_mut().filter(|pending| pending.case == *case) {
                    pending.submitted = true;
                }
            }
            Finding::Approved { case, tier, until, residence } => {
                next.close(*case);
                next.rejected = next.rejected.take().filter(|rejected| rejected.case != *case);
                next.suspended = next.suspended.take().filter(|suspended| suspended.case != Some(*case));
                if *tier > Tier::REGISTERED {
                    next.attain(Attained { tier: *tier, at: now, until: *until, case: *case });
                }
                next.residence = residence.or(next.residence);
            }
            Finding::Rejected { case, tier, reason, finally } => {
                next.close(*case);
                let was_approved = next.take_back(*case);
                if was_approved && *finally {
                    next.suspended.get_or_insert(Suspended { since: now, reason: *reason, case: Some(*case) });
                }
                let same = |earlier: &Rejected| {
                    earlier.case == *case && earlier.reason == *reason && earlier.finally == *finally
                };
                if !next.rejected.as_ref().is_some_and(same) {
                    next.rejected =
                        Some(Rejected { tier: *tier, case: *case, at: now, reason: *reason, finally: *finally });
                }
            }
            Finding::Abandoned { case } => next.close(*case),
            Finding::Suspended { reason } => {
                next.suspended.get_or_insert(Suspended { since: now, reason: *reason, case: None });
            }
            Finding::Reinstated => next.suspended = None,
            Finding::Revoked { tier } => next.attained.retain(|attained| attained.tier < *tier),
        }
        next
    }

    fn attain(&mut self, attained: Attained) {
        if let Some(same) =
            self.attained.iter().find(|earlier| earlier.case == attained.case && earlier.tier == attained.tier)
            && same.until == attained.until
        {
            return;
        }
        self.attained.retain(|earlier| earlier.tier != attained.tier);
        self.attained.push(attained);
        self.attained.sort_by_key(|attained| attained.tier);
    }

    /// Answers whether the case had given anything.
    fn take_back(&mut self, case: CaseId) -> bool {
        let before = self.attained.len();
        self.attained.retain(|attained| attained.case != case);
        self.attained.len() < before
    }

    fn close(&mut self, case: CaseId) {
        self.pending = self.pending.take().filter(|pending| pending.case != case);
    }
}

impl Attained {
    pub fn counts(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| until > now)
    }
}
