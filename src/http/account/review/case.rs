//! `/review/{case}`: one application, and deciding it.

use axum::extract::Path;
use axum::response::Response;

use super::errand::Errand;
use super::{ReviewForm, ReviewNotice, ReviewVisit, rows};
use crate::domain::ids::CaseId;
use crate::domain::kyc::{CaseState, Provider, Reason};
use crate::flow::Karat;
use crate::flow::kyc::dossier::Dossier;
use crate::flow::kyc::review::{Judged, Judgement};
use crate::flow::kyc::staff::{Judge, NotJudged, Reviewer};
use crate::http::error::PageError;
use crate::pages::Locale;
use crate::pages::review::{CasePage, Decide, ProposalRow};

pub async fn get(visit: ReviewVisit, Path(id): Path<String>) -> Result<Response, PageError> {
    let karat = visit.at.visit.web.karat.clone();
    let dossier = karat.dossier(id_of(&id)?).await?.ok_or(PageError::NotFound)?;
    let case = &dossier.case;
    // What is noted about oneself, and which doubts there are, is for others.
    if case.user_id == visit.reviewer.id() {
        return Err(PageError::Refused);
    }
    karat.note_look(&visit.reviewer, (case.user_id, case.id), "application").await?;
    let path = Errand::Case(case.id).path();
    let page = page(&karat, &visit.reviewer, dossier, visit.at.visit.locale);
    visit.at.page(&path, &page)
}

/// To the proof that deciding asks for, and back to the case.
pub async fn get_prove(visit: ReviewVisit, Path(id): Path<String>) -> Result<Response, PageError> {
    let id = id_of(&id)?;
    Ok(visit.prove(Errand::Case(id)))
}

pub async fn post_approve(Path(id): Path<String>, form: ReviewForm) -> Result<Response, PageError> {
    let note = form.text("approve_note").to_owned();
    judge(form, &id, Judgement::Approve, &note).await
}

pub async fn post_reject(Path(id): Path<String>, form: ReviewForm) -> Result<Response, PageError> {
    let note = form.text("reject_note").to_owned();
    let reason = Reason::parse(form.text("reason")).filter(|reason| rows::reasons().contains(reason));
    let reason = reason.ok_or_else(|| PageError::bad_request("reason is none of the reasons"))?;
    let judgement = Judgement::Reject { reason, finally: form.text("final") == "yes" };
    judge(form, &id, judgement, &note).await
}

/// Agrees with what the page showed: the form says what that was, so that nobody agrees with something else.
pub async fn post_confirm(Path(id): Path<String>, form: ReviewForm) -> Result<Response, PageError> {
    let judgement = match form.text("proposed") {
        "approve" => Judgement::Approve,
        reason => {
            let reason = Reason::parse(reason).ok_or_else(|| PageError::bad_request("proposed is no proposal"))?;
            Judgement::Reject { reason, finally: form.text("final") == "yes" }
        }
    };
    judge(form, &id, judgement, "").await
}

pub async fn post_send_back(Path(id): Path<String>, form: ReviewForm) -> Result<Response, PageError> {
    let (id, note) = (id_of(&id)?, form.text("back_note").to_owned());
    let karat = form.visit.at.visit.web.karat.clone();
    let done = karat.send_back(Judge::Reviewer(&form.visit.reviewer), id, &note).await;
    form.visit.done(Errand::Case(id), done.map(|()| ReviewNotice::SentBack))
}

pub async fn post_note(Path(id): Path<String>, form: ReviewForm) -> Result<Response, PageError> {
    let (id, note) = (id_of(&id)?, form.text("words").to_owned());
    let karat = form.visit.at.visit.web.karat.clone();
    let done = karat.add_note(Judge::Reviewer(&form.visit.reviewer), id, &note).await;
    form.visit.done(Errand::Case(id), done.map(|()| ReviewNotice::Noted))
}

async fn judge(form: ReviewForm, id: &str, judgement: Judgement, note: &str) -> Result<Response, PageError> {
    let id = id_of(id)?;
    let visit = form.visit;
    let karat = visit.at.visit.web.karat.clone();
    let judged = karat.judge_case(Judge::Reviewer(&visit.reviewer), id, judgement, note).await;
    let said: Result<ReviewNotice, NotJudged> = judged.map(|judged| match (judged, judgement) {
        (Judged::Proposed, _) => ReviewNotice::Proposed,
        (Judged::Decided, Judgement::Approve) => ReviewNotice::Approved,
        (Judged::Decided, Judgement::Reject { .. }) => ReviewNotice::Rejected,
    });
    visit.done(Errand::Case(id), said)
}

fn id_of(text: &str) -> Result<CaseId, PageError> {
    text.parse().map_err(|_| PageError::NotFound)
}

fn page(karat: &Karat, reviewer: &Reviewer, dossier: Dossier, locale: Locale) -> CasePage {
    let Dossier { case, draft, documents, file } = dossier;
    let decide = match (case.state, case.provider, &case.proposal) {
        _ if !reviewer.decides() => Decide::Nothing,
        (CaseState::Submitted | CaseState::Proposed, Provider::Review, _) if !reviewer.is_fresh() => Decide::Prove,
        (CaseState::Submitted, Provider::Review, _) => Decide::Judge,
        (CaseState::Proposed, Provider::Review, Some(first)) if first.by == reviewer.id() => Decide::TakeBack,
        (CaseState::Proposed, Provider::Review, Some(_)) => Decide::Second,
        (CaseState::Submitted | CaseState::Proposed, ..) => Decide::Provider,
        _ => Decide::Nothing,
    };
    let proposal = case.proposal.as_ref().map(|proposal| ProposalRow {
        by: file.reviewers.get(&proposal.by).cloned().unwrap_or_else(|| proposal.by.to_string()),
        at: proposal.at,
        reason: proposal.reason.map(Reason::as_str),
        finally: proposal.finally,
    });
    CasePage {
        now: karat.now(),
        id: case.id.to_string(),
        person: rows::badge(karat, &file),
        level: case.tier.level(),
        state: case.state.as_str(),
        provider: rows::other_than_us(case.provider),
        reason: case.reason.map(Reason::as_str),
        created_at: case.created_at,
        submitted_at: case.submitted_at,
        decided_at: case.decided_at,
        told: draft.map(|draft| rows::told(karat, draft, locale)),
        documents: documents.iter().map(rows::document).collect(),
        duplicates: file.duplicates.iter().map(rows::duplicate).collect(),
        proposal,
        decide,
        may_note: reviewer.decides(),
        four_eyes: karat.needs_four_eyes(&case),
        reasons: rows::reasons().into_iter().map(Reason::as_str).collect(),
        notes: rows::notes(&file, Some(&case)),
        history: rows::history(&file),
    }
}
