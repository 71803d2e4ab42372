//! Passkeys: enrolling them, and proving oneself with one. These pages need their script, and say so where there is none.

use serde::Serialize;

use super::factors::Ways;
use super::{FieldErrors, Page};
use crate::domain::time::Timestamp;

/// What a browser is asked; its answer is posted as `credential`, with `ticket`.
#[derive(Clone, Debug, Serialize)]
pub struct PasskeyQuestion {
    pub ticket: String,
    /// JSON for `navigator.credentials`.
    pub options: String,
}

/// `/account/security/passkeys`. Posts `name`, `ticket`, `credential`; button `passkey`.
#[derive(Clone, Debug, Serialize)]
pub struct PasskeysPage {
    pub now: Timestamp,
    pub passkeys: Vec<PasskeyRow>,
    /// `None` while none can be added: the errors say why.
    pub question: Option<PasskeyQuestion>,
    /// What stands in the field for the new one's name.
    pub name: String,
    /// Whether only devices of known makers are taken.
    pub attestation_required: bool,
    pub errors: FieldErrors,
}

#[derive(Clone, Debug, Serialize)]
pub struct PasskeyRow {
    /// The person's own text.
    pub name: String,
    /// On several devices, or on one.
    pub synced: bool,
    /// A maker vouches for the hardware.
    pub attested: bool,
    pub added_at: Timestamp,
    pub used_at: Option<Timestamp>,
}

impl Page for PasskeysPage {
    const TEMPLATE: &'static str = "pages/passkeys.html";

    fn is_scripted(&self) -> bool {
        self.question.is_some()
    }
}

/// `/mfa/passkey`. Posts `ticket`, `credential`; button `passkey`.
#[derive(Clone, Debug, Serialize)]
pub struct PasskeyProofPage {
    pub ways: Ways,
    pub question: PasskeyQuestion,
    pub errors: FieldErrors,
}

impl Page for PasskeyProofPage {
    const TEMPLATE: &'static str = "pages/mfa_passkey.html";

    fn is_scripted(&self) -> bool {
        true
    }
}
