//! `/admin/proposals`.

use serde::Serialize;

use super::Shell;
use crate::domain::time::Timestamp;
use crate::pages::Page;

/// Posts to `/admin/proposals/{id}/confirm` (buttons `confirm-<n>`, from 1) and `/decline` (`decline-<n>`).
#[derive(Clone, Debug, Serialize)]
pub struct ProposalsPage {
    pub shell: Shell,
    pub now: Timestamp,
    pub proposals: Vec<ProposalRow>,
}

#[derive(Clone, Debug, Serialize)]
pub struct ProposalRow {
    pub id: String,
    /// What stands after `admin-grave-`.
    pub what: String,
    /// Whose account it is about.
    pub about: Option<String>,
    pub role: Option<String>,
    /// Of a role: given, else taken.
    pub granted: bool,
    pub reason: String,
    pub by: String,
    pub is_own: bool,
    pub at: Timestamp,
    pub until: Timestamp,
}

impl Page for ProposalsPage {
    const TEMPLATE: &'static str = "admin/proposals.html";
}
