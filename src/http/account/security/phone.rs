//! `/account/security/phone`: a number for codes by SMS, proven by a code, or another in its place.

use axum::response::Response;

use super::super::notice::Notice;
use super::super::owner::{OwnerForm, OwnerVisit};
use super::super::{PageQuery, errors_of, ongoing, within_interaction};
use super::enrolled;
use crate::domain::authentication::Acr;
use crate::flow::Refused;
use crate::flow::authorize::Interaction;
use crate::flow::register::minutes_left;
use crate::http::error::PageError;
use crate::pages::FieldErrors;
use crate::pages::phone::{Better, PendingPhone, PhonePage};

const PATH: &str = "/account/security/phone";

pub async fn get(at: OwnerVisit, query: PageQuery) -> Result<Response, PageError> {
    let interaction = ongoing(&at.visit, query.text("interaction")).await?;
    show(at, interaction.as_ref(), String::new(), FieldErrors::none()).await
}

pub async fn post(form: OwnerForm) -> Result<Response, PageError> {
    let number = form.text("number").to_owned();
    let (at, interaction) = open(form).await?;
    match at.visit.web.karat.ask_for_phone(at.owner(), &number).await {
        Ok(_) => Ok(at.go(&within_interaction(PATH, interaction.as_ref()), Notice::SmsSent)),
        Err(refused) => again(at, interaction.as_ref(), number, refused).await,
    }
}

pub async fn post_code(form: OwnerForm) -> Result<Response, PageError> {
    let code = form.text("code").to_owned();
    let (at, interaction) = open(form).await?;
    match at.visit.web.karat.add_phone(at.owner(), "", &code).await {
        Ok(verified) => enrolled(at, &verified, interaction.as_ref(), Notice::PhoneAdded).await,
        Err(refused) => again(at, interaction.as_ref(), String::new(), refused).await,
    }
}

pub async fn post_resend(form: OwnerForm) -> Result<Response, PageError> {
    let (at, interaction) = open(form).await?;
    match at.visit.web.karat.resend_to_phone(at.owner()).await {
        Ok(_) => Ok(at.go(&within_interaction(PATH, interaction.as_ref()), Notice::SmsSent)),
        Err(refused) => again(at, interaction.as_ref(), String::new(), refused).await,
    }
}

pub async fn post_cancel(form: OwnerForm) -> Result<Response, PageError> {
    let (at, interaction) = open(form).await?;
    at.visit.web.karat.forget_pending_phone(at.owner()).await?;
    Ok(at.visit.see_other(&within_interaction(PATH, interaction.as_ref())))
}

/// A deployment that sends no messages has no such pages.
async fn open(form: OwnerForm) -> Result<(OwnerVisit, Option<Interaction>), PageError> {
    let interaction = ongoing(&form.at.visit, form.fields.get("interaction")).await?;
    match form.at.visit.web.karat.offers_sms() {
        true => Ok((form.at, interaction)),
        false => Err(PageError::NotFound),
    }
}

async fn again(
    at: OwnerVisit,
    interaction: Option<&Interaction>,
    number: String,
    refused: Refused,
) -> Result<Response, PageError> {
    match refused {
        // Cancelled, expired or proven meanwhile; or the proof is too old, and the page leads to it.
        Refused::Gone | Refused::ProveFirst => show(at, interaction, number, FieldErrors::none()).await,
        refused => show(at, interaction, number, errors_of(refused)?).await,
    }
}

async fn show(
    at: OwnerVisit,
    interaction: Option<&Interaction>,
    number: String,
    errors: FieldErrors,
) -> Result<Response, PageError> {
    let karat = at.visit.web.karat.clone();
    if !karat.offers_sms() {
        return Err(PageError::NotFound);
    }
    let at = match at.fresh("phone", interaction).await? {
        Ok(at) => at,
        Err(proof) => return Ok(proof),
    };
    let user = &at.signed_in.user;
    let enrolled = karat.enrolled(user.id).await?;
    let pending = karat
        .pending_phone(at.owner())
        .await?
        .map(|open| PendingPhone { number: open.number.masked(), minutes: minutes_left(open.expires_at, karat.now()) });
    let page = PhonePage {
        current: karat.phone_of(user).await?.map(|(_, number)| number.masked()),
        number,
        pending,
        better: Better {
            totp: !enrolled.totp,
            passkey: enrolled.passkey.is_none() && karat.settings.policy.reach >= Acr::Phr,
        },
        errors,
    };
    at.page_within(PATH, interaction, &page)
}
