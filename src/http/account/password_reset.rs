//! `/password/forgotten`, and `/password/reset` where the mailed link lands: opening it changes nothing.

use axum::response::Response;

use super::{PageQuery, errors_of, frame_beside, ongoing};
use crate::crypto::token::Secret;
use crate::flow::authorize::Interaction;
use crate::http::cookies::Cookie;
use crate::http::error::PageError;
use crate::http::form::PageForm;
use crate::http::visit::Visit;
use crate::pages::FieldErrors;
use crate::pages::password::{ForgottenPage, ForgottenSentPage, ResetDonePage, ResetPage};

pub async fn get_forgotten(visit: Visit, query: PageQuery) -> Result<Response, PageError> {
    let interaction = ongoing(&visit, query.text("interaction")).await?;
    let page = ForgottenPage { email: String::new(), errors: FieldErrors::none() };
    show_forgotten(visit, interaction.as_ref(), page).await
}

/// The answer is the same for every address.
pub async fn post_forgotten(form: PageForm) -> Result<Response, PageError> {
    let interaction = ongoing(&form.visit, form.fields.get("interaction")).await?;
    let email = form.text("email").to_owned();
    let mut visit = form.visit;
    let karat = visit.web.karat.clone();
    let frame = frame_beside(&mut visit, interaction.as_ref()).await?;
    match karat.request_reset(&email, &visit.browser, visit.locale).await {
        Ok(email) => {
            let minutes = karat.settings.password_reset.lifetime.0 / 60;
            visit.page(&ForgottenSentPage { email: email.to_string(), minutes }, &frame)
        }
        Err(refused) => {
            let page = ForgottenPage { email, errors: errors_of(refused)? };
            show_forgotten(visit, interaction.as_ref(), page).await
        }
    }
}

pub async fn get_reset(visit: Visit, query: PageQuery) -> Result<Response, PageError> {
    let token = query.text("token").unwrap_or_default().to_owned();
    if let Err(refused) = visit.web.karat.reset_is_open(&token).await {
        errors_of(refused)?;
    }
    show_reset(visit, token, FieldErrors::none())
}

pub async fn post_reset(form: PageForm) -> Result<Response, PageError> {
    let (token, password) = (form.text("token").to_owned(), Secret::new(form.text("new_password")));
    let mut visit = form.visit;
    let karat = visit.web.karat.clone();
    match karat.reset_password(&token, &password, &visit.browser).await {
        Ok(reset) => {
            if visit.signed_in.as_ref().is_some_and(|signed_in| signed_in.user.id == reset.user_id) {
                visit.sign_out();
            }
            let lifetime = karat.settings.sessions.known_device_lifetime;
            visit.set_cookie(Cookie::Device, reset.device.expose(), Some(lifetime));
            Ok(visit.see_other("/password/done"))
        }
        Err(refused) => show_reset(visit, token, errors_of(refused)?),
    }
}

/// A reset never logs in.
pub async fn get_done(visit: Visit) -> Result<Response, PageError> {
    let frame = visit.frame();
    visit.page(&ResetDonePage {}, &frame)
}

async fn show_forgotten(
    mut visit: Visit,
    interaction: Option<&Interaction>,
    page: ForgottenPage,
) -> Result<Response, PageError> {
    let frame = frame_beside(&mut visit, interaction).await?;
    visit.page(&page, &frame)
}

fn show_reset(visit: Visit, token: String, errors: FieldErrors) -> Result<Response, PageError> {
    let mut frame = visit.frame();
    frame.path = format!("/password/reset?token={token}");
    let min_password = visit.web.karat.settings.passwords.minimum_length;
    visit.page(&ResetPage { token, min_password, errors }, &frame)
}
