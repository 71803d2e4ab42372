//! Holds: after a change to what protects an account, what moves money waits, so that the owner has time to notice.
//!
//! A hold only ever lengthens. Nobody shortens one, the operator neither.

use super::time::{Seconds, Timestamp};

/// What a hold began with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldCause {
    PasswordChanged,
    PasswordReset,
    /// From a browser that the account did not know.
    PasswordResetElsewhere,
    /// Also replaced by another of its kind.
    FactorRemoved,
    /// The first authenticator there ever was.
    FirstFactor,
    EmailChanged,
    PhoneChanged,
    Unfrozen,
    /// All authenticators were lost, and removed after the wait.
    Recovered,
    /// Begun by hand, by the operator's people.
    ByOperator,
}

impl HoldCause {
    pub const ALL: [HoldCause; 10] = [
        Self::PasswordChanged,
        Self::PasswordReset,
        Self::PasswordResetElsewhere,
        Self::FactorRemoved,
        Self::FirstFactor,
        Self::EmailChanged,
        Self::PhoneChanged,
        Self::Unfrozen,
        Self::Recovered,
        Self::ByOperator,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PasswordChanged => "password_changed",
            Self::PasswordReset => "password_reset",
            Self::PasswordResetElsewhere => "password_reset_elsewhere",
            Self::FactorRemoved => "factor_removed",
            Self::FirstFactor => "first_factor",
            Self::EmailChanged => "email_changed",
            Self::PhoneChanged => "phone_changed",
            Self::Unfrozen => "unfrozen",
            Self::Recovered => "recovered",
            Self::ByOperator => "by_operator",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.as_str() == text)
    }
}

/// One that was begun, as it stands in the account's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    pub cause: HoldCause,
    pub began_at: Timestamp,
    pub ends_at: Timestamp,
}

/// When the hold of an account ends after another `span` was asked for at `now`; `None` when there is none.
pub fn lengthened(until: Option<Timestamp>, span: Seconds, now: Timestamp) -> Option<Timestamp> {
    let asked = (span.0 > 0).then(|| now.plus(span));
    until.max(asked)
}

/// The end of a hold that still runs.
pub fn running(until: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    until.filter(|until| *until > now)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_is_asked_for_a_hold_only_lengthens(
            until in proptest::option::of(0_i64..1 << 40),
            asked in proptest::collection::vec((-100_i64..10_000_000, 0_i64..1 << 40), 1..8),
        ) {
            let mut until = until.map(Timestamp::from_unix);
            for (span, now) in asked {
                let next = lengthened(until, Seconds(span), Timestamp::from_unix(now));
                prop_assert!(next >= until);
                if span > 0 {
                    prop_assert!(next >= Some(Timestamp::from_unix(now + span)));
                }
                until = next;
            }
        }
    }

    #[test]
    fn a_span_of_nothing_begins_no_hold() {
        let now = Timestamp::from_unix(1_000);
        assert_eq!(lengthened(None, Seconds(0), now), None);
        assert_eq!(running(Some(now), now), None);
        assert_eq!(running(Some(now.plus(Seconds(1))), now), Some(now.plus(Seconds(1))));
    }

    #[test]
    fn every_cause_is_read_back_as_itself() {
        for cause in HoldCause::ALL {
            assert_eq!(HoldCause::parse(cause.as_str()), Some(cause));
        }
    }
}
