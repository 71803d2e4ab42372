//! `/account/password`.

use axum::response::Response;

use super::errors_of;
use super::notice::Notice;
use super::owner::{OwnerForm, OwnerVisit};
use crate::crypto::token::Secret;
use crate::flow::Refused;
use crate::http::error::PageError;
use crate::pages::FieldErrors;
use crate::pages::account::ChangePasswordPage;

const PATH: &str = "/account/password";

pub async fn get(at: OwnerVisit) -> Result<Response, PageError> {
    show(at, FieldErrors::none()).await
}

pub async fn post(form: OwnerForm) -> Result<Response, PageError> {
    let (current, new) = (Secret::new(form.text("current_password")), Secret::new(form.text("new_password")));
    let mut at = form.at;
    let karat = at.visit.web.karat.clone();
    match karat.change_password(at.owner(), &current, &new).await {
        Ok(renewed) => {
            at.visit.sign_in(at.signed_in.clone(), &renewed.token, Some(&renewed.device));
            Ok(at.go(PATH, Notice::PasswordChanged))
        }
        // The session ended while the form was open.
        Err(Refused::Gone) => Ok(at.visit.see_other("/login?next=password")),
        Err(Refused::ProveFirst) => show(at, FieldErrors::none()).await,
        Err(refused) => show(at, errors_of(refused)?).await,
    }
}

async fn show(at: OwnerVisit, errors: FieldErrors) -> Result<Response, PageError> {
    let at = match at.fresh_if_protected("password").await? {
        Ok(at) => at,
        Err(proof) => return Ok(proof),
    };
    let email = at.signed_in.user.email.to_string();
    let min_password = at.visit.web.karat.settings.passwords.minimum_length;
    at.page(PATH, &ChangePasswordPage { email, min_password, errors })
}
