//! What people are told when something is wrong. The page itself is rendered by the guard, which knows the language.

use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::domain::error::{ErrorCode, OAuthError};
use crate::flow::authorize::{AuthorizeError, InteractionError};
use crate::flow::{Failure, admin};
use crate::pages::errors::ErrorKind;

/// Travels in the response's extensions to the guard.
#[derive(Clone, Debug)]
pub struct PendingErrorPage {
    pub kind: ErrorKind,
    pub detail: Option<String>,
    pub retry_after: Option<i64>,
}

#[derive(Debug)]
pub enum PageError {
    BadRequest {
        detail: String,
    },
    InteractionGone,
    Refused,
    LinkGone,
    NotFound,
    FormExpired,
    CrossSite,
    TooLarge,
    /// Nothing of the form was kept, and there is no room for it now.
    UploadsBusy {
        retry_after: i64,
    },
    TooManyRequests {
        retry_after: i64,
    },
    Failed(Failure),
}

impl PageError {
    /// `detail` is a fixed English text for support and tests.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::BadRequest { detail: detail.into() }
    }

    pub fn from_body(rejection: BytesRejection) -> Self {
        match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            _ => Self::bad_request("the request body could not be read"),
        }
    }
}

impl From<Failure> for PageError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<crate::storage::Error> for PageError {
    fn from(error: crate::storage::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<crate::pages::RenderError> for PageError {
    fn from(error: crate::pages::RenderError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<admin::Refusal> for PageError {
    /// What a page cannot lead on from.
    fn from(refusal: admin::Refusal) -> Self {
        match refusal {
            admin::Refusal::NotFound => Self::NotFound,
            admin::Refusal::Failed(failure) => Self::Failed(failure),
            other @ (admin::Refusal::Conflict(_) | admin::Refusal::Invalid(_)) => Self::bad_request(other.to_string()),
            // Theirs to see, and not theirs to do.
            _ => Self::Refused,
        }
    }
}

impl From<InteractionError> for PageError {
    fn from(error: InteractionError) -> Self {
        match error {
            InteractionError::Gone | InteractionError::Foreign => Self::InteractionGone,
            InteractionError::Failed(failure) => Self::Failed(failure),
        }
    }
}

impl From<OAuthError> for PageError {
    fn from(error: OAuthError) -> Self {
        match (error.code, error.cause) {
            (ErrorCode::ServerError, Some(cause)) => Self::Failed(Failure::Fault(cause)),
            (ErrorCode::TemporarilyUnavailable, Some(cause)) => {
                Self::Failed(Failure::Later { retry_after: crate::domain::time::Seconds(2), cause })
            }
            _ => Self::BadRequest { detail: error.description.into_owned() },
        }
    }
}

impl From<AuthorizeError> for PageError {
    fn from(error: AuthorizeError) -> Self {
        match error {
            AuthorizeError::Shown(error) => error.into(),
            AuthorizeError::Returned(_) => Self::Failed(Failure::fault("an answer for the app reached a person")),
        }
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let page = |kind| PendingErrorPage { kind, detail: None, retry_after: None };
        let (status, page) = match self {
            Self::BadRequest { detail } => {
                let page = PendingErrorPage { detail: Some(detail), ..page(ErrorKind::BadRequest) };
                (StatusCode::BAD_REQUEST, page)
            }
            Self::InteractionGone => (StatusCode::BAD_REQUEST, page(ErrorKind::InteractionGone)),
            Self::Refused => (StatusCode::FORBIDDEN, page(ErrorKind::Refused)),
            Self::LinkGone => (StatusCode::BAD_REQUEST, page(ErrorKind::LinkGone)),
            Self::NotFound => (StatusCode::NOT_FOUND, page(ErrorKind::NotFound)),
            Self::FormExpired => (StatusCode::FORBIDDEN, page(ErrorKind::FormExpired)),
            Self::CrossSite => (StatusCode::FORBIDDEN, page(ErrorKind::CrossSite)),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, page(ErrorKind::TooLarge)),
            Self::UploadsBusy { retry_after } => {
                let page = PendingErrorPage { retry_after: Some(retry_after), ..page(ErrorKind::UploadsBusy) };
                (StatusCode::SERVICE_UNAVAILABLE, page)
            }
            Self::TooManyRequests { retry_after } => {
                let page = PendingErrorPage { retry_after: Some(retry_after), ..page(ErrorKind::TooManyRequests) };
                (StatusCode::TOO_MANY_REQUESTS, page)
            }
            Self::Failed(Failure::Later { retry_after, cause }) => {
                tracing::warn!(%cause, "answered: later");
                let page = PendingErrorPage { retry_after: Some(retry_after.0), ..page(ErrorKind::Unavailable) };
                (StatusCode::SERVICE_UNAVAILABLE, page)
            }
            Self::Failed(Failure::Fault(cause)) => {
                tracing::error!(%cause, "a page failed");
                (StatusCode::INTERNAL_SERVER_ERROR, page(ErrorKind::Internal))
            }
        };
        let mut response = status.into_response();
        if let Some(seconds) = page.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(page);
        response
    }
}
