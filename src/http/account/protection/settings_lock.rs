//! `/account/security/lock`, and `/keep-locked` where the link of the mail lands.

use axum::response::Response;

use super::refused_here;
use super::rows::lock_state;
use crate::flow::Refused;
use crate::http::account::notice::Notice;
use crate::http::account::owner::{OwnerForm, OwnerVisit};
use crate::http::account::{PageQuery, errors_of};
use crate::http::error::PageError;
use crate::http::form::PageForm;
use crate::http::visit::Visit;
use crate::pages::FieldErrors;
use crate::pages::security::{KeepLockedPage, KeptLockedPage, SettingsLockPage};

const PATH: &str = "/account/security/lock";

pub async fn get(at: OwnerVisit) -> Result<Response, PageError> {
    let at = match at.fresh("lock", None).await? {
        Ok(at) => at,
        Err(answer) => return Ok(answer),
    };
    show(at, String::new(), FieldErrors::none())
}

pub async fn post(form: OwnerForm) -> Result<Response, PageError> {
    let days = form.text("days").to_owned();
    let at = form.at;
    let karat = at.visit.web.karat.clone();
    match karat.lock_settings(at.owner(), &days).await {
        Ok(()) => Ok(at.go(PATH, Notice::SettingsLocked)),
        Err(refused @ Refused::Form(_)) => show(at, days, errors_of(refused)?),
        Err(refused) => refused_here(at, refused),
    }
}

pub async fn post_unlock(form: OwnerForm) -> Result<Response, PageError> {
    let at = form.at;
    let karat = at.visit.web.karat.clone();
    match karat.unlock_settings(at.owner()).await {
        Ok(()) => Ok(at.visit.see_other(PATH)),
        Err(refused) => refused_here(at, refused),
    }
}

pub async fn post_keep(form: OwnerForm) -> Result<Response, PageError> {
    let at = form.at;
    let karat = at.visit.web.karat.clone();
    match karat.keep_settings_locked(at.owner()).await {
        Ok(()) => Ok(at.go(PATH, Notice::SettingsLocked)),
        Err(refused) => refused_here(at, refused),
    }
}

pub async fn get_link(visit: Visit, query: PageQuery) -> Result<Response, PageError> {
    let token = query.text("token").unwrap_or_default().to_owned();
    if let Err(refused) = visit.web.karat.keep_locked_is_open(&token).await {
        errors_of(refused)?;
    }
    let mut frame = visit.frame();
    frame.path = format!("/keep-locked?token={token}");
    visit.page(&KeepLockedPage { token }, &frame)
}

pub async fn post_link(form: PageForm) -> Result<Response, PageError> {
    let token = form.text("token").to_owned();
    let visit = form.visit;
    let karat = visit.web.karat.clone();
    match karat.keep_locked_by_link(&token, &visit.browser).await {
        Ok(()) => {
            let frame = visit.frame();
            visit.page(&KeptLockedPage {}, &frame)
        }
        Err(refused) => Err(errors_of(refused).err().unwrap_or(PageError::LinkGone)),
    }
}

fn show(at: OwnerVisit, days: String, errors: FieldErrors) -> Result<Response, PageError> {
    let now = at.visit.web.karat.now();
    let lock = lock_state(at.signed_in.user.protection.settings, now);
    at.page(PATH, &SettingsLockPage { now, lock, days, errors })
}
