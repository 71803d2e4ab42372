//! What the pages of verification show of what is stored.

use crate::config::Proof;
use crate::domain::ids::UserId;
use crate::domain::kyc::standing::Rejected;
use crate::domain::kyc::{CaseState, DocumentKind, MediaType, Provider, Reason, Tier};
use crate::flow::kyc::entries::{AddressEntry, DetailsEntry};
use crate::flow::kyc::{Application, Step};
use crate::flow::{Failure, Karat};
use crate::pages::verification::*;

/// Entries of the history that a page shows.
const LATEST: usize = 12;

pub fn pending(karat: &Karat, open: &Application) -> PendingLevel {
    PendingLevel {
        level: open.case.tier.level(),
        submitted: open.case.state != CaseState::Collecting,
        since: open.case.submitted_at.unwrap_or(open.case.created_at),
        review: review(karat, open.case.tier),
    }
}

pub fn rejected(rejected: &Rejected) -> RejectedLevel {
    RejectedLevel { level: rejected.tier.level(), reason: rejected.reason.told(), finally: rejected.finally }
}

/// `None` of level 0, which takes nothing.
pub fn rung(karat: &Karat, tier: Tier, held: Tier) -> Option<Rung> {
    let section = karat.settings.tier(tier)?;
    Some(Rung {
        level: tier.level(),
        held: held >= tier,
        proofs: section.proofs.iter().map(|proof| proof_name(*proof)).collect(),
        elsewhere: section.provider != Provider::Review,
        unlocks: unlocks(karat, tier),
        review: review(karat, tier),
    })
}

/// What the level is the lowest for.
fn unlocks(karat: &Karat, tier: Tier) -> Vec<String> {
    let scopes = &karat.settings.policy.scopes;
    scopes.iter().filter(|(_, demand)| demand.tier == tier).map(|(scope, _)| scope.clone()).collect()
}

/// As people know it.
pub const fn provider_name(provider: Provider) -> &'static str {
    match provider {
        Provider::Review => "Karat",
        Provider::Sumsub => "Sumsub",
        Provider::Onfido => "Onfido",
        Provider::Persona => "Persona",
        Provider::Veriff => "Veriff",
        Provider::Stripe => "Stripe",
    }
}

/// Minutes that a review of the level usually takes.
pub fn review(karat: &Karat, tier: Tier) -> i64 {
    karat.settings.tier(tier).map_or(0, |section| section.review_time.0 / 60)
}

/// What the person may know of it: not who looked, and no reason that tips off.
pub async fn history(karat: &Karat, user: UserId) -> Result<Vec<HistoryRow>, Failure> {
    let told = |reason: &str| Reason::parse(reason).map(Reason::told);
    let made = karat.store.kyc_history(user).await?.into_iter().take(LATEST);
    Ok(made
        .map(|made| HistoryRow {
            at: made.at,
            reason: made.reason.as_deref().and_then(told),
            what: made.finding,
            level: made.to_tier,
        })
        .collect())
}

pub fn progress(open: &Application, current: Option<Step>) -> Progress {
    let mark = |mark: &crate::flow::kyc::Mark| StepMark {
        name: mark.step.as_str(),
        done: mark.is_done,
        current: current == Some(mark.step),
    };
    let check = StepMark { name: "check", done: false, current: current.is_none() };
    let steps = open.steps.iter().map(mark).chain([check]).collect();
    Progress { level: open.case.tier.level(), steps }
}

pub fn shown(open: &Application, kind: DocumentKind) -> Shown {
    match open.documents.iter().find(|document| document.kind == kind).map(|document| document.media_type) {
        Some(MediaType::Jpeg) => Shown::Picture,
        Some(MediaType::Pdf) => Shown::Pdf,
        None => Shown::Nothing,
    }
}

pub fn details_form(entry: DetailsEntry) -> DetailsForm {
    DetailsForm {
        given_name: entry.given_name,
        middle_name: entry.middle_name,
        family_name: entry.family_name,
        birthdate: entry.birthdate,
        nationality: entry.nationality,
        second_nationality: entry.second_nationality,
        residence: entry.residence,
    }
}

pub fn address_form(entry: AddressEntry) -> AddressForm {
    AddressForm {
        street_address: entry.street_address,
        postal_code: entry.postal_code,
        locality: entry.locality,
        region: entry.region,
    }
}

pub fn megabytes(karat: &Karat) -> i64 {
    i64::try_from((karat.settings.kyc.document_size_limit.0 >> 20).max(1)).unwrap_or(i64::MAX)
}

const fn proof_name(proof: Proof) -> &'static str {
    match proof {
        Proof::Details => "details",
        Proof::Phone => "phone",
        Proof::Document => "document",
        Proof::Selfie => "selfie",
        Proof::Address => "address",
        Proof::Funds => "funds",
    }
}
