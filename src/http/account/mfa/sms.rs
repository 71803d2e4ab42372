//! `/mfa/sms`: a code by SMS. It is sent when the person asks for it, and never by opening the page.

use axum::response::Response;

use super::{FactorForm, FactorVisit};
use crate::domain::authenticator::Way;
use crate::domain::sms::SmsPurpose;
use crate::flow::Refused;
use crate::flow::authenticators::sms::SmsUse;
use crate::flow::login::Factor;
use crate::flow::register::minutes_left;
use crate::http::account::errors_of;
use crate::http::error::PageError;
use crate::pages::FieldErrors;
use crate::pages::factors::FactorReason;
use crate::pages::phone::SmsPage;

pub async fn get(at: FactorVisit) -> Result<Response, PageError> {
    show(at, FieldErrors::none()).await
}

pub async fn post_send(form: FactorForm) -> Result<Response, PageError> {
    let at = form.at;
    if !at.offers(Way::Sms) {
        return super::get(at).await;
    }
    let binding = binding(&at);
    match at.visit.web.karat.send_sms_to(usage(&at, &binding), &at.visit.browser).await {
        Ok(_) => {
            let path = at.path_of(Way::Sms);
            Ok(at.visit.see_other(&path))
        }
        // Removed meanwhile: another way remains, or none is needed.
        Err(Refused::Gone) => super::get(at).await,
        Err(refused) => show(at, errors_of(refused)?).await,
    }
}

pub async fn post(form: FactorForm) -> Result<Response, PageError> {
    let code = form.text("code").to_owned();
    let at = form.at;
    if !at.offers(Way::Sms) {
        return super::get(at).await;
    }
    let binding = binding(&at);
    match at.visit.web.karat.verify_sms(usage(&at, &binding), &code).await {
        Ok(verified) => at.passed(verified).await,
        Err(refused) => show(at, errors_of(refused)?).await,
    }
}

async fn show(at: FactorVisit, errors: FieldErrors) -> Result<Response, PageError> {
    let karat = at.visit.web.karat.clone();
    if !at.offers(Way::Sms) {
        return super::get(at).await;
    }
    let Some((_, number)) = karat.phone_of(at.factor.user()).await? else { return super::get(at).await };
    let binding = binding(&at);
    let open = karat.open_sms_code(usage(&at, &binding)).await?;
    let page = SmsPage {
        number: number.masked(),
        minutes: open.map(|open| minutes_left(open.expires_at, karat.now())),
        ways: at.ways(Way::Sms),
        errors,
    };
    at.page(&page).await
}

fn usage<'a>(at: &'a FactorVisit, binding: &'a str) -> SmsUse<'a> {
    let purpose = match at.why {
        FactorReason::Login | FactorReason::App => SmsPurpose::LogIn,
        FactorReason::Confirm => SmsPurpose::Confirm,
    };
    SmsUse { user: at.factor.user(), purpose, binding }
}

/// The browser, the log-in or session, and what it is for: a code of one is none for another.
fn binding(at: &FactorVisit) -> String {
    let browser = at.visit.browser.binding.as_str();
    let interaction = at.interaction.as_ref().map(|interaction| interaction.id.as_str()).unwrap_or_default();
    let room = at.room.unwrap_or_default();
    match &at.factor {
        Factor::Pending(pending) => {
            let started = pending.login.started_at.unix();
            format!("{browser} log-in {started} {interaction} {room}")
        }
        Factor::Session(signed_in) => format!("{browser} session {} {interaction} {room}", signed_in.session.id),
    }
}
