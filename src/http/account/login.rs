//! `/login`: e-mail address and password. Within an interaction it returns to the dispatcher, else to the account.

use axum::http::HeaderMap;
use axum::response::Response;

use super::notice::Notice;
use super::{PageQuery, place, place_for};
use crate::crypto::token::Secret;
use crate::flow::authorize::Interaction;
use crate::flow::login::{LoginOutcome, NewSession, Towards};
use crate::flow::throttle::TooMany;
use crate::http::error::PageError;
use crate::http::form::PageForm;
use crate::http::visit::Visit;
use crate::pages::login::{LoginAs, LoginPage};
use crate::pages::{FieldError, FieldErrors, Message, keys};

pub async fn get(headers: HeaderMap, mut visit: Visit, query: PageQuery) -> Result<Response, PageError> {
    let Some(id) = query.text("interaction") else {
        if visit.signed_in.is_some() {
            return Ok(visit.see_other(place_for(query.text("next"))));
        }
        let next = place(query.text("next")).map(|(slug, _)| slug);
        let page = LoginPage { email: String::new(), who: LoginAs::Anyone, next, errors: FieldErrors::none() };
        let notice = Notice::take(&headers, &mut visit);
        let mut frame = visit.frame();
        frame.notice = notice;
        return visit.page(&page, &frame);
    };
    let interaction = visit.interaction(id).await?;
    let (email, who) = expected(&visit, &interaction);
    let notice = Notice::take(&headers, &mut visit);
    let page = LoginPage { email, who, next: None, errors: FieldErrors::none() };
    show_within(visit, &interaction, page, notice).await
}

pub async fn post(form: PageForm) -> Result<Response, PageError> {
    let email = form.text("email").to_owned();
    let password = Secret::new(form.text("password"));
    let next = form.fields.get("next").map(str::to_owned);
    let interaction = match form.fields.get("interaction") {
        Some(id) => Some(form.visit.interaction(id).await?),
        None => None,
    };
    let visit = form.visit;
    let karat = visit.web.karat.clone();
    let towards = Towards {
        interaction: interaction.as_ref().map(|interaction| interaction.id.clone()),
        room: place(next.as_deref()).map(|(slug, _)| slug.to_owned()),
    };
    let outcome = karat.log_in(&email, &password, &visit.browser, visit.signed_in.as_ref(), &towards).await?;
    let errors = match outcome {
        LoginOutcome::SignedIn(begun) => return logged_in(visit, *begun, interaction.as_ref(), next.as_deref()).await,
        LoginOutcome::Pending => {
            let path = match &interaction {
                Some(interaction) => format!("/authorize/{}", interaction.id),
                None => "/mfa".to_owned(),
            };
            return Ok(visit.see_other(&path));
        }
        LoginOutcome::Locked => return Err(PageError::Refused),
        LoginOutcome::Wrong => FieldErrors::from(FieldError::whole_form(Message::new(keys::CREDENTIALS_WRONG))),
        LoginOutcome::TooMany(wait) => FieldErrors::from(FieldError::whole_form(throttled(wait))),
    };
    match interaction {
        Some(interaction) => {
            let (_, who) = expected(&visit, &interaction);
            show_within(visit, &interaction, LoginPage { email, who, next: None, errors }, None).await
        }
        None => {
            let frame = visit.frame();
            let next = place(next.as_deref()).map(|(slug, _)| slug);
            visit.page(&LoginPage { email, who: LoginAs::Anyone, next, errors }, &frame)
        }
    }
}

/// Takes over the session and leads on: back to the app's dispatcher, or to the room of the account.
pub(super) async fn logged_in(
    mut visit: Visit,
    begun: NewSession,
    interaction: Option<&Interaction>,
    room: Option<&str>,
) -> Result<Response, PageError> {
    let karat = visit.web.karat.clone();
    let user = begun.signed_in.user.id;
    visit.sign_in(begun.signed_in, &begun.token, begun.device.as_ref());
    let path = match interaction {
        Some(interaction) => {
            karat.note_login(interaction, user).await?;
            format!("/authorize/{}", interaction.id)
        }
        None if karat.has_accepted_terms(user).await? => place_for(room).to_owned(),
        None => match place(room) {
            Some((slug, _)) => format!("/terms/accept?next={slug}"),
            None => "/terms/accept".to_owned(),
        },
    };
    Ok(visit.see_other(&path))
}

pub fn throttled(wait: TooMany) -> Message {
    Message::new(keys::THROTTLED).with("minutes", (wait.retry_after.0 + 59) / 60)
}

async fn show_within(
    mut visit: Visit,
    interaction: &Interaction,
    page: LoginPage,
    notice: Option<Message>,
) -> Result<Response, PageError> {
    let mut frame = visit.frame_within(interaction).await?;
    frame.notice = notice;
    visit.page_with_target(&page, &frame, Some(&interaction.request.reply.redirect_uri))
}

/// Whose address stands in the field, and why the person is asked. Somebody signed in who comes here was sent by the
/// dispatcher to log in again.
fn expected(visit: &Visit, interaction: &Interaction) -> (String, LoginAs) {
    match &visit.signed_in {
        Some(signed_in) if interaction.request.expected_user.is_none_or(|expected| expected == signed_in.user.id) => {
            (signed_in.user.email.to_string(), LoginAs::AgainForApp)
        }
        _ => (interaction.request.login_hint.clone().unwrap_or_default(), LoginAs::Anyone),
    }
}
