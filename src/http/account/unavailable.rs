//! `/unavailable`: part of what an app asks for cannot be had now. Why, until when, and whether to go on without it.

use axum::response::Response;

use super::PageQuery;
use super::owner::{OwnerForm, OwnerVisit};
use crate::domain::policy::Refusal;
use crate::domain::scope::Scope;
use crate::flow::authorize::Interaction;
use crate::http::error::PageError;
use crate::pages::unavailable::UnavailablePage;

pub async fn get(mut at: OwnerVisit, query: PageQuery) -> Result<Response, PageError> {
    let interaction = at.visit.interaction(query.text("interaction").unwrap_or_default()).await?;
    let Some(refusals) = unavailable(&at, &interaction).await? else {
        return Ok(at.visit.see_other(&format!("/authorize/{}", interaction.id)));
    };
    let karat = at.visit.web.karat.clone();
    let holds = karat.store.holds_of(at.signed_in.user.id, 20).await.map_err(crate::flow::Failure::from)?;
    let last = holds.iter().max_by_key(|hold| hold.ends_at).map(|hold| hold.cause.as_str());
    let page = UnavailablePage::new(&refusals, last, karat.now());
    let frame = at.visit.frame_within(&interaction).await?;
    at.visit.page_with_target(&page, &frame, Some(&interaction.request.reply.redirect_uri))
}

pub async fn post(form: OwnerForm) -> Result<Response, PageError> {
    let interaction = form.at.visit.interaction(form.text("interaction")).await?;
    let decision = form.text("decision").to_owned();
    let at = form.at;
    if let Some(refusals) = unavailable(&at, &interaction).await? {
        let karat = at.visit.web.karat.clone();
        match decision.as_str() {
            "continue" => {
                let scope = Scope::of(refusals.iter().map(|refusal| refusal.scope.as_str()));
                karat.note_going_without(&interaction, at.signed_in.user.id, &scope).await?;
            }
            "back" => karat.note_denial(&interaction).await?,
            _ => return Err(PageError::bad_request("decision must be continue or back")),
        }
    }
    Ok(at.visit.see_other(&format!("/authorize/{}", interaction.id)))
}

async fn unavailable(at: &OwnerVisit, interaction: &Interaction) -> Result<Option<Vec<Refusal>>, PageError> {
    let karat = &at.visit.web.karat;
    Ok(karat.unavailable(interaction, &at.signed_in, &at.visit.browser).await?)
}
