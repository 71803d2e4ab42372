//! `/select-account`: go on as who is signed in, or as somebody else.

use axum::response::Response;

use super::PageQuery;
use crate::http::error::PageError;
use crate::http::form::PageForm;
use crate::http::visit::Visit;
use crate::pages::login::SelectAccountPage;

pub async fn get(mut visit: Visit, query: PageQuery) -> Result<Response, PageError> {
    let interaction = visit.interaction(query.text("interaction").unwrap_or_default()).await?;
    let Some(signed_in) = &visit.signed_in else {
        let path = format!("/login?interaction={}", interaction.id);
        return Ok(visit.see_other(&path));
    };
    let page = SelectAccountPage { email: signed_in.user.email.to_string(), name: signed_in.user.profile.name.clone() };
    let frame = visit.frame_within(&interaction).await?;
    visit.page_with_target(&page, &frame, Some(&interaction.request.reply.redirect_uri))
}

/// "Somebody else" ends the session here: the next log-in is another person's.
pub async fn post(form: PageForm) -> Result<Response, PageError> {
    let interaction = form.visit.interaction(form.text("interaction")).await?;
    let goes_on = form.text("choice") == "continue";
    let mut visit = form.visit;
    let karat = visit.web.karat.clone();
    if let Some(signed_in) = visit.signed_in.clone() {
        if goes_on {
            karat.note_choice(&interaction, signed_in.user.id).await?;
        } else {
            karat.log_out(&signed_in).await?;
            visit.sign_out();
        }
    }
    Ok(visit.see_other(&format!("/authorize/{}", interaction.id)))
}
