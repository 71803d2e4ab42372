//! Every page that says "no" or "not now": what happened, why, and what to do next.

use serde::Serialize;

use super::Page;

/// One error page. The HTTP status is the caller's business; `kind` only chooses the words.
#[derive(Clone, Debug, Serialize)]
pub struct ErrorPage {
    pub kind: ErrorKind,
    /// A fixed English text for support and tests, such as `invalid redirect_uri`, the same in every language.
    pub detail: Option<String>,
    /// Seconds after which trying again makes sense, as in `Retry-After`.
    pub retry_after: Option<i64>,
    pub request_id: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorKind {
    /// The app's request cannot be answered (RFC 6749 section 4.1.2.1: shown, not redirected).
    BadRequest,
    /// The interaction is over, expired, or belongs to another browser.
    InteractionGone,
    /// The app has been switched off, or the account has.
    Refused,
    /// A link from a mail that is used, expired or not ours.
    LinkGone,
    NotFound,
    /// A form without its token: expired, or sent twice from an old tab (403).
    FormExpired,
    /// A form that another site sent (403).
    CrossSite,
    MethodNotAllowed,
    TooLarge,
    /// Too many forms with pictures are on their way; this one was not read (503).
    UploadsBusy,
    /// 429.
    TooManyRequests,
    /// 503.
    Unavailable,
    /// 500.
    Internal,
}

impl ErrorKind {
    pub const ALL: [ErrorKind; 13] = [
        ErrorKind::BadRequest,
        ErrorKind::InteractionGone,
        ErrorKind::Refused,
        ErrorKind::LinkGone,
        ErrorKind::NotFound,
        ErrorKind::FormExpired,
        ErrorKind::CrossSite,
        ErrorKind::MethodNotAllowed,
        ErrorKind::TooLarge,
        ErrorKind::UploadsBusy,
        ErrorKind::TooManyRequests,
        ErrorKind::Unavailable,
        ErrorKind::Internal,
    ];
}

impl ErrorPage {
    pub fn new(kind: ErrorKind, request_id: impl Into<String>) -> Self {
        Self { kind, detail: None, retry_after: None, request_id: request_id.into() }
    }

    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    pub fn with_retry_after(mut self, seconds: i64) -> Self {
        self.retry_after = Some(seconds);
        self
    }
}

impl Page for ErrorPage {
    const TEMPLATE: &'static str = "pages/error.html";
}
