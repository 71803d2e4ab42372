//! A moment as people type it.

use chrono::{DateTime, NaiveDate, NaiveTime};

use crate::domain::time::Timestamp;

/// RFC 3339, or the beginning of a day in UTC; for clap.
pub fn moment(text: &str) -> Result<Timestamp, String> {
    let day = text.parse::<NaiveDate>().map(|day| day.and_time(NaiveTime::MIN).and_utc().timestamp());
    let time = day.or_else(|_| DateTime::parse_from_rfc3339(text).map(|time| time.timestamp()));
    time.map(Timestamp::from_unix).map_err(|_| "is no time: write 2026-11-23 or 2026-11-23T14:30:00Z".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_utc_and_a_time_says_where() {
        assert_eq!(moment("1970-01-02"), Ok(Timestamp::from_unix(86_400)));
        assert_eq!(moment("1970-01-01T01:00:00+01:00"), Ok(Timestamp::from_unix(0)));
        for wrong in ["yesterday", "1970-01-01 00:00", "1970-13-01", ""] {
            assert!(moment(wrong).is_err(), "{wrong}");
        }
    }
}
