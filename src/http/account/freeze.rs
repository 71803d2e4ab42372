//! `/freeze`, where the link of a mail lands, `/account/security/freeze` and `/unfreeze`. Opening a link changes nothing.

use axum::response::Response;

use super::notice::Notice;
use super::owner::{OwnerForm, OwnerVisit};
use super::{PageQuery, errors_of};
use crate::http::error::PageError;
use crate::http::form::PageForm;
use crate::http::visit::Visit;
use crate::pages::freeze::{FreezePage, FrozenPage, UnfreezePage};

pub async fn get_own(at: OwnerVisit) -> Result<Response, PageError> {
    at.page("/account/security/freeze", &FreezePage { token: None })
}

pub async fn post_own(form: OwnerForm) -> Result<Response, PageError> {
    let mut at = form.at;
    let karat = at.visit.web.karat.clone();
    karat.freeze_own(at.owner()).await?;
    at.visit.sign_out();
    Ok(at.visit.see_other("/frozen"))
}

pub async fn get_link(visit: Visit, query: PageQuery) -> Result<Response, PageError> {
    let token = query.text("token").unwrap_or_default().to_owned();
    if let Err(refused) = visit.web.karat.freeze_is_open(&token).await {
        errors_of(refused)?;
    }
    let mut frame = visit.frame();
    frame.path = format!("/freeze?token={token}");
    visit.page(&FreezePage { token: Some(token) }, &frame)
}

pub async fn post_link(form: PageForm) -> Result<Response, PageError> {
    let token = form.text("token").to_owned();
    let mut visit = form.visit;
    let karat = visit.web.karat.clone();
    match karat.freeze_by_link(&token, &visit.browser).await {
        Ok(user) => {
            if visit.signed_in.as_ref().is_some_and(|signed_in| signed_in.user.id == user) {
                visit.sign_out();
            }
            Ok(visit.see_other("/frozen"))
        }
        Err(refused) => Err(errors_of(refused).err().unwrap_or(PageError::LinkGone)),
    }
}

pub async fn get_frozen(visit: Visit) -> Result<Response, PageError> {
    let frame = visit.frame();
    visit.page(&FrozenPage {}, &frame)
}

pub async fn get_unfreeze(visit: Visit, query: PageQuery) -> Result<Response, PageError> {
    let token = query.text("token").unwrap_or_default().to_owned();
    if let Err(refused) = visit.web.karat.unfreeze_is_open(&token).await {
        errors_of(refused)?;
    }
    let mut frame = visit.frame();
    frame.path = format!("/unfreeze?token={token}");
    visit.page(&UnfreezePage { token }, &frame)
}

/// The log-in that follows unfreezes.
pub async fn post_unfreeze(form: PageForm) -> Result<Response, PageError> {
    let token = form.text("token").to_owned();
    let mut visit = form.visit;
    let karat = visit.web.karat.clone();
    match karat.permit_unfreezing(&token, &visit.browser).await {
        Ok(()) => {
            Notice::LogInToUnfreeze.leave(&mut visit);
            Ok(visit.see_other("/login?next=security"))
        }
        Err(refused) => Err(errors_of(refused).err().unwrap_or(PageError::LinkGone)),
    }
}
