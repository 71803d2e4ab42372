//! `/mfa`: the factor that is missing.

use serde::Serialize;

use super::{FieldErrors, Page};
use crate::domain::authenticator::Way;

/// Why somebody is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FactorReason {
    /// The password was right, and the person has more.
    Login,
    /// An app wants more than the log-in is worth.
    App,
    /// Something that protects the account is about to change.
    Confirm,
}

/// What each of these pages shows around its own form.
#[derive(Clone, Debug, Serialize)]
pub struct Ways {
    pub why: FactorReason,
    /// Links to `/mfa/<slug>` (ids `way-<slug>`).
    pub others: Vec<Way>,
    /// For how many days this browser may be remembered; `None`: not offered. Posted as `remember` = `yes`.
    pub remember_days: Option<i64>,
    /// Carried along as `next`.
    pub room: Option<&'static str>,
}

/// `/mfa/totp`. Posts `code`; button `totp-submit`.
#[derive(Clone, Debug, Serialize)]
pub struct TotpPage {
    pub ways: Ways,
    pub errors: FieldErrors,
}

/// `/mfa/recovery`. Posts `code`; button `recovery-submit`.
#[derive(Clone, Debug, Serialize)]
pub struct RecoveryCodePage {
    pub ways: Ways,
    pub errors: FieldErrors,
}

/// `/mfa/password`. Posts `password`; button `password-submit`.
#[derive(Clone, Debug, Serialize)]
pub struct PasswordAgainPage {
    /// For password managers.
    pub email: String,
    pub ways: Ways,
    pub errors: FieldErrors,
}

impl Page for TotpPage {
    const TEMPLATE: &'static str = "pages/mfa_totp.html";
}

impl Page for RecoveryCodePage {
    const TEMPLATE: &'static str = "pages/mfa_recovery.html";
}

impl Page for PasswordAgainPage {
    const TEMPLATE: &'static str = "pages/mfa_password.html";
}
