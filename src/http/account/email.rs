//! `/account/email`: asking for another address, and proving it by code or by the mailed link.

use axum::response::Response;

use super::notice::Notice;
use super::owner::{OwnerForm, OwnerVisit};
use super::{PageQuery, errors_of};
use crate::crypto::token::Secret;
use crate::flow::Refused;
use crate::flow::register::minutes_left;
use crate::http::error::PageError;
use crate::pages::FieldErrors;
use crate::pages::account::{ChangeEmailPage, ConfirmEmailPage, EmailChangedPage, PendingEmail};

const PATH: &str = "/account/email";

pub async fn get(at: OwnerVisit) -> Result<Response, PageError> {
    show(at, String::new(), FieldErrors::none()).await
}

pub async fn post(form: OwnerForm) -> Result<Response, PageError> {
    let (new_email, password) = (form.text("new_email").to_owned(), Secret::new(form.text("current_password")));
    let at = form.at;
    let karat = at.visit.web.karat.clone();
    match karat.request_email_change(at.owner(), &password, &new_email).await {
        Ok(_) => Ok(at.go(PATH, Notice::EmailSent)),
        Err(Refused::ProveFirst) => show(at, new_email, FieldErrors::none()).await,
        Err(refused) => show(at, new_email, errors_of(refused)?).await,
    }
}

pub async fn post_code(form: OwnerForm) -> Result<Response, PageError> {
    let code = form.text("code").to_owned();
    let at = form.at;
    let karat = at.visit.web.karat.clone();
    match karat.confirm_email_by_code(at.owner(), &code).await {
        Ok(()) => Ok(at.visit.see_other("/account/email/done")),
        Err(refused) => show(at, String::new(), errors_of(refused)?).await,
    }
}

pub async fn post_resend(form: OwnerForm) -> Result<Response, PageError> {
    let at = form.at;
    let karat = at.visit.web.karat.clone();
    match karat.resend_email_change(at.owner()).await {
        Ok(()) => Ok(at.go(PATH, Notice::CodeResent)),
        // It was cancelled or proven meanwhile: the page shows how things are.
        Err(Refused::Gone) => Ok(at.visit.see_other(PATH)),
        Err(refused) => show(at, String::new(), errors_of(refused)?).await,
    }
}

pub async fn post_cancel(form: OwnerForm) -> Result<Response, PageError> {
    let at = form.at;
    at.visit.web.karat.cancel_email_change(&at.signed_in.user).await?;
    Ok(at.go(PATH, Notice::EmailCancelled))
}

pub async fn get_link(at: OwnerVisit, query: PageQuery) -> Result<Response, PageError> {
    let token = query.text("token").unwrap_or_default().to_owned();
    match at.visit.web.karat.email_of_link(at.owner(), &token).await {
        Ok(email) => {
            let path = format!("/account/email/confirm?token={token}");
            let page = ConfirmEmailPage { token, new_email: Some(email.to_string()), errors: FieldErrors::none() };
            at.page(&path, &page)
        }
        Err(refused) => Err(errors_of(refused).err().unwrap_or(PageError::LinkGone)),
    }
}

pub async fn post_link(form: OwnerForm) -> Result<Response, PageError> {
    let token = form.text("token").to_owned();
    let at = form.at;
    let karat = at.visit.web.karat.clone();
    match karat.confirm_email_by_link(at.owner(), &token).await {
        Ok(()) => Ok(at.visit.see_other("/account/email/done")),
        Err(refused) => Err(errors_of(refused).err().unwrap_or(PageError::LinkGone)),
    }
}

pub async fn get_done(at: OwnerVisit) -> Result<Response, PageError> {
    at.page("/account/email/done", &EmailChangedPage {})
}

async fn show(at: OwnerVisit, new_email: String, errors: FieldErrors) -> Result<Response, PageError> {
    let at = match at.fresh_if_protected("email").await? {
        Ok(at) => at,
        Err(proof) => return Ok(proof),
    };
    let karat = at.visit.web.karat.clone();
    let pending = karat.pending_email(&at.signed_in.user).await?.map(|pending| PendingEmail {
        new_email: pending.new_email.to_string(),
        minutes: minutes_left(pending.expires_at, karat.now()),
    });
    let page = ChangeEmailPage { email: at.signed_in.user.email.to_string(), new_email, pending, errors };
    at.page(PATH, &page)
}
