//! `/admin`: the console of the operator's people. For everybody else there is none.
//!
//! Pages ask [`crate::flow::admin`] with the authority of whoever sits there, and show only what that allows.

pub mod audit;
pub mod client_form;
pub mod client_logo;
pub mod clients;
mod drawers;
mod errand;
mod export;
pub mod house;
pub mod invitations;
mod names;
mod notices;
pub mod overview;
pub mod people;
pub mod person;
pub mod policy;
pub mod proposals;
pub mod roles;
mod rule_words;
pub mod webhook_form;
pub mod webhooks;

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

pub use notices::ConsoleNotice;

use self::errand::Errand;
use crate::domain::admin::{Act, Danger};
use crate::domain::authentication::Acr;
use crate::domain::parameters::Parameters;
use crate::domain::role::Role;
use crate::flow::Karat;
use crate::flow::account::Owner;
use crate::flow::admin::{Admission, Authority, Outcome, Refusal};
use crate::http::account::PageQuery;
use crate::http::account::notice::Notice;
use crate::http::account::owner::OwnerVisit;
use crate::http::error::PageError;
use crate::http::form::PageForm;
use crate::http::visit::Visit;
use crate::http::web::Web;
use crate::pages::Page;
use crate::pages::admin::{Crumb, RefusedPage, Room, Shell};

/// What the way back from log-in and proof is called.
const BACK: &str = "admin";

/// A room of the console: its word, its address, and what it takes to see it (any of).
const ROOMS: &[(&str, &str, &[Act])] = &[
    ("overview", "/admin", &[Act::ReadSystem]),
    ("people", "/admin/people", &[Act::ReadPeople]),
    ("clients", "/admin/clients", &[Act::ReadClients]),
    ("review", "/review", &[Act::ReadCases]),
    ("proposals", "/admin/proposals", &[]),
    ("roles", "/admin/roles", &[Act::ReadRoles]),
    ("audit", "/admin/audit", &[Act::ReadAudit]),
    ("policy", "/admin/policy", &[Act::ReadPolicy]),
    ("keys", "/admin/keys", &[Act::ReadKeys]),
    ("webhooks", "/admin/webhooks", &[Act::ReadWebhooks]),
    ("outbox", "/admin/outbox", &[Act::ReadOutbox]),
    ("system", "/admin/system", &[Act::ReadSystem]),
];

/// A visit of somebody with a role, in a session with a second factor.
pub struct ConsoleVisit {
    pub at: OwnerVisit,
    pub by: Authority,
}

/// A form of these pages, checked as every form is.
pub struct ConsoleForm {
    pub visit: ConsoleVisit,
    pub fields: Parameters,
}

impl FromRequestParts<Web> for ConsoleVisit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Response> {
        let visit = Visit::from_request_parts(parts, web).await.map_err(PageError::into_response)?;
        let errand = Errand::of(&visit.path);
        Self::of(visit, parts.headers.clone(), errand).await.map_err(|answer| *answer)
    }
}

impl FromRequest<Web> for ConsoleForm {
    type Rejection = Response;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Response> {
        let headers = request.headers().clone();
        let form = PageForm::from_request(request, web).await.map_err(PageError::into_response)?;
        if form.fields.has_nul() {
            return Err(PageError::bad_request("a field has a NUL in it").into_response());
        }
        // What was posted is lost; where it was posted from is not known.
        let visit = ConsoleVisit::of(form.visit, headers, None).await.map_err(|answer| *answer)?;
        Ok(Self { visit, fields: form.fields })
    }
}

impl ConsoleForm {
    pub fn text(&self, name: &str) -> &str {
        self.fields.get(name).unwrap_or_default()
    }
}

impl ConsoleVisit {
    async fn of(mut visit: Visit, headers: HeaderMap, errand: Option<Errand>) -> Result<Self, Box<Response>> {
        let Some(signed_in) = visit.signed_in.clone() else {
            if let Some(errand) = errand {
                errand.leave(&mut visit);
            }
            return Err(Box::new(visit.see_other("/login?next=admin")));
        };
        let owner = Owner { signed_in: &signed_in, browser: &visit.browser };
        let admission = visit.web.karat.admit(owner).await;
        match admission.map_err(|failure| Box::new(PageError::from(failure).into_response()))? {
            Admission::Stranger => Err(Box::new(PageError::NotFound.into_response())),
            Admission::TooWeak { can_show_more: true } => {
                if let Some(errand) = errand {
                    errand.leave(&mut visit);
                }
                Err(Box::new(visit.see_other("/mfa?next=admin")))
            }
            Admission::TooWeak { can_show_more: false } => {
                Notice::Console(ConsoleNotice::FactorNeeded).leave(&mut visit);
                Err(Box::new(visit.see_other("/account/security")))
            }
            Admission::Admitted(by) => {
                let by = by.from_address(&visit.browser.address.to_string(), &visit.request_id);
                let at = OwnerVisit::of(visit, headers, "/admin").await?;
                Ok(Self { at, by })
            }
        }
    }

    pub fn karat(&self) -> std::sync::Arc<Karat> {
        self.at.visit.web.karat.clone()
    }

    /// What surrounds a page of `room`. `crumbs` lead from the room to the page.
    pub fn shell(&self, room: &'static str, crumbs: Vec<Crumb>) -> Shell {
        let sees = |acts: &[Act]| match acts {
            [] => Act::ALL.iter().any(|act| act.danger() == Danger::Grave && self.by.may(*act)),
            acts => acts.iter().any(|act| self.by.may(*act)),
        };
        let rooms = ROOMS.iter().filter(|(.., acts)| sees(acts));
        Shell {
            room,
            rooms: rooms.map(|(name, path, _)| Room { name, path, is_current: *name == room }).collect(),
            crumbs,
            roles: self.by.roles().iter().map(|role| role.as_str()).collect(),
            is_fresh: self.by.is_fresh(),
            path: self.at.visit.path.clone(),
        }
    }

    pub fn page<P: Page>(self, page: &P) -> Result<Response, PageError> {
        let path = self.at.visit.path.clone();
        self.at.page(&path, page)
    }

    /// As [`ConsoleVisit::page`], as the answer to a form that is shown again.
    pub fn page_at<P: Page>(self, path: &str, page: &P) -> Result<Response, PageError> {
        self.at.page(path, page)
    }

    pub fn go(self, path: &str, notice: ConsoleNotice) -> Response {
        self.at.go(path, Notice::Console(notice))
    }

    /// Led to the proof before a long form is shown, so that nothing typed is lost to it.
    pub async fn fresh(self, path: &str) -> Result<Result<Self, Response>, PageError> {
        match self.by.is_fresh() {
            true => Ok(Ok(self)),
            false => Ok(Err(self.prove(path).await?)),
        }
    }

    /// To the passkey, and back to `path`. Who has none is led to where one is added.
    pub async fn prove(mut self, path: &str) -> Result<Response, PageError> {
        let reach = self.karat().enrolled(self.at.signed_in.user.id).await?.reach();
        if reach < Acr::Phr {
            return Ok(self.go("/account/security/passkeys", ConsoleNotice::PasskeyNeeded));
        }
        if let Some(errand) = Errand::of(path) {
            errand.leave(&mut self.at.visit);
        }
        Ok(self.at.visit.see_other(&format!("/mfa?next={BACK}")))
    }

    /// Back to `path`, which says what was done; or why nothing was.
    pub async fn done(self, path: &str, done: Result<ConsoleNotice, Refusal>) -> Result<Response, PageError> {
        let refusal = match done {
            Ok(notice) => return Ok(self.go(path, notice)),
            Err(refusal) => refusal,
        };
        match refusal {
            Refusal::StepUp => self.prove(path).await,
            Refusal::ReasonMissing => Ok(self.go(path, ConsoleNotice::ReasonNeeded)),
            Refusal::Own => Ok(self.go(path, ConsoleNotice::Own)),
            Refusal::SameEyes => Ok(self.go(path, ConsoleNotice::SameEyes)),
            Refusal::Stale => Ok(self.go(path, ConsoleNotice::Stale)),
            Refusal::Conflict(why) => self.refused(path, StatusCode::CONFLICT, vec![why]),
            Refusal::Invalid(flaws) => {
                let why = flaws.into_iter().map(|flaw| format!("{}: {}", flaw.field, flaw.detail)).collect();
                self.refused(path, StatusCode::UNPROCESSABLE_ENTITY, why)
            }
            other => Err(other.into()),
        }
    }

    fn refused(self, back: &str, status: StatusCode, why: Vec<String>) -> Result<Response, PageError> {
        let page = RefusedPage { shell: self.shell("", Vec::new()), why, back: back.to_owned() };
        let mut response = self.page_at(back, &page)?;
        *response.status_mut() = status;
        Ok(response)
    }
}

/// What a grave act came to.
pub fn came_to(outcome: Result<Outcome, Refusal>, done: ConsoleNotice) -> Result<ConsoleNotice, Refusal> {
    outcome.map(|outcome| match outcome {
        Outcome::Done => done,
        Outcome::Proposed(_) => ConsoleNotice::Proposed,
    })
}

/// `/admin/prove?to=..`: the link "show your passkey" of a page.
pub async fn get_prove(visit: ConsoleVisit, query: PageQuery) -> Result<Response, PageError> {
    let to = query.text("to").unwrap_or("/admin").to_owned();
    visit.prove(&to).await
}

/// As the texts name them.
pub fn roles() -> Vec<&'static str> {
    Role::ALL.iter().map(|role| role.as_str()).collect()
}
