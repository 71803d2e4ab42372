//! Enrolling what protects the account.

use qrcode::types::Color;
use qrcode::{EcLevel, QrCode};
use serde::Serialize;

use super::{FieldErrors, Page, RenderError, Renderer};
use crate::domain::next_step::EnrolReason;
use crate::domain::time::Timestamp;

/// `/account/security/totp`. Posts `code` and `name`; button `totp-add`.
#[derive(Clone, Debug, Serialize)]
pub struct AddTotpPage {
    pub picture: Picture,
    /// The secret to type, in groups of four.
    pub secret: String,
    /// `otpauth://`, for who reads this on the phone that has the app.
    pub uri: String,
    /// The person has an app, which this one replaces.
    pub replaces: bool,
    pub name: String,
    pub errors: FieldErrors,
}

/// A QR code: dark squares of a grid of `size` by `size`, as the path of an SVG.
#[derive(Clone, Debug, Serialize)]
pub struct Picture {
    pub size: usize,
    pub path: String,
}

/// `/account/security/recovery-codes`. Posts nothing; button `recovery-make`.
#[derive(Clone, Debug, Serialize)]
pub struct RecoveryCodesPage {
    pub left: i64,
    pub made_at: Option<Timestamp>,
    /// Where "later" leads (link `recovery-later`).
    pub later: String,
}

/// The answer that shows them, once. Posts `codes` to `/account/security/recovery-codes/download` (button `recovery-download`); goes on
/// by the link `recovery-done`.
#[derive(Clone, Debug, Serialize)]
pub struct NewRecoveryCodesPage {
    pub codes: Vec<String>,
    pub brand: String,
    pub next: String,
}

/// `/account/security/enrol`. Links `enrol-passkey`, `enrol-totp`, `enrol-phone`; posts nothing for "not now" (button
/// `enrol-decline`).
#[derive(Clone, Debug, Serialize)]
pub struct EnrolPage {
    pub passkey: bool,
    pub totp: bool,
    pub sms: bool,
    pub why: EnrolWhy,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EnrolWhy {
    Required,
    Demanded,
    Scope,
}

impl From<EnrolReason> for EnrolWhy {
    fn from(why: EnrolReason) -> Self {
        match why {
            EnrolReason::Required => Self::Required,
            EnrolReason::Demanded => Self::Demanded,
            EnrolReason::Scope => Self::Scope,
        }
    }
}

impl AddTotpPage {
    pub fn new(
        app: &crate::domain::authenticator::NewApp,
        replaces: bool,
        name: String,
        errors: FieldErrors,
    ) -> Result<Self, RenderError> {
        let (secret, uri) = (app.typed.clone(), app.uri.clone());
        Ok(Self { picture: Picture::of(&uri)?, secret, uri, replaces, name, errors })
    }
}

impl NewRecoveryCodesPage {
    pub fn new(codes: &[String], renderer: &Renderer, next: String) -> Self {
        Self { codes: codes.to_vec(), brand: renderer.brand_name().to_owned(), next }
    }
}

impl Picture {
    pub fn of(text: &str) -> Result<Self, RenderError> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| RenderError::Picture)?;
        let size = code.width();
        let mut path = String::new();
        for (index, color) in code.to_colors().into_iter().enumerate() {
            if color == Color::Dark {
                path.push_str(&format!("M{} {}h1v1h-1z", index % size, index / size));
            }
        }
        Ok(Self { size, path })
    }
}

impl Page for AddTotpPage {
    const TEMPLATE: &'static str = "pages/security_totp.html";
}

impl Page for RecoveryCodesPage {
    const TEMPLATE: &'static str = "pages/recovery_codes.html";
}

impl Page for NewRecoveryCodesPage {
    const TEMPLATE: &'static str = "pages/recovery_codes_new.html";
}

impl Page for EnrolPage {
    const TEMPLATE: &'static str = "pages/enrol.html";
}
