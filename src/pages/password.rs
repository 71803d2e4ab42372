//! `/password/forgotten` and `/password/reset`.

use serde::Serialize;

use super::{FieldErrors, Page};

/// Posts `email` to `/password/forgotten`; button `forgotten-submit`.
#[derive(Clone, Debug, Serialize)]
pub struct ForgottenPage {
    pub email: String,
    pub errors: FieldErrors,
}

/// The answer to every address, known or not.
#[derive(Clone, Debug, Serialize)]
pub struct ForgottenSentPage {
    pub email: String,
    /// Minutes until the link expires.
    pub minutes: i64,
}

/// Where the link of the mail lands. Posts `token`, `new_password` to `/password/reset`; button `reset-submit`.
#[derive(Clone, Debug, Serialize)]
pub struct ResetPage {
    pub token: String,
    pub min_password: u32,
    pub errors: FieldErrors,
}

/// The password is changed; logging in is the next step.
#[derive(Clone, Debug, Serialize)]
pub struct ResetDonePage {}

impl Page for ForgottenPage {
    const TEMPLATE: &'static str = "pages/password_forgotten.html";
}

impl Page for ForgottenSentPage {
    const TEMPLATE: &'static str = "pages/password_sent.html";
}

impl Page for ResetPage {
    const TEMPLATE: &'static str = "pages/password_reset.html";
}

impl Page for ResetDonePage {
    const TEMPLATE: &'static str = "pages/password_done.html";
}
