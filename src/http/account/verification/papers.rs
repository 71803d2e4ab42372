//! `/verify/document`, `/verify/selfie`, `/verify/address-proof`, `/verify/funds`: what a person shows.

use axum::response::Response;

use super::super::PageQuery;
use super::super::owner::OwnerVisit;
use super::upload::UploadForm;
use super::{AtStep, rows};
use crate::domain::kyc::DocumentKind;
use crate::domain::time::Seconds;
use crate::flow::kyc::Step;
use crate::flow::kyc::draft::FundsSource;
use crate::flow::kyc::papers::{AddressProofEntry, DocumentEntry, FundsEntry};
use crate::http::error::PageError;
use crate::pages::FieldErrors;
use crate::pages::verification::{AddressProofPage, DocumentPage, FundsPage, SelfiePage};

pub async fn get_document(at: OwnerVisit, query: PageQuery) -> Result<Response, PageError> {
    let here = match AtStep::of(at, query.text("interaction"), Some(Step::Document)).await? {
        Ok(here) => here,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let entry = here.open.draft.document.as_ref().map(DocumentEntry::from).unwrap_or_default();
    show_document(here, entry, FieldErrors::none())
}

pub async fn post_document(mut form: UploadForm) -> Result<Response, PageError> {
    let text = |name| form.text(name).to_owned();
    let entry = DocumentEntry {
        kind: text("kind"),
        issued_by: text("issued_by"),
        number: text("number"),
        expires_on: text("expires_on"),
    };
    let sides = (form.take("front"), form.take("back"));
    let here = match here(form, Step::Document).await? {
        Ok(here) => here,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let karat = here.at.visit.web.karat.clone();
    match karat.keep_document(here.at.owner(), &entry, sides).await {
        Ok(()) => here.go_on().await,
        Err(refused) => match here.errors(refused)? {
            Ok((here, errors)) => show_document(here, entry, errors),
            Err(elsewhere) => Ok(elsewhere),
        },
    }
}

fn show_document(here: AtStep, entry: DocumentEntry, errors: FieldErrors) -> Result<Response, PageError> {
    let page = DocumentPage {
        progress: rows::progress(&here.open, Some(Step::Document)),
        kind: entry.kind,
        issued_by: entry.issued_by,
        number: entry.number,
        expires_on: entry.expires_on,
        front: rows::shown(&here.open, DocumentKind::Front),
        back: rows::shown(&here.open, DocumentKind::Back),
        megabytes: rows::megabytes(&here.at.visit.web.karat),
        errors,
    };
    here.show("/verify/document", &page)
}

pub async fn get_selfie(at: OwnerVisit, query: PageQuery) -> Result<Response, PageError> {
    match AtStep::of(at, query.text("interaction"), Some(Step::Selfie)).await? {
        Ok(here) => show_selfie(here, FieldErrors::none()),
        Err(elsewhere) => Ok(elsewhere),
    }
}

pub async fn post_selfie(mut form: UploadForm) -> Result<Response, PageError> {
    let picture = form.take("selfie");
    let here = match here(form, Step::Selfie).await? {
        Ok(here) => here,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let karat = here.at.visit.web.karat.clone();
    match karat.keep_selfie(here.at.owner(), picture).await {
        Ok(()) => here.go_on().await,
        Err(refused) => match here.errors(refused)? {
            Ok((here, errors)) => show_selfie(here, errors),
            Err(elsewhere) => Ok(elsewhere),
        },
    }
}

fn show_selfie(here: AtStep, errors: FieldErrors) -> Result<Response, PageError> {
    let page = SelfiePage {
        progress: rows::progress(&here.open, Some(Step::Selfie)),
        selfie: rows::shown(&here.open, DocumentKind::Selfie),
        megabytes: rows::megabytes(&here.at.visit.web.karat),
        errors,
    };
    here.show("/verify/selfie", &page)
}

pub async fn get_address_proof(at: OwnerVisit, query: PageQuery) -> Result<Response, PageError> {
    let here = match AtStep::of(at, query.text("interaction"), Some(Step::AddressProof)).await? {
        Ok(here) => here,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let entry = here.open.draft.address_proof.as_ref().map(AddressProofEntry::from).unwrap_or_default();
    show_address_proof(here, entry, FieldErrors::none())
}

pub async fn post_address_proof(mut form: UploadForm) -> Result<Response, PageError> {
    let text = |name| form.text(name).to_owned();
    let entry = AddressProofEntry { kind: text("kind"), issued_on: text("issued_on") };
    let paper = form.take("address_proof");
    let here = match here(form, Step::AddressProof).await? {
        Ok(here) => here,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let karat = here.at.visit.web.karat.clone();
    match karat.keep_address_proof(here.at.owner(), &entry, paper).await {
        Ok(()) => here.go_on().await,
        Err(refused) => match here.errors(refused)? {
            Ok((here, errors)) => show_address_proof(here, entry, errors),
            Err(elsewhere) => Ok(elsewhere),
        },
    }
}

fn show_address_proof(here: AtStep, entry: AddressProofEntry, errors: FieldErrors) -> Result<Response, PageError> {
    let karat = here.at.visit.web.karat.clone();
    let page = AddressProofPage {
        progress: rows::progress(&here.open, Some(Step::AddressProof)),
        kind: entry.kind,
        issued_on: entry.issued_on,
        address_proof: rows::shown(&here.open, DocumentKind::AddressProof),
        oldest: karat.settings.kyc.address_proof_age.0 / Seconds::days(1).0,
        megabytes: rows::megabytes(&karat),
        errors,
    };
    here.show("/verify/address-proof", &page)
}

pub async fn get_funds(at: OwnerVisit, query: PageQuery) -> Result<Response, PageError> {
    let here = match AtStep::of(at, query.text("interaction"), Some(Step::Funds)).await? {
        Ok(here) => here,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let entry = here.open.draft.funds.as_ref().map(FundsEntry::from).unwrap_or_default();
    show_funds(here, entry, FieldErrors::none())
}

pub async fn post_funds(mut form: UploadForm) -> Result<Response, PageError> {
    let entry = FundsEntry { source: form.text("source").to_owned(), note: form.text("note").to_owned() };
    let paper = form.take("funds_proof");
    let here = match here(form, Step::Funds).await? {
        Ok(here) => here,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let karat = here.at.visit.web.karat.clone();
    match karat.keep_funds(here.at.owner(), &entry, paper).await {
        Ok(()) => here.go_on().await,
        Err(refused) => match here.errors(refused)? {
            Ok((here, errors)) => show_funds(here, entry, errors),
            Err(elsewhere) => Ok(elsewhere),
        },
    }
}

fn show_funds(here: AtStep, entry: FundsEntry, errors: FieldErrors) -> Result<Response, PageError> {
    let page = FundsPage {
        progress: rows::progress(&here.open, Some(Step::Funds)),
        source: entry.source,
        sources: FundsSource::ALL.into_iter().map(FundsSource::as_str).collect(),
        note: entry.note,
        funds_proof: rows::shown(&here.open, DocumentKind::FundsProof),
        megabytes: rows::megabytes(&here.at.visit.web.karat),
        errors,
    };
    here.show("/verify/funds", &page)
}

async fn here(form: UploadForm, step: Step) -> Result<Result<AtStep, Response>, PageError> {
    let interaction = form.text("interaction").to_owned();
    let here = AtStep::of(form.at, Some(interaction.as_str()).filter(|id| !id.is_empty()), Some(step)).await?;
    Ok(here.map(|here| AtStep { _room: Some(form.room), ..here }))
}
