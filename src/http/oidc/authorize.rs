//! `GET` and `POST /authorize`, and the dispatcher `/authorize/{interaction}` that every page returns to.

use axum::body::Bytes;
use axum::extract::{FromRequest, Path, RawQuery, Request, State};
use axum::http::header;
use axum::response::Response;

use crate::domain::parameters::Parameters;
use crate::flow::authorize::{Advance, AuthorizeError, Started};
use crate::http::error::PageError;
use crate::http::reply::{app_answer, see_other};
use crate::http::visit::{Visit, client_address, text_of};
use crate::http::web::Web;

pub async fn get(visit: Visit, RawQuery(query): RawQuery) -> Result<Response, PageError> {
    start(visit, query.unwrap_or_default().as_bytes()).await
}

/// Comes from the app's page, so it brings no cookies of ours and proves nothing about the browser: the interaction is
/// bound when the browser follows the redirect (OpenID Connect Core section 3.1.2.1).
pub async fn post(State(web): State<Web>, request: Request) -> Result<Response, PageError> {
    if !text_of(request.headers(), header::CONTENT_TYPE).starts_with("application/x-www-form-urlencoded") {
        return Err(PageError::bad_request("the body must be application/x-www-form-urlencoded"));
    }
    let (parts, body) = request.into_parts();
    let from = client_address(&parts, &web);
    let request = Request::from_parts(parts, body);
    let body = Bytes::from_request(request, &web).await.map_err(PageError::from_body)?;
    let parameters = Parameters::parse(&body).map_err(|error| PageError::bad_request(error.to_string()))?;
    match web.karat.start_authorization(&parameters, from).await {
        Ok(id) => Ok(see_other(&format!("/authorize/{id}"))),
        Err(AuthorizeError::Shown(error)) => Err(error.into()),
        Err(AuthorizeError::Returned(answer)) => app_answer(&web, web.default_locale(), answer),
    }
}

async fn start(visit: Visit, encoded: &[u8]) -> Result<Response, PageError> {
    let parameters = Parameters::parse(encoded).map_err(|error| PageError::bad_request(error.to_string()))?;
    match visit.web.karat.start_in(&parameters, visit.signed_in.as_ref(), &visit.browser).await {
        Ok(Started::Interaction(id)) => {
            let path = format!("/authorize/{id}");
            Ok(visit.see_other(&path))
        }
        Ok(Started::Answer(answer)) => visit.answer(answer),
        Err(AuthorizeError::Shown(error)) => Err(error.into()),
        Err(AuthorizeError::Returned(answer)) => visit.answer(answer),
    }
}

/// The only place that decides which page follows.
pub async fn dispatch(visit: Visit, Path(id): Path<String>) -> Result<Response, PageError> {
    let interaction = visit.interaction(&id).await?;
    let path = match visit.web.karat.advance(&interaction, visit.signed_in.as_ref(), &visit.browser).await {
        Ok(Advance::Answer(answer)) | Err(AuthorizeError::Returned(answer)) => return visit.answer(answer),
        Err(AuthorizeError::Shown(error)) => return Err(error.into()),
        Ok(Advance::Login(_)) => "/login",
        Ok(Advance::SecondFactor) => "/mfa",
        Ok(Advance::Enrol) => "/account/security/enrol",
        Ok(Advance::ApproveDevice) => "/login/approval",
        Ok(Advance::SelectAccount) => "/select-account",
        Ok(Advance::Verify) => "/verify",
        Ok(Advance::Unavailable) => "/unavailable",
        Ok(Advance::AcceptTerms) => "/terms/accept",
        Ok(Advance::Consent) => "/consent",
    };
    let path = format!("{path}?interaction={}", interaction.id);
    Ok(visit.see_other(&path))
}
