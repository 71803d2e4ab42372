//! `/terms`: the terms of the configured version.

use axum::response::Response;

use crate::http::error::PageError;
use crate::http::visit::Visit;
use crate::pages::terms::TermsPage;

pub async fn get(visit: Visit) -> Result<Response, PageError> {
    let karat = visit.web.karat.clone();
    let terms = &karat.settings.terms;
    if let Some(url) = &terms.url {
        return Ok(visit.see_other(url.as_str()));
    }
    let frame = visit.frame();
    visit.page(&TermsPage { version: terms.version.clone(), text: karat.terms_text.clone() }, &frame)
}
