//! `/mfa/totp`: a code of the authenticator app.

use axum::response::Response;

use super::{FactorForm, FactorVisit};
use crate::domain::authenticator::Way;
use crate::http::account::errors_of;
use crate::http::error::PageError;
use crate::pages::FieldErrors;
use crate::pages::factors::TotpPage;

pub async fn get(at: FactorVisit) -> Result<Response, PageError> {
    show(at, FieldErrors::none()).await
}

pub async fn post(form: FactorForm) -> Result<Response, PageError> {
    let code = form.text("code").to_owned();
    let at = form.at;
    if !at.offers(Way::Totp) {
        return super::get(at).await;
    }
    match at.visit.web.karat.verify_totp(at.factor.user(), &code).await {
        Ok(verified) => at.passed(verified).await,
        Err(refused) => show(at, errors_of(refused)?).await,
    }
}

async fn show(at: FactorVisit, errors: FieldErrors) -> Result<Response, PageError> {
    if !at.offers(Way::Totp) {
        return super::get(at).await;
    }
    let page = TotpPage { ways: at.ways(Way::Totp), errors };
    at.page(&page).await
}
