//! What went wrong, for programs: problem details (RFC 9457). The body is written by the guard, which knows the issuer and the request.

use std::borrow::Cow;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::domain::authentication::Acr;
use crate::domain::time::Seconds;
use crate::flow::admin::{Flaw, Refusal};
use crate::flow::clients::RegistrarError;
use crate::flow::{Failure, Karat};

pub const MEDIA_TYPE: &str = "application/problem+json";

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $status:literal, $slug:literal, $title:literal, $meaning:literal;)*) => {
        /// The kinds of problem that programs can tell apart: the last part of `type`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind { $($(#[$doc])* $variant,)* }

        impl Kind {
            pub const ALL: &'static [Kind] = &[$(Kind::$variant,)*];

            pub const fn status(self) -> u16 {
                match self { $(Kind::$variant => $status,)* }
            }

            pub const fn slug(self) -> &'static str {
                match self { $(Kind::$variant => $slug,)* }
            }

            pub const fn title(self) -> &'static str {
                match self { $(Kind::$variant => $title,)* }
            }

            /// What it means and what to do about it, for the documentation page.
            pub const fn meaning(self) -> &'static str {
                match self { $(Kind::$variant => $meaning,)* }
            }
        }
    };
}

kinds! {
    Malformed = 400, "malformed", "The request cannot be read", "Not as the description says: fields that are unknown, missing or of another type, a cursor that is none.";
    Unauthenticated = 401, "unauthenticated", "An access token is needed", "No access token, or one that is expired, revoked or not made out to the issuer.";
    StepUp = 401, "step-up", "A passkey has to be shown again", "Dangerous operations take a log-in with a passkey in the last minutes (RFC 9470): log the person in again with the acr_values and max_age of the challenge.";
    Forbidden = 403, "forbidden", "Not allowed", "Neither a role of the person nor the scope of the service allows it.";
    NotFound = 404, "not-found", "Nothing there", "There is no such thing, or no such address.";
    MethodNotAllowed = 405, "method-not-allowed", "Not by this method", "The address takes other methods: see Allow.";
    Conflict = 409, "conflict", "Not as things stand", "It is so already, or something else has to be done first: see detail.";
    InFlight = 409, "in-flight", "The first request is not answered yet", "A request with this Idempotency-Key has begun, and its answer is not known (yet). Look before you try with another key.";
    Stale = 412, "stale", "It has been changed meanwhile", "Read it again, and send the new ETag in If-Match.";
    TooLarge = 413, "too-large", "Too large", "The body is larger than this server takes.";
    UnsupportedMediaType = 415, "unsupported-media-type", "Not in this format", "Send application/json.";
    Invalid = 422, "invalid", "Something in it is refused", "Each of errors names a field and says what is wrong with it.";
    KeyReused = 422, "key-reused", "The key belongs to another request", "This Idempotency-Key came with another request: keys are used once.";
    PreconditionMissing = 428, "precondition-missing", "If-Match is needed", "Send the ETag of what you have read in If-Match, so that nobody's change is lost.";
    TooMany = 429, "too-many", "Too many", "Wait as long as Retry-After says.";
    Fault = 500, "fault", "A fault of ours", "It has been written to the log, under request_id.";
    Unavailable = 503, "unavailable", "Not now", "Something that is needed does not answer: wait as long as Retry-After says.";
}

/// Travels in the response's extensions to the guard.
#[derive(Clone, Debug)]
pub struct Problem {
    pub kind: Kind,
    detail: Cow<'static, str>,
    errors: Vec<Flaw>,
    /// The one that would do.
    scope: Option<&'static str>,
    retry_after: Option<Seconds>,
}

/// The body (RFC 9457 section 3.1).
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub struct Body<'a> {
    /// Which kind of problem it is.
    #[serde(rename = "type")]
    #[schema(format = "uri")]
    kind: String,
    title: &'a str,
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// This time.
    detail: &'a str,
    /// Names the request in the log of the server.
    request_id: &'a str,
    /// Field by field what is wrong.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(inline)]
    errors: &'a [FieldError<'a>],
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct FieldError<'a> {
    /// As `redirect_uris[1]`.
    field: &'a str,
    detail: &'a str,
}

impl Problem {
    pub fn new(kind: Kind, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, detail: detail.into(), errors: Vec::new(), scope: None, retry_after: None }
    }

    pub fn malformed(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Malformed, detail)
    }

    /// Of one field.
    pub fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Refusal::invalid(field, detail).into()
    }

    pub fn not_found() -> Self {
        Self::new(Kind::NotFound, "there is no such thing")
    }

    pub fn unauthenticated() -> Self {
        Self::new(
            Kind::Unauthenticated,
            "an access token is needed that is not expired, not revoked and made out to the issuer",
        )
    }

    /// `scope`: what would do.
    pub fn forbidden(detail: impl Into<Cow<'static, str>>, scope: Option<&'static str>) -> Self {
        Self { scope, ..Self::new(Kind::Forbidden, detail) }
    }

    /// What routing and layers refuse without knowing about problems.
    pub fn of_status(status: StatusCode) -> Self {
        let kind = match status {
            StatusCode::UNAUTHORIZED => Kind::Unauthenticated,
            StatusCode::FORBIDDEN => Kind::Forbidden,
            StatusCode::NOT_FOUND | StatusCode::MISDIRECTED_REQUEST => Kind::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Kind::MethodNotAllowed,
            StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => Kind::TooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Kind::UnsupportedMediaType,
            StatusCode::TOO_MANY_REQUESTS => Kind::TooMany,
            StatusCode::SERVICE_UNAVAILABLE => Kind::Unavailable,
            status if status.is_server_error() => Kind::Fault,
            _ => Kind::Malformed,
        };
        Self::new(kind, kind.title())
    }

    /// The answer, with the headers that were already on `bare`.
    pub fn answer(&self, bare: &Response, karat: &Karat, request_id: &str) -> Response {
        let errors: Vec<_> =
            self.errors.iter().map(|flaw| FieldError { field: &flaw.field, detail: &flaw.detail }).collect();
        let body = Body {
            kind: type_uri(karat.issuer(), self.kind),
            title: self.kind.title(),
            status: self.kind.status(),
            detail: &self.detail,
            request_id,
            errors: &errors,
        };
        let text = serde_json::to_string(&body).unwrap_or_default();
        let mut response = (status_of(self.kind), text).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        for name in [header::ALLOW, header::RETRY_AFTER] {
            if let Some(value) = bare.headers().get(&name) {
                headers.insert(name, value.clone());
            }
        }
        let challenge = self.challenge(karat.settings.admin.fresh_for).map(|text| HeaderValue::from_str(&text));
        if let Some(Ok(challenge)) = challenge {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }

    /// RFC 6750 section 3, RFC 9470 section 3.
    fn challenge(&self, fresh_for: Seconds) -> Option<String> {
        let more = match self.kind {
            Kind::Unauthenticated => String::new(),
            Kind::StepUp => format!(
                ", error=\"insufficient_user_authentication\", error_description=\"{}\", acr_values=\"{}\", max_age=\"{}\"",
                self.detail,
                Acr::Phr.as_str(),
                fresh_for.0,
            ),
            Kind::Forbidden => {
                let scope = self.scope.map(|scope| format!(", scope=\"{scope}\"")).unwrap_or_default();
                format!(", error=\"insufficient_scope\"{scope}")
            }
            _ => return None,
        };
        Some(format!("Bearer realm=\"karat\"{more}"))
    }
}

pub fn type_uri(issuer: &str, kind: Kind) -> String {
    format!("{issuer}/problems/{}", kind.slug())
}

fn status_of(kind: Kind) -> StatusCode {
    StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = status_of(self.kind).into_response();
        if let Some(span) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(span.0));
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let told = refusal.to_string();
        match refusal {
            Refusal::Forbidden(act) => Self::forbidden(told, act.scope()),
            Refusal::StepUp => Self::new(Kind::StepUp, told),
            Refusal::Own | Refusal::SameEyes => Self::forbidden(told, None),
            Refusal::ReasonMissing => Self::invalid("reason", told),
            Refusal::NotFound => Self::not_found(),
            Refusal::Stale => Self::new(Kind::Stale, told),
            Refusal::Conflict(why) => Self::new(Kind::Conflict, why),
            Refusal::Invalid(errors) => Self { errors, ..Self::new(Kind::Invalid, "see errors") },
            Refusal::Failed(failure) => failure.into(),
        }
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Later { retry_after, cause } => {
                tracing::warn!(%cause, "the admin API answered: later");
                let retry_after = Some(retry_after);
                Self { retry_after, ..Self::new(Kind::Unavailable, "not now, try again in a moment") }
            }
            Failure::Fault(cause) => {
                tracing::error!(%cause, "an operation of the admin API failed");
                Self::new(Kind::Fault, "a fault of ours; it has been written to the log")
            }
        }
    }
}

impl From<crate::storage::Error> for Problem {
    fn from(error: crate::storage::Error) -> Self {
        Failure::from(error).into()
    }
}

impl From<RegistrarError> for Problem {
    fn from(error: RegistrarError) -> Self {
        let told = error.to_string();
        match error {
            RegistrarError::Refused(refused) => {
                let flaw = |one: crate::flow::clients::Refusal| Flaw {
                    field: format!("metadata.{}", one.key),
                    detail: one.message,
                };
                Refusal::Invalid(refused.into_iter().map(flaw).collect()).into()
            }
            RegistrarError::Unknown(_) => Self::not_found(),
            RegistrarError::Taken(_) | RegistrarError::Configured(_) | RegistrarError::WithoutSecret(_) => {
                Self::new(Kind::Conflict, told)
            }
            RegistrarError::Stale(_) => Self::new(Kind::Stale, told),
            RegistrarError::Denied(refusal) => refusal.into(),
            RegistrarError::Storage(error) => error.into(),
            RegistrarError::Failed(failure) => failure.into(),
        }
    }
}
