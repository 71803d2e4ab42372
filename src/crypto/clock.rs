//! What time it is. The only file that asks the machine; everything else takes a [`Clock`] or a [`Timestamp`].

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::domain::time::{Seconds, Timestamp};

/// A source of the current time. Cloning it is cheap, and clones of a manual clock move together.
#[derive(Clone, Debug)]
pub struct Clock {
    source: Source,
}

#[derive(Clone, Debug)]
enum Source {
    System,
    /// Milliseconds since 1970.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// The clock of the machine.
    pub const fn system() -> Self {
        Self { source: Source::System }
    }

    /// A clock that stands at `start` until the [`ManualClock`] beside it is moved: for tests.
    pub fn manual(start: Timestamp) -> (Self, ManualClock) {
        let millis = Arc::new(AtomicI64::new(start.unix().saturating_mul(1000)));
        (Self { source: Source::Manual(Arc::clone(&millis)) }, ManualClock { millis })
    }

    /// The current time, cut to whole seconds.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_unix(self.now_millis().div_euclid(1000))
    }

    /// Milliseconds since 1970-01-01T00:00:00Z; zero when the machine believes it is earlier.
    pub fn now_millis(&self) -> i64 {
        match &self.source {
            Source::System => system_millis(),
            Source::Manual(millis) => millis.load(Ordering::SeqCst),
        }
    }
}

/// Moves the [`Clock`] it was made with.
#[derive(Clone, Debug)]
pub struct ManualClock {
    millis: Arc<AtomicI64>,
}

impl ManualClock {
    pub fn set(&self, now: Timestamp) {
        self.millis.store(now.unix().saturating_mul(1000), Ordering::SeqCst);
    }

    /// Moves forward, or back when `span` is negative.
    pub fn advance(&self, span: Seconds) {
        self.advance_millis(span.0.saturating_mul(1000));
    }

    pub fn advance_millis(&self, millis: i64) {
        self.millis.fetch_add(millis, Ordering::SeqCst);
    }
}

#[allow(clippy::disallowed_methods, reason = "this is the clock that everything else takes as an argument")]
fn system_millis() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_only_when_told_and_takes_its_clones_along() {
        let (clock, hand) = Clock::manual(Timestamp::from_unix(1_000));
        let clone = clock.clone();
        assert_eq!(clock.now(), clone.now());
        hand.advance(Seconds(5));
        hand.advance_millis(999);
        assert_eq!(clone.now(), Timestamp::from_unix(1_005));
        assert_eq!(clone.now_millis(), 1_005_999);
        hand.set(Timestamp::from_unix(3));
        assert_eq!(clock.now(), Timestamp::from_unix(3));
    }

    #[test]
    fn the_system_clock_is_past_the_day_this_was_written() {
        assert!(Clock::system().now() > Timestamp::from_unix(1_790_000_000));
    }
}
