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
//! These are the ways people go; [`State::may_become`] has every way there is. What stands is data; what it means at a moment is computed
//! ([`Standing::tier`], [`Standing::state`]), so nothing waits for a job: a document that expires at midnight counts for nothing from then on.

use serde::{Deserialize, Serialize};

use super::finding::Finding;
use super::reason::Reason;
use super::state::State;
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
    /// How the last application failed; gone when another begins, unless it failed for good.
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
    #[serde(default, skip_serializing_if = "Told::is_nothing")]
    pub told: Told,
}

/// What of the end of a level has been found, and told, so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    #[default]
    Nothing,
    /// That it comes near.
    Notice,
    /// That it comes within [`LAST_NOTICE`].
    LastNotice,
    /// That it has come.
    End,
}

/// How long before the end of a level its owner is reminded once more.
pub const LAST_NOTICE: Seconds = Seconds::days(7);

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

    /// Whether another case than `case` was rejected for good: an older one does not undo that.
    pub fn is_barred(&self, case: CaseId) -> bool {
        self.rejected.as_ref().is_some_and(|rejected| rejected.finally && rejected.case != case)
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

    /// When somebody should look next: a notice is due, or a level ends. In the past when nobody has looked yet.
    pub fn due_at(&self, notice: Seconds) -> Option<Timestamp> {
        self.attained.iter().flat_map(|attained| attained.untold(notice)).map(|(due, _)| due).min()
    }

    /// What is to be found now of a level's end, the lowest level first. Who was away for long hears of the latest only.
    pub fn due(&self, now: Timestamp, notice: Seconds) -> Option<Finding> {
        self.attained.iter().find_map(|attained| {
            let (_, told) = attained.untold(notice).filter(|(due, _)| *due <= now).last()?;
            Some(match told {
                Told::Nothing | Told::Notice => Finding::Expiring { tier: attained.tier, last: false },
                Told::LastNotice => Finding::Expiring { tier: attained.tier, last: true },
                Told::End => Finding::Expired { tier: attained.tier },
            })
        })
    }

    /// Whether a higher level lasts at least as long: the end of this one changes nothing for the person.
    pub fn is_outlived(&self, tier: Tier) -> bool {
        let Some(ending) = self.attained.iter().find(|attained| attained.tier == tier) else { return false };
        let lasts = |higher: &Attained| higher.until.is_none_or(|until| Some(until) >= ending.until);
        self.attained.iter().any(|higher| higher.tier > tier && lasts(higher))
    }

    /// Where the person stands once `finding` is known. The same finding twice changes nothing the second time.
    #[must_use]
    pub fn after(&self, finding: &Finding, now: Timestamp) -> Standing {
        let mut next = self.clone();
        match finding {
            Finding::Begun { case, tier } => {
                next.take_back(*case);
                if !next.is_barred(*case) {
                    next.rejected = None;
                }
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
                    next.attain(Attained { tier: *tier, at: now, until: *until, case: *case, told: Told::Nothing });
                }
                next.residence = residence.or(next.residence);
            }
            Finding::Rejected { case, tier, reason, finally } => {
                next.close(*case);
                let was_approved = next.take_back(*case);
                let is_grave = *reason == Reason::SanctionsReview || (*reason == Reason::DocTampered && *finally);
                if is_grave || (was_approved && *finally) {
                    next.suspended.get_or_insert(Suspended { since: now, reason: *reason, case: Some(*case) });
                }
                let same = |earlier: &Rejected| {
                    earlier.case == *case && earlier.reason == *reason && earlier.finally == *finally
                };
                let weighs_less = !*finally && next.is_barred(*case);
                if !weighs_less && !next.rejected.as_ref().is_some_and(same) {
                    next.rejected =
                        Some(Rejected { tier: *tier, case: *case, at: now, reason: *reason, finally: *finally });
                }
            }
            Finding::Abandoned { case } => next.close(*case),
            Finding::Suspended { reason } => {
                // No later approval of a case lifts what people have said.
                next.suspended = next.suspended.take().filter(|suspended| suspended.case.is_none());
                next.suspended.get_or_insert(Suspended { since: now, reason: *reason, case: None });
            }
            Finding::Reinstated => {
                next.suspended = None;
                if let Some(rejected) = &mut next.rejected {
                    rejected.finally = false;
                }
            }
            Finding::Revoked { tier } => next.attained.retain(|attained| attained.tier < *tier),
            Finding::Expiring { tier, last: false } => next.note(*tier, Told::Notice),
            Finding::Expiring { tier, last: true } => next.note(*tier, Told::LastNotice),
            Finding::Expired { tier } => {
                if next.attained.iter().any(|attained| attained.tier == *tier && !attained.counts(now)) {
                    next.note(*tier, Told::End);
                }
            }
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

    fn note(&mut self, tier: Tier, told: Told) {
        for attained in self.attained.iter_mut().filter(|attained| attained.tier == tier) {
            attained.told = attained.told.max(told);
        }
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

    /// What there still is to tell of its end, and when, in the order of time. What was near already when the level was attained is not
    /// told: its end was told then.
    fn untold(&self, notice: Seconds) -> impl Iterator<Item = (Timestamp, Told)> {
        let (at, told, until) = (self.at, self.told, self.until);
        let last = notice.min(LAST_NOTICE);
        let moments = until.map(|until| {
            [(until.minus(notice), Told::Notice), (until.minus(last), Told::LastNotice), (until, Told::End)]
        });
        let is_news = move |(due, what): &(Timestamp, Told)| *what > told && (*due > at || *what == Told::End);
        moments.into_iter().flatten().filter(is_news)
    }
}

impl Told {
    fn is_nothing(&self) -> bool {
        *self == Self::Nothing
    }
}

#[cfg(test)]
mod tests;
