//! Codes by SMS: the factor page, and the number of the account.

use serde::Serialize;

use super::factors::Ways;
use super::{FieldErrors, Page};

/// `/mfa/sms`. Before a code is on its way, a form to `/mfa/sms/send` (button `sms-send`); then posts `code` (button `sms-submit`), with
/// another form to `/mfa/sms/send` (button `sms-resend`).
#[derive(Clone, Debug, Serialize)]
pub struct SmsPage {
    /// Masked.
    pub number: String,
    /// Minutes until the code that was sent expires; `None` when none is on its way.
    pub minutes: Option<i64>,
    pub ways: Ways,
    pub errors: FieldErrors,
}

/// `/account/security/phone`. Posts `number` (button `phone-submit`); while a code is on its way posts `code` and `name` to
/// `/account/security/phone/code` (button `phone-code-submit`), with forms to `/account/security/phone/resend` (button `phone-resend`) and
/// `/account/security/phone/cancel` (button `phone-cancel`).
#[derive(Clone, Debug, Serialize)]
pub struct PhonePage {
    /// The number on file, masked.
    pub current: Option<String>,
    /// What stands in the field.
    pub number: String,
    pub pending: Option<PendingPhone>,
    /// Ways that protect better, and that this person does not have: `totp`, `passkey`.
    pub better: Better,
    pub errors: FieldErrors,
}

#[derive(Clone, Debug, Serialize)]
pub struct PendingPhone {
    /// Masked.
    pub number: String,
    pub minutes: i64,
}

#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Better {
    pub totp: bool,
    pub passkey: bool,
}

impl Page for SmsPage {
    const TEMPLATE: &'static str = "pages/mfa_sms.html";
}

impl Page for PhonePage {
    const TEMPLATE: &'static str = "pages/security_phone.html";
}
