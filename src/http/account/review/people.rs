//! `/review/people/{id}`: where a person stands, and suspending, reinstating and taking a level back.

use axum::extract::Path;
use axum::response::Response;

use super::errand::Errand;
use super::{ReviewForm, ReviewNotice, ReviewVisit, rows};
use crate::domain::admin::Act;
use crate::domain::authentication::Acr;
use crate::domain::ids::UserId;
use crate::domain::kyc::{Reason, Tier};
use crate::flow::Karat;
use crate::flow::admin::{Admission, Grave, Refusal};
use crate::flow::kyc::staff::Judge;
use crate::http::account::notice::Notice;
use crate::http::admin::console::ConsoleNotice;
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
            _ if !visit.reviewer.decides() => Decide::Nothing,
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
    if takes_two(&karat) {
        return form.visit.propose(id, Grave::Suspend { user: id, reason }, &note).await;
    }
    let done = karat.suspend_person(Judge::Reviewer(&form.visit.reviewer), id, reason, &note).await;
    form.visit.done(Errand::Person(id), done.map(|()| ReviewNotice::Suspended))
}

pub async fn post_reinstate(Path(id): Path<String>, form: ReviewForm) -> Result<Response, PageError> {
    let (id, note) = (id_of(&id)?, form.text("reinstate_note").to_owned());
    let karat = form.visit.at.visit.web.karat.clone();
    if takes_two(&karat) {
        return form.visit.propose(id, Grave::Reinstate { user: id }, &note).await;
    }
    let done = karat.reinstate_person(Judge::Reviewer(&form.visit.reviewer), id, &note).await;
    form.visit.done(Errand::Person(id), done.map(|()| ReviewNotice::Reinstated))
}

pub async fn post_revoke(Path(id): Path<String>, form: ReviewForm) -> Result<Response, PageError> {
    let (id, note) = (id_of(&id)?, form.text("revoke_note").to_owned());
    let tier: Option<Tier> = form.text("level").parse().ok();
    let tier = tier.filter(|tier| *tier > Tier::REGISTERED);
    let tier = tier.ok_or_else(|| PageError::bad_request("level is none of the levels"))?;
    let karat = form.visit.at.visit.web.karat.clone();
    if takes_two(&karat) {
        return form.visit.propose(id, Grave::RevokeLevel { user: id, tier }, &note).await;
    }
    let done = karat.revoke_level(Judge::Reviewer(&form.visit.reviewer), id, tier, &note).await;
    form.visit.done(Errand::Person(id), done.map(|()| ReviewNotice::Revoked))
}

/// Where the operator wants a second person for it, that holds at this door as well.
fn takes_two(karat: &Karat) -> bool {
    karat.settings.admin.second_person.contains(&Act::SetLevel)
}

impl ReviewVisit {
    async fn propose(mut self, id: UserId, wanted: Grave, note: &str) -> Result<Response, PageError> {
        let karat = self.at.visit.web.karat.clone();
        let Admission::Admitted(by) = karat.admit(self.at.owner()).await? else { return Err(PageError::NotFound) };
        let by = by.from_address(&self.at.visit.browser.address.to_string(), &self.at.visit.request_id);
        let path = Errand::Person(id).path();
        match karat.grave(&by, wanted, note).await {
            Ok(_) => Ok(self.at.go(&path, Notice::Console(ConsoleNotice::Proposed))),
            Err(Refusal::ReasonMissing) => Ok(self.at.go(&path, Notice::Review(ReviewNotice::NoteNeeded))),
            Err(Refusal::StepUp) if karat.enrolled(self.reviewer.id()).await?.reach() < Acr::Phr => {
                Notice::Console(ConsoleNotice::PasskeyNeeded).leave(&mut self.at.visit);
                Ok(self.at.visit.see_other("/account/security/passkeys"))
            }
            Err(Refusal::StepUp) => Ok(self.prove(Errand::Person(id))),
            Err(refusal) => Err(refusal.into()),
        }
    }
}

fn id_of(text: &str) -> Result<UserId, PageError> {
    text.parse().map_err(|_| PageError::NotFound)
}
