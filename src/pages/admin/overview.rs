//! `/admin`.

use serde::Serialize;

use super::Shell;
use super::house::Health;
use crate::domain::time::Timestamp;
use crate::pages::Page;

#[derive(Clone, Debug, Serialize)]
pub struct OverviewPage {
    pub shell: Shell,
    /// How many wait that the person could decide about.
    pub proposals: i64,
    /// Without any, a lost passkey is a lost way in.
    pub has_recovery_codes: bool,
    pub now: Timestamp,
    /// Applications that wait, up to a hundred; `None`: not for these roles.
    pub cases: Option<i64>,
    pub health: Health,
    /// When the youngest signing key was made; `None`: not for these roles.
    pub newest_key: Option<Timestamp>,
}

impl Page for OverviewPage {
    const TEMPLATE: &'static str = "admin/overview.html";
}
