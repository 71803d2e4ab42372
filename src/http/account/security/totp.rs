//! `/account/security/totp`: adding an authenticator app, or another in its place.

use axum::response::Response;

use super::super::notice::Notice;
use super::super::owner::{OwnerForm, OwnerVisit};
use super::super::{PageQuery, errors_of, ongoing};
use super::enrolled;
use crate::flow::Refused;
use crate::flow::authorize::Interaction;
use crate::http::error::PageError;
use crate::pages::FieldErrors;
use crate::pages::enrolment::AddTotpPage;

const PATH: &str = "/account/security/totp";

pub async fn get(at: OwnerVisit, query: PageQuery) -> Result<Response, PageError> {
    let interaction = ongoing(&at.visit, query.text("interaction")).await?;
    show(at, interaction.as_ref(), String::new(), FieldErrors::none()).await
}

pub async fn post(form: OwnerForm) -> Result<Response, PageError> {
    let (code, name) = (form.text("code").to_owned(), form.text("name").to_owned());
    let interaction = ongoing(&form.at.visit, form.fields.get("interaction")).await?;
    let at = form.at;
    match at.visit.web.karat.add_totp(at.owner(), &name, &code).await {
        Ok(verified) => enrolled(at, &verified, interaction.as_ref(), Notice::TotpAdded).await,
        // The secret that was shown has been forgotten meanwhile: a new one is shown, and has to be read again.
        Err(Refused::Gone | Refused::ProveFirst) => show(at, interaction.as_ref(), name, FieldErrors::none()).await,
        Err(refused) => show(at, interaction.as_ref(), name, errors_of(refused)?).await,
    }
}

async fn show(
    at: OwnerVisit,
    interaction: Option<&Interaction>,
    name: String,
    errors: FieldErrors,
) -> Result<Response, PageError> {
    let at = match at.fresh("totp", interaction).await? {
        Ok(at) => at,
        Err(proof) => return Ok(proof),
    };
    let karat = at.visit.web.karat.clone();
    if karat.settings_open(&at.signed_in.user).is_err() {
        return Ok(at.go(super::ROOM, Notice::SettingsLocked));
    }
    let replaces = karat.enrolled(at.signed_in.user.id).await?.totp;
    let page = AddTotpPage::new(&karat.new_totp(at.owner()).await?, replaces, name, errors)?;
    at.page_within(PATH, interaction, &page)
}
