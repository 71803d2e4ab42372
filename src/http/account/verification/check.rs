//! `/verify/check`, where the person looks once more and submits, and `/verify/status`, which says what came of it.

use axum::response::Response;

use super::super::owner::{OwnerForm, OwnerVisit};
use super::super::{PageQuery, ongoing, within_interaction};
use super::begin::wanted;
use super::{AtStep, VERIFY, beside, elsewhere, interaction_of, offered, rows, way_on};
use crate::domain::kyc::{CaseState, DocumentKind, Provider, Reason};
use crate::flow::Refused;
use crate::flow::kyc::Step;
use crate::flow::kyc::entries::{AddressEntry, DetailsEntry};
use crate::http::error::PageError;
use crate::pages::verification::{CheckPage, CheckedDocument, CheckedFunds, CheckedProof, Outcome, StatusPage};

const STATUS: &str = "/verify/status";

pub async fn get(at: OwnerVisit, query: PageQuery) -> Result<Response, PageError> {
    let here = match AtStep::of(at, query.text("interaction"), None).await? {
        Ok(here) => here,
        Err(elsewhere) => return Ok(elsewhere),
    };
    if here.open.next_step().is_some() {
        let path = within_interaction(&way_on(&here.open), here.interaction.as_ref());
        return Ok(here.at.visit.see_other(&path));
    }
    let (karat, open) = (here.at.visit.web.karat.clone(), &here.open);
    let (draft, shown) = (&open.draft, |kind| rows::shown(open, kind));
    let phone = match open.takes(Step::Phone) {
        true => karat.phone_of(&here.at.signed_in.user).await?,
        false => None,
    };
    let page = CheckPage {
        progress: rows::progress(open, None),
        form: rows::details_form(DetailsEntry::from(&draft.attributes)),
        number: phone.map(|(_, number)| number.masked()),
        address: draft
            .attributes
            .address
            .as_ref()
            .filter(|_| open.takes(Step::Address))
            .map(|address| rows::address_form(AddressEntry::from(address))),
        document: draft.document.as_ref().filter(|_| open.takes(Step::Document)).map(|document| CheckedDocument {
            kind: document.kind.as_str(),
            issued_by: document.issued_by.to_string(),
            number: document.number.clone(),
            expires_on: document.expires_on.clone(),
            front: shown(DocumentKind::Front),
            back: shown(DocumentKind::Back),
        }),
        selfie: shown(DocumentKind::Selfie),
        address_proof: draft.address_proof.as_ref().map(|proof| CheckedProof {
            kind: proof.kind.as_str(),
            issued_on: proof.issued_on.clone(),
            shown: shown(DocumentKind::AddressProof),
        }),
        funds: draft.funds.as_ref().map(|funds| CheckedFunds {
            source: funds.source.as_str(),
            note: funds.note.clone(),
            shown: shown(DocumentKind::FundsProof),
        }),
        review: rows::review(&karat, open.case.tier),
    };
    here.show("/verify/check", &page)
}

pub async fn post(form: OwnerForm) -> Result<Response, PageError> {
    let karat = form.at.visit.web.karat.clone();
    offered(&karat)?;
    let interaction = ongoing(&form.at.visit, form.fields.get("interaction")).await?;
    let at = form.at;
    let path = match karat.submit_application(at.owner()).await {
        Ok(_) => STATUS,
        Err(Refused::Gone) => VERIFY,
        Err(refused) => super::super::errors_of(refused).map(|_| VERIFY)?,
    };
    Ok(at.visit.see_other(&within_interaction(path, interaction.as_ref())))
}

/// Of the last application.
pub async fn get_status(at: OwnerVisit, query: PageQuery) -> Result<Response, PageError> {
    let karat = at.visit.web.karat.clone();
    offered(&karat)?;
    let interaction = interaction_of(&at, &query).await?;
    let interaction = interaction.as_ref();
    let Some(case) = karat.store.kyc_cases(at.signed_in.user.id).await?.into_iter().next() else {
        return Ok(at.visit.see_other(&within_interaction(VERIFY, interaction)));
    };
    let outcome = match case.state {
        CaseState::Submitted | CaseState::Proposed => Outcome::UnderReview,
        CaseState::Approved => Outcome::Approved,
        CaseState::RejectedRetry => Outcome::Rejected,
        CaseState::RejectedFinal => Outcome::RejectedFinally,
        // With a provider, who tells when there is something to tell.
        CaseState::Collecting if case.provider != Provider::Review => Outcome::UnderReview,
        CaseState::Collecting => return Ok(at.visit.see_other(&within_interaction(VERIFY, interaction))),
        // In another browser, or by nobody finishing it.
        CaseState::Abandoned => return Ok(at.visit.see_other(&elsewhere(interaction))),
    };
    let page = StatusPage {
        now: karat.now(),
        level: case.tier.level(),
        outcome,
        submitted_at: case.submitted_at,
        review: rows::review(&karat, case.tier),
        reason: case.reason.map(Reason::told),
        may_go_without: match interaction {
            Some(interaction) => wanted(&at, interaction).await?.is_some(),
            None => false,
        },
        back: interaction.map(|interaction| format!("/authorize/{}", interaction.id)),
    };
    beside(at, STATUS, interaction, &page).await
}
