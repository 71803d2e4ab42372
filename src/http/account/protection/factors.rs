//! `/account/security/factor`: one authenticator, renamed or removed.

use axum::response::Response;

use super::rows::factor_row;
use super::{PATH, refused_here};
use crate::flow::Refused;
use crate::http::account::notice::Notice;
use crate::http::account::owner::{OwnerForm, OwnerVisit};
use crate::http::account::{PageQuery, errors_of};
use crate::http::error::PageError;
use crate::pages::FieldErrors;
use crate::pages::security::FactorPage;

pub async fn get(at: OwnerVisit, query: PageQuery) -> Result<Response, PageError> {
    let id = query.text("id").unwrap_or_default().to_owned();
    let at = match at.fresh("security", None).await? {
        Ok(at) => at,
        Err(answer) => return Ok(answer),
    };
    show(at, &id, FieldErrors::none()).await
}

pub async fn post_rename(form: OwnerForm) -> Result<Response, PageError> {
    let (id, name) = (form.text("id").to_owned(), form.text("name").to_owned());
    let at = form.at;
    let karat = at.visit.web.karat.clone();
    match karat.rename_authenticator(at.owner(), &id, &name).await {
        Ok(()) => Ok(at.go(PATH, Notice::FactorRenamed)),
        Err(refused @ Refused::Form(_)) => show(at, &id, errors_of(refused)?).await,
        Err(refused) => refused_here(at, refused),
    }
}

pub async fn post_remove(form: OwnerForm) -> Result<Response, PageError> {
    let id = form.text("id").to_owned();
    let at = form.at;
    let karat = at.visit.web.karat.clone();
    match karat.remove_authenticator(at.owner(), &id).await {
        Ok(()) => Ok(at.go(PATH, Notice::FactorRemoved)),
        Err(refused @ Refused::Form(_)) => show(at, &id, errors_of(refused)?).await,
        Err(refused) => refused_here(at, refused),
    }
}

async fn show(at: OwnerVisit, id: &str, errors: FieldErrors) -> Result<Response, PageError> {
    let karat = at.visit.web.karat.clone();
    let all = karat.store.authenticators_of(at.signed_in.user.id).await?;
    let Some(found) = all.iter().find(|one| one.id == id) else { return Ok(at.visit.see_other(PATH)) };
    let page = FactorPage { now: karat.now(), factor: factor_row(found), is_last: all.len() == 1, errors };
    at.page(&format!("/account/security/factor?id={}", found.id), &page)
}
