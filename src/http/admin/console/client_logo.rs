//! `/admin/clients/{id}/logo`: the picture that people see of an app when they log in to it.

use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::clients::{self, Shown, path_of, refusal, unprocessable};
use super::{ConsoleForm, ConsoleNotice, ConsoleVisit};
use crate::domain::admin::Act;
use crate::flow::clients::logo::LARGEST_UPLOAD;
use crate::flow::clients::registrar::{ClientVersion, RegistrarError};
use crate::http::error::PageError;
use crate::http::form::is_from_our_page;
use crate::http::multipart::Parts;
use crate::http::visit::text_of;
use crate::http::web::Web;
use crate::pages::{FieldError, Message, keys};

/// With the boundaries and the other fields.
pub const LARGEST_FORM: usize = LARGEST_UPLOAD + (64 << 10);

/// A form of the console with a file in it, checked as every form is.
pub struct ConsoleUpload {
    visit: ConsoleVisit,
    held: Parts,
}

impl FromRequest<Web> for ConsoleUpload {
    type Rejection = Response;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        if !is_from_our_page(&parts.headers, &web.karat.issuer.origin()) {
            return Err(PageError::CrossSite.into_response());
        }
        // Nothing is read of what somebody sends who may not.
        let visit = ConsoleVisit::from_request_parts(&mut parts, web).await?;
        if !visit.by.may(Act::ChangeClient) {
            return Err(PageError::Refused.into_response());
        }
        if !text_of(&parts.headers, header::CONTENT_TYPE).starts_with("multipart/form-data") {
            return Err(PageError::CrossSite.into_response());
        }
        let request = Request::from_parts(parts, body);
        let held = Parts::read(request, web, &visit.at.visit).await.map_err(PageError::into_response)?;
        Ok(Self { visit, held })
    }
}

pub async fn post(Path(id): Path<String>, mut form: ConsoleUpload) -> Result<Response, PageError> {
    let seen = ClientVersion::from_text(form.held.text("version"));
    let upload = form.held.take("logo");
    let visit = form.visit;
    let karat = visit.karat();
    let registrar = karat.registrar(&visit.by).having_seen(Some(seen));
    let done = match upload {
        Some(upload) => registrar.set_logo(&id, Some(upload)).await,
        // Nothing was chosen: browsers send an empty file.
        None => return wrong(visit, &id).await,
    };
    karat.clients.forget();
    match done {
        Err(RegistrarError::Refused(_)) => wrong(visit, &id).await,
        other => visit.done(&path_of(&id), other.map(|_| ConsoleNotice::ClientSaved).map_err(refusal)).await,
    }
}

async fn wrong(visit: ConsoleVisit, id: &str) -> Result<Response, PageError> {
    let errors = FieldError::on("logo", Message::new(keys::ADMIN_NO_LOGO)).into();
    clients::show(visit, id, Shown { errors, ..Shown::default() }).await.map(unprocessable)
}

pub async fn post_remove(Path(id): Path<String>, form: ConsoleForm) -> Result<Response, PageError> {
    let seen = ClientVersion::from_text(form.text("version"));
    let visit = form.visit;
    let karat = visit.karat();
    let done = karat.registrar(&visit.by).having_seen(Some(seen)).set_logo(&id, None).await;
    karat.clients.forget();
    visit.done(&path_of(&id), done.map(|_| ConsoleNotice::ClientSaved).map_err(refusal)).await
}
