//! Why a form was not taken: what a person is told, or why nothing can be told now.

use super::Failure;
use super::throttle::TooMany;
use crate::pages::{FieldError, FieldErrors, Message};

#[derive(Debug)]
pub enum Refused {
    /// What is wrong, beside its fields; the form is shown again.
    Form(FieldErrors),
    TooMany(TooMany),
    /// What the form is about is used, expired, replaced by something newer, or belongs to another browser.
    Gone,
    /// The strongest factor enrolled has to be shown first.
    ProveFirst,
    Failed(Failure),
}

impl Refused {
    pub fn on(field: &'static str, key: &'static str) -> Self {
        Self::Form(FieldError::on(field, Message::new(key)).into())
    }
}

impl<E: Into<Failure>> From<E> for Refused {
    fn from(cause: E) -> Self {
        Self::Failed(cause.into())
    }
}

impl From<TooMany> for Refused {
    fn from(wait: TooMany) -> Self {
        Self::TooMany(wait)
    }
}
