//! `/clients/{id}/logo`: an app's logo, from our own store, so that no page loads anything from elsewhere.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use crate::domain::ids::ClientId;
use crate::http::error::PageError;
use crate::http::web::Web;

/// An SVG opened by itself runs nothing.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'";

pub async fn get(State(web): State<Web>, Path(id): Path<String>) -> Result<Response, PageError> {
    let id: ClientId = id.parse().map_err(|_| PageError::NotFound)?;
    let logo = web.karat.store.client_logo(&id).await?.ok_or(PageError::NotFound)?;
    let media_type = HeaderValue::from_str(&logo.media_type).map_err(|_| PageError::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, media_type),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    ];
    Ok((headers, logo.bytes).into_response())
}
