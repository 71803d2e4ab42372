//! `/review`: the pages of the operator's reviewers. For everybody else there are none.

pub mod case;
pub mod documents;
mod errand;
mod notices;
pub mod people;
mod rows;

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

pub use notices::ReviewNotice;

use self::errand::Errand;
use super::PageQuery;
use super::notice::Notice;
use super::owner::OwnerVisit;
use crate::domain::email::EmailAddress;
use crate::domain::kyc::{CaseState, Provider, Tier};
use crate::domain::parameters::Parameters;
use crate::flow::account::Owner;
use crate::flow::kyc::staff::{Admission, NotJudged, Reviewer};
use crate::http::error::PageError;
use crate::http::form::PageForm;
use crate::http::visit::Visit;
use crate::http::web::Web;
use crate::pages::review::QueuePage;
use crate::pages::{FieldError, FieldErrors, Message, keys};
use crate::storage::kyc::queue::{Place, Wanted};

const PATH: &str = "/review";
const CASES_A_PAGE: i64 = 25;
/// What stands for "those that wait" among the states of the list.
const WAITING: &str = "waiting";

/// A visit of somebody with the role, in a session with a second factor.
pub struct ReviewVisit {
    pub at: OwnerVisit,
    pub reviewer: Reviewer,
}

/// A form of these pages, checked as every form is.
pub struct ReviewForm {
    pub visit: ReviewVisit,
    pub fields: Parameters,
}

impl FromRequestParts<Web> for ReviewVisit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Response> {
        let visit = Visit::from_request_parts(parts, web).await.map_err(PageError::into_response)?;
        Self::of(visit, parts.headers.clone(), parts.uri.path()).await.map_err(|answer| *answer)
    }
}

impl FromRequest<Web> for ReviewForm {
    type Rejection = Response;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Response> {
        let (headers, path) = (request.headers().clone(), request.uri().path().to_owned());
        let form = PageForm::from_request(request, web).await.map_err(PageError::into_response)?;
        let visit = ReviewVisit::of(form.visit, headers, &path).await.map_err(|answer| *answer)?;
        Ok(Self { visit, fields: form.fields })
    }
}

impl ReviewForm {
    pub fn text(&self, name: &str) -> &str {
        self.fields.get(name).unwrap_or_default()
    }
}

impl ReviewVisit {
    async fn of(mut visit: Visit, headers: HeaderMap, path: &str) -> Result<Self, Box<Response>> {
        let Some(signed_in) = visit.signed_in.clone() else {
            Errand::of(path).leave(&mut visit);
            return Err(Box::new(visit.see_other("/login?next=review")));
        };
        let owner = Owner { signed_in: &signed_in, browser: &visit.browser };
        let admission = visit.web.karat.admit_reviewer(owner).await;
        let admission = admission.map_err(|failure| Box::new(PageError::from(failure).into_response()))?;
        match admission {
            Admission::Stranger => Err(Box::new(PageError::NotFound.into_response())),
            Admission::TooWeak { can_show_more: true } => {
                Errand::of(path).leave(&mut visit);
                Err(Box::new(visit.see_other("/mfa?next=review")))
            }
            Admission::TooWeak { can_show_more: false } => {
                Notice::Review(ReviewNotice::FactorNeeded).leave(&mut visit);
                Err(Box::new(visit.see_other("/account/security")))
            }
            Admission::Admitted(reviewer) => {
                let reviewer = reviewer.from_address(&visit.browser.address.to_string(), &visit.request_id);
                let at = OwnerVisit::of(visit, headers, path).await?;
                Ok(Self { at, reviewer })
            }
        }
    }

    /// To the proof that deciding asks for, and back.
    fn prove(mut self, errand: Errand) -> Response {
        errand.leave(&mut self.at.visit);
        self.at.visit.see_other("/mfa?next=review")
    }

    /// Back to the page of the errand, which says what was done, or why nothing was.
    fn done(self, errand: Errand, done: Result<ReviewNotice, NotJudged>) -> Result<Response, PageError> {
        let notice = match done {
            Ok(notice) => notice,
            Err(NotJudged::ProveFirst) => return Ok(self.prove(errand)),
            Err(NotJudged::NotWaiting | NotJudged::Disagrees | NotJudged::Already) => ReviewNotice::Meanwhile,
            Err(NotJudged::NoteMissing) => ReviewNotice::NoteNeeded,
            Err(NotJudged::Unreadable) => ReviewNotice::Unreadable,
            Err(NotJudged::Unknown) => return Err(PageError::NotFound),
            Err(NotJudged::Own | NotJudged::SameEyes | NotJudged::NeedsTwo | NotJudged::Providers(_)) => {
                return Err(PageError::Refused);
            }
            Err(NotJudged::Failed(failure)) => return Err(failure.into()),
        };
        Ok(self.at.go(&errand.path(), Notice::Review(notice)))
    }
}

pub async fn get(mut visit: ReviewVisit, headers: HeaderMap, query: PageQuery) -> Result<Response, PageError> {
    // Back from the log-in or the proof: to where the reviewer was.
    if let Some(errand) = Errand::take(&headers, &mut visit.at.visit) {
        return Ok(visit.at.visit.see_other(&errand.path()));
    }
    let karat = visit.at.visit.web.karat.clone();
    let mut errors = FieldErrors::none();
    let state = match query.text("state").filter(|text| *text != WAITING) {
        Some(text) => CaseState::parse(text).or_else(|| {
            errors.push("state", Message::new(keys::ADMIN_NO_FILTER).with("given", text));
            None
        }),
        None => None,
    };
    let tier = match query.text("level").filter(|text| *text != "0") {
        Some(text) => text.parse::<Tier>().ok().filter(|tier| *tier > Tier::REGISTERED).or_else(|| {
            errors.push("level", Message::new(keys::ADMIN_NO_LEVEL));
            None
        }),
        None => None,
    };
    let after = query.text("after").map(str::parse::<Place>);
    if matches!(after, Some(Err(_))) {
        errors.push(FieldError::FORM, Message::new(keys::ADMIN_NO_PLACE));
    }
    let after = after.and_then(Result::ok);
    // What waits at a provider is not for the people here.
    let provider = state.is_none().then_some(Provider::Review);
    let wanted = Wanted { state, tier, provider };
    // A list that is another than the one that was asked for misleads.
    let is_wrong = !errors.is_empty();
    let mut found = match is_wrong {
        true => Vec::new(),
        false => karat.store.kyc_queue(wanted, after, CASES_A_PAGE + 1).await?,
    };
    let most = usize::try_from(CASES_A_PAGE).unwrap_or_default();
    let is_more = found.len() > most;
    found.truncate(most);
    let link = |after: Option<Place>| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(state.map(|state| ("state", state.as_str())));
        query.extend_pairs(tier.map(|tier| ("level", tier.to_string())));
        query.extend_pairs(after.map(|place| ("after", place.to_string())));
        match query.finish() {
            query if query.is_empty() => PATH.to_owned(),
            query => format!("{PATH}?{query}"),
        }
    };
    let own = visit.reviewer.id();
    let page = QueuePage {
        now: karat.now(),
        state: state.map_or(WAITING, CaseState::as_str),
        level: tier.map_or(0, Tier::level),
        states: [WAITING].into_iter().chain(rows::STATES.map(CaseState::as_str)).collect(),
        // Their own is for others to look at.
        cases: found.iter().filter(|case| case.user_id != own).map(rows::listed).collect(),
        beginning: after.map(|_| link(None)),
        further: found.last().filter(|_| is_more).map(|last| link(Some(last.place()))),
        errors,
    };
    let mut shown = visit.at.page(PATH, &page)?;
    if is_wrong {
        *shown.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(shown)
}

pub async fn post_find(form: ReviewForm) -> Result<Response, PageError> {
    let email = form.text("email").parse::<EmailAddress>();
    let karat = form.visit.at.visit.web.karat.clone();
    let found = match email {
        Ok(email) => karat.store.user_by_email(&email).await?,
        Err(_) => None,
    };
    match found {
        Some(found) => Ok(form.visit.at.visit.see_other(&Errand::Person(found.user.id).path())),
        None => Ok(form.visit.at.go(PATH, Notice::Review(ReviewNotice::NobodyFound))),
    }
}
