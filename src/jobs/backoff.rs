//! How long to wait before something is tried again: longer each time, never quite the same for two, and not for ever.

use crate::domain::time::Seconds;

/// A schedule of attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    pub first: Seconds,
    pub factor: i64,
    pub longest: Seconds,
    /// Attempts altogether.
    pub attempts: i64,
}

/// Doubles from 15 seconds to an hour; given up after about a day, when most links in mails are dead.
pub const MAIL: Backoff = Backoff { first: Seconds(15), factor: 2, longest: Seconds::hours(1), attempts: 32 };

/// 5 s, 15 s, 45 s, 2 min, 7 min: an app that restarts hears of the logout, and one that is gone is not asked for long.
pub const LOGOUT_TOKEN: Backoff = Backoff { first: Seconds(5), factor: 3, longest: Seconds::hours(1), attempts: 6 };

/// 5 s, 20 s, 80 s .. to 8 hours, for about three days: a system that is repaired after a weekend hears of everything.
pub const WEBHOOK: Backoff = Backoff { first: Seconds(5), factor: 4, longest: Seconds::hours(8), attempts: 16 };

/// 3 s to 30 s for the minutes that a code lives; what is late by then is not sent.
pub const SMS: Backoff = Backoff { first: Seconds(3), factor: 2, longest: Seconds(30), attempts: 16 };

impl Backoff {
    /// The wait after the attempt that comes after `before` failed ones; `None` when that was the last. `chance` (0 to
    /// 1000) spreads the waits between three quarters and five quarters, so that what failed together does not come
    /// back together.
    pub fn wait(self, before: i64, chance: u32) -> Option<Seconds> {
        if before + 1 >= self.attempts {
            return None;
        }
        let exponent = u32::try_from(before).unwrap_or(u32::MAX);
        let whole = self.factor.saturating_pow(exponent).saturating_mul(self.first.0).min(self.longest.0);
        let spread = 750 + i64::from(chance.min(1000)) / 2;
        Some(Seconds((whole.saturating_mul(spread) / 1000).max(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(backoff: Backoff, chance: u32) -> i64 {
        (0..).map_while(|before| backoff.wait(before, chance)).map(|wait| wait.0).sum()
    }

    #[test]
    fn mails_are_tried_for_about_a_day_and_logout_tokens_for_about_ten_minutes() {
        assert!((20 * 3600..28 * 3600).contains(&sum(MAIL, 500)), "{}", sum(MAIL, 500));
        assert!((500..700).contains(&sum(LOGOUT_TOKEN, 500)), "{}", sum(LOGOUT_TOKEN, 500));
        assert_eq!((0..).map_while(|before| LOGOUT_TOKEN.wait(before, 0)).count(), 5);
    }

    #[test]
    fn systems_of_the_operator_are_tried_for_about_three_days() {
        assert!((70 * 3600..74 * 3600).contains(&sum(WEBHOOK, 500)), "{}", sum(WEBHOOK, 500));
    }

    #[test]
    fn messages_are_tried_for_as_long_as_a_code_lives() {
        assert!((300..600).contains(&sum(SMS, 500)), "{}", sum(SMS, 500));
        assert_eq!(SMS.wait(0, 500), Some(Seconds(3)));
    }

    #[test]
    fn waits_grow_to_their_bound_and_stay_within_their_spread() {
        assert_eq!(MAIL.wait(0, 500), Some(Seconds(15)));
        assert_eq!(MAIL.wait(1, 500), Some(Seconds(30)));
        assert_eq!(MAIL.wait(30, 500), Some(Seconds::hours(1)));
        assert_eq!(MAIL.wait(31, 500), None);
        assert_eq!(MAIL.wait(i64::MAX - 1, 500), None);
        for before in 0..31 {
            let (least, most) = (MAIL.wait(before, 0).unwrap().0, MAIL.wait(before, 1000).unwrap().0);
            let middle = MAIL.wait(before, 500).unwrap().0;
            assert!(least * 4 >= middle * 3 - 4 && most * 4 <= middle * 5 + 4, "{before}: {least} {middle} {most}");
        }
    }
}
