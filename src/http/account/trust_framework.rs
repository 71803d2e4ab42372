//! `/trust-frameworks/exchange-kyc/v1`: public, the same for everybody.

use axum::response::Response;

use crate::http::error::PageError;
use crate::http::visit::Visit;
use crate::pages::trust_framework::TrustFrameworkPage;

pub async fn get(visit: Visit) -> Result<Response, PageError> {
    let karat = visit.web.karat.clone();
    let levels = karat.levels_meant().ok_or(PageError::NotFound)?;
    let frame = visit.frame();
    visit.page(&TrustFrameworkPage { identifier: karat.trust_framework(), levels }, &frame)
}
