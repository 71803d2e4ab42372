//! `POST /admin/api/v1/policy/explain`: `karat policy explain` for programs.
//!
//! The caller is a service with an access token (RFC 6749 section 4.4) that carries the scope [`SCOPE`]. JSON in, JSON out; errors are problems
//! (RFC 9457).

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use crate::domain::authentication::Acr;
use crate::domain::scope::Scope;
use crate::domain::time::Seconds;
use crate::flow::Failure;
use crate::flow::explain::SupposedLogIn;
use crate::http::oidc::userinfo::token_of_header;
use crate::http::reply::private_json;
use crate::http::web::Web;

/// What a service has to be registered for to ask.
pub const SCOPE: &str = "karat:policy";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// E-mail address or `sub`.
    user: String,
    client: String,
    /// The client's whole registered scope when absent.
    #[serde(default)]
    scope: Option<String>,
    /// The strongest that the person has enrolled when absent.
    #[serde(default)]
    acr: Option<String>,
    /// Seconds since the log-in.
    #[serde(default)]
    age: i64,
}

pub async fn explain(
    State(web): State<Web>,
    headers: HeaderMap,
    question: Result<Json<Question>, JsonRejection>,
) -> Response {
    match answer(&web, &headers, question).await {
        Ok(told) => told,
        Err(problem) => problem.into_response(),
    }
}

async fn answer(
    web: &Web,
    headers: &HeaderMap,
    question: Result<Json<Question>, JsonRejection>,
) -> Result<Response, Problem> {
    let karat = &web.karat;
    let token =
        token_of_header(headers).map_err(|_| Problem::of(StatusCode::UNAUTHORIZED, "an access token is needed"))?;
    let live = karat.live_token(&token, Some(karat.issuer())).await?;
    let live = live
        .ok_or_else(|| Problem::of(StatusCode::UNAUTHORIZED, "the access token is expired, revoked or not for this"))?;
    if live.holder.is_some() || !live.claims.scope.contains(SCOPE) {
        return Err(Problem::of(
            StatusCode::FORBIDDEN,
            "the access token has to be a service's, with the scope karat:policy",
        ));
    }
    let Json(asked) = question.map_err(|rejection| Problem::of(StatusCode::BAD_REQUEST, rejection.body_text()))?;
    let wrong = |what: &str| Problem::of(StatusCode::BAD_REQUEST, what);
    let acr = match asked.acr.as_deref() {
        Some(text) => Some(Acr::parse(text).ok_or_else(|| wrong("acr is no class of log-in that is known here"))?),
        None => None,
    };
    let scope: Option<Scope> = match asked.scope.as_deref() {
        Some(text) => Some(text.parse().map_err(|_| wrong("scope is not a list of scope values"))?),
        None => None,
    };
    if !(0..=Seconds::days(3650).0).contains(&asked.age) {
        return Err(wrong("age is a number of seconds, from 0 to ten years"));
    }
    let user = match (asked.user.parse(), asked.user.parse()) {
        (Ok(id), _) => karat.store.user(id).await.map_err(Failure::from)?,
        (_, Ok(email)) => karat.store.user_by_email(&email).await.map_err(Failure::from)?.map(|found| found.user),
        _ => return Err(wrong("user is neither an e-mail address nor an id")),
    };
    let user = user.ok_or_else(|| Problem::of(StatusCode::NOT_FOUND, "there is no such account"))?;
    let client = karat.clients.find(&asked.client).await.map_err(Failure::from)?;
    let client =
        client.ok_or_else(|| Problem::of(StatusCode::NOT_FOUND, "there is no such client that is switched on"))?;
    let scope = scope.unwrap_or_else(|| client.scope.clone());
    let told = karat.explain(&user, &client, &scope, SupposedLogIn { acr, age: Seconds(asked.age) }).await?;
    Ok(private_json(&told))
}

/// RFC 9457 section 3.
struct Problem {
    status: StatusCode,
    detail: String,
}

impl Problem {
    fn of(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into() }
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match &failure {
            Failure::Later { .. } => Self::of(StatusCode::SERVICE_UNAVAILABLE, "not now, try again in a moment"),
            Failure::Fault(cause) => {
                tracing::error!(%cause, "the policy could not be explained");
                Self::of(StatusCode::INTERNAL_SERVER_ERROR, "a fault of ours; it has been written to the log")
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body =
            json!({ "status": self.status.as_u16(), "title": self.status.canonical_reason(), "detail": self.detail });
        let mut response = (self.status, body.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"karat\""));
        }
        response
    }
}
