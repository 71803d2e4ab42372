//! Why an operation was not done.

use crate::domain::admin::Act;
use crate::flow::Failure;

#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Neither role nor scope allows it.
    #[error("this takes the right to {0}")]
    Forbidden(Act),
    /// A phishing-resistant log-in has to be shown again first.
    #[error("this takes a passkey, shown in the last minutes")]
    StepUp,
    #[error("nobody does this to themselves")]
    Own,
    #[error("the second of two people has to be another than the first")]
    SameEyes,
    #[error("a few words are needed on why")]
    ReasonMissing,
    #[error("there is no such thing")]
    NotFound,
    /// It was changed since it was read (RFC 9110 section 13.1.1).
    #[error("it has been changed meanwhile")]
    Stale,
    /// It stands so that this cannot be done, or is so already.
    #[error("{0}")]
    Conflict(String),
    #[error("{}", lines(.0))]
    Invalid(Vec<Flaw>),
    #[error(transparent)]
    Failed(Failure),
}

/// One thing that is wrong with what was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The field, as `redirect_uris[1]`.
    pub field: String,
    pub detail: String,
}

impl Refusal {
    pub fn conflict(why: impl Into<String>) -> Self {
        Self::Conflict(why.into())
    }

    pub fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![Flaw { field: field.into(), detail: detail.into() }])
    }
}

impl<E: Into<Failure>> From<E> for Refusal {
    fn from(cause: E) -> Self {
        Self::Failed(cause.into())
    }
}

fn lines(flaws: &[Flaw]) -> String {
    let lines: Vec<_> = flaws.iter().map(|flaw| format!("{}: {}", flaw.field, flaw.detail)).collect();
    lines.join("\n")
}
