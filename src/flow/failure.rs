//! What can go wrong that is nobody's fault outside: the reasons to answer "later" or "our mistake".

use crate::crypto::keyring::SignError;
use crate::crypto::password::PasswordError;
use crate::domain::error::OAuthError;
use crate::domain::time::Seconds;
use crate::pages::RenderError;
use crate::storage;

type Cause = Box<dyn std::error::Error + Send + Sync>;

#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Something we depend on does not answer, or too much is asked at once: later, never skipped.
    #[error("not now: {cause}")]
    Later { retry_after: Seconds, cause: Cause },
    /// A fault of ours.
    #[error("{0}")]
    Fault(Cause),
}

impl Failure {
    pub fn fault(cause: impl Into<Cause>) -> Self {
        Self::Fault(cause.into())
    }
}

impl From<storage::Error> for Failure {
    fn from(error: storage::Error) -> Self {
        match error {
            storage::Error::Unavailable(_) => Self::Later { retry_after: Seconds(2), cause: error.into() },
            other => Self::Fault(other.into()),
        }
    }
}

impl From<PasswordError> for Failure {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy { retry_after } => Self::Later { retry_after, cause: error.into() },
            PasswordError::Closed => Self::Later { retry_after: Seconds(5), cause: error.into() },
            other => Self::Fault(other.into()),
        }
    }
}

impl From<SignError> for Failure {
    fn from(error: SignError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<RenderError> for Failure {
    fn from(error: RenderError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Fault(error.into())
    }
}

impl From<Failure> for OAuthError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Later { cause, .. } => OAuthError::unavailable(cause),
            Failure::Fault(cause) => OAuthError::internal(cause),
        }
    }
}

impl From<storage::Error> for OAuthError {
    fn from(error: storage::Error) -> Self {
        Failure::from(error).into()
    }
}

impl From<SignError> for OAuthError {
    fn from(error: SignError) -> Self {
        Failure::from(error).into()
    }
}
