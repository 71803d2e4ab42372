//! `/register`: address, password and terms.

use axum::response::Response;

use super::registration_cookie::Registering;
use super::{PageQuery, errors_of, frame_beside, ongoing, within_interaction};
use crate::crypto::token::Secret;
use crate::flow::authorize::Interaction;
use crate::flow::register::RegistrationForm;
use crate::http::error::PageError;
use crate::http::form::PageForm;
use crate::http::visit::Visit;
use crate::pages::FieldErrors;
use crate::pages::register::RegisterPage;

pub async fn get(visit: Visit, query: PageQuery) -> Result<Response, PageError> {
    let interaction = ongoing(&visit, query.text("interaction")).await?;
    let email = interaction.as_ref().and_then(|interaction| interaction.request.login_hint.clone());
    let email = email.filter(|hint| hint.contains('@')).unwrap_or_default();
    show(visit, interaction.as_ref(), (email, false), FieldErrors::none()).await
}

pub async fn post(form: PageForm) -> Result<Response, PageError> {
    let entry = RegistrationForm {
        email: form.text("email").to_owned(),
        password: Secret::new(form.text("password")),
        accepts_terms: form.text("accept_terms") == "yes",
        terms_version: form.text("terms_version").to_owned(),
    };
    let interaction = ongoing(&form.visit, form.fields.get("interaction")).await?;
    let mut visit = form.visit;
    let karat = visit.web.karat.clone();
    if !karat.settings.registration.enabled {
        return Err(PageError::NotFound);
    }
    // The app's wish for a language counts for the mail, too.
    frame_beside(&mut visit, interaction.as_ref()).await?;
    match karat.register(&entry, &visit.browser, visit.locale).await {
        Ok(ticket) => {
            let path = within_interaction("/register/verify", interaction.as_ref());
            Registering { ticket, interaction: interaction.map(|interaction| interaction.id) }.keep(&mut visit);
            Ok(visit.see_other(&path))
        }
        Err(refused) => {
            let typed = (entry.email, entry.accepts_terms);
            show(visit, interaction.as_ref(), typed, errors_of(refused)?).await
        }
    }
}

async fn show(
    mut visit: Visit,
    interaction: Option<&Interaction>,
    (email, accepted): (String, bool),
    errors: FieldErrors,
) -> Result<Response, PageError> {
    let settings = &visit.web.karat.settings;
    if !settings.registration.enabled {
        return Err(PageError::NotFound);
    }
    let page = RegisterPage {
        email,
        min_password: settings.passwords.minimum_length,
        terms_version: settings.terms.version.clone(),
        accepted,
        errors,
    };
    let frame = frame_beside(&mut visit, interaction).await?;
    visit.page(&page, &frame)
}
