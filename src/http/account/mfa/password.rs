//! `/mfa/password`: the password once more, of who has nothing else.

use axum::response::Response;

use super::{FactorForm, FactorVisit};
use crate::crypto::token::Secret;
use crate::domain::authenticator::Way;
use crate::http::account::errors_of;
use crate::http::error::PageError;
use crate::pages::FieldErrors;
use crate::pages::factors::PasswordAgainPage;

pub async fn get(at: FactorVisit) -> Result<Response, PageError> {
    show(at, FieldErrors::none()).await
}

pub async fn post(form: FactorForm) -> Result<Response, PageError> {
    let password = Secret::new(form.text("password"));
    let at = form.at;
    if !at.offers(Way::Password) {
        return super::get(at).await;
    }
    let (karat, browser) = (at.visit.web.karat.clone(), at.visit.browser.clone());
    match karat.verify_password(at.factor.user(), &password, &browser).await {
        Ok(verified) => at.passed(verified).await,
        Err(refused) => show(at, errors_of(refused)?).await,
    }
}

async fn show(at: FactorVisit, errors: FieldErrors) -> Result<Response, PageError> {
    if !at.offers(Way::Password) {
        return super::get(at).await;
    }
    let email = at.factor.user().email.to_string();
    let page = PasswordAgainPage { email, ways: at.ways(Way::Password), errors };
    at.page(&page).await
}
