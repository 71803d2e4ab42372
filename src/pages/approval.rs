//! `/login/approval` and `/approve`.

use serde::Serialize;

use super::{FieldErrors, Page};
use crate::domain::time::Timestamp;

/// A log-in that waits for its approval. Comes back by itself.
#[derive(Clone, Debug, Serialize)]
pub struct AwaitingPage {}

/// Where the link of the mail lands. Posts `token`; button `approve-submit`.
#[derive(Clone, Debug, Serialize)]
pub struct ApprovePage {
    pub token: String,
    pub device: String,
    pub place: String,
    pub at: Timestamp,
    pub errors: FieldErrors,
}

/// The log-in goes on in the window that waits.
#[derive(Clone, Debug, Serialize)]
pub struct ApprovedPage {}

impl Page for AwaitingPage {
    const TEMPLATE: &'static str = "pages/log_in_waits.html";
}

impl Page for ApprovePage {
    const TEMPLATE: &'static str = "pages/approve.html";
}

impl Page for ApprovedPage {
    const TEMPLATE: &'static str = "pages/approved.html";
}
