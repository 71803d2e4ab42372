//! A request for a page of one's own account: there is a session, or the way leads to the log-in and back.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};

use super::notice::Notice;
use super::place;
use crate::domain::hold::running;
use crate::domain::parameters::Parameters;
use crate::flow::account::Owner;
use crate::flow::authorize::{Interaction, SignedIn};
use crate::http::cookies::Cookie;
use crate::http::error::PageError;
use crate::http::form::PageForm;
use crate::http::reply::see_other;
use crate::http::visit::Visit;
use crate::http::web::Web;
use crate::pages::{Frame, HoldNotice, Page};

pub struct OwnerVisit {
    pub visit: Visit,
    pub signed_in: SignedIn,
    headers: HeaderMap,
}

/// A form of the account's pages, checked as every form is.
pub struct OwnerForm {
    pub at: OwnerVisit,
    pub fields: Parameters,
}

impl FromRequestParts<Web> for OwnerVisit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Response> {
        let visit = Visit::from_request_parts(parts, web).await.map_err(PageError::into_response)?;
        Self::of(visit, parts.headers.clone(), parts.uri.path()).await.map_err(|answer| *answer)
    }
}

impl FromRequest<Web> for OwnerForm {
    type Rejection = Response;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Response> {
        let (headers, path) = (request.headers().clone(), request.uri().path().to_owned());
        let form = PageForm::from_request(request, web).await.map_err(PageError::into_response)?;
        let at = OwnerVisit::of(form.visit, headers, &path).await.map_err(|answer| *answer)?;
        Ok(Self { at, fields: form.fields })
    }
}

impl OwnerVisit {
    /// A session that is worth less than the person's own protection asks for, as one from before a factor was enrolled,
    /// opens no page of the account.
    pub(in crate::http) async fn of(visit: Visit, headers: HeaderMap, path: &str) -> Result<Self, Box<Response>> {
        let Some(signed_in) = visit.signed_in.clone() else {
            return Err(Box::new(visit.finish(see_other(&login_for(path)))));
        };
        let authentication = &signed_in.session.authentication;
        let enough = visit.web.karat.is_enough(&signed_in.user, authentication, &visit.browser).await;
        match enough {
            Ok(true) => Ok(Self { visit, signed_in, headers }),
            Ok(false) => {
                let room = room_of(path).filter(|room| place(Some(room)).is_some()).unwrap_or("security");
                Err(Box::new(visit.finish(see_other(&format!("/mfa?next={room}")))))
            }
            Err(failure) => Err(Box::new(PageError::from(failure).into_response())),
        }
    }

    /// Leads to the proof that a change of the account's protection asks for, and back to the room.
    pub async fn fresh(
        self,
        room: &'static str,
        interaction: Option<&Interaction>,
    ) -> Result<Result<Self, Response>, PageError> {
        if self.visit.web.karat.has_proven_lately(self.owner()).await? {
            return Ok(Ok(self));
        }
        let path = match interaction {
            Some(interaction) => format!("/mfa?next={room}&interaction={}", interaction.id),
            None => format!("/mfa?next={room}"),
        };
        Ok(Err(self.visit.see_other(&path)))
    }

    pub fn owner(&self) -> Owner<'_> {
        Owner { signed_in: &self.signed_in, browser: &self.visit.browser }
    }

    /// Whether the browser holds a set-up link, which it goes back to.
    pub fn is_setting_up(&self) -> bool {
        Cookie::Setup.read(&self.headers, self.visit.web.is_https()).is_some()
    }

    /// As [`OwnerVisit::fresh`], for forms that ask for the password themselves: who has nothing else need not show it twice.
    pub async fn fresh_if_protected(self, room: &'static str) -> Result<Result<Self, Response>, PageError> {
        match self.visit.web.karat.must_prove_first(self.owner()).await? {
            true => self.fresh(room, None).await,
            false => Ok(Ok(self)),
        }
    }

    /// Shows a page at its own address, with the notice that a form has left.
    pub fn page<P: Page>(mut self, path: &str, page: &P) -> Result<Response, PageError> {
        let notice = Notice::take(&self.headers, &mut self.visit);
        let now = self.visit.web.karat.now();
        let hold = running(self.signed_in.user.hold_until, now).map(|until| HoldNotice { until, now });
        let frame = Frame { path: path.to_owned(), notice, hold, ..self.visit.frame() };
        self.visit.page(page, &frame)
    }

    /// As [`OwnerVisit::page`], for a step aside from an interaction: its forms carry the interaction along.
    pub fn page_within<P: Page>(
        mut self,
        path: &str,
        interaction: Option<&Interaction>,
        page: &P,
    ) -> Result<Response, PageError> {
        let Some(interaction) = interaction else { return self.page(path, page) };
        let notice = Notice::take(&self.headers, &mut self.visit);
        let frame = self.visit.frame().with_interaction(interaction.id.clone());
        self.visit.page(page, &Frame { path: path.to_owned(), notice, ..frame })
    }

    /// Leads to a page that shows the notice.
    pub fn go(mut self, path: &str, notice: Notice) -> Response {
        notice.leave(&mut self.visit);
        self.visit.see_other(path)
    }
}

impl OwnerForm {
    pub fn text(&self, name: &str) -> &str {
        self.fields.get(name).unwrap_or_default()
    }
}

/// The first word after `/account`, or `/verify`, which [`super::place_for`] knows or ignores.
fn login_for(path: &str) -> String {
    match room_of(path) {
        Some(room) => format!("/login?next={room}"),
        None => "/login".to_owned(),
    }
}

fn room_of(path: &str) -> Option<&str> {
    if path == "/review" || path.starts_with("/review/") {
        return Some("review");
    }
    if path == "/admin" || path.starts_with("/admin/") {
        return Some("admin");
    }
    if path == "/verify" || path.starts_with("/verify/") {
        return Some("verify");
    }
    let room = path.strip_prefix("/account/").and_then(|rest| rest.split('/').next());
    room.filter(|room| room.bytes().all(|b| b.is_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_in_leads_back_to_the_room_and_nowhere_else() {
        assert_eq!(login_for("/account/email/confirm"), "/login?next=email");
        assert_eq!(login_for("/verify/details"), "/login?next=verify");
        assert_eq!(login_for("/account"), "/login");
        assert_eq!(login_for("/account/%2f%2fevil"), "/login");
    }
}
