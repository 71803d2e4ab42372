//! `/account/security/enrol`: an app, or the operator, asks for a factor that the person does not have yet.

use axum::response::Response;

use super::super::PageQuery;
use super::super::owner::{OwnerForm, OwnerVisit};
use crate::domain::authentication::Acr;
use crate::domain::next_step::EnrolReason;
use crate::flow::authorize::Interaction;
use crate::http::error::PageError;
use crate::pages::enrolment::EnrolPage;

pub async fn get(mut at: OwnerVisit, query: PageQuery) -> Result<Response, PageError> {
    let interaction = at.visit.interaction(query.text("interaction").unwrap_or_default()).await?;
    let Some((least, why)) = missing(&at, &interaction).await? else {
        return Ok(at.visit.see_other(&format!("/authorize/{}", interaction.id)));
    };
    let policy = &at.visit.web.karat.settings.policy;
    let page = EnrolPage {
        passkey: least <= policy.reach && policy.reach >= Acr::Phr,
        totp: least <= Acr::Mfa,
        sms: least <= Acr::MfaSms && policy.sms,
        why: why.into(),
    };
    let frame = at.visit.frame_within(&interaction).await?;
    at.visit.page_with_target(&page, &frame, Some(&interaction.request.reply.redirect_uri))
}

/// "Not now." What the operator requires cannot be declined.
pub async fn post(form: OwnerForm) -> Result<Response, PageError> {
    let interaction = form.at.visit.interaction(form.text("interaction")).await?;
    let at = form.at;
    if let Some((_, EnrolReason::Demanded | EnrolReason::Scope)) = missing(&at, &interaction).await? {
        at.visit.web.karat.note_declined(&interaction, at.signed_in.user.id).await?;
    }
    Ok(at.visit.see_other(&format!("/authorize/{}", interaction.id)))
}

async fn missing(at: &OwnerVisit, interaction: &Interaction) -> Result<Option<(Acr, EnrolReason)>, PageError> {
    let karat = &at.visit.web.karat;
    Ok(karat.missing_enrolment(interaction, &at.signed_in, &at.visit.browser).await?)
}
