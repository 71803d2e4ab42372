//! What the pages of reviewers show of what is stored.

use chrono::{DateTime, NaiveDate};

use crate::domain::ids::CaseId;
use crate::domain::kyc::{Case, CaseState, MediaType, Provider, Reason, Tier};
use crate::domain::phone::Country;
use crate::domain::profile::PostalAddress;
use crate::domain::time::Timestamp;
use crate::flow::Karat;
use crate::flow::kyc::Draft;
use crate::flow::kyc::dossier::PersonFile;
use crate::pages::review::*;
use crate::pages::{Locale, countries};
use crate::storage::kyc::documents::Document;
use crate::storage::kyc::fingerprints::Duplicate;
use crate::storage::kyc::queue::Listed;

/// Those that the list can be narrowed to, beside what waits.
pub const STATES: [CaseState; 5] = [
    CaseState::Collecting,
    CaseState::Approved,
    CaseState::RejectedRetry,
    CaseState::RejectedFinal,
    CaseState::Abandoned,
];

/// Those that there are words for.
const FINDINGS: [&str; 10] = [
    "begun",
    "submitted",
    "approved",
    "rejected",
    "abandoned",
    "expiring",
    "expired",
    "suspended",
    "reinstated",
    "revoked",
];

/// Those a reviewer gives; the others are found by machines.
pub fn reasons() -> Vec<Reason> {
    let machines = [Reason::Abandoned, Reason::ConsentDeclined, Reason::ProviderError];
    Reason::ALL.iter().copied().filter(|reason| !machines.contains(reason)).collect()
}

pub fn listed(case: &Listed) -> CaseRow {
    CaseRow {
        id: case.id.to_string(),
        email: case.email.clone(),
        level: case.tier.level(),
        state: case.state.as_str(),
        provider: other_than_us(case.provider),
        since: case.decided_at.or(case.submitted_at).unwrap_or(case.created_at),
        is_doubtful: case.is_doubtful,
    }
}

pub fn of_person(case: &Case) -> CaseRow {
    CaseRow {
        id: case.id.to_string(),
        email: None,
        level: case.tier.level(),
        state: case.state.as_str(),
        provider: other_than_us(case.provider),
        since: case.decided_at.or(case.submitted_at).unwrap_or(case.created_at),
        is_doubtful: false,
    }
}

pub fn other_than_us(provider: Provider) -> Option<&'static str> {
    (provider != Provider::Review).then_some(provider.as_str())
}

pub fn badge(karat: &Karat, file: &PersonFile) -> PersonBadge {
    let user = file.user.as_ref();
    PersonBadge {
        id: file.id.to_string(),
        email: user.map(|user| user.email.to_string()),
        level: user.map_or(Tier::REGISTERED, |user| karat.kyc_tier(user)).level(),
        standing: user.map_or("gone", |user| karat.kyc_state(&user.kyc).as_str()),
    }
}

pub fn told(karat: &Karat, draft: Draft, locale: Locale) -> Told {
    let named = |country: &Country| countries::name_of(country.as_str(), locale).to_owned();
    let (kyc, now) = (&karat.settings.kyc, karat.now());
    let attributes = draft.attributes;
    let names = [&attributes.given_name, &attributes.middle_name, &attributes.family_name];
    let names: Vec<&str> = names.into_iter().flatten().map(String::as_str).collect();
    let age = attributes.birthdate.as_deref().and_then(|day| age_at(day, now));
    let address_proof = draft.address_proof.map(|paper| ToldPaper {
        old: day_of(&paper.issued_on).is_some_and(|day| now.since(day) > kyc.address_proof_age),
        kind: paper.kind.as_str(),
        issued_on: paper.issued_on,
    });
    let document = draft.document.map(|document| ToldDocument {
        kind: document.kind.as_str(),
        number: document.number,
        issued_by: named(&document.issued_by),
        expired: document.expires_on.as_deref().is_some_and(|day| is_over(day, now)),
        expires_on: document.expires_on,
    });
    Told {
        name: names.join(" "),
        underage: age.is_some_and(|age| age < i64::from(kyc.minimum_age)),
        age,
        birthdate: attributes.birthdate,
        nationalities: attributes.nationalities.iter().map(named).collect(),
        restricted: attributes.residence.is_some_and(|country| kyc.restricted_countries.contains(&country)),
        residence: attributes.residence.as_ref().map(named),
        address: attributes.address.map(lines).unwrap_or_default(),
        document,
        address_proof,
        funds: draft.funds.map(|funds| ToldFunds { source: funds.source.as_str(), note: funds.note }),
    }
}

pub fn document(document: &Document) -> DocumentRow {
    DocumentRow {
        kind: document.kind.as_str(),
        picture: document.media_type == MediaType::Jpeg,
        kilobytes: (document.size + 1023) / 1024,
    }
}

pub fn duplicate(found: &Duplicate) -> DuplicateRow {
    DuplicateRow {
        what: found.what.as_str(),
        person: found.user_id.to_string(),
        email: found.email.clone(),
        case: found.case_id.to_string(),
    }
}

pub fn notes(file: &PersonFile, case: Option<&Case>) -> Vec<NoteRow> {
    let of = |id: Option<CaseId>| case.is_none_or(|case| id == Some(case.id) || id.is_none());
    file.notes
        .iter()
        .filter(|note| of(note.case_id))
        .map(|note| NoteRow { by: file.actor(&note.author).to_owned(), at: note.at, text: note.text.clone() })
        .collect()
}

pub fn history(file: &PersonFile) -> Vec<HistoryRow> {
    let rows = file.history.iter().map(|made| HistoryRow {
        at: made.at,
        finding: FINDINGS.into_iter().find(|known| *known == made.finding),
        from_level: made.from_tier,
        to_level: made.to_tier,
        reason: made.reason.as_deref().and_then(Reason::parse).map(Reason::as_str),
        by: file.actor(&made.actor).to_owned(),
    });
    rows.collect()
}

fn lines(address: PostalAddress) -> Vec<String> {
    let joined = |parts: [Option<String>; 2]| parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let street = address.street_address.or(address.formatted).unwrap_or_default();
    let place = joined([address.postal_code, address.locality]);
    let mut lines: Vec<String> = street.lines().map(str::to_owned).collect();
    lines.extend([place, joined([address.region, address.country])]);
    lines.retain(|line| !line.is_empty());
    lines
}

fn day_of(text: &str) -> Option<Timestamp> {
    let day: NaiveDate = text.parse().ok()?;
    Some(Timestamp::from_unix(day.and_hms_opt(0, 0, 0)?.and_utc().timestamp()))
}

/// A document counts on its last day.
fn is_over(day: &str, now: Timestamp) -> bool {
    day_of(day).is_some_and(|day| now.unix() >= day.unix() + 86_400)
}

/// In full years.
fn age_at(birthdate: &str, now: Timestamp) -> Option<i64> {
    let born: NaiveDate = birthdate.parse().ok()?;
    let today = DateTime::from_timestamp(now.unix(), 0)?.date_naive();
    today.years_since(born).map(i64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_full_years_and_documents_count_on_their_last_day() {
        // 2026-01-15T10:00:00Z.
        let now = Timestamp::from_unix(1_768_471_200);
        assert_eq!(age_at("2008-01-15", now), Some(18));
        assert_eq!(age_at("2008-01-16", now), Some(17));
        assert_eq!(age_at("2030-01-01", now), None);
        assert!(!is_over("2026-01-15", now));
        assert!(is_over("2026-01-14", now));
    }
}
