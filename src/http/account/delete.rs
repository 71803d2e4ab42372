//! `/account/delete`.

use axum::response::Response;

use super::errors_of;
use super::owner::{OwnerForm, OwnerVisit};
use crate::crypto::token::Secret;
use crate::flow::Refused;
use crate::http::cookies::Cookie;
use crate::http::error::PageError;
use crate::http::visit::Visit;
use crate::pages::FieldErrors;
use crate::pages::account::{AccountDeletedPage, DeleteAccountPage};

pub async fn get(at: OwnerVisit) -> Result<Response, PageError> {
    show(at, FieldErrors::none()).await
}

pub async fn post(form: OwnerForm) -> Result<Response, PageError> {
    let (password, confirmed) = (Secret::new(form.text("password")), form.text("confirm") == "yes");
    let mut at = form.at;
    let karat = at.visit.web.karat.clone();
    match karat.delete_account(at.owner(), &password, confirmed).await {
        Ok(()) => {
            at.visit.sign_out();
            at.visit.clear_cookie(Cookie::Device);
            // Not below /account: nobody is logged in there any more.
            Ok(at.visit.see_other("/account-deleted"))
        }
        Err(Refused::ProveFirst) => show(at, FieldErrors::none()).await,
        Err(refused) => show(at, errors_of(refused)?).await,
    }
}

pub async fn get_done(visit: Visit) -> Result<Response, PageError> {
    let frame = visit.frame();
    visit.page(&AccountDeletedPage {}, &frame)
}

async fn show(at: OwnerVisit, errors: FieldErrors) -> Result<Response, PageError> {
    let at = match at.fresh_if_protected("delete").await? {
        Ok(at) => at,
        Err(proof) => return Ok(proof),
    };
    let user = &at.signed_in.user;
    let kept_until = at.visit.web.karat.kept_after_leaving(user.id).await?;
    let page = DeleteAccountPage { email: user.email.to_string(), kept_until, errors };
    at.page("/account/delete", &page)
}
