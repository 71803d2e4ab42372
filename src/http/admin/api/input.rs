//! What a request says, read strictly: whatever the description does not know is refused, as a problem.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;

use super::problem::{Kind, Problem};
use crate::http::visit::text_of;

const NUL_IN_URL: &str = "%00";
const NUL_IN_JSON: &[u8] = b"\\u0000";

/// A body in JSON.
pub struct InBody<T>(pub T);

/// The parameters in the query.
pub struct InQuery<T>(pub T);

/// The names in the path. What cannot be the name of anything names nothing.
pub struct InPath<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for InBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        is_json(request.headers(), &["application/json"])?;
        let body = bytes(request, state).await?;
        read(&body).map(Self)
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for InQuery<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(read)) => Ok(Self(read)),
            Err(rejection) => Err(Problem::malformed(rejection.body_text())),
        }
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for InPath<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        Path::from_request_parts(parts, state).await.map(|Path(read)| Self(read)).map_err(|_| Problem::not_found())
    }
}

pub async fn bytes<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    Bytes::from_request(request, state).await.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::of_status(StatusCode::PAYLOAD_TOO_LARGE),
        _ => Problem::malformed("the request body could not be read"),
    })
}

/// RFC 9110 section 8.3: what kind of body it is, its sender says.
pub fn is_json(headers: &HeaderMap, taken: &[&str]) -> Result<(), Problem> {
    let sent = text_of(headers, header::CONTENT_TYPE);
    let essence = sent.split(';').next().unwrap_or_default().trim();
    match taken.iter().any(|one| essence.eq_ignore_ascii_case(one)) {
        true => Ok(()),
        false => Err(Problem::new(Kind::UnsupportedMediaType, format!("the body has to be {}", taken.join(" or ")))),
    }
}

/// PostgreSQL keeps no text with a NUL, and nobody means one.
pub fn without_nul(parts: &Parts) -> Result<(), Problem> {
    if parts.uri.path().contains(NUL_IN_URL) {
        return Err(Problem::not_found());
    }
    match parts.uri.query().is_some_and(|query| query.contains(NUL_IN_URL)) {
        true => Err(Problem::invalid("query", "a NUL is no text")),
        false => Ok(()),
    }
}

/// Names the place where it is not as it should be.
pub fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, Problem> {
    if text.windows(NUL_IN_JSON.len()).any(|part| part == NUL_IN_JSON) {
        return Err(Problem::invalid("body", "a NUL is no text"));
    }
    let mut json = serde_json::Deserializer::from_slice(text);
    let read = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let place = error.path().to_string();
        let place = if place == "." { String::new() } else { format!("{place}: ") };
        Problem::malformed(format!("{place}{}", error.inner()))
    })?;
    match json.end() {
        Ok(()) => Ok(read),
        Err(error) => Err(Problem::malformed(error.to_string())),
    }
}
