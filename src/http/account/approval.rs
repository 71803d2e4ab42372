//! `/login/approval`, where a log-in waits, and `/approve`, where the link of the mail lands.

use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;

use super::{PageQuery, errors_of, login, ongoing};
use crate::flow::login::Awaited;
use crate::http::error::PageError;
use crate::http::form::PageForm;
use crate::http::visit::Visit;
use crate::pages::FieldErrors;
use crate::pages::approval::{ApprovePage, ApprovedPage, AwaitingPage};

/// The page that waits comes back by itself, without script.
const REFRESH: (HeaderName, HeaderValue) = (HeaderName::from_static("refresh"), HeaderValue::from_static("5"));

pub async fn get(visit: Visit) -> Result<Response, PageError> {
    let karat = visit.web.karat.clone();
    match karat.awaited(&visit.browser, visit.signed_in.as_ref()).await? {
        Awaited::Nothing if visit.signed_in.is_some() => Ok(visit.see_other("/account")),
        Awaited::Nothing => Ok(visit.see_other("/login")),
        Awaited::Waiting => {
            let frame = visit.frame();
            let mut answer = visit.page(&AwaitingPage {}, &frame)?;
            answer.headers_mut().insert(REFRESH.0, REFRESH.1);
            Ok(answer)
        }
        Awaited::Approved(begun, towards) => {
            let interaction = ongoing(&visit, towards.interaction.as_deref()).await?;
            login::logged_in(visit, *begun, interaction.as_ref(), towards.room.as_deref()).await
        }
    }
}

pub async fn get_link(visit: Visit, query: PageQuery) -> Result<Response, PageError> {
    let token = query.text("token").unwrap_or_default().to_owned();
    show_link(visit, token, FieldErrors::none()).await
}

pub async fn post_link(form: PageForm) -> Result<Response, PageError> {
    let token = form.text("token").to_owned();
    let visit = form.visit;
    let karat = visit.web.karat.clone();
    match karat.approve_log_in(&token, &visit.browser).await {
        Ok(()) => {
            let frame = visit.frame();
            visit.page(&ApprovedPage {}, &frame)
        }
        Err(refused) => show_link(visit, token, errors_of(refused)?).await,
    }
}

async fn show_link(visit: Visit, token: String, errors: FieldErrors) -> Result<Response, PageError> {
    let asked = match visit.web.karat.approval_asked(&token).await {
        Ok(asked) => asked,
        Err(refused) => return Err(errors_of(refused).err().unwrap_or(PageError::LinkGone)),
    };
    let mut frame = visit.frame();
    frame.path = format!("/approve?token={token}");
    visit.page(&ApprovePage { token, device: asked.device, place: asked.place, at: asked.at, errors }, &frame)
}
