//! `/mfa/lost`, and where the links of a recovery's mails land: opening them changes nothing.

use axum::response::Response;

use super::mfa::{self, FactorForm, FactorVisit};
use super::notice::Notice;
use super::owner::OwnerForm;
use super::{PageQuery, errors_of};
use crate::crypto::token::Secret;
use crate::flow::Refused;
use crate::flow::login::Factor;
use crate::http::error::PageError;
use crate::http::form::PageForm;
use crate::http::visit::Visit;
use crate::pages::FieldErrors;
use crate::pages::recovery::{
    CancelRecoveryPage, FinishRecoveryPage, LostPage, LostSentPage, RecoveryBegunPage, RecoveryCancelledPage,
    StartRecoveryPage,
};
use crate::storage::mailed_actions::Purpose;

/// Only for who has just shown the password.
pub async fn get_lost(at: FactorVisit) -> Result<Response, PageError> {
    show_lost(at, FieldErrors::none()).await
}

pub async fn post_lost(form: FactorForm) -> Result<Response, PageError> {
    let at = form.at;
    let Factor::Pending(pending) = &at.factor else { return mfa::get(at).await };
    let karat = at.visit.web.karat.clone();
    match karat.ask_for_recovery(pending).await {
        Ok(()) => at.page(&LostSentPage {}).await,
        Err(refused) => show_lost(at, errors_of(refused)?).await,
    }
}

async fn show_lost(at: FactorVisit, errors: FieldErrors) -> Result<Response, PageError> {
    if !matches!(at.factor, Factor::Pending(_)) {
        return mfa::get(at).await;
    }
    let hours = at.visit.web.karat.settings.recovery.delay.0 / 3_600;
    at.page(&LostPage { hours, errors }).await
}

pub async fn get_start(visit: Visit, query: PageQuery) -> Result<Response, PageError> {
    let token = looked_at(&visit, &query, Purpose::StartRecovery).await?;
    let hours = visit.web.karat.settings.recovery.delay.0 / 3_600;
    show(visit, "/recovery/start", token, |token| StartRecoveryPage { token, hours })
}

pub async fn post_start(form: PageForm) -> Result<Response, PageError> {
    let token = form.text("token").to_owned();
    let visit = form.visit;
    let karat = visit.web.karat.clone();
    match karat.begin_recovery(&token, &visit.browser).await {
        Ok(ripe_at) => {
            let frame = visit.frame();
            visit.page(&RecoveryBegunPage { ripe_at }, &frame)
        }
        Err(refused) => Err(gone(refused)),
    }
}

pub async fn get_cancel(visit: Visit, query: PageQuery) -> Result<Response, PageError> {
    let token = looked_at(&visit, &query, Purpose::CancelRecovery).await?;
    show(visit, "/recovery/cancel", token, |token| CancelRecoveryPage { token })
}

pub async fn post_cancel(form: PageForm) -> Result<Response, PageError> {
    let token = form.text("token").to_owned();
    let visit = form.visit;
    let karat = visit.web.karat.clone();
    match karat.cancel_recovery_by_link(&token, &visit.browser).await {
        Ok(()) => {
            let frame = visit.frame();
            visit.page(&RecoveryCancelledPage {}, &frame)
        }
        Err(refused) => Err(gone(refused)),
    }
}

/// The button of the security page.
pub async fn post_cancel_own(form: OwnerForm) -> Result<Response, PageError> {
    let at = form.at;
    let karat = at.visit.web.karat.clone();
    karat.cancel_recovery(&at.signed_in.user, &at.visit.browser).await?;
    Ok(at.go("/account/security", Notice::RecoveryCancelled))
}

pub async fn get_finish(visit: Visit, query: PageQuery) -> Result<Response, PageError> {
    let token = looked_at(&visit, &query, Purpose::FinishRecovery).await?;
    show(visit, "/recovery/finish", token, |token| FinishRecoveryPage { token, errors: FieldErrors::none() })
}

pub async fn post_finish(form: PageForm) -> Result<Response, PageError> {
    let (token, password) = (form.text("token").to_owned(), Secret::new(form.text("password")));
    let mut visit = form.visit;
    let karat = visit.web.karat.clone();
    match karat.finish_recovery(&token, &password, &visit.browser).await {
        Ok(()) => {
            Notice::LogInToEnrol.leave(&mut visit);
            Ok(visit.see_other("/login?next=security"))
        }
        Err(refused) => {
            let errors = errors_of(refused)?;
            show(visit, "/recovery/finish", token, |token| FinishRecoveryPage { token, errors })
        }
    }
}

async fn looked_at(visit: &Visit, query: &PageQuery, purpose: Purpose) -> Result<String, PageError> {
    let token = query.text("token").unwrap_or_default().to_owned();
    visit.web.karat.recovery_link(&token, purpose).await.map_err(gone)?;
    Ok(token)
}

fn gone(refused: Refused) -> PageError {
    errors_of(refused).err().unwrap_or(PageError::LinkGone)
}

fn show<P: crate::pages::Page>(
    visit: Visit,
    path: &str,
    token: String,
    page: impl FnOnce(String) -> P,
) -> Result<Response, PageError> {
    let mut frame = visit.frame();
    frame.path = format!("{path}?token={token}");
    visit.page(&page(token), &frame)
}
