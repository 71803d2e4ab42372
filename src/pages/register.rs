//! `/register` and the verification of the address.

use serde::Serialize;

use super::{FieldErrors, Page};

/// Posts `email`, `password`, `accept_terms` (=`yes`) and hidden `terms_version` to `/register`; submit button `register-submit`.
#[derive(Clone, Debug, Serialize)]
pub struct RegisterPage {
    pub email: String,
    /// Least number of characters of a password, for the hint.
    pub min_password: u32,
    /// The version of the terms shown; comes back with the form, so that what is recorded is what was read.
    pub terms_version: String,
    pub accepted: bool,
    pub errors: FieldErrors,
}

/// "Look into your mail": the same for a new and a known address. Posts `code` to `/register/verify` (button `verify-submit`);
/// `/register/verify/resend` has the button `verify-resend`.
#[derive(Clone, Debug, Serialize)]
pub struct VerifyPage {
    pub email: String,
    /// Minutes until link and code expire.
    pub minutes: i64,
    pub errors: FieldErrors,
}

/// Where the link of the mail lands: opening it changes nothing, the button does. Posts `token` and, if asked, `password` to
/// `/register/confirm`; button `confirm-submit`.
#[derive(Clone, Debug, Serialize)]
pub struct ConfirmAddressPage {
    pub token: String,
    /// Asked when the link is opened in another browser than the one that registered, so that only who chose the password can
    /// confirm.
    pub ask_password: bool,
    pub errors: FieldErrors,
}

/// The address is verified; logging in is the next step (verifying never logs in).
#[derive(Clone, Debug, Serialize)]
pub struct AddressVerifiedPage {}

impl Page for RegisterPage {
    const TEMPLATE: &'static str = "pages/register.html";
}

impl Page for VerifyPage {
    const TEMPLATE: &'static str = "pages/register_verify.html";
}

impl Page for ConfirmAddressPage {
    const TEMPLATE: &'static str = "pages/register_confirm.html";
}

impl Page for AddressVerifiedPage {
    const TEMPLATE: &'static str = "pages/register_done.html";
}
