//! What protects an account beside its authenticators.

use serde::Deserialize;

use super::mistake::Report;
use super::value;
use crate::domain::hold::HoldCause;
use crate::domain::time::Seconds;

/// How long the hold of each cause lasts.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldsSection {
    #[serde(deserialize_with = "value::seconds")]
    pub password_change: Seconds,
    #[serde(deserialize_with = "value::seconds")]
    pub password_reset: Seconds,
    #[serde(deserialize_with = "value::seconds")]
    pub password_reset_elsewhere: Seconds,
    #[serde(deserialize_with = "value::seconds")]
    pub factor_removed: Seconds,
    #[serde(deserialize_with = "value::seconds")]
    pub first_factor: Seconds,
    #[serde(deserialize_with = "value::seconds")]
    pub email_change: Seconds,
    #[serde(deserialize_with = "value::seconds")]
    pub phone_change: Seconds,
    #[serde(deserialize_with = "value::seconds")]
    pub unfreeze: Seconds,
    #[serde(deserialize_with = "value::seconds")]
    pub recovery: Seconds,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecoverySection {
    /// From the begin of a recovery until lost factors can be removed.
    #[serde(deserialize_with = "value::seconds")]
    pub delay: Seconds,
}

impl RecoverySection {
    pub(super) fn check(&self, report: &mut Report<'_>) {
        report.span("recovery.delay", self.delay, Seconds::hours(24), Seconds::days(30));
    }
}

impl HoldsSection {
    pub fn of(&self, cause: HoldCause) -> Seconds {
        match cause {
            HoldCause::PasswordChanged => self.password_change,
            HoldCause::PasswordReset => self.password_reset,
            HoldCause::PasswordResetElsewhere => self.password_reset_elsewhere,
            HoldCause::FactorRemoved => self.factor_removed,
            HoldCause::FirstFactor => self.first_factor,
            HoldCause::EmailChanged => self.email_change,
            HoldCause::PhoneChanged => self.phone_change,
            HoldCause::Unfrozen => self.unfreeze,
            HoldCause::Recovered => self.recovery,
            // Its length is chosen each time.
            HoldCause::ByOperator => Seconds(0),
        }
    }

    pub(super) fn check(&self, report: &mut Report<'_>) {
        let keys = [
            ("holds.password_change", self.password_change),
            ("holds.password_reset", self.password_reset),
            ("holds.password_reset_elsewhere", self.password_reset_elsewhere),
            ("holds.factor_removed", self.factor_removed),
            ("holds.first_factor", self.first_factor),
            ("holds.email_change", self.email_change),
            ("holds.phone_change", self.phone_change),
            ("holds.unfreeze", self.unfreeze),
            ("holds.recovery", self.recovery),
        ];
        for (key, span) in keys {
            report.span(key, span, Seconds(0), Seconds::days(30));
        }
    }
}
