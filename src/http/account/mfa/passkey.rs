//! `/mfa/passkey`: one of the person's passkeys.

use axum::response::Response;

use super::{FactorForm, FactorVisit};
use crate::domain::authenticator::Way;
use crate::flow::authenticators::passkeys::AskedIn;
use crate::flow::login::Factor;
use crate::http::account::login::not_taken;
use crate::http::error::PageError;
use crate::pages::FieldErrors;
use crate::pages::passkeys::PasskeyProofPage;

pub async fn get(at: FactorVisit) -> Result<Response, PageError> {
    show(at, FieldErrors::none()).await
}

pub async fn post(form: FactorForm) -> Result<Response, PageError> {
    let (ticket, answer) = (form.text("ticket").to_owned(), form.text("credential").to_owned());
    let at = form.at;
    if !at.offers(Way::Passkey) {
        return super::get(at).await;
    }
    let karat = at.visit.web.karat.clone();
    match karat.verify_passkey(&asked_in(&at), (&ticket, &answer), &at.visit.browser).await? {
        Ok(verified) => at.passed(verified).await,
        Err(reason) => show(at, not_taken(reason)).await,
    }
}

async fn show(at: FactorVisit, errors: FieldErrors) -> Result<Response, PageError> {
    let karat = at.visit.web.karat.clone();
    let asked = match at.offers(Way::Passkey) {
        true => karat.begin_passkey_proof(at.factor.user().id, &asked_in(&at)).await?,
        false => None,
    };
    let Some(challenge) = asked else { return super::get(at).await };
    let page = PasskeyProofPage { ways: at.ways(Way::Passkey), question: challenge.into(), errors };
    at.page(&page).await
}

/// A challenge of one log-in answers no other, though browser and person be the same.
fn asked_in(at: &FactorVisit) -> AskedIn {
    let browser = at.visit.browser_hash();
    let (kind, which, started_at) = match &at.factor {
        // Of which a browser has one.
        Factor::Pending(pending) => {
            ("pending", browser.as_str().to_owned(), pending.login.started_at.unix().to_string())
        }
        Factor::Session(signed_in) => ("session", signed_in.session.id.to_string(), String::new()),
    };
    let interaction = at.interaction.as_ref().map(|interaction| interaction.id.as_str()).unwrap_or_default();
    AskedIn::new(&browser, &["proof", kind, &which], &[&started_at, interaction, at.room.unwrap_or_default()])
}
