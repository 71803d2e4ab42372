//! `/admin/roles`.

use serde::Serialize;

use super::Shell;
use crate::domain::time::Timestamp;
use crate::pages::Page;

/// Posts `email`, `role`, `give_reason` to `/admin/roles/give` (button `give-submit`) and `held` (`<person>:<role>`), `take_reason` to
/// `/admin/roles/take` (button `take-submit`).
#[derive(Clone, Debug, Serialize)]
pub struct RolesPage {
    pub shell: Shell,
    pub held: Vec<HolderRow>,
    /// What stands after `admin-role-`.
    pub roles: Vec<&'static str>,
    pub may_change: bool,
    /// A second owner has to agree.
    pub takes_two: bool,
}

#[derive(Clone, Debug, Serialize)]
pub struct HolderRow {
    pub id: String,
    pub email: String,
    pub role: &'static str,
    pub since: Timestamp,
    pub by: String,
    /// Nobody changes their own.
    pub is_own: bool,
}

impl Page for RolesPage {
    const TEMPLATE: &'static str = "admin/roles.html";
}
