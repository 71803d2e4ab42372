//! `/register/verify`: the code from the mail, in the browser that registered. `/register/confirm`: the link from the
//! mail; opening it changes nothing, the button does.

use axum::http::HeaderMap;
use axum::response::Response;

use super::notice::Notice;
use super::registration_cookie::Registering;
use super::{PageQuery, errors_of, frame_beside, ongoing, within_interaction};
use crate::crypto::token::{OpaqueToken, Secret};
use crate::flow::Refused;
use crate::flow::register::minutes_left;
use crate::http::cookies::Cookie;
use crate::http::error::PageError;
use crate::http::form::PageForm;
use crate::http::visit::Visit;
use crate::pages::FieldErrors;
use crate::pages::register::{AddressVerifiedPage, ConfirmAddressPage, VerifyPage};

pub async fn get(headers: HeaderMap, visit: Visit) -> Result<Response, PageError> {
    match Registering::read(&headers, &visit) {
        Some(registering) => show_code(headers, visit, &registering, FieldErrors::none()).await,
        None => Ok(visit.see_other("/register")),
    }
}

pub async fn post(headers: HeaderMap, form: PageForm) -> Result<Response, PageError> {
    let code = form.text("code").to_owned();
    let visit = form.visit;
    let Some(registering) = Registering::read(&headers, &visit) else { return Err(PageError::LinkGone) };
    let karat = visit.web.karat.clone();
    match karat.verify_by_code(&registering.ticket, &code, &visit.browser).await {
        Ok(()) => done(visit, Some(&registering)).await,
        Err(Refused::Gone) => over(visit, &registering).await,
        Err(refused) => show_code(headers, visit, &registering, errors_of(refused)?).await,
    }
}

pub async fn resend(headers: HeaderMap, form: PageForm) -> Result<Response, PageError> {
    let mut visit = form.visit;
    let Some(registering) = Registering::read(&headers, &visit) else { return Err(PageError::LinkGone) };
    let karat = visit.web.karat.clone();
    match karat.resend_verification(&registering.ticket, &visit.browser).await {
        Ok(()) => {
            Notice::CodeResent.leave(&mut visit);
            let interaction = ongoing(&visit, registering.interaction.as_deref()).await?;
            Ok(visit.see_other(&within_interaction("/register/verify", interaction.as_ref())))
        }
        Err(Refused::Gone) => over(visit, &registering).await,
        Err(refused) => show_code(headers, visit, &registering, errors_of(refused)?).await,
    }
}

pub async fn get_link(headers: HeaderMap, visit: Visit, query: PageQuery) -> Result<Response, PageError> {
    let token = query.text("token").unwrap_or_default().to_owned();
    show_link(headers, visit, token, FieldErrors::none()).await
}

pub async fn post_link(headers: HeaderMap, form: PageForm) -> Result<Response, PageError> {
    let (token, password) = (form.text("token").to_owned(), Secret::new(form.text("password")));
    let visit = form.visit;
    let (karat, registering) = (visit.web.karat.clone(), Registering::read(&headers, &visit));
    let ticket = registering.as_ref().map(|registering| &registering.ticket);
    match karat.verify_by_link(&token, ticket, &password, &visit.browser).await {
        Ok(()) => done(visit, registering.as_ref()).await,
        Err(refused) => show_link(headers, visit, token, errors_of(refused)?).await,
    }
}

/// Verifying never logs in: the way goes on to the log-in.
pub async fn get_done(mut visit: Visit, query: PageQuery) -> Result<Response, PageError> {
    let interaction = ongoing(&visit, query.text("interaction")).await?;
    let frame = frame_beside(&mut visit, interaction.as_ref()).await?;
    visit.page(&AddressVerifiedPage {}, &frame)
}

async fn done(mut visit: Visit, registering: Option<&Registering>) -> Result<Response, PageError> {
    let interaction = ongoing(&visit, registering.and_then(|it| it.interaction.as_deref())).await?;
    visit.clear_cookie(Cookie::Registration);
    Ok(visit.see_other(&within_interaction("/register/done", interaction.as_ref())))
}

/// The registration was proven in another browser, or has expired: whoever has an account now can log in.
async fn over(mut visit: Visit, registering: &Registering) -> Result<Response, PageError> {
    let interaction = ongoing(&visit, registering.interaction.as_deref()).await?;
    visit.clear_cookie(Cookie::Registration);
    Notice::RegistrationOver.leave(&mut visit);
    Ok(visit.see_other(&within_interaction("/login", interaction.as_ref())))
}

async fn show_code(
    headers: HeaderMap,
    mut visit: Visit,
    registering: &Registering,
    errors: FieldErrors,
) -> Result<Response, PageError> {
    let karat = visit.web.karat.clone();
    let made = match karat.registration(&registering.ticket).await {
        Ok(made) => made,
        Err(Refused::Failed(failure)) => return Err(failure.into()),
        Err(_) => return over(visit, registering).await,
    };
    let page =
        VerifyPage { email: made.email.to_string(), minutes: minutes_left(made.expires_at, karat.now()), errors };
    let interaction = ongoing(&visit, registering.interaction.as_deref()).await?;
    let notice = Notice::take(&headers, &mut visit);
    let mut frame = frame_beside(&mut visit, interaction.as_ref()).await?;
    frame.path = "/register/verify".to_owned();
    frame.notice = notice;
    visit.page(&page, &frame)
}

async fn show_link(
    headers: HeaderMap,
    visit: Visit,
    token: String,
    errors: FieldErrors,
) -> Result<Response, PageError> {
    let registering = Registering::read(&headers, &visit);
    let ticket: Option<&OpaqueToken> = registering.as_ref().map(|registering| &registering.ticket);
    let asked = visit.web.karat.link_asks_password(&token, ticket).await;
    let ask_password = asked.or_else(|refused| errors_of(refused).map(|_| false))?;
    let mut frame = visit.frame();
    frame.path = format!("/register/confirm?token={token}");
    visit.page(&ConfirmAddressPage { token, ask_password, errors }, &frame)
}
