//! `GET` and `POST /userinfo` (OpenID Connect Core section 5.3). The token comes in the Authorization header, or in the
//! posted form (RFC 6750 sections 2.1 and 2.2); never in the query.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};

use crate::domain::error::{ErrorCode, OAuthError};
use crate::domain::parameters::Parameters;
use crate::flow::userinfo::UserInfo;
use crate::http::reply::{private_json, private_jwt};
use crate::http::visit::text_of;
use crate::http::web::Web;

pub async fn get(State(web): State<Web>, headers: HeaderMap) -> Response {
    match token_of_header(&headers) {
        Ok(token) => answer(&web, token).await,
        Err(error) => challenge(error),
    }
}

pub async fn post(State(web): State<Web>, request: Request) -> Response {
    let headers = request.headers().clone();
    let in_form = text_of(&headers, header::CONTENT_TYPE).starts_with("application/x-www-form-urlencoded");
    let token_in_body = match in_form {
        false => None,
        true => match Bytes::from_request(request, &web).await.map(|body| Parameters::parse(&body)) {
            Ok(Ok(form)) => form.get("access_token").map(str::to_owned),
            Ok(Err(error)) => return challenge(Some(OAuthError::invalid_request(error.to_string()))),
            Err(rejection) => return rejection.into_response(),
        },
    };
    match (token_of_header(&headers), token_in_body) {
        (Ok(_), Some(_)) => challenge(Some(OAuthError::invalid_request("the token was sent in two ways"))),
        (Ok(token), None) | (Err(None), Some(token)) => answer(&web, token).await,
        (Err(error), _) => challenge(error),
    }
}

async fn answer(web: &Web, token: String) -> Response {
    match web.karat.userinfo(&token).await {
        Ok(UserInfo::Plain(claims)) => private_json(&claims),
        Ok(UserInfo::Signed(token)) => private_jwt(token),
        Err(error) => challenge(Some(error)),
    }
}

/// `Err(None)`: nothing was sent.
pub(in crate::http) fn token_of_header(headers: &HeaderMap) -> Result<String, Option<OAuthError>> {
    let mut sent = headers.get_all(header::AUTHORIZATION).iter();
    let value = sent.next().ok_or(None)?;
    let malformed = || Some(OAuthError::invalid_request("the Authorization header is not a bearer token"));
    if sent.next().is_some() {
        return Err(malformed());
    }
    let (scheme, token) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(malformed)?;
    if !scheme.eq_ignore_ascii_case("bearer") || token.trim().is_empty() {
        return Err(malformed());
    }
    Ok(token.trim().to_owned())
}

/// RFC 6750 section 3: the challenge names the error, unless nothing was shown at all.
pub(super) fn challenge(error: Option<OAuthError>) -> Response {
    let Some(error) = error else {
        let mut response = OAuthError::new(ErrorCode::InvalidToken, "an access token is needed").into_response();
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"karat\""));
        return response;
    };
    let text = format!("Bearer realm=\"karat\", error=\"{}\", error_description=\"{}\"", error.code, error.description);
    let is_ours = matches!(error.code, ErrorCode::ServerError | ErrorCode::TemporarilyUnavailable);
    let mut response = error.into_response();
    if let (false, Ok(value)) = (is_ours, HeaderValue::from_str(&text)) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
    }
    response
}
