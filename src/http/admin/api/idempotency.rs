//! `Idempotency-Key`: whoever sends a POST again because no answer came gets the answer of the first one, and nothing is done twice
//! (draft-ietf-httpapi-idempotency-key-header).
//!
//! Only success is kept: what was refused changed nothing, and may be asked again with the same key.

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tracing::Instrument;

use super::caller::Caller;
use super::input;
use super::problem::{Kind, Problem};
use crate::crypto::token::TokenHash;
use crate::http::web::Web;
use crate::storage::idempotency::{Answer, Begun, RequestKey};

pub const NAME: HeaderName = HeaderName::from_static("idempotency-key");
/// Says that the answer is the one of an earlier request.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
const LONGEST: usize = 255;
/// What of an answer's headers is part of it.
const KEPT: [HeaderName; 3] = [header::CONTENT_TYPE, header::ETAG, header::LOCATION];

pub async fn once(web: &Web, caller: &Caller, request: Request, next: Next) -> Response {
    let key = match key_of(request.method(), request.headers()) {
        Ok(Some(name)) => RequestKey { caller: caller.name(), name },
        Ok(None) => return next.run(request).await,
        Err(problem) => return problem.into_response(),
    };
    match guarded(web, key, request, next).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

fn key_of(method: &Method, headers: &HeaderMap) -> Result<Option<String>, Problem> {
    if method != Method::POST {
        return Ok(None);
    }
    let mut sent = headers.get_all(&NAME).iter();
    let Some(value) = sent.next() else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    let is_key = (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    match (is_key, sent.next()) {
        (true, None) => Ok(Some(text.to_owned())),
        _ => Err(Problem::malformed("Idempotency-Key is one text of at most 255 visible characters")),
    }
}

async fn guarded(web: &Web, key: RequestKey, request: Request, next: Next) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let whole = input::bytes(Request::from_parts(parts.clone(), body), web).await?;
    let target = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let asked = format!("{target}\n{}", URL_SAFE_NO_PAD.encode(&whole));
    let hash = TokenHash::of_text("idempotency", &asked);
    let karat = &web.karat;
    match karat.store.begin_once(&key, hash.as_str(), karat.now()).await? {
        Begun::First => {}
        Begun::InFlight => return Err(Problem::new(Kind::InFlight, Kind::InFlight.meaning())),
        Begun::Another => return Err(Problem::new(Kind::KeyReused, Kind::KeyReused.meaning())),
        Begun::Answered(answer) => return Ok(again(answer)),
    }
    // Whoever hangs up does not stop it: what is begun is done, and its answer is kept.
    let (web, request) = (web.clone(), Request::from_parts(parts, Body::from(whole)));
    let work = async move { settled(&web, &key, next.run(request).await).await }.in_current_span();
    tokio::spawn(work).await.map_err(|_| Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR))
}

/// Keeps the answer, or frees the key.
async fn settled(web: &Web, key: &RequestKey, response: Response) -> Response {
    let store = &web.karat.store;
    if !response.status().is_success() {
        if let Err(error) = store.forget_request(key).await {
            tracing::warn!(%error, "an idempotency key stays in flight");
        }
        return response;
    }
    let (parts, body) = response.into_parts();
    let Ok(whole) = axum::body::to_bytes(body, usize::MAX).await else {
        return Problem::of_status(StatusCode::INTERNAL_SERVER_ERROR).into_response();
    };
    let answer = Answer {
        status: parts.status.as_u16(),
        headers: KEPT.iter().filter_map(|name| Some((name.to_string(), text(&parts.headers, name)?))).collect(),
        body: String::from_utf8_lossy(&whole).into_owned(),
    };
    if let Err(error) = store.keep_answer(key, &answer).await {
        tracing::warn!(%error, "an answer is not kept: its idempotency key stays in flight");
    }
    Response::from_parts(parts, Body::from(whole))
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

fn again(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = (status, Body::from(Bytes::from(answer.body))).into_response();
    let headers = response.headers_mut();
    for (name, value) in &answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) {
            headers.insert(name, value);
        }
    }
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    response
}
