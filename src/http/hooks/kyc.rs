//! `POST /hooks/kyc/{provider}`: what providers of verification tell.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::domain::kyc::Provider;
use crate::flow::Failure;
use crate::flow::kyc::WebhookRefused;
use crate::gateway::kyc::Post;
use crate::http::error::PageError;
use crate::http::web::Web;

/// Theirs are larger than forms, but no documents.
pub const LARGEST_BODY: usize = 1 << 20;

pub async fn post(
    State(web): State<Web>,
    Path(provider): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Some(provider) = Provider::parse(&provider) else { return PageError::NotFound.into_response() };
    let body = match body {
        Ok(body) => body,
        Err(cause) => return answer(cause.status()),
    };
    match web.karat.provider_told(provider, Post { headers: &headers, body: &body }).await {
        Ok(()) => answer(StatusCode::OK),
        Err(why) => refused(provider, why),
    }
}

fn refused(provider: Provider, why: WebhookRefused) -> Response {
    answer(match why {
        WebhookRefused::NoSuchProvider => return PageError::NotFound.into_response(),
        WebhookRefused::Unsigned => {
            tracing::warn!(%provider, "a webhook that its provider did not sign");
            StatusCode::UNAUTHORIZED
        }
        WebhookRefused::Malformed => {
            tracing::error!(%provider, "a webhook that is signed and not to be understood");
            StatusCode::BAD_REQUEST
        }
        WebhookRefused::Failed(Failure::Later { cause, .. }) => {
            tracing::warn!(%provider, %cause, "a webhook was put off");
            StatusCode::SERVICE_UNAVAILABLE
        }
        WebhookRefused::Failed(Failure::Fault(cause)) => {
            tracing::error!(%provider, %cause, "a webhook could not be taken");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    })
}

/// With a type, so that no page for people takes its place.
fn answer(status: StatusCode) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], "{}").into_response()
}
