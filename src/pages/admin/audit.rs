//! `/admin/audit`.

use serde::Serialize;

use super::Shell;
use crate::domain::time::Timestamp;
use crate::pages::{FieldErrors, Page};

/// Asks by `actor`, `act`, `about`, `since`, `until` in the address (button `sieve-submit`); posts to `/admin/audit/verify` (button
/// `verify-submit`) and `export_reason` to `/admin/audit/export` (button `export-submit`).
#[derive(Clone, Debug, Serialize)]
pub struct AuditPage {
    pub shell: Shell,
    pub now: Timestamp,
    pub acts: Vec<&'static str>,
    pub sieve: Sieve,
    pub is_sieved: bool,
    pub entries: Vec<AuditRow>,
    /// Links to the newest entries, and to older ones.
    pub newest: Option<String>,
    pub further: Option<String>,
    pub wholeness: Option<Wholeness>,
    pub may_export: bool,
    /// A second person has to agree before it is fetched.
    pub takes_two: bool,
    pub errors: FieldErrors,
}

/// As typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sieve {
    pub actor: String,
    pub act: String,
    pub about: String,
    pub since: String,
    pub until: String,
}

impl Sieve {
    pub fn pairs(&self) -> [(&'static str, &str); 5] {
        [
            ("actor", &self.actor),
            ("act", &self.act),
            ("about", &self.about),
            ("since", &self.since),
            ("until", &self.until),
        ]
    }
}

#[derive(Clone, Debug, Serialize)]
pub struct AuditRow {
    pub seq: i64,
    pub id: String,
    pub at: Timestamp,
    pub actor: String,
    pub act: String,
    pub kind: String,
    pub target: String,
    /// The target, by its name if there is one.
    pub about: String,
    pub address: Option<String>,
}

/// What going through the log found.
#[derive(Clone, Debug, Serialize)]
pub struct Wholeness {
    /// The first entry that was changed or removed.
    pub broken_at: Option<i64>,
    pub entries: i64,
    /// To be noted down elsewhere.
    pub head: String,
}

/// `/admin/audit/{id}`.
#[derive(Clone, Debug, Serialize)]
pub struct EntryPage {
    pub shell: Shell,
    pub row: AuditRow,
    pub differences: Vec<DifferenceRow>,
    /// What else was noted.
    pub facts: Vec<(String, String)>,
    pub hash: String,
    pub request_id: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct DifferenceRow {
    pub key: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

impl Page for AuditPage {
    const TEMPLATE: &'static str = "admin/audit.html";
}

impl Page for EntryPage {
    const TEMPLATE: &'static str = "admin/audit_entry.html";
}
