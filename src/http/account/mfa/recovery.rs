//! `/mfa/recovery`: one of the recovery codes.

use axum::response::Response;

use super::{FactorForm, FactorVisit};
use crate::domain::authenticator::Way;
use crate::http::account::errors_of;
use crate::http::error::PageError;
use crate::pages::FieldErrors;
use crate::pages::factors::RecoveryCodePage;

pub async fn get(at: FactorVisit) -> Result<Response, PageError> {
    show(at, FieldErrors::none()).await
}

pub async fn post(form: FactorForm) -> Result<Response, PageError> {
    let code = form.text("code").to_owned();
    let at = form.at;
    if !at.offers(Way::RecoveryCode) {
        return super::get(at).await;
    }
    let (karat, browser) = (at.visit.web.karat.clone(), at.visit.browser.clone());
    match karat.verify_recovery_code(at.factor.user(), &code, &browser).await {
        Ok(verified) => at.passed(verified).await,
        Err(refused) => show(at, errors_of(refused)?).await,
    }
}

async fn show(at: FactorVisit, errors: FieldErrors) -> Result<Response, PageError> {
    if !at.offers(Way::RecoveryCode) {
        return super::get(at).await;
    }
    let page = RecoveryCodePage { ways: at.ways(Way::RecoveryCode), errors };
    at.page(&page).await
}
