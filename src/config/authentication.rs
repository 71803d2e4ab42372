//! How strong a log-in has to be.

use serde::Deserialize;

use super::mistake::Report;
use super::value::{self, Rate};
use crate::domain::policy::SecondFactor;
use crate::domain::time::Seconds;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthenticationSection {
    pub second_factor: SecondFactor,
    /// How long a remembered device lets a log-in do without the second factor; zero stands for never.
    #[serde(deserialize_with = "value::seconds")]
    pub remember_devices_for: Seconds,
    pub approve_new_devices: bool,
    /// Age of the proof that a change of the account's protection asks for.
    #[serde(deserialize_with = "value::seconds")]
    pub fresh_for: Seconds,
    /// Between the password and the last of its factors.
    #[serde(deserialize_with = "value::seconds")]
    pub pending_lifetime: Seconds,
    pub factor_guesses: Rate,
    pub factor_guesses_per_day: Rate,
}

impl AuthenticationSection {
    pub(super) fn check(&self, report: &mut Report<'_>) {
        let (minute, hour) = (Seconds::minutes(1), Seconds::hours(1));
        report.span("authentication.remember_devices_for", self.remember_devices_for, Seconds(0), Seconds::days(90));
        report.span("authentication.fresh_for", self.fresh_for, minute, hour);
        report.span("authentication.pending_lifetime", self.pending_lifetime, minute, hour);
        let guesses = [
            ("authentication.factor_guesses", self.factor_guesses),
            ("authentication.factor_guesses_per_day", self.factor_guesses_per_day),
        ];
        for (key, rate) in guesses {
            // NIST SP 800-63B-4 section 3.2.2: at most 100 consecutive failures.
            report.number(key, rate.count, 3, 100);
        }
    }
}
