//! `/review/people/{id}`: where a person stands, and suspending, reinstating and taking a level back.

use axum::extract::Path;
use axum::response::Response;

use super::errand::Errand;
use super::{ReviewForm, ReviewNotice, ReviewVisit, rows};
use crate::domain::ids::UserId;
use crate::domain::kyc::{Reason, Tier};
use crate::flow::kyc::staff::Judge;
use crate::http::error::PageError;
use crate::pages::review::{AttainedRow, Decide, PersonPage};

pub async fn get(visit: ReviewVisit, Path(id): Path<String>) -> Result<Response, PageError> {
    let id = id_of(&id)?;
    if id == visit.reviewer.id() {
        return Err(PageError::Refused);
    }
    let karat = visit.at.visit.web.karat.clone();
    let file = karat.person_file(id).await?;
    if file.user.is_none() && file.cases.is_empty() {
        return Err(PageError::NotFound);
    }
    let standing = file.user.as_ref().map(|user| &user.kyc);
    let suspended = standing.and_then(|standing| standing.suspended());
    let rejected = standing.and_then(|standing| standing.rejected());
    let attained = standing.map(|standing| standing.attained()).unwrap_or_default().iter();
    let page = PersonPage {
        now: karat.now(),
        person: rows::badge(&karat, &file),
        attained: attained
            .map(|level| AttainedRow { level: level.tier.level(), at: level.at, until: level.until })
            .collect(),
        suspended: suspended.map(|suspended| suspended.reason.as_str()),
        suspended_since: suspended.map(|suspended| suspended.since),
        is_rejected_finally: rejected.is_some_and(|rejected| rejected.finally),
        cases: file.cases.iter().map(rows::of_person).collect(),
        duplicates: file.duplicates.iter().map(rows::duplicate).collect(),
        notes: rows::notes(&file, None),
        history: rows::history(&file),
        decide: match (file.user.is_some(), visit.reviewer.is_fresh()) {
            (false, _) => Decide::Nothing,
            (true, false) => Decide::Prove,
            (true, true) => Decide::Judge,
        },
        reasons: rows::reasons().into_iter().map(Reason::as_str).collect(),
    };
    visit.at.page(&Errand::Person(id).path(), &page)
}

/// To the proof that deciding asks for, and back to the person.
pub async fn get_prove(visit: ReviewVisit, Path(id): Path<String>) -> Result<Response, PageError> {
    let id = id_of(&id)?;
    Ok(visit.prove(Errand::Person(id)))
}

pub async fn post_suspend(Path(id): Path<String>, form: ReviewForm) -> Result<Response, PageError> {
    let (id, note) = (id_of(&id)?, form.text("suspend_note").to_owned());
    let reason = Reason::parse(form.text("reason")).filter(|reason| rows::reasons().contains(reason));
    let reason = reason.ok_or_else(|| PageError::bad_request("reason is none of the reasons"))?;
    let karat = form.visit.at.visit.web.karat.clone();
    let done = karat.suspend_person(Judge::Reviewer(form.visit.reviewer), id, reason, &note).await;
    form.visit.done(Errand::Person(id), done.map(|()| ReviewNotice::Suspended))
}

pub async fn post_reinstate(Path(id): Path<String>, form: ReviewForm) -> Result<Response, PageError> {
    let (id, note) = (id_of(&id)?, form.text("reinstate_note").to_owned());
    let karat = form.visit.at.visit.web.karat.clone();
    let done = karat.reinstate_person(Judge::Reviewer(form.visit.reviewer), id, &note).await;
    form.visit.done(Errand::Person(id), done.map(|()| ReviewNotice::Reinstated))
}

pub async fn post_revoke(Path(id): Path<String>, form: ReviewForm) -> Result<Response, PageError> {
    let (id, note) = (id_of(&id)?, form.text("revoke_note").to_owned());
    let tier: Option<Tier> = form.text("level").parse().ok();
    let tier = tier.filter(|tier| *tier > Tier::REGISTERED);
    let tier = tier.ok_or_else(|| PageError::bad_request("level is none of the levels"))?;
    let karat = form.visit.at.visit.web.karat.clone();
    let done = karat.revoke_level(Judge::Reviewer(form.visit.reviewer), id, tier, &note).await;
    form.visit.done(Errand::Person(id), done.map(|()| ReviewNotice::Revoked))
}

fn id_of(text: &str) -> Result<UserId, PageError> {
    text.parse().map_err(|_| PageError::NotFound)
}
