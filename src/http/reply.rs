//! Answers, with the headers that each kind needs.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::error::PageError;
use super::visit::Visit;
use super::web::Web;
use crate::domain::client::ResponseMode;
use crate::domain::error::{ErrorCode, OAuthError};
use crate::flow::Failure;
use crate::flow::authorize::AuthorizationResponse;
use crate::pages::form_post::{FormPostPage, SCRIPT_CSP_SOURCE};
use crate::pages::{Frame, Locale, Page};

/// Nothing from anywhere else, nothing inline, nobody frames it.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'";

impl Visit {
    pub fn page<P: Page>(self, page: &P, frame: &Frame) -> Result<Response, PageError> {
        self.page_with_target(page, frame, None)
    }

    /// As [`Visit::page`], for a page whose form may lead on to `target`: browsers hold redirects after a form to the
    /// policy, too.
    pub fn page_with_target<P: Page>(
        self,
        page: &P,
        frame: &Frame,
        target: Option<&str>,
    ) -> Result<Response, PageError> {
        let html = self.web.karat.renderer.render(page, frame)?;
        let target = target.and_then(form_target).map(|origin| format!(" {origin}")).unwrap_or_default();
        let script = if page.is_scripted() { "; script-src 'self'" } else { "" };
        let policy = format!("{POLICY}{script}; form-action 'self'{target}");
        Ok(self.finish(html_page(StatusCode::OK, html, &policy)))
    }

    pub fn see_other(self, path: &str) -> Response {
        let response = see_other(path);
        self.finish(response)
    }

    /// The app's answer.
    pub fn answer(self, answer: AuthorizationResponse) -> Result<Response, PageError> {
        let response = app_answer(&self.web, self.locale, answer)?;
        Ok(self.finish(response))
    }
}

/// The answer of the authorization endpoint: by redirect, or by a form that posts itself (OAuth 2.0 Form Post Response
/// Mode).
pub fn app_answer(web: &Web, locale: Locale, answer: AuthorizationResponse) -> Result<Response, PageError> {
    match answer.mode {
        ResponseMode::Query => Ok(see_other(&answer.location().map_err(Failure::fault)?)),
        ResponseMode::FormPost => {
            let fields = answer.parameters.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            let page = FormPostPage::new(answer.redirect_uri.clone(), fields);
            let html = web.karat.renderer.render(&page, &Frame::new(locale, "/authorize"))?;
            let target = form_target(&answer.redirect_uri).unwrap_or_default();
            let policy = format!("{POLICY}; script-src {SCRIPT_CSP_SOURCE}; form-action {target}");
            Ok(html_page(StatusCode::OK, html, &policy))
        }
    }
}

/// RFC 9700 section 4.12: 303, so that a posted password is never sent on.
pub fn see_other(location: &str) -> Response {
    match HeaderValue::from_str(location) {
        Ok(location) => {
            let headers = [(header::LOCATION, location), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
            (StatusCode::SEE_OTHER, headers).into_response()
        }
        Err(error) => PageError::Failed(Failure::fault(error)).into_response(),
    }
}

pub fn html_page(status: StatusCode, html: String, policy: &str) -> Response {
    let mut response = (status, html).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(policy) = HeaderValue::from_str(policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// The policy of an error page.
pub fn error_policy() -> String {
    format!("{POLICY}; form-action 'self'")
}

/// Where a form may lead, as a policy says it: the app's origin or private-use scheme, and any https origin. Chromium holds
/// every redirect after a form to `form-action`, also those by which an app goes on from its redirect URI, and where to is
/// the app's own business.
fn form_target(uri: &str) -> Option<String> {
    let url = url::Url::parse(uri).ok()?;
    // A host-source has no brackets (CSP section 2.3.1): of an IPv6 address only the scheme can be said.
    if matches!(url.host(), Some(url::Host::Ipv6(_))) {
        return Some(format!("{}: https:", url.scheme()));
    }
    match url.origin() {
        url::Origin::Tuple(..) => Some(format!("{} https:", url.origin().ascii_serialization())),
        url::Origin::Opaque(_) => Some(format!("{}: https:", url.scheme())),
    }
}

/// JSON that nobody keeps (RFC 6749 section 5.1).
pub fn private_json<T: Serialize>(body: &T) -> Response {
    let headers = [(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")];
    (headers, Json(body)).into_response()
}

/// A signed answer that nobody keeps (OpenID Connect Core section 5.3.2).
pub fn private_jwt(token: String) -> Response {
    let headers =
        [(header::CONTENT_TYPE, "application/jwt"), (header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")];
    (headers, token).into_response()
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    error: &'static str,
    error_description: &'a str,
}

impl IntoResponse for OAuthError {
    /// RFC 6749 section 5.2. The cause is logged here, once.
    fn into_response(self) -> Response {
        if let Some(cause) = &self.cause {
            tracing::error!(code = self.code.as_str(), %cause, "a request failed");
        }
        let body = ErrorBody { error: self.code.as_str(), error_description: &self.description };
        let mut response = private_json(&body);
        *response.status_mut() = StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        match self.code {
            ErrorCode::InvalidClient => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"karat\""));
            }
            ErrorCode::TemporarilyUnavailable => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
            }
            _ => {}
        }
        response
    }
}
