//! `/verify/details`, `/verify/phone`, `/verify/address`: what a person says.

use axum::response::Response;

use super::super::PageQuery;
use super::super::owner::{OwnerForm, OwnerVisit};
use super::{AtStep, rows};
use crate::flow::kyc::Step;
use crate::flow::kyc::entries::{AddressEntry, DetailsEntry};
use crate::http::error::PageError;
use crate::pages::FieldErrors;
use crate::pages::verification::{AddressPage, DetailsPage, PhoneStepPage};

pub async fn get_details(at: OwnerVisit, query: PageQuery) -> Result<Response, PageError> {
    match AtStep::of(at, query.text("interaction"), Some(Step::Details)).await? {
        Ok(here) => {
            let entry = DetailsEntry::from(&here.open.draft.attributes);
            show_details(here, entry, FieldErrors::none())
        }
        Err(elsewhere) => Ok(elsewhere),
    }
}

pub async fn post_details(form: OwnerForm) -> Result<Response, PageError> {
    let text = |name| form.text(name).to_owned();
    let entry = DetailsEntry {
        given_name: text("given_name"),
        middle_name: text("middle_name"),
        family_name: text("family_name"),
        birthdate: text("birthdate"),
        nationality: text("nationality"),
        second_nationality: text("second_nationality"),
        residence: text("residence"),
    };
    let interaction = form.fields.get("interaction").map(str::to_owned);
    let here = match AtStep::of(form.at, interaction.as_deref(), Some(Step::Details)).await? {
        Ok(here) => here,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let karat = here.at.visit.web.karat.clone();
    match karat.keep_details(here.at.owner(), &entry).await {
        Ok(()) => here.go_on().await,
        Err(refused) => match here.errors(refused)? {
            Ok((here, errors)) => show_details(here, entry, errors),
            Err(elsewhere) => Ok(elsewhere),
        },
    }
}

fn show_details(here: AtStep, entry: DetailsEntry, errors: FieldErrors) -> Result<Response, PageError> {
    let page = DetailsPage {
        progress: rows::progress(&here.open, Some(Step::Details)),
        form: rows::details_form(entry),
        minimum_age: here.at.visit.web.karat.settings.kyc.minimum_age,
        errors,
    };
    here.show("/verify/details", &page)
}

pub async fn get_phone(at: OwnerVisit, query: PageQuery) -> Result<Response, PageError> {
    let here = match AtStep::of(at, query.text("interaction"), Some(Step::Phone)).await? {
        Ok(here) => here,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let phone = here.at.visit.web.karat.phone_of(&here.at.signed_in.user).await?;
    let page = PhoneStepPage {
        progress: rows::progress(&here.open, Some(Step::Phone)),
        number: phone.map(|(_, number)| number.masked()),
    };
    here.show("/verify/phone", &page)
}

pub async fn get_address(at: OwnerVisit, query: PageQuery) -> Result<Response, PageError> {
    match AtStep::of(at, query.text("interaction"), Some(Step::Address)).await? {
        Ok(here) => {
            let entry = here.open.draft.attributes.address.as_ref().map(AddressEntry::from).unwrap_or_default();
            show_address(here, entry, FieldErrors::none())
        }
        Err(elsewhere) => Ok(elsewhere),
    }
}

pub async fn post_address(form: OwnerForm) -> Result<Response, PageError> {
    let text = |name| form.text(name).to_owned();
    let entry = AddressEntry {
        street_address: text("street_address"),
        postal_code: text("postal_code"),
        locality: text("locality"),
        region: text("region"),
    };
    let interaction = form.fields.get("interaction").map(str::to_owned);
    let here = match AtStep::of(form.at, interaction.as_deref(), Some(Step::Address)).await? {
        Ok(here) => here,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let karat = here.at.visit.web.karat.clone();
    match karat.keep_address(here.at.owner(), &entry).await {
        Ok(()) => here.go_on().await,
        Err(refused) => match here.errors(refused)? {
            Ok((here, errors)) => show_address(here, entry, errors),
            Err(elsewhere) => Ok(elsewhere),
        },
    }
}

fn show_address(here: AtStep, entry: AddressEntry, errors: FieldErrors) -> Result<Response, PageError> {
    let page = AddressPage {
        progress: rows::progress(&here.open, Some(Step::Address)),
        form: rows::address_form(entry),
        country: here.open.draft.attributes.residence.map(|country| country.to_string()),
        errors,
    };
    here.show("/verify/address", &page)
}
