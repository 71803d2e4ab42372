//! `/consent`: what the app would get, and yes or no.

use axum::response::Response;

use super::PageQuery;
use crate::flow::authorize::{ConsentQuestion, Interaction};
use crate::http::error::PageError;
use crate::http::form::PageForm;
use crate::http::visit::Visit;
use crate::pages::consent::{ConsentPage, ConsentScope};

pub async fn get(mut visit: Visit, query: PageQuery) -> Result<Response, PageError> {
    let interaction = visit.interaction(query.text("interaction").unwrap_or_default()).await?;
    let Some((question, email)) = question(&visit, &interaction).await? else {
        return Ok(visit.see_other(&format!("/authorize/{}", interaction.id)));
    };
    let scopes = question.items.iter().map(|item| match question.remembered.contains(item) {
        true => ConsentScope::granted_before(item),
        false => ConsentScope::asked(item),
    });
    let page = ConsentPage { email, scopes: scopes.collect() };
    let frame = visit.frame_within(&interaction).await?;
    visit.page_with_target(&page, &frame, Some(&interaction.request.reply.redirect_uri))
}

/// The question is asked anew from what is stored: nothing the form says widens it.
pub async fn post(form: PageForm) -> Result<Response, PageError> {
    let interaction = form.visit.interaction(form.text("interaction")).await?;
    let decision = form.text("decision").to_owned();
    let visit = form.visit;
    let karat = visit.web.karat.clone();
    if let (Some(signed_in), Some((question, _))) = (&visit.signed_in, question(&visit, &interaction).await?) {
        match decision.as_str() {
            "allow" => karat.note_consent(&interaction, signed_in, &question).await?,
            "deny" => karat.note_denial(&interaction).await?,
            _ => return Err(PageError::bad_request("decision must be allow or deny")),
        }
    }
    Ok(visit.see_other(&format!("/authorize/{}", interaction.id)))
}

async fn question(visit: &Visit, interaction: &Interaction) -> Result<Option<(ConsentQuestion, String)>, PageError> {
    let Some(signed_in) = &visit.signed_in else { return Ok(None) };
    let question = visit.web.karat.consent_question(interaction, signed_in, &visit.browser).await?;
    Ok(question.map(|question| (question, signed_in.user.email.to_string())))
}
