//! `/account/security/phrase`.

use axum::response::Response;

use super::{PATH, refused_here};
use crate::domain::phrase::Phrase;
use crate::flow::Refused;
use crate::http::account::errors_of;
use crate::http::account::notice::Notice;
use crate::http::account::owner::{OwnerForm, OwnerVisit};
use crate::http::error::PageError;
use crate::pages::FieldErrors;
use crate::pages::security::PhrasePage;

pub async fn get(at: OwnerVisit) -> Result<Response, PageError> {
    let at = match at.fresh("phrase", None).await? {
        Ok(at) => at,
        Err(answer) => return Ok(answer),
    };
    show(at, String::new(), FieldErrors::none())
}

pub async fn post(form: OwnerForm) -> Result<Response, PageError> {
    let typed = form.text("phrase").to_owned();
    let at = form.at;
    let karat = at.visit.web.karat.clone();
    match karat.choose_phrase(at.owner(), &typed).await {
        Ok(()) => Ok(at.go("/account/security/phrase", Notice::PhraseChanged)),
        Err(refused @ Refused::Form(_)) => show(at, typed, errors_of(refused)?),
        Err(refused) => refused_here(at, refused),
    }
}

pub async fn post_remove(form: OwnerForm) -> Result<Response, PageError> {
    let at = form.at;
    let karat = at.visit.web.karat.clone();
    match karat.remove_phrase(at.owner()).await {
        Ok(()) => Ok(at.go(PATH, Notice::PhraseRemoved)),
        Err(refused) => refused_here(at, refused),
    }
}

fn show(at: OwnerVisit, typed: String, errors: FieldErrors) -> Result<Response, PageError> {
    let phrase = at.signed_in.user.protection.phrase.as_ref().map(Phrase::expose).map(str::to_owned);
    at.page("/account/security/phrase", &PhrasePage { phrase, typed, errors })
}
