//! `/account/security/recovery-codes`: a new set, shown once.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::super::notice::Notice;
use super::super::owner::{OwnerForm, OwnerVisit};
use super::super::{PageQuery, errors_of, ongoing};
use crate::flow::Refused;
use crate::flow::authorize::Interaction;
use crate::http::error::PageError;
use crate::pages::enrolment::{NewRecoveryCodesPage, RecoveryCodesPage};

const PATH: &str = "/account/security/recovery-codes";

pub async fn get(at: OwnerVisit, query: PageQuery) -> Result<Response, PageError> {
    let interaction = ongoing(&at.visit, query.text("interaction")).await?;
    show(at, interaction.as_ref()).await
}

/// The only answer that ever holds the codes. It is not kept by the browser, and asking again makes others.
pub async fn post(form: OwnerForm) -> Result<Response, PageError> {
    let interaction = ongoing(&form.at.visit, form.fields.get("interaction")).await?;
    let at = form.at;
    match at.visit.web.karat.make_recovery_codes(at.owner()).await {
        Ok(codes) => {
            let next = match &interaction {
                Some(interaction) => format!("/authorize/{}", interaction.id),
                None => super::ROOM.to_owned(),
            };
            let page = NewRecoveryCodesPage::new(&codes, &at.visit.web.karat.renderer, next);
            at.page_within(PATH, interaction.as_ref(), &page)
        }
        Err(Refused::ProveFirst) => show(at, interaction.as_ref()).await,
        // The session ended while the page was open, or the last authenticator went.
        Err(Refused::Gone) => Ok(at.visit.see_other(super::ROOM)),
        Err(Refused::Form(_)) => Ok(at.go(super::ROOM, Notice::SettingsLocked)),
        Err(refused) => errors_of(refused).and(Err(PageError::FormExpired)),
    }
}

/// What the page has shown, as a file. The codes come from the page itself: the server has only their hashes.
pub async fn download(form: OwnerForm) -> Result<Response, PageError> {
    let codes: Vec<&str> = form.text("codes").split(' ').filter(|code| is_code(code)).take(20).collect();
    let brand = form.at.visit.web.karat.renderer.brand_name().to_owned();
    let text = format!("{brand}: {}\r\n\r\n{}\r\n", form.at.signed_in.user.email, codes.join("\r\n"));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"recovery-codes.txt\"")),
    ];
    Ok((headers, text).into_response())
}

fn is_code(text: &str) -> bool {
    text.len() == 11 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

async fn show(at: OwnerVisit, interaction: Option<&Interaction>) -> Result<Response, PageError> {
    let at = match at.fresh("recovery-codes", interaction).await? {
        Ok(at) => at,
        Err(proof) => return Ok(proof),
    };
    let karat = at.visit.web.karat.clone();
    if !karat.enrolled(at.signed_in.user.id).await?.has_second_factor() {
        return Ok(at.visit.see_other(super::ROOM));
    }
    if karat.settings_open(&at.signed_in.user).is_err() {
        return Ok(at.go(super::ROOM, Notice::SettingsLocked));
    }
    let codes = karat.store.recovery_codes_of(at.signed_in.user.id).await?;
    let later = match interaction {
        Some(interaction) => format!("/authorize/{}", interaction.id),
        None => super::ROOM.to_owned(),
    };
    let page = RecoveryCodesPage { left: codes.left, made_at: codes.made_at, later };
    at.page_within(PATH, interaction, &page)
}
