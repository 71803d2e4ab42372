//! `/terms`: the terms of the configured version. `/terms/accept`: for who has not accepted it yet.

use axum::response::Response;

use super::{PageQuery, errors_of, frame_beside, ongoing, place, place_for, within_interaction};
use crate::flow::authorize::Interaction;
use crate::http::error::PageError;
use crate::http::form::PageForm;
use crate::http::visit::Visit;
use crate::pages::FieldErrors;
use crate::pages::terms::{AcceptTermsPage, TermsPage};

pub async fn get(visit: Visit) -> Result<Response, PageError> {
    let karat = visit.web.karat.clone();
    let terms = &karat.settings.terms;
    if let Some(url) = &terms.url {
        return Ok(visit.see_other(url.as_str()));
    }
    let frame = visit.frame();
    visit.page(&TermsPage { version: terms.version.clone(), text: karat.terms_text.clone() }, &frame)
}

pub async fn get_accept(visit: Visit, query: PageQuery) -> Result<Response, PageError> {
    let interaction = ongoing(&visit, query.text("interaction")).await?;
    let next = place(query.text("next")).map(|(slug, _)| slug);
    show(visit, interaction.as_ref(), next, FieldErrors::none()).await
}

pub async fn post_accept(form: PageForm) -> Result<Response, PageError> {
    let interaction = ongoing(&form.visit, form.fields.get("interaction")).await?;
    let next = place(form.fields.get("next")).map(|(slug, _)| slug);
    let (version, accepts) = (form.text("terms_version").to_owned(), form.text("accept_terms") == "yes");
    let visit = form.visit;
    let karat = visit.web.karat.clone();
    let accepted = match &visit.signed_in {
        Some(signed_in) => karat.accept_terms(signed_in, &version, accepts).await,
        None => Ok(()),
    };
    match accepted {
        Ok(()) => {
            let path = interaction.map(|interaction| format!("/authorize/{}", interaction.id));
            Ok(visit.see_other(&path.unwrap_or_else(|| place_for(next).to_owned())))
        }
        Err(refused) => show(visit, interaction.as_ref(), next, errors_of(refused)?).await,
    }
}

async fn show(
    mut visit: Visit,
    interaction: Option<&Interaction>,
    next: Option<&'static str>,
    errors: FieldErrors,
) -> Result<Response, PageError> {
    if visit.signed_in.is_none() {
        return Ok(visit.see_other(&within_interaction("/login", interaction)));
    }
    let version = visit.web.karat.settings.terms.version.clone();
    let frame = frame_beside(&mut visit, interaction).await?;
    let target = interaction.map(|interaction| interaction.request.reply.redirect_uri.clone());
    visit.page_with_target(&AcceptTermsPage { version, next, errors }, &frame, target.as_deref())
}
