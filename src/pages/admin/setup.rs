//! `/setup`: the steps to the first owner.

use serde::Serialize;

use crate::pages::{FieldErrors, Page};

/// Posts `name`, `email`, `password` to `/setup/account` (button `account-submit`); nothing but the token to `/setup/own` (button
/// `own-submit`).
#[derive(Clone, Debug, Default, Serialize)]
pub struct SetupPage {
    pub step: SetupStep,
    pub name: String,
    pub email: String,
    pub min_password: u32,
    pub errors: FieldErrors,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SetupStep {
    /// The link is used or has expired.
    #[default]
    Gone,
    /// An account is made, or logged in to.
    Account,
    /// A passkey is added (`passkey-link`).
    Passkey,
    /// The passkey is shown again (`prove-link`).
    Prove,
    Own,
}

impl Page for SetupPage {
    const TEMPLATE: &'static str = "admin/setup.html";
}
