//! `/admin`: what waits, and whether all is well.

use axum::http::HeaderMap;
use axum::response::Response;

use super::errand::Errand;
use super::{ConsoleVisit, house};
use crate::domain::admin::Act;
use crate::domain::kyc::Provider;
use crate::http::error::PageError;
use crate::pages::admin::overview::OverviewPage;
use crate::storage::kyc::queue::Wanted;

const MOST_COUNTED: i64 = 100;

pub async fn get(mut visit: ConsoleVisit, headers: HeaderMap) -> Result<Response, PageError> {
    // Back from the log-in or the proof.
    if let Some(errand) = Errand::take(&headers, &mut visit.at.visit) {
        return Ok(visit.at.visit.see_other(errand.path()));
    }
    let karat = visit.karat();
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let codes_left = karat.store.recovery_codes_of(visit.at.signed_in.user.id).await?.left;
    let system = karat.system(&visit.by).await?;
    let cases = match visit.by.may(Act::ReadCases) {
        true => {
            let waiting = Wanted { state: None, tier: None, provider: Some(Provider::Review) };
            Some(count(karat.store.kyc_queue(waiting, None, MOST_COUNTED).await?.len()))
        }
        false => None,
    };
    let newest_key = match visit.by.may(Act::ReadKeys) {
        true => karat.signing_keys(&visit.by).await?.iter().map(|key| key.created_at).max(),
        false => None,
    };
    let page = OverviewPage {
        shell: visit.shell("overview", Vec::new()),
        proposals: count(system.open_proposals),
        has_recovery_codes: codes_left > 0,
        now: karat.now(),
        cases,
        health: house::health(&system, karat.now()),
        newest_key,
    };
    visit.page(&page)
}
