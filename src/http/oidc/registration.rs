//! `/clients`: apps register themselves (RFC 7591) and look after their registration (RFC 7592).

use axum::body::Bytes;
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::userinfo::{challenge, token_of_header};
use crate::domain::error::{ErrorCode, OAuthError};
use crate::flow::clients::dynamic::{NotRegistered, Sender};
use crate::http::error::PageError;
use crate::http::reply::private_json;
use crate::http::visit::{client_address, text_of};
use crate::http::web::Web;

/// Without a session, a cookie or a form: a bearer token in the header, JSON in the body.
struct Asking {
    token: Option<String>,
    address: std::net::IpAddr,
    body: Bytes,
}

pub async fn post(State(web): State<Web>, request: Request) -> Response {
    let asking = match Asking::of(&web, request, true).await {
        Ok(asking) => asking,
        Err(response) => return response,
    };
    match web.karat.register_client(&asking.body, asking.sender()).await {
        Ok(told) => with_status(StatusCode::CREATED, &told),
        Err(why) => refused(why),
    }
}

pub async fn get(State(web): State<Web>, Path(id): Path<String>, request: Request) -> Response {
    let asking = match Asking::of(&web, request, false).await {
        Ok(asking) => asking,
        Err(response) => return response,
    };
    match web.karat.own_registration(&id, asking.sender()).await {
        Ok(told) => with_status(StatusCode::OK, &told),
        Err(why) => refused(why),
    }
}

pub async fn put(State(web): State<Web>, Path(id): Path<String>, request: Request) -> Response {
    let asking = match Asking::of(&web, request, true).await {
        Ok(asking) => asking,
        Err(response) => return response,
    };
    match web.karat.change_own_registration(&id, &asking.body, asking.sender()).await {
        Ok(told) => with_status(StatusCode::OK, &told),
        Err(why) => refused(why),
    }
}

pub async fn delete(State(web): State<Web>, Path(id): Path<String>, request: Request) -> Response {
    let asking = match Asking::of(&web, request, false).await {
        Ok(asking) => asking,
        Err(response) => return response,
    };
    match web.karat.remove_own_registration(&id, asking.sender()).await {
        Ok(()) => (StatusCode::NO_CONTENT, [(header::CACHE_CONTROL, "no-store")]).into_response(),
        Err(why) => refused(why),
    }
}

impl Asking {
    async fn of(web: &Web, request: Request, with_body: bool) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let token = bearer(&parts.headers).map_err(IntoResponse::into_response)?;
        let address = client_address(&parts, web);
        if !with_body {
            return Ok(Self { token, address, body: Bytes::new() });
        }
        if !text_of(&parts.headers, header::CONTENT_TYPE).starts_with("application/json") {
            let error = OAuthError::new(ErrorCode::InvalidClientMetadata, "the body must be application/json");
            return Err(error.into_response());
        }
        let body = Bytes::from_request(Request::from_parts(parts, body), web).await;
        let body = body.map_err(|rejection| {
            let error = OAuthError::new(ErrorCode::InvalidClientMetadata, "the body is too large or could not be read");
            with(rejection.status(), error.into_response())
        })?;
        Ok(Self { token, address, body })
    }

    fn sender(&self) -> Sender<'_> {
        Sender { token: self.token.as_deref(), address: self.address }
    }
}

fn bearer(headers: &HeaderMap) -> Result<Option<String>, OAuthError> {
    match token_of_header(headers) {
        Ok(token) => Ok(Some(token)),
        Err(None) => Ok(None),
        Err(Some(error)) => Err(error),
    }
}

fn refused(why: NotRegistered) -> Response {
    match why {
        NotRegistered::Off => PageError::NotFound.into_response(),
        NotRegistered::Refused(error) if error.code == ErrorCode::InvalidToken => challenge(Some(error)),
        NotRegistered::Refused(error) => error.into_response(),
        NotRegistered::TooMany(wait) => {
            let error = OAuthError::new(ErrorCode::TemporarilyUnavailable, "too many registrations from this network");
            let mut response = with(StatusCode::TOO_MANY_REQUESTS, error.into_response());
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.retry_after.0));
            response
        }
    }
}

fn with_status(status: StatusCode, told: &Value) -> Response {
    with(status, private_json(told))
}

fn with(status: StatusCode, mut response: Response) -> Response {
    *response.status_mut() = status;
    response
}
