//! What a person has chosen to protect the account with, beside authenticators.

use super::phrase::Phrase;
use super::time::{Seconds, Timestamp};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Protection {
    /// What the mails to this person show.
    pub phrase: Option<Phrase>,
    pub settings: SettingsLock,
    /// Whether a log-in from a browser that the account does not know waits for a mailed approval.
    pub approves_log_ins: bool,
}

/// Keeps every setting that protects the account as it is.
///
/// ```text
/// open --lock, with a delay--> locked --unlock--> waiting --the delay passes--> open
///                                ^-------keep-------+
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SettingsLock {
    #[default]
    Open,
    Locked {
        delay: Seconds,
    },
    /// Locked until then.
    Waiting {
        delay: Seconds,
        until: Timestamp,
    },
}

impl SettingsLock {
    /// What a person may choose from, in days.
    pub const DAYS: std::ops::RangeInclusive<i64> = 1..=30;

    /// `None` for a delay that nobody may choose.
    pub fn of_days(days: i64) -> Option<Self> {
        Self::DAYS.contains(&days).then_some(Self::Locked { delay: Seconds::days(days) })
    }

    /// As it is at `now`: a delay that has passed has opened the lock.
    pub fn at(self, now: Timestamp) -> Self {
        match self {
            Self::Waiting { until, .. } if until <= now => Self::Open,
            other => other,
        }
    }

    pub fn is_locked(self, now: Timestamp) -> bool {
        self.at(now) != Self::Open
    }

    /// Begins the delay. What waits already goes on waiting.
    pub fn unlocking(self, now: Timestamp) -> Self {
        match self.at(now) {
            Self::Locked { delay } => Self::Waiting { delay, until: now.plus(delay) },
            other => other,
        }
    }

    /// The delay is called off.
    pub fn kept(self, now: Timestamp) -> Self {
        match self.at(now) {
            Self::Waiting { delay, .. } => Self::Locked { delay },
            other => other,
        }
    }

    pub fn delay(self) -> Option<Seconds> {
        match self {
            Self::Open => None,
            Self::Locked { delay } | Self::Waiting { delay, .. } => Some(delay),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix(1_795_305_600);

    #[test]
    fn a_lock_opens_when_its_delay_has_passed_and_not_before() {
        let locked = SettingsLock::of_days(2).unwrap();
        let waiting = locked.unlocking(NOW);
        let ripe = NOW.plus(Seconds::days(2));
        assert!(locked.is_locked(ripe.plus(Seconds::days(3_650))));
        assert!(waiting.is_locked(ripe.minus(Seconds(1))));
        assert!(!waiting.is_locked(ripe));
    }

    #[test]
    fn unlocking_again_neither_shortens_nor_begins_the_delay_anew() {
        let waiting = SettingsLock::of_days(2).unwrap().unlocking(NOW);
        assert_eq!(waiting.unlocking(NOW.plus(Seconds::days(1))), waiting);
        assert_eq!(SettingsLock::Open.unlocking(NOW), SettingsLock::Open);
    }

    #[test]
    fn who_keeps_the_lock_begins_from_the_start() {
        let waiting = SettingsLock::of_days(2).unwrap().unlocking(NOW);
        assert_eq!(waiting.kept(NOW), SettingsLock::of_days(2).unwrap());
        assert_eq!(waiting.kept(NOW.plus(Seconds::days(2))), SettingsLock::Open, "it is open already");
    }

    #[test]
    fn only_delays_of_the_range_can_be_chosen() {
        for (days, may) in [(0, false), (1, true), (30, true), (31, false), (-1, false)] {
            assert_eq!(SettingsLock::of_days(days).is_some(), may, "{days}");
        }
    }
}
