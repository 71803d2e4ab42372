//! What the configured rules say of an application, before anybody looks at it.

use chrono::{Datelike, NaiveDate};

use super::draft::Draft;
use crate::config::KycSection;
use crate::domain::kyc::{Case, Reason, State};
use crate::domain::time::Timestamp;
use crate::storage::kyc::history::Transition;

/// What speaks against the application whatever a reviewer would say.
pub fn broken(draft: &Draft, kyc: &KycSection, now: Timestamp) -> Option<Reason> {
    let attributes = &draft.attributes;
    let (born, today) = (attributes.birthdate.as_deref().and_then(day), today(now)?);
    if born.is_none_or(|born| age(born, today) < i64::from(kyc.minimum_age)) {
        return Some(Reason::Underage);
    }
    if attributes.residence.is_some_and(|country| kyc.restricted_countries.contains(&country)) {
        return Some(Reason::CountryRestricted);
    }
    let expired = |date: &str| day(date).is_none_or(|last| last < today);
    let document = draft.document.as_ref().and_then(|document| document.expires_on.as_deref());
    document.is_some_and(expired).then_some(Reason::DocExpired)
}

/// Whether an earlier application of the person failed for something that another word of theirs could talk away: then rules alone approve
/// nothing any more, and a reviewer looks.
pub fn is_doubtful(earlier: &[Case]) -> bool {
    let doubt = |reason: Reason| {
        matches!(
            reason,
            Reason::Underage
                | Reason::CountryRestricted
                | Reason::DocTampered
                | Reason::FaceMismatch
                | Reason::NameMismatch
                | Reason::DuplicateIdentity
                | Reason::SanctionsReview
        )
    };
    earlier.iter().filter_map(|case| case.reason).any(doubt)
}

/// Whether people, or a late rejection, took from the person what they had: rules do not give it back.
pub fn was_taken_back(history: &[Transition]) -> bool {
    let suspended = State::Suspended.as_str();
    history.iter().any(|made| made.finding == "revoked" || made.to_state == suspended || made.from_state == suspended)
}

pub fn today(now: Timestamp) -> Option<NaiveDate> {
    chrono::DateTime::from_timestamp(now.unix(), 0).map(|moment| moment.date_naive())
}

/// `YYYY-MM-DD`, and nothing else.
pub fn day(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| text.len() == "YYYY-MM-DD".len())
}

/// In whole years. Who was born on 29 February comes of age on 1 March.
fn age(born: NaiveDate, today: NaiveDate) -> i64 {
    let had_birthday = (today.month(), today.day()) >= (born.month(), born.day());
    i64::from(today.year() - born.year()) - i64::from(!had_birthday)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_is_full_on_the_birthday() {
        let on = |text: &str| day(text).unwrap();
        assert_eq!(age(on("2008-11-22"), on("2026-11-22")), 18);
        assert_eq!(age(on("2008-11-23"), on("2026-11-22")), 17);
        assert_eq!(age(on("2008-02-29"), on("2026-02-28")), 17);
        assert_eq!(age(on("2008-02-29"), on("2026-03-01")), 18);
    }
}
