//! What providers found out, in our words: countries, dates, documents, times.

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use isocountry::CountryCode;

use crate::domain::kyc::identity::{Check, CheckMethod, Evidence, EvidenceKind};
use crate::domain::phone::Country;
use crate::domain::time::Timestamp;

/// Longer than any name; what is longer is no name.
const LONGEST: usize = 200;

/// ISO 3166-1, of two letters or three.
pub fn country(code: Option<&str>) -> Option<Country> {
    let code = code?.trim().to_ascii_uppercase();
    let known = match code.len() {
        2 => CountryCode::for_alpha2(&code),
        _ => CountryCode::for_alpha3(&code),
    };
    known.ok()?.alpha2().parse().ok()
}

/// `YYYY-MM-DD`, also where a time follows.
pub fn date(text: Option<&str>) -> Option<String> {
    let day: NaiveDate = text?.trim().get(..10)?.parse().ok()?;
    Some(day.to_string())
}

/// A name or another line of text; empty is absent.
pub fn text(text: Option<&str>) -> Option<String> {
    let text = text?.trim();
    (!text.is_empty() && text.len() <= LONGEST && !text.contains(char::is_control)).then(|| text.to_owned())
}

/// Milliseconds since the epoch of a time as RFC 3339 has it, or with a space, or without a zone (then it is UTC).
pub fn millis(text: Option<&str>) -> Option<i64> {
    let text = text?.trim();
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.timestamp_millis());
    }
    if let Ok(time) = DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f%z") {
        return Some(time.timestamp_millis());
    }
    let bare = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"];
    bare.into_iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
        .map(|at| at.and_utc().timestamp_millis())
}

/// By a machine or a person, at a provider.
pub struct Checker<'a> {
    pub organization: &'a str,
    /// The provider's id of the case.
    pub reference: &'a str,
    pub at: Timestamp,
    /// Whether the face was compared with the document.
    pub face: bool,
}

/// A document that was looked at.
pub struct Seen<'a> {
    pub kind: EvidenceKind,
    pub issued_by: Option<&'a str>,
    pub issued_on: Option<&'a str>,
    pub expires_on: Option<&'a str>,
}

impl Checker<'_> {
    pub fn evidence(&self, seen: Seen<'_>) -> Evidence {
        let is_identity = EvidenceKind::IDENTITY.contains(&seen.kind);
        let methods = [Some(CheckMethod::Vri), (self.face && is_identity).then_some(CheckMethod::Bvr)];
        let check = |method| Check {
            method,
            organization: self.organization.to_owned(),
            check_id: self.reference.to_owned(),
            at: self.at,
        };
        Evidence {
            kind: seen.kind,
            checks: methods.into_iter().flatten().map(check).collect(),
            issued_by: country(seen.issued_by),
            issued_on: date(seen.issued_on),
            expires_on: date(seen.expires_on),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_dates_and_times_come_in_the_spellings_of_all_providers() {
        for code in ["DEU", "DE", "de", "deu "] {
            assert_eq!(country(Some(code)).map(|country| country.to_string()), Some("DE".to_owned()), "{code}");
        }
        for code in ["", "D", "ZZZ", "Germany", "ÄÖ"] {
            assert_eq!(country(Some(code)), None, "{code}");
        }
        assert_eq!(date(Some("1990-02-28")), Some("1990-02-28".to_owned()));
        assert_eq!(date(Some("1990-02-28T00:00:00.000Z")), Some("1990-02-28".to_owned()));
        for bad in ["1990-02-30", "28.02.1990", "1990", "", "1990-2-28ä"] {
            assert_eq!(date(Some(bad)), None, "{bad}");
        }
        let at = Some(1_768_472_430_123);
        for time in [
            "2026-01-15T10:20:30.123Z",
            "2026-01-15 10:20:30.123",
            "2026-01-15T11:20:30.123+01:00",
            "2026-01-15 10:20:30.123+0000",
        ] {
            assert_eq!(millis(Some(time)), at, "{time}");
        }
        assert_eq!(millis(Some("2026-01-15 10:20:30+0000")), Some(1_768_472_430_000));
        assert_eq!(millis(Some("yesterday")), None);
    }

    #[test]
    fn a_name_is_a_line_and_not_empty() {
        assert_eq!(text(Some("  Erika ")), Some("Erika".to_owned()));
        for bad in ["", "  ", "a\nb", &"a".repeat(201)] {
            assert_eq!(text(Some(bad)), None);
        }
    }
}
