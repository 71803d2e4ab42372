//! The layer around everything: the right host, error pages in the person's language, and the headers
//! that every answer carries.

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::admin::api::{self, problem::Problem};
use super::cookies::Cookie;
use super::error::PendingErrorPage;
use super::reply::{error_policy, html_page};
use super::visit::text_of;
use super::web::Web;
use crate::pages::errors::{ErrorKind, ErrorPage};
use crate::pages::{Frame, Locale};

/// Names the request in logs and on error pages.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Health is asked by address, not by name.
const ANY_HOST: [&str; 2] = ["/healthz", "/readyz"];

pub async fn guard(State(web): State<Web>, request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    let locale = Locale::negotiate(
        None,
        Cookie::Locale.read(request.headers(), web.is_https()).as_deref(),
        Some(text_of(request.headers(), header::ACCEPT_LANGUAGE)),
        web.default_locale(),
    );
    let path = request.uri().path().to_owned();
    let mut response = if let Some(refused) = refused_for_nul(request.uri()) {
        refused.into_response()
    } else if is_our_host(&request, &web) {
        tokio::time::timeout(web.request_timeout(&path), next.run(request)).await.unwrap_or_else(|_| {
            tracing::error!("the request took too long");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        })
    } else {
        StatusCode::MISDIRECTED_REQUEST.into_response()
    };
    if let Some(problem) = pending_problem(&response, &path) {
        response = problem.answer(&response, &web.karat, &id);
    } else if let Some(page) = pending_page(&response) {
        response = error_page(&web, response, page, (locale, &id, &path));
    }
    finish(response, &web, &id)
}

/// The databases cannot look for a NUL, and no id or filter has one. The API says so itself, once it knows who asks.
fn refused_for_nul(uri: &Uri) -> Option<StatusCode> {
    let (path, query) = (uri.path(), uri.query().unwrap_or_default());
    if path.starts_with(api::PREFIX) {
        return None;
    }
    if path.contains("%00") {
        return Some(StatusCode::NOT_FOUND);
    }
    (path.starts_with("/admin") && query.contains("%00")).then_some(StatusCode::BAD_REQUEST)
}

/// URLs come from the configured issuer and requests for another host are not for us: exactly one Host, and it is ours.
fn is_our_host(request: &Request, web: &Web) -> bool {
    if ANY_HOST.contains(&request.uri().path()) {
        return true;
    }
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let named = match (request.uri().authority(), hosts.next()) {
        (Some(authority), None) => authority.as_str(),
        (Some(authority), Some(host)) if host.as_bytes() == authority.as_str().as_bytes() => authority.as_str(),
        (None, Some(host)) => host.to_str().unwrap_or_default(),
        _ => return false,
    };
    hosts.next().is_none() && named.eq_ignore_ascii_case(&web.host)
}

/// Programs of the operator's get problems, whoever refuses.
fn pending_problem(response: &Response, path: &str) -> Option<Problem> {
    let told = response.extensions().get::<Problem>().cloned();
    told.or_else(|| match path.starts_with(api::PREFIX) {
        true => pending_page(response).map(|_| Problem::of_status(response.status())),
        false => None,
    })
}

/// Answers without a body get a page: routing's own refusals as well as ours.
fn pending_page(response: &Response) -> Option<PendingErrorPage> {
    if let Some(page) = response.extensions().get::<PendingErrorPage>() {
        return Some(page.clone());
    }
    let bare = response.headers().get(header::CONTENT_TYPE).is_none() && response.status().as_u16() >= 400;
    let plain = text_of(response.headers(), header::CONTENT_TYPE).starts_with("text/plain");
    if !(bare || plain) {
        return None;
    }
    let kind = match response.status() {
        StatusCode::NOT_FOUND => ErrorKind::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => ErrorKind::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => ErrorKind::TooLarge,
        StatusCode::SERVICE_UNAVAILABLE => ErrorKind::Unavailable,
        status if status.is_server_error() => ErrorKind::Internal,
        status if status.is_client_error() => ErrorKind::BadRequest,
        _ => return None,
    };
    Some(PendingErrorPage { kind, detail: None, retry_after: None })
}

fn error_page(
    web: &Web,
    bare: Response,
    pending: PendingErrorPage,
    (locale, id, path): (Locale, &str, &str),
) -> Response {
    let mut page = ErrorPage::new(pending.kind, id);
    page.detail = pending.detail;
    page.retry_after = pending.retry_after;
    match web.karat.renderer.render(&page, &Frame::new(locale, path)) {
        Ok(html) => {
            let mut response = html_page(bare.status(), html, &error_policy());
            for name in [header::RETRY_AFTER, header::ALLOW] {
                if let Some(value) = bare.headers().get(&name) {
                    response.headers_mut().insert(name, value.clone());
                }
            }
            response
        }
        Err(error) => {
            tracing::error!(%error, "an error page failed");
            bare
        }
    }
}

fn finish(mut response: Response, web: &Web, id: &str) -> Response {
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=()"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let policy = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if web.is_https() {
        let long = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, long);
    }
    response
}
